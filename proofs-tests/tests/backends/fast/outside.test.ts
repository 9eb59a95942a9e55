import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fast } from "../../../../backends/fast/index.ts";
import type { Backend } from "../../../../core/backend.ts";
import type { Lookup } from "../../../../core/lookup.ts";
import { random } from "../../../../core/numeric/random.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { type Optimizer, optimizerStep } from "../../../../core/optimizers/optimizer.ts";
import { rowWiseAdagrad } from "../../../../core/optimizers/row-wise-adagrad.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { sparseAdam } from "../../../../core/optimizers/sparse-adam.ts";
import { Parameter } from "../../../../core/parameter.ts";
import { tensor } from "../../../../core/tensor.ts";
import { trainStep } from "../../../../models/dlrm/train.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { bitsOf, firstBatch, model } from "../../models/dlrm/tiny-model.ts";

/** The same backend, but arrays of more than so many bytes live outside of its memory, as only huge ones do. */
const [small, middle] = [4096, 500_000];
const inside = await fast({ threads: 2 });
const spilling = await fast({ threads: 2, spill: small });
const spillingMiddle = await fast({ threads: 2, spill: middle });

/** Lookups that read few floats of a memory that is larger than `small`. */
const lookups = fc
  .record({
    dim: fc.integer({ min: 1, max: 10 }),
    bags: fc.integer({ min: 1, max: 100 }),
    items: fc.integer({ min: 0, max: 3 }),
    seed: fc.integer(),
    signed: fc.boolean(),
  })
  .map(({ dim, bags, items, seed, signed }): Lookup => {
    const stream = random(seed, "lookup");
    const block = 1 + stream.integer(dim);
    const memory = 1100 + stream.integer(100);
    const blocks = items * bags * Math.ceil(dim / block);
    const starts = Uint32Array.from({ length: blocks }, () => memory - 1 - stream.integer(memory));
    const signs = Uint32Array.from({ length: blocks }, () => stream.bits());
    const ends = Uint32Array.from({ length: bags + 1 }, (_, bag) => bag * items);
    return { dim, block, memorySize: memory, starts, bags: ends, ...(signed && { signs }) };
  });

async function bitsBoth(on: Backend, lookup: Lookup, seed: number): Promise<readonly Int32Array[]> {
  const stream = random(seed, "inputs");
  const normal = (length: number) => on.upload(Float32Array.from({ length }, () => stream.normal()));
  const [memory, batch] = [normal(lookup.memorySize), normal((lookup.bags.length - 1) * lookup.dim)];
  const made = [on.run({ kind: "gather", lookup }, [memory]), on.run({ kind: "scatter", lookup }, [batch])];
  const read = await Promise.all(made.map((handle) => on.read(handle)));
  for (const handle of [memory, batch, ...made]) on.free(handle);
  return read.map((values) => new Int32Array(values.buffer));
}

describe("an array outside WebAssembly's memory", () => {
  it("is looked up as one inside, bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(lookups, fc.integer(), async (lookup, seed) => {
        expect(await bitsBoth(spilling, lookup, seed)).toEqual(await bitsBoth(inside, lookup, seed));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["SGD, sparse", sgd(0.05), full()],
    ["momentum", sgd(0.05, { momentum: 0.9 }), full()],
    ["a state a row, sparse", rowWiseAdagrad(0.05), full()],
    ["SparseAdam", sparseAdam(0.05), full()],
    ["adagrad, wrapping", adagrad(0.05), robe({ memorySize: 150_001, block: 7 })],
  ] as const)("is trained by %s as one inside", async (_, optimizer: Optimizer, embedding) => {
    const results = [inside, spillingMiddle].map(async (on) => {
      const tables = [5000, 200, 5];
      const wide = model({ backend: on, embedding, dim: 32, bottom: [64, 32], top: [64, 1], tables });
      const batch = await firstBatch(512);
      for (let t = 1; t <= 3; t++) await trainStep(wide, batch, t, { optimizer });
      const bits = await bitsOf(wide);
      wide.free();
      return bits;
    });
    const [expected, made] = await Promise.all(results);
    expect(made).toEqual(expected);
  });

  it.each([
    ["a state a weight", sgd(0.05, { momentum: 0.9 })],
    ["a state a row", rowWiseAdagrad(0.05)],
  ] as const)("is stepped whole, in several parts, with %s", async (_, optimizer: Optimizer) => {
    const width = 32;
    const size = width * 36_000;
    const stepped = async (on: Backend) => {
      const stream = random(7, "step");
      const normal = () => Float32Array.from({ length: size }, () => stream.normal());
      const memory = new Parameter("memory", tensor(on, [size], normal()), width);
      const gradient = tensor(on, [size], normal());
      for (let t = 1; t <= 2; t++) optimizerStep(optimizer, memory, gradient, t, 0.05);
      const all = await Promise.all([memory.tensor, ...memory.state].map((x) => x.data()));
      for (const x of [gradient, memory]) x.free();
      return all as Float32Array[];
    };
    const [expected, made] = [await stepped(inside), await stepped(spillingMiddle)];
    expect(made).toHaveLength(2);
    for (const [i, values] of made.entries())
      expect(values.findIndex((value, at) => value !== expected[i]![at])).toBe(-1);
  });
});
