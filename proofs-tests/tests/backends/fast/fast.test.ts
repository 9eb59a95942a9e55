import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type Fast, fast } from "../../../../backends/fast/index.ts";
import type { Backend } from "../../../../core/backend.ts";
import { type Form, outputSize, pairCount } from "../../../../core/form.ts";
import type { Lookup } from "../../../../core/lookup.ts";
import { random } from "../../../../core/numeric/random.ts";
import { exp } from "../../../../core/ops/functions.ts";
import { matmul } from "../../../../core/ops/matmul.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import type { Optimizer } from "../../../../core/optimizers/optimizer.ts";
import { rowWiseAdagrad } from "../../../../core/optimizers/row-wise-adagrad.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { sparseAdam } from "../../../../core/optimizers/sparse-adam.ts";
import { scalar } from "../../../../core/scalar.ts";
import { tensor } from "../../../../core/tensor.ts";
import { trainStep } from "../../../../models/dlrm/train.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { WorstTable } from "../../../laws/table.ts";
import { bitsOf, firstBatch, model, said } from "../../models/dlrm/tiny-model.ts";
import { saveTable } from "../../summary.ts";
import { deviceTests } from "../device-tests.ts";

const table = new WorstTable();
afterAll(() => saveTable(table, "fast"));

/** On one, two and three threads, and the same with fused arithmetic. */
const onThreads = (fused: boolean) => Promise.all([1, 2, 3].map((threads) => fast({ threads, fma: fused })));
const kinds = [
  { name: "fast", fused: false, backends: await onThreads(false) },
  { name: "fast:fma", fused: true, backends: await onThreads(true) },
];
const [backend] = kinds[0]!.backends as [Fast];

describe.each(kinds)("$name", ({ fused, backends: [alone] }) => {
  deviceTests({
    backend: alone!,
    open: () => fast({ threads: 2, fma: fused }),
    expOfNaN: [Number.NaN],
    table,
  });

  it("rounds a product before it is added, unless it is fused", async () => {
    const x = 1 + 2 ** -12; // x² − (1 + 2⁻¹¹) = 2⁻²⁴, which a rounded x² has lost
    const a = tensor(alone!, [2, 2], [-(1 + 2 ** -11), x, 0, 0]);
    const b = tensor(alone!, [2, 2], [1, 1, x, x]);
    const [left] = await matmul(a, b, {}).data();
    if (fused)
      expect(left).toBeOneOf([2 ** -24, 0]); // 0 on a processor that cannot
    else expect(left).toBe(0);
  });
});

/** Lookups of blocks of any length at any place, wrapping and signed or not. */
const lookups = fc
  .record({
    dim: fc.integer({ min: 1, max: 40 }),
    bags: fc.integer({ min: 1, max: 3000 }),
    seed: fc.integer(),
    signed: fc.boolean(),
  })
  .map(({ dim, bags, seed, signed }): Lookup => {
    const stream = random(seed, "lookup");
    const block = 1 + stream.integer(dim);
    const memory = block + stream.integer(5000);
    const ends = Uint32Array.from({ length: bags + 1 }, (_, bag) => bag * 2);
    const blocks = 2 * bags * Math.ceil(dim / block);
    const starts = Uint32Array.from({ length: blocks }, () => stream.integer(memory));
    const signs = Uint32Array.from({ length: blocks * Math.ceil(block / 32) }, () => stream.bits());
    return { dim, block, memorySize: memory, starts, bags: ends, ...(signed && { signs }) };
  });

const size = (max: number) => fc.integer({ min: 1, max });

/** Forms with enough to do that threads share them, and how many floats each input has. */
const largeForms: fc.Arbitrary<readonly [Form, readonly number[]]> = fc.oneof(
  fc
    .record({
      n: size(200),
      k: size(600),
      m: size(200),
      a: fc.boolean(),
      b: fc.boolean(),
      bias: fc.boolean(),
    })
    .map(({ n, k, m, a, b, bias }) => {
      const plain = { n, k, m, transposeA: a, transposeB: b, bias };
      return [{ kind: "matmul", ...plain }, [n * k, k * m, ...(bias ? [m] : [])]] as const;
    }),
  fc
    .record({ n: size(500), k: size(900), column: fc.boolean(), turned: fc.boolean(), bias: fc.boolean() })
    .map(({ n, k, column, turned, bias }) => {
      const one = column ? { n, m: 1 } : { n: 1, m: n };
      const plain = { ...one, k, transposeA: turned, transposeB: turned, bias };
      return [{ kind: "matmul", ...plain }, [one.n * k, k * one.m, ...(bias ? [one.m] : [])]] as const;
    }),
  lookups.map((lookup) => [{ kind: "gather", lookup }, [lookup.memorySize]] as const),
  lookups.map((lookup) => [{ kind: "scatter", lookup }, [(lookup.bags.length - 1) * lookup.dim]] as const),
  fc.record({ samples: size(200), vectors: size(20), dim: size(40), itself: fc.boolean() }).map((shape) => {
    const { samples, vectors, dim, itself } = shape;
    const [g, u] = [samples * pairCount(vectors, itself), samples * vectors * dim];
    return [{ kind: "mix", ...shape }, [g, u]] as const;
  }),
  fc.record({ samples: size(200), vectors: size(20), dim: size(40), itself: fc.boolean() }).map((shape) => {
    const each = shape.samples * shape.vectors * shape.dim;
    return [{ kind: "pairs", ...shape }, [each, each]] as const;
  }),
  fc.record({ outer: size(30), summed: size(300), inner: size(30) }).map((shape) => {
    return [{ kind: "reduce", ...shape }, [shape.outer * shape.summed * shape.inner]] as const;
  }),
  fc.record({ rows: size(500), columns: size(500) }).map(({ rows, columns }) => {
    const f = scalar("x, y, z", "x > y ? Math.exp(-x) : y * z");
    const inputs = [[rows, columns], [columns], [rows, 1]];
    return [{ kind: "map", f, shape: [rows, columns], inputs }, [rows * columns, columns, rows]] as const;
  }),
);

async function resultOn(on: Backend, form: Form, inputs: readonly Float32Array[]): Promise<Int32Array> {
  const handles = inputs.map((values) => on.upload(values));
  const out = on.run(form, handles);
  const made = await on.read(out);
  for (const handle of [...handles, out]) on.free(handle);
  expect(made).toHaveLength(outputSize(form));
  return new Int32Array(made.buffer);
}

describe.each(kinds)("$name: 1, 2 and 3 threads make the same bits of", ({ backends }) => {
  it("any form", async () => {
    await fc.assert(
      fc.asyncProperty(largeForms, fc.integer(), async ([form, lengths], seed) => {
        const stream = random(seed, "inputs");
        const inputs = lengths.map((length) => Float32Array.from({ length }, () => stream.normal()));
        const [alone, ...shared] = await Promise.all(backends.map((on) => resultOn(on, form, inputs)));
        for (const bits of shared) expect(bits.every((word, i) => word === alone![i])).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ["adagrad", adagrad(0.05), robe({ compression: 4, block: 4 })],
    ["adagrad, sparse", adagrad(0.05), full()],
    ["adagrad, sparse, a state a row", rowWiseAdagrad(0.05), full()],
    ["SparseAdam", sparseAdam(0.05), full()],
    ["momentum", sgd(0.05, { momentum: 0.9 }), robe({ compression: 4, block: 3 })],
  ] as const)("training by %s", async (_, optimizer: Optimizer, embedding) => {
    const results = backends.map(async (on) => {
      const wide = model({
        backend: on,
        embedding,
        dim: 32,
        bottom: [64, 32],
        top: [64, 1],
        tables: [5000, 200, 5],
      });
      const batch = await firstBatch(512);
      for (let t = 1; t <= 3; t++) await trainStep(wide, batch, t, { optimizer });
      return bitsOf(wide);
    });
    const [alone, ...shared] = await Promise.all(results);
    for (const bits of shared) expect(bits).toEqual(alone);
  });
});

describe("says in a sentence", () => {
  it("what it cannot do with an array that is larger than its memory", () => {
    const form: Form = { kind: "map", f: scalar("x", "x"), shape: [2 ** 30], inputs: [[1]] };
    expect(said(() => backend.run(form, [backend.upload([1])]))).toMatch(
      /^The fast backend keeps an array of 1073741824 floats \(4.3 GB\) outside .* not reached by "map"/,
    );
  });

  it("how many threads there may be", async () => {
    await expect(fast({ threads: 0 })).rejects.toThrow("threads of fast must be a whole number from 1 to 64");
  });

  it("that it was destroyed", async () => {
    const own = await fast({ threads: 2 });
    const x = tensor(own, [1], [1]);
    await own.destroy();
    expect(said(() => exp(x))).toBe("The backend fast was destroyed; make another with fast().");
  });
});
