import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { InputError } from "../../../../core/errors.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { adam } from "../../../../core/optimizers/adam.ts";
import type { Optimizer } from "../../../../core/optimizers/optimizer.ts";
import { warmupAndDecay } from "../../../../core/optimizers/schedule.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { liveTensors } from "../../../../core/tensor.ts";
import { configs } from "../../../../models/dlrm/configs.ts";
import { type Dlrm, dlrm } from "../../../../models/dlrm/dlrm.ts";
import { interactionSize } from "../../../../models/dlrm/interaction.ts";
import { mlp } from "../../../../models/dlrm/mlp.ts";
import { load, progressOf, save } from "../../../../models/dlrm/saved.ts";
import { train } from "../../../../models/dlrm/train.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { temporaryFolder } from "../../temporary.ts";
import { bitsOf, data, model } from "./tiny-model.ts";

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

const file = (name: string) => join(folder, name, "checkpoint.safetensors");
const embedding = robe({ compression: 4, block: 4, seed: 5 });

async function trained(tiny: Dlrm, optimizer: Optimizer, steps: number, done = 0): Promise<Dlrm> {
  const schedule = warmupAndDecay({ warmup: 10, decayStart: 20, decaySteps: 100 }, optimizer.learningRate);
  const walk = { optimizer, schedule, batch: 64, epochs: 3, steps, from: { step: done, worse: 0 } };
  for await (const _ of train(tiny, data.train, walk));
  return tiny;
}

describe("an interrupted training", () => {
  it.each([
    ["sgd with momentum", sgd(0.05, { momentum: 0.9 }), cpu],
    ["adagrad", adagrad(0.05), cpu],
    ["adam", adam(0.01), cpu64],
  ] as const)("goes on from its checkpoint to the same bits, %s", async (name, optimizer, backend) => {
    const whole = await trained(model({ embedding, backend }), optimizer, 60);
    const stopped = await trained(model({ embedding, backend }), optimizer, 37); // in the second epoch
    await save(join(folder, name), stopped, { step: 37, settings: { rate: 1 } });
    const resumed = model({ embedding, backend, seed: 99 });
    const { step, settings } = await load(join(folder, name), resumed);
    expect({ step, settings }).toEqual({ step: 37, settings: { rate: 1 } });
    expect(await bitsOf(resumed)).toEqual(await bitsOf(stopped));
    expect(await bitsOf(await trained(resumed, optimizer, 60, step))).toEqual(await bitsOf(whole));
  });
});

/** The sentence with which a checkpoint is refused; the model that was to take it must be as it was. */
async function refusal(name: string, tiny = model({ seed: 7 })): Promise<string> {
  const before = await bitsOf(tiny);
  const error = await load(join(folder, name), tiny).then(
    () => expect.fail("it was loaded"),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(InputError);
  expect(await bitsOf(tiny)).toEqual(before);
  return (error as Error).message;
}

describe("a checkpoint", () => {
  const cutShort = (name: string) => `${file(name)} is not a checkpoint of this program, or it is cut short.`;

  it("that is not there", async () => {
    expect(await refusal("nowhere")).toBe(
      `There is no checkpoint at ${file("nowhere")}; train with --checkpoint ${join(folder, "nowhere")} first.`,
    );
  });

  it("cut short anywhere is refused in one sentence", async () => {
    await save(join(folder, "cut"), await trained(model({}), adagrad(0.05), 3), { step: 3, settings: {} });
    const bytes = await readFile(file("cut"));
    for (let length = 0; length < bytes.length; length += length < 2000 ? 7 : 101) {
      await writeFile(file("cut"), bytes.subarray(0, length));
      expect(await refusal("cut")).toBe(cutShort("cut"));
    }
  });

  it.each([
    ["ranges that do not fit the shapes", /"data_offsets":\[0,/, '"data_offsets":[4,'],
    ["a kind of number that is none", /F32/, "F33"],
    ["no progress", /progress/, "regressp"],
  ])("with %s is refused", async (name, part, instead) => {
    await save(join(folder, name), model({}), { step: 0, settings: {} });
    const text = await readFile(file(name), "latin1");
    await writeFile(file(name), text.replace(part, instead), "latin1");
    expect(await refusal(name)).toBe(cutShort(name));
  });

  it("of another model is refused, and the model stays as it was", async () => {
    await save(join(folder, "other"), model({}), { step: 0, settings: {} });
    expect(await refusal("other", model({ top: [9, 1], seed: 7 }))).toMatch(
      /has \d+ numbers for parameter top\.0\.weight, but this model has \d+; give the flags it was trained with\.$/,
    );
    expect(await refusal("other", model({ top: [8, 8, 1], seed: 7 }))).toContain(
      "numbers for parameter top.1.weight",
    );
  });

  it("has a header of whole eights of bytes, and no more spaces at its end than that takes", async () => {
    for (let more = 0; more < 8; more++) {
      await save(join(folder, "eights"), model({}), { step: 0, settings: { name: "x".repeat(more) } });
      const bytes = await readFile(file("eights"));
      const length = Number(bytes.readBigUInt64LE());
      const header = bytes.subarray(8, 8 + length).toString();
      expect(length % 8).toBe(0);
      expect(length - header.trimEnd().length).toBeLessThan(8);
    }
  });

  it("takes the place of a trained model's numbers: nothing more is held", async () => {
    const tiny = await trained(model({}), adagrad(0.05), 2);
    await save(join(folder, "again"), tiny, { step: 2, settings: {} });
    const before = liveTensors();
    await load(join(folder, "again"), tiny);
    expect(liveTensors()).toBe(before);
  });

  it("outlives a write that fails or is cut off", async () => {
    const first = await trained(model({}), adagrad(0.05), 2);
    await save(join(folder, "kept"), first, { step: 2, settings: {} });
    await mkdir(`${file("kept")}.${process.pid}.tmp`);
    const later = await trained(model({}), adagrad(0.05), 5);
    await expect(save(join(folder, "kept"), later, { step: 5, settings: {} })).rejects.toThrow();
    await rm(`${file("kept")}.${process.pid}.tmp`, { recursive: true });
    await writeFile(`${file("kept")}.${process.pid}.tmp`, "half of it");
    const shape = { tables: [50, 20, 5], dim: 4 };
    expect(await progressOf(join(folder, "kept"))).toEqual({ step: 2, settings: {}, shape });
    const loaded = model({ seed: 9 });
    await load(join(folder, "kept"), loaded);
    expect(await bitsOf(loaded)).toEqual(await bitsOf(first));
  });
});

describe("published models", () => {
  /** All parameters of a config with full tables. The MLPs are made; the tables, of up to 105 GB, are counted. */
  function parametersOf(name: string): { rows: number; parameters: number } {
    const { tables, dim, dense, bottom, top } = configs[name]!;
    const rows = tables.reduce((a, b) => a + b);
    const setting = { interaction: "dot", itself: false } as const;
    const layers = [
      mlp("bottom", [dense, ...bottom], { logit: false, seed: 0, backend: cpu }),
      mlp("top", [interactionSize(setting, tables.length, dim), ...top], {
        logit: true,
        seed: 0,
        backend: cpu,
      }),
    ].flatMap(({ parameters }) => parameters);
    return { rows, parameters: layers.reduce((n, p) => n + p.size, rows * dim) };
  }

  it("have the published numbers of rows and parameters", () => {
    const kaggle = parametersOf("criteo-kaggle");
    expect(kaggle.rows).toBe(33_762_577);
    expect((kaggle.rows * configs["criteo-kaggle"]!.dim) / 1e6).toBeCloseTo(540.2, 1);
    expect(kaggle.parameters / 1e6).toBeCloseTo(540.7, 1); // with the MLPs
    const terabyte = parametersOf("criteo-tb");
    expect(terabyte.rows).toBe(204_184_588);
    expect(terabyte.parameters / 1e9).toBeCloseTo(26.14, 2);
  });

  it("are made at any compression", () => {
    for (const config of Object.values(configs)) {
      const small = dlrm({ ...config, embedding: robe({ compression: 100_000 }), backend: cpu });
      expect(small.embedding.virtualSize).toBe(config.tables.reduce((a, b) => a + b) * config.dim);
      expect(small.embedding.memorySize).toBe(Math.floor(small.embedding.virtualSize / 100_000));
      small.free();
    }
  });
});
