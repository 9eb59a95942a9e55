import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { type Fast, fast } from "../../../../backends/fast/index.ts";
import { validate } from "../../../../backends/validate.ts";
import type { Backend, Update } from "../../../../core/backend.ts";
import { halfBy, halfValues, toHalves } from "../../../../core/numeric/half.ts";
import { random } from "../../../../core/numeric/random.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { type Optimizer, optimizerStep } from "../../../../core/optimizers/optimizer.ts";
import { rowWiseAdagrad } from "../../../../core/optimizers/row-wise-adagrad.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { sparseAdam } from "../../../../core/optimizers/sparse-adam.ts";
import { Parameter } from "../../../../core/parameter.ts";
import { tensor } from "../../../../core/tensor.ts";
import type { Dlrm } from "../../../../models/dlrm/dlrm.ts";
import { load, save } from "../../../../models/dlrm/saved.ts";
import { train, trainStep } from "../../../../models/dlrm/train.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { trainLong } from "../../../laws/long-run.ts";
import { temporaryFolder } from "../../temporary.ts";
import { bitsOf, data, firstBatch, model } from "./tiny-model.ts";

const nearest = { storage: "f16", rounding: "nearest" } as const;
const stochastic = { storage: "f16", rounding: "stochastic" } as const;
const roundings = [nearest, stochastic].map((options) => [options.rounding, options] as const);

const threads = await Promise.all([1, 2, 3].map((count) => fast({ threads: count })));
const [alone, two] = threads as [Fast, Fast, Fast];
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** `backend`, its steps changed. */
const stepping = (backend: Backend, change: (step: Update) => Update): Backend => ({
  ...backend,
  update: (step, ...rest) => backend.update(change(step), ...rest),
});

/** Draws the words of other steps. */
const astray = (backend: Backend): Backend =>
  stepping(backend, (step) =>
    step.rounding?.mode === "stochastic" ? { ...step, rounding: { ...step.rounding, keys: [1, 2] } } : step,
  );

async function losses(tiny: Dlrm, optimizer: Optimizer): Promise<number[]> {
  const all: number[] = [];
  for await (const { loss } of train(tiny, data.train, { optimizer, batch: 64 })) all.push(loss);
  return all;
}

const apart = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

describe.each(roundings)("a memory of halves, rounded %s", (_, options) => {
  const embedding = robe({ compression: 2, block: 4, seed: 5, ...options });

  it.each([
    ["adagrad", adagrad(0.05)],
    ["momentum", sgd(0.05, { momentum: 0.9 })],
  ] as const)("trains on fast as on cpu by %s, each form and step within its bound", async (_, optimizer) => {
    const { backend, agreement } = validate(two);
    const [there, here] = [model({ embedding, backend }), model({ embedding })];
    const [fastLosses, cpuLosses] = [await losses(there, optimizer), await losses(here, optimizer)];
    const { first, worst, calls } = await agreement();
    expect(first).toBeUndefined();
    expect(worst).toBeGreaterThan(0);
    expect(calls).toBeGreaterThan(500);
    expect(cpuLosses.at(-1)).toBeLessThan(cpuLosses[0]!);
    // 25 steps of some ten roundings of numbers below 1, 2⁻²⁴ each; and a weight below ½ that fell on the other side of
    // a rounding to halves is 2⁻¹² off, where the slope of the loss is below 1.
    const [left, right] = await Promise.all([here, there].map((m) => m.parameters[0]!.tensor.data()));
    const allowed = 2 ** -16 + 2 ** -12 * Array.from(left!).filter((w, i) => w !== right![i]).length;
    expect(apart(cpuLosses, fastLosses)).toBeLessThan(allowed);
    const other = robe({
      compression: 2,
      block: 4,
      seed: 5,
      ...(options === nearest ? stochastic : nearest),
    });
    expect(apart(cpuLosses, await losses(model({ embedding: other }), optimizer))).toBeGreaterThan(allowed);
  });

  it("whose steps are taken twice is found", async () => {
    const twice: Backend = {
      ...cpu,
      update(step, weights, state, gradient) {
        cpu.update(step, weights, state, gradient);
        return cpu.update(step, weights, state, gradient);
      },
    };
    const { backend, agreement } = validate(twice);
    await losses(model({ embedding, backend }), sgd(0.05));
    expect((await agreement()).first).toMatchObject({ form: "update" });
  });

  it("is trained for 1,000 steps with as many arrays after each, and gives all back", async () => {
    const own = await fast({ threads: 2 });
    const long = await trainLong(own, 1000, options);
    expect(long).toMatchObject({ steps: 1000, left: 0 });
    expect([long.tensors.length, long.arrays.length]).toEqual([1, 1]);
    expect(long.last.reached).toBe(long.first.reached);
    expect(long.losses.at(-1)).toBeLessThan(long.losses[0]!);
    await own.destroy();
  });

  it.each([
    ["cpu", cpu],
    ["cpu64", cpu64],
    ["fast", alone],
  ] as const)("goes on from its checkpoint to the same bits on %s", async (name, backend) => {
    const walk = async (tiny: Dlrm, steps: number, done = 0): Promise<Dlrm> => {
      const how = { optimizer: adagrad(0.05), batch: 64, epochs: 2, steps, from: { step: done, worse: 0 } };
      for await (const _ of train(tiny, data.train, how));
      return tiny;
    };
    const place = join(folder, `${name}-${options.rounding}`);
    const [whole, stopped] = [model({ embedding, backend }), model({ embedding, backend })];
    await walk(whole, 40);
    await save(place, await walk(stopped, 17), { step: 17, settings: {} });
    const resumed = model({ embedding, backend, seed: 1 });
    resumed.embedding.parameters[0]!.fill(new Float32Array(resumed.embedding.memorySize));
    await load(place, resumed);
    expect(await bitsOf(resumed)).toEqual(await bitsOf(stopped));
    expect(await bitsOf(await walk(resumed, 40, 17))).toEqual(await bitsOf(whole));
    expect(await kept(place, "embedding.memory")).toEqual({
      dtype: "F16",
      body: Buffer.from(toHalves(await stopped.parameters[0]!.tensor.data()).buffer),
    });
    expect(await kept(place, "embedding.memory/state.0")).toMatchObject({
      dtype: name === "cpu64" ? "F64" : "F32",
    });
  });

  it("moves to another backend bit for bit, and stays one of halves", async () => {
    const tiny = model({ embedding });
    const there = await tiny.to(alone);
    expect(await bitsOf(there)).toEqual(await bitsOf(tiny));
    expect(await bitsOf(await there.to(cpu))).toEqual(await bitsOf(tiny));
    expect(there.parameters[0]!.halves).toEqual(tiny.parameters[0]!.halves);
    await trainStep(there, await firstBatch(64), 1, { optimizer: sgd(0.1) });
  });
});

/** What a checkpoint's file keeps under a name. */
async function kept(place: string, name: string): Promise<{ dtype: string; body: Buffer }> {
  const bytes = readFileSync(join(place, "checkpoint.safetensors"));
  const start = 8 + Number(bytes.readBigUInt64LE());
  const {
    dtype,
    data_offsets: [from, to],
  } = JSON.parse(bytes.subarray(8, start).toString())[name];
  return { dtype, body: Buffer.from(bytes.subarray(start + from, start + to)) };
}

/** Bits of a wide model after three steps. */
async function trained(on: Backend, optimizer: Optimizer, embedding: ReturnType<typeof robe>) {
  const setting = { dim: 32, bottom: [64, 32], top: [64, 1], tables: [5000, 200, 5] };
  const wide = model({ backend: on, embedding, ...setting });
  const batch = await firstBatch(512);
  for (let t = 1; t <= 3; t++) await trainStep(wide, batch, t, { optimizer });
  return bitsOf(wide);
}

describe("1, 2 and 3 threads make the same bits of halves", () => {
  it.each([
    ["adagrad", adagrad(0.05), robe({ compression: 4, block: 4, ...stochastic })],
    ["adagrad, sparse", adagrad(0.05), full(stochastic)],
    ["adagrad, sparse, a state a row", rowWiseAdagrad(0.05), full(stochastic)],
    ["SparseAdam", sparseAdam(0.05), full(stochastic)],
    ["momentum", sgd(0.05, { momentum: 0.9 }), robe({ compression: 4, block: 3, ...nearest })],
  ] as const)("by %s", async (_, optimizer, embedding) => {
    const [first, ...others] = await Promise.all(threads.map((on) => trained(on, optimizer, embedding)));
    for (const bits of others) expect(bits).toEqual(first);
  });

  it("which words of other steps would show", async () => {
    const [left, right] = await Promise.all(
      [alone, astray(two)].map((on) => trained(on, adagrad(0.05), full(stochastic))),
    );
    expect(left).not.toEqual(right);
  });
});

describe("a memory that a step goes through in several parts", () => {
  const size = 2 ** 18 + 12_345;

  /** The weights after a step by momentum, stored as halves, or as floats and rounded afterwards. */
  async function stepped(on: Backend, halves: boolean): Promise<ArrayLike<number>> {
    const stream = random(7, "step");
    const normal = () => Float32Array.from({ length: size }, () => stream.normal());
    const values = Float32Array.from(toHalves(normal()), (bits) => halfValues()[bits]!);
    const how = halves ? ({ mode: "stochastic", seed: 3 } as const) : undefined;
    const memory = new Parameter("memory", tensor(on, [size], values, how && "f16"), 1, { halves: how });
    const gradient = tensor(on, [size], normal());
    optimizerStep(sgd(0.1, { momentum: 0.9 }), memory, gradient, 1, 0.1);
    const made = await memory.tensor.data();
    for (const x of [gradient, memory]) x.free();
    if (halves) return made;
    const words = random(3, "memory rounding 1");
    const half = halfBy({ mode: "stochastic", keys: [words.bits(), words.bits()] });
    return made.map((w, i) => halfValues()[half(w, i)]!);
  }

  it.each([1, 2, 3])("is stepped as floats are, then rounded, on %d threads", async (count) => {
    const on = threads[count - 1]!;
    const [made, expected] = [await stepped(on, true), await stepped(on, false)];
    expect(Array.from(made).findIndex((w, i) => w !== expected[i])).toBe(-1);
    const other = await stepped(astray(on), true);
    expect(Array.from(other).findIndex((w, i) => w !== expected[i])).not.toBe(-1);
  });
});

it("agree allows a step to fall on the other side of a rounding, and no further", async () => {
  const found = async (places: number) => {
    const off: Backend = {
      ...cpu,
      update(step, weights, state, gradient) {
        cpu.update(step, weights, state, gradient);
        (weights as Uint16Array)[1]! += places;
        return { weights, state: [...state] };
      },
    };
    const { backend, agreement } = validate(off);
    const memory = new Parameter("memory", tensor(backend, [2], [1, 1.5], "f16"), 1, {
      halves: {
        mode: "nearest",
        seed: 0,
      },
    });
    optimizerStep(sgd(1), memory, tensor(backend, [2], [2 ** -5, 2 ** -5]), 1, 1);
    return (await agreement()).first?.index;
  };
  expect(await Promise.all([-2, -1, 0, 1, 2].map(found))).toEqual([1, undefined, undefined, undefined, 1]);
});

/** Halves below 1 are 2⁻¹¹ apart. By Hoeffding's bound a mean of n steps of m weights is off by more with P < 2 · e⁻¹⁸. */
it("steps smaller than half a place are lost by rounding to nearest, and kept on average by random words", async () => {
  const [weights, steps, size] = [2 ** 14, 16, 2 ** -14];
  const moved = async (mode: "nearest" | "stochastic") => {
    const values = tensor(cpu, [weights], new Float32Array(weights).fill(1), "f16");
    const memory = new Parameter("memory", values, 1, { halves: { mode, seed: 1 } });
    const gradient = tensor(cpu, [weights], new Float32Array(weights).fill(size));
    for (let t = 1; t <= steps; t++) optimizerStep(sgd(1), memory, gradient, t, 1);
    return Float64Array.from(await memory.tensor.data()).reduce((sum, w) => sum + (1 - w) / weights, 0);
  };
  expect(await moved("nearest")).toBe(0);
  const allowed = 2 ** -11 * Math.sqrt((9 * steps) / weights);
  expect(Math.abs((await moved("stochastic")) - steps * size)).toBeLessThan(allowed);
});
