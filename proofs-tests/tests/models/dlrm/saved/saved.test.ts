import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../../backends/cpu/index.ts";
import { InputError } from "../../../../../core/errors.ts";
import { adagrad } from "../../../../../core/optimizers/adagrad.ts";
import { adam } from "../../../../../core/optimizers/adam.ts";
import type { Optimizer } from "../../../../../core/optimizers/optimizer.ts";
import { warmupAndDecay } from "../../../../../core/optimizers/schedule.ts";
import { sgd } from "../../../../../core/optimizers/sgd.ts";
import { liveTensors } from "../../../../../core/tensor.ts";
import type { Dlrm } from "../../../../../models/dlrm/dlrm.ts";
import type { AboutGiven } from "../../../../../models/dlrm/saved/about.ts";
import { describe as described, load, restore } from "../../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { train } from "../../../../../models/dlrm/train.ts";
import { robe } from "../../../../../models/embeddings/families/robe.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { bitsOf, data, model } from "../tiny-model.ts";

const folder = temporaryFolder();
const file = (name: string) => join(folder, `${name}.safetensors`);
const embedding = robe({ compression: 4, block: 4, seed: 5 });
const step = (n: number) => ({ training: { step: n } });

async function trained(tiny: Dlrm, optimizer: Optimizer, steps: number, done = 0): Promise<Dlrm> {
  const schedule = warmupAndDecay({ warmup: 10, decayStart: 20, decaySteps: 100 }, optimizer.learningRate);
  const walk = { optimizer, schedule, batch: 64, epochs: 3, steps, from: { step: done, worse: 0 } };
  for await (const _ of train(tiny, data.train, walk));
  return tiny;
}

/** The header of a file as anybody reads it. */
function headerOf(path: string): Record<string, { dtype: string; shape: number[] }> & {
  __metadata__: Record<string, string>;
} {
  const bytes = readFileSync(path);
  return JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE())));
}

describe("an interrupted training", () => {
  it.each([
    ["sgd with momentum", sgd(0.05, { momentum: 0.9 }), cpu],
    ["adagrad", adagrad(0.05), cpu],
    ["adam", adam(0.01), cpu64],
  ] as const)("goes on from its file to the same bits, %s", async (name, optimizer, backend) => {
    const whole = await trained(model({ embedding, backend }), optimizer, 60);
    const stopped = await trained(model({ embedding, backend }), optimizer, 37); // in the second epoch
    await save(file(name), stopped, { ...step(37), settings: { rate: "1" } });
    const resumed = model({ embedding, backend, seed: 99 });
    const { training, settings } = await restore(file(name), resumed, { optimizer });
    expect({ training, settings }).toEqual({ training: { step: 37 }, settings: { rate: "1" } });
    expect(await bitsOf(resumed)).toEqual(await bitsOf(stopped));
    expect(await bitsOf(await trained(resumed, optimizer, 60, 37))).toEqual(await bitsOf(whole));
    const loaded = await load(file(name), { backend });
    expect(await bitsOf(await trained(loaded.model, optimizer, 60, 37))).toEqual(await bitsOf(whole));
  });
});

describe("a saved model", () => {
  it("says all that was given of it, from its header alone", async () => {
    const given: AboutGiven = {
      features: {
        label: "clicked",
        dense: [1, 2, 3, 4].map((i) => ({
          column: `price ${i} \u0007`,
          scaling: { kind: "standard", numbers: [i, 0.5] },
          range: [-i, i],
        })),
        categorical: [
          { column: "user", rows: 50, distinct: 49 },
          { column: "ünïcode", rows: 20, distinct: 7, separator: "|" },
          { column: "price 1 \u0007", rows: 5, distinct: 0 },
        ],
      },
      samplingRate: 0.25,
      optimizer: { name: "adagrad", learningRate: 0.05, options: { eps: 1e-8 } },
      training: { step: 3, best: { logLoss: 0.5 }, nothing: null },
      data: "clicks.csv",
      history: ["made", { step: 3 }],
      settings: { lr: "0.05" },
    };
    const tiny = model({ embedding, itself: true, loss: "mse", clamp: 0.01 });
    await save(file("about"), await trained(tiny, adagrad(0.05, { eps: 1e-8 }), 3), given);
    const about = await described(file("about"));
    expect(about).toEqual({
      config: {
        ...{ dense: 4, tables: [50, 20, 5], dim: 4, bottom: [8, 4], top: [8, 1] },
        ...{ interaction: "dot", itself: true, loss: "mse", clamp: 0.01, seed: 1 },
      },
      embedding: { family: "robe", options: { compression: 4, block: 4, seed: 5 } },
      ...given,
    });
    expect((await load(file("about"), { backend: cpu })).about).toEqual(about);
    const { backend: _, embedding: __, ...config } = (await load(file("about"))).model.config;
    expect(config).toEqual(about.config);
  });

  it("is loaded on fast where nothing else is said, and on any backend that is given", async () => {
    const tiny = await trained(model({ embedding }), adagrad(0.05), 2);
    await save(file("backends"), tiny);
    const [here, wide] = [await load(file("backends")), await load(file("backends"), { backend: cpu64 })];
    expect([here.model.backend.name, wide.model.backend.name]).toEqual(["fast", "cpu64"]);
    for (const { model: loaded } of [here, wide]) expect(await bitsOf(loaded)).toEqual(await bitsOf(tiny));
  });

  it("keeps the optimizer's state where it is to go on, and not where it is done, unless it is said otherwise", async () => {
    const tiny = await trained(model({}), adagrad(0.05), 2);
    const states = async (
      ...how: Parameters<typeof save> extends [unknown, unknown, ...infer Rest] ? Rest : never
    ) => {
      await save(file("state"), tiny, ...how);
      const count = (await load(file("state"), { backend: cpu })).model.parameters.flatMap(
        (p) => p.state,
      ).length;
      expect(Object.keys(headerOf(file("state"))).filter((name) => name.includes("/state.")).length).toBe(
        count,
      );
      return count;
    };
    const all = tiny.parameters.length;
    expect([await states(), await states(step(2))]).toEqual([0, all]);
    expect([await states({}, { state: true }), await states(step(2), { state: false })]).toEqual([all, 0]);
  });

  it("is a safetensors file: a header of whole eights of bytes, arrays side by side to the end", async () => {
    for (let more = 0; more < 8; more++) {
      await save(file("eights"), model({}), { data: "x".repeat(more) });
      const bytes = readFileSync(file("eights"));
      const length = Number(bytes.readBigUInt64LE());
      const header = bytes.subarray(8, 8 + length).toString();
      expect(length % 8).toBe(0);
      expect(length - header.trimEnd().length).toBeLessThan(8);
      const { __metadata__, ...arrays } = headerOf(file("eights")) as unknown as Record<
        string,
        { shape: number[]; data_offsets: [number, number] }
      >;
      expect(Object.values(__metadata__!).every((text) => typeof text === "string")).toBe(true);
      let end = 0;
      for (const { shape, data_offsets: offsets } of Object.values(arrays)) {
        expect(offsets).toEqual([end, end + 4 * shape.reduce((a, b) => a * b, 1)]);
        [, end] = offsets;
      }
      expect(bytes.length).toBe(8 + length + end);
    }
  });

  it("takes the place of a trained model's numbers: nothing more is held, and nothing of one that is refused", async () => {
    const tiny = await trained(model({}), adagrad(0.05), 2);
    await save(file("again"), tiny, step(2));
    const before = liveTensors();
    await restore(file("again"), tiny);
    expect(liveTensors()).toBe(before);
    const { model: loaded } = await load(file("again"), { backend: cpu });
    loaded.free();
    expect(liveTensors()).toBe(before);
    await save(file("again"), model({ bottom: [8, 8, 4] }));
    const more = liveTensors();
    await expect(restore(file("again"), tiny)).rejects.toThrow(InputError);
    expect(liveTensors()).toBe(more);
  });
});

describe("what was saved before", () => {
  /** The sentence with which a save is refused. The file must stay as it was, and nothing beside it. */
  async function unsaved(
    ...how: Parameters<typeof save> extends [unknown, ...infer Rest] ? Rest : never
  ): Promise<string> {
    const path = join(temporaryFolder(), "model.safetensors");
    await save(path, model({}));
    const before = readFileSync(path);
    const error = await save(path, ...how).then(
      () => expect.fail("it was saved"),
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(path, ".."))).toEqual(["model.safetensors"]);
    return (error as Error).message;
  }

  it.each([
    ["NaN, first", Number.NaN, 0],
    ["infinite, last", Number.NEGATIVE_INFINITY, 31],
  ])("stays where a weight is %s", async (_, x, at) => {
    const tiny = model({});
    const bias = tiny.parameters.find(({ name }) => name === "bottom.0.weight")!;
    const values = await bias.tensor.data();
    values[at] = x;
    bias.fill(values);
    expect(await unsaved(tiny)).toContain(`bottom.0.weight holds ${x} at place ${at} (from 0)`);
  });

  it("stays where a state is not finite, or a half is not", async () => {
    const tiny = await trained(model({}), adagrad(0.05), 1);
    const state = tiny.parameters[1]!.state[0]!;
    state.write((await state.data()).fill(Number.POSITIVE_INFINITY, 3, 4));
    expect(await unsaved(tiny, step(1))).toContain(
      `${tiny.parameters[1]!.name}/state.0 holds Infinity at place 3`,
    );
    const halves = model({ embedding: robe({ compression: 2, storage: "f16" }) });
    const memory = halves.parameters[0]!;
    memory.fill((await memory.tensor.data()).fill(1e6, 5, 6)); // beyond the largest half
    expect(await unsaved(halves)).toContain("embedding.memory holds Infinity at place 5");
  });

  it.each<[string, object, string]>([
    ["a number that JSON has not", { training: { step: 1, best: Number.NaN } }, "about.training.best is NaN"],
    ["a function", { data: { encode: () => 1 } }, "about.data.encode is a function"],
    [
      "features of another model",
      { features: { label: "y", dense: [], categorical: [] } },
      "but its model has 4 and",
    ],
    ["a rate of sampling that is none", { samplingRate: 1.5 }, "its sampling rate must be"],
    ["an object of a class", { data: new Map() }, "about.data is an object of a class"],
    ["a step that is none", { training: { step: 1.5 } }, "the step of its training must be a whole number"],
    ["an optimizer that cannot be", { optimizer: { name: "adagrad", learningRate: -1 } }, "learning rate"],
    ["a setting that is no text", { settings: { lr: 1 } }, "settings are no texts"],
    [
      "more than a header holds",
      { data: "x".repeat(64 * 2 ** 20) },
      "may take 67108864; say less in features",
    ],
  ])("stays where %s is given to be saved", async (_, about, sentence) => {
    expect(await unsaved(model({}), about)).toContain(sentence);
  });

  it("stays where what is given holds itself", async () => {
    const loop: Record<string, unknown> = {};
    loop.again = loop;
    expect(await unsaved(model({}), { data: loop as never })).toContain("levels deep, or holds itself");
  });

  it("stays where the disk refuses", async () => {
    const path = join(temporaryFolder(), "kept.safetensors");
    await save(path, model({}));
    mkdirSync(join(path, "..", `.kept.safetensors.${process.pid}.tmp`));
    const before = readFileSync(path);
    await expect(save(path, model({ seed: 2 }))).rejects.toThrow(`Cannot write ${path}: `);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("is no obstacle where it is half a file of a process that was killed", async () => {
    const path = join(temporaryFolder(), "model.safetensors");
    const aside = join(path, "..", `.model.safetensors.${2 ** 22 + 1}.tmp`);
    writeFileSync(aside, "half of it");
    await save(path, model({}));
    expect(readdirSync(join(path, ".."))).toEqual(["model.safetensors"]);
  });
});
