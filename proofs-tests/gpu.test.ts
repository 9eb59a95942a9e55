import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Agreement, agree } from "../backends/agree.ts";
import { cpu } from "../backends/cpu.ts";
import { type Gpu, gpu } from "../backends/gpu/gpu.ts";
import { backendsHere } from "../backends/index.ts";
import type { Backend } from "../core/backend.ts";
import { InputError } from "../core/errors.ts";
import { elementwise } from "../core/ops/elementwise.ts";
import { exp, relu } from "../core/ops/functions.ts";
import { sgd } from "../core/optimizer.ts";
import { scalar } from "../core/scalar.ts";
import { liveTensors, tensor } from "../core/tensor.ts";
import { copyTo } from "../models/dlrm.ts";
import { robe } from "../models/robe.ts";
import { trainStep } from "../models/train.ts";
import { conformOn } from "./conform/conform.ts";
import { type BrokenKernel, brokenGpu, brokenKernels } from "./laws/broken-kernels.ts";
import { hardForms, readFarEnd, tryHardForm } from "./laws/hard-forms.ts";
import { trainLong } from "./laws/long-run.ts";
import { WorstTable } from "./laws/table.ts";
import { bitsOf, firstBatch, model, said } from "./tiny-model.ts";

const isGpu = (backend: Backend): backend is Gpu => "mode" in backend;
const { opened } = await backendsHere();
const folder = join(import.meta.dirname, "golden");
const goldens = (await readdir(folder)).filter((name) => /dlrm-.*\.json$/.test(name));
const table = new WorstTable();
afterAll(() => table.save("gpu"));

describe.each(opened.filter(isGpu))("$name", (backend) => {
  it.each(hardForms.map((hard) => [hard.name, hard] as const))("agrees at %s", async (_, hard) => {
    const { first, worst } = await tryHardForm(hard, backend);
    expect(first).toBeUndefined();
    table.note("agrees at sizes where kernels go wrong", backend.name, worst);
  });

  it("reads the last slots of the largest memory exactly", async () => {
    const { read, expected } = await readFarEnd(backend);
    expect(read).toEqual(expected);
  });

  it.each(goldens)("repeats %s", async (file) => {
    const json = JSON.parse(await readFile(join(folder, file), "utf8"));
    const { comparisons, failed, worst } = await conformOn(json, backend);
    expect(comparisons).toBeGreaterThan(10);
    expect(failed).toEqual([]);
    table.note("repeats golden training runs, losses and parameters at every step", backend.name, worst);
  });

  it("trains 1,000 steps with as many arrays after each, and gives all back", async () => {
    const own = await gpu({ mode: backend.mode });
    const before = liveTensors();
    const run = await trainLong(own, 1000);
    await own.destroy();
    expect(run).toMatchObject({ steps: 1000, left: 0 });
    expect([run.tensors.length, run.arrays.length]).toEqual([1, 1]);
    expect(run.losses.at(-1)).toBeLessThan(run.losses[0]!);
    expect(liveTensors()).toBe(before);
  });

  it("takes a model from the reference and gives it back, bit for bit", async () => {
    const tiny = model({});
    const there = tiny.on(backend);
    expect(there.backend.name).toBe(backend.name);
    expect(await bitsOf(await copyTo(there, cpu))).toEqual(await bitsOf(tiny));
    expect(said(() => there.on(cpu))).toContain("use await copyTo(model, backend)");
  });

  it("does not hide a number that is none", async () => {
    const x = tensor(backend, [3], [Number.NaN, -1, 2]);
    expect([...(await relu(x).data())]).toEqual([Number.NaN, 0, 2]);
    expect(Number.isFinite((await exp(x).data())[0])).toBe(false); // some drivers say ∞
  });

  it("lets a scalar function call its inputs what kernels call their own variables", async () => {
    const clash = elementwise({
      name: "clash",
      f: scalar("cell, in0", "cell * 2.0 + in0"),
      vjp: () => [null, null],
    });
    const [x, y] = [tensor(backend, [2, 1], [1, 2]), tensor(backend, [3], [10, 20, 30])];
    expect([...(await clash(x, y).data())]).toEqual([12, 22, 32, 14, 24, 34]);
  });

  it("refuses an array whose places are no exact floats, before anything runs", () => {
    expect(said(() => backend.upload({ length: 2 ** 24 + 1 }))).toContain(
      "has 16777217 floats, but gpu.js computes indices as 32-bit floats",
    );
  });

  it("says so when it is used after it was destroyed", async () => {
    const own = await gpu({ mode: backend.mode });
    const x = tensor(own, [1], [1]);
    await own.destroy();
    expect(own.statistics.arrays).toBe(0);
    expect(said(() => exp(x))).toBe(`The backend ${own.name} was destroyed; make another with gpu().`);
    x.free();
    await own.destroy();
  });
});

describe("agree catches and locates a kernel that", () => {
  it.each(brokenKernels.map((broken) => [broken.fault, broken.form, broken] as const))(
    "%s (%s)",
    async (_, form, broken) => {
      const { backend, touched } = await brokenGpu("cpu", broken);
      const { first } = await shown(broken, backend);
      expect(touched()).toBe(true);
      expect(first).toMatchObject({ form });
      expect(Math.abs(first!.actual - first!.expected)).not.toBeLessThanOrEqual(first!.allowed);
      await backend.destroy();
    },
  );

  /** What shows the fault, on a backend. */
  async function shown({ shownBy }: BrokenKernel, backend: Backend): Promise<Agreement> {
    if (shownBy !== "training") {
      const hard = hardForms.find(({ name }) => name === shownBy.hardForm)!;
      return tryHardForm(hard, backend);
    }
    const { backend: watched, agreement } = agree(backend);
    const tiny = model({ backend: watched, embedding: robe({ compression: 4, block: 4 }) });
    await trainStep(tiny, await firstBatch(8), 1, { optimizer: sgd(0.1) }).catch(() => {});
    return agreement();
  }
});

describe("gpu()", () => {
  it("names what it picked, which is no imitation of a GPU", async () => {
    const best = await gpu();
    expect(best.name).toBe(`gpu:${best.mode}`);
    expect(best.device.software).toBe(false);
    await best.destroy();
  });

  it.each([
    ["webgl2", "WebGL 2"],
    ["webgl", "WebGL"],
    ["headlessgl", "npm install gl"],
  ] as const)("fails for %s with a sentence that says what is missing", async (mode, words) => {
    const error = await gpu({ mode }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(`Mode ${mode} needs`);
    expect((error as Error).message).toContain(words);
  });

  it("refuses a mode that there is not", async () => {
    await expect(gpu({ mode: "cuda" as never })).rejects.toThrow(
      'gpu.js has no mode "cuda"; choose one of webgpu, webgl2, webgl, headlessgl, webasm, cpu.',
    );
  });
});
