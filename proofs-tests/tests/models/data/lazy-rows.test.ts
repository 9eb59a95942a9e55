import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { fast } from "../../../../backends/fast/index.ts";
import { random } from "../../../../core/numeric/random.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { adam } from "../../../../core/optimizers/adam.ts";
import type { Optimizer } from "../../../../core/optimizers/optimizer.ts";
import { rowWiseAdagrad } from "../../../../core/optimizers/row-wise-adagrad.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { sparseAdam } from "../../../../core/optimizers/sparse-adam.ts";
import type { Bags, Dataset } from "../../../../models/data/dataset.ts";
import { type LazyRows, lazyRows, lazyRowsFrom, lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import { inMemory } from "../../../../models/data/memory.ts";
import { dlrm } from "../../../../models/dlrm/dlrm.ts";
import { predictions } from "../../../../models/dlrm/evaluate.ts";
import { train } from "../../../../models/dlrm/train.ts";
import { type EmbeddingMaker, sharedMemory } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { lazyScheme } from "../../../../models/embeddings/full-scheme.ts";
import { inspect } from "../../../../models/embeddings/inspect.ts";
import type { SharingScheme } from "../../../../models/embeddings/scheme.ts";
import { fillUniform } from "../../../../models/embeddings/scheme.ts";
import { said } from "../dlrm/tiny-model.ts";

const optimizers: readonly Optimizer[] = [
  sgd(0.1),
  sgd(0.1, { momentum: 0.9 }),
  adagrad(0.05),
  rowWiseAdagrad(0.05),
  adam(0.01),
  sparseAdam(0.01),
];

/** A model's shape, its data (bags of up to three ids, of tables that these touch a part of), and how it is trained. */
interface Case {
  readonly tables: readonly number[];
  readonly dim: number;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly optimizer: Optimizer;
  readonly pooling: "sum" | "mean";
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    tables: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 3 }),
    dim: fc.integer({ min: 1, max: 6 }),
    optimizer: fc.constantFrom(...optimizers),
    pooling: fc.constantFrom("sum" as const, "mean" as const),
    seed: fc.nat(),
  })
  .map(({ tables, seed, ...rest }) => {
    const stream = random(seed, "data");
    const part = (n: number): Dataset => {
      const offsets = Uint32Array.from({ length: n * tables.length + 1 });
      for (let bag = 1; bag < offsets.length; bag++) offsets[bag] = offsets[bag - 1]! + stream.integer(4);
      const ids = new Uint32Array(offsets.at(-1)!);
      for (let bag = 0; bag + 1 < offsets.length; bag++)
        for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++)
          ids[i] = stream.integer(Math.min(tables[bag % tables.length]!, stream.integer(2) ? 4 : 300));
      const dense = Float32Array.from({ length: n }, () => stream.normal());
      const labels = Float32Array.from({ length: n }, () => stream.integer(2));
      return inMemory({ name: "random rows", dense: 1, tables, columns: { dense, ids, offsets, labels } });
    };
    return { ...rest, tables, seed, train: part(30), test: part(10) };
  });

const backends = [cpu, await fast({ threads: 2 })];

/** Every loss of a training of two epochs, then every prediction for rows that it did not see. */
async function numbersOf(on: (typeof backends)[number], embedding: EmbeddingMaker, example: Case) {
  const { tables, dim, train: rows, test, optimizer, seed } = example;
  const model = dlrm({ dense: 1, tables, dim, bottom: [4, dim], top: [4, 1], embedding, backend: on, seed });
  const losses: number[] = [];
  for await (const { loss } of train(model, rows, { optimizer, batch: 8, epochs: 2 })) losses.push(loss);
  const { probabilities } = await predictions(model, test);
  model.free();
  return [...losses, ...probabilities];
}

type Touching = (touched: LazyRows, pooling: "sum" | "mean") => EmbeddingMaker;

/** Rows that were touched, and no others, become what they become in whole tables. */
const sameBits = (touching: Touching, on: (typeof backends)[number]) =>
  fc.asyncProperty(cases, async (example) => {
    const { pooling } = example;
    const touched = await lazyRows(example.train, example.test);
    fc.pre(touched.count > 0);
    const whole = await numbersOf(on, full({ pooling }), example);
    expect(await numbersOf(on, touching(touched, pooling), example)).toEqual(whole);
  });

/** `full` with touched rows, its scheme changed. */
const changed =
  (change: (scheme: SharingScheme, touched: LazyRows) => Partial<SharingScheme>): Touching =>
  (touched, pooling) =>
    sharedMemory(
      (shape) => {
        const scheme = lazyScheme(shape, touched);
        return { ...scheme, ...change(scheme, touched) };
      },
      { pooling },
    );

describe.each(backends.map((on) => [on.name, on] as const))("full tables of touched rows on %s", (_, on) => {
  it("train to the same bits as whole ones, and predict the same", () =>
    fc.assert(
      sameBits((touched, pooling) => full({ rows: touched, pooling }), on),
      { numRuns: 60 },
    ));

  it.each([
    [
      "initial values in the order of what was touched",
      changed((_, { tables, rows }) => ({
        initialize(values, stream) {
          const dim = values.length / rows.reduce((n, { length }) => n + length, 0);
          let at = 0;
          for (const [t, { length }] of rows.entries()) {
            fillUniform(values.subarray(at, at + length * dim), 1 / Math.sqrt(tables[t]!), stream);
            at += length * dim;
          }
        },
      })),
    ],
    [
      "a slot for two rows",
      changed((scheme) => ({
        blockStart: (...place) =>
          Math.min(scheme.blockStart(...place), Math.max(0, scheme.memorySize - 2 * scheme.block)),
      })),
    ],
  ])("%s: caught", async (_, broken) => {
    expect((await fc.check(sameBits(broken, on), { numRuns: 60 })).failed).toBe(true);
  });
});

it("on cpu, steps as for what is kept, not as for whole tables: caught", async () => {
  // A sum that is stepped at once keeps digits that it loses where it is scattered to an array before.
  const broken = changed(({ memorySize }) => ({ whole: memorySize }));
  expect((await fc.check(sameBits(broken, cpu), { numRuns: 300 })).failed).toBe(true);
});

/** Bags of one id each, table after table. */
const bagsOf = (ids: readonly number[]): Bags => ({
  ids: Uint32Array.from(ids),
  offsets: Uint32Array.from({ length: ids.length + 1 }, (_, i) => i),
});

describe("touched rows", () => {
  const edges = fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1);
  const ids = fc.oneof(edges, fc.nat(5000), fc.integer({ min: 0, max: 2 ** 32 - 1 }));

  it("are the different ids of each table in order, each with its place among all, the others with none", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(ids, ids), { minLength: 1, maxLength: 3000, size: "max" }),
        fc.array(ids),
        (pairs, others) => {
          const touched = lazyRowsOf([2 ** 32, 2 ** 32], bagsOf(pairs.flat()));
          const sets = [0, 1].map((t) => new Set(pairs.map((pair) => pair[t]!)));
          const expected = sets.map((set) => [...set].sort((a, b) => a - b));
          expect(touched.rows.map((rows) => [...rows])).toEqual(expected);
          expect(touched.count).toBe(expected.flat().length);
          const places = expected.map((rows, t) => rows.map((row) => touched.place(t, row)));
          expect(places.flat()).toEqual(expected.flat().map((_, i) => i));
          for (const t of [0, 1])
            for (const row of others) if (!sets[t]!.has(row)) expect(touched.place(t, row)).toBe(-1);
          expect(touched.bytes).toBeLessThanOrEqual(12 * touched.count + 12 * 2);
        },
      ),
      { numRuns: 100 },
    ));

  it("have their places also where most rows of a table are touched, and the others none", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.uniqueArray(fc.nat(59)), (size, ids) => {
        const own = ids.filter((id) => id < size).sort((a, b) => a - b);
        const touched = lazyRowsFrom([7, size], [Uint32Array.of(2), Uint32Array.from(own)]);
        const places = Array.from({ length: size }, (_, row) => touched.place(1, row));
        expect(places).toEqual(places.map((_, row) => (own.includes(row) ? 1 + own.indexOf(row) : -1)));
      }),
    ));

  const small = { dense: 0, tables: [10, 5], name: "three rows" };
  const columns = (ids: number[]) => ({
    dense: new Float32Array(0),
    ids: Uint32Array.from(ids),
    labels: new Float32Array(ids.length / 2),
  });
  const setting = { tables: [10, 5], dim: 2, backend: cpu, seed: 1 };

  it("are of all parts of the data; what was left out is refused in a lookup and has no slot", async () => {
    const [one, other] = [
      [7, 0, 3, 4, 7, 4],
      [9, 4],
    ].map((ids) => inMemory({ ...small, columns: columns(ids) }));
    const touched = await lazyRows(one!, other!);
    expect(touched.rows.map((rows) => [...rows])).toEqual([
      [3, 7, 9],
      [0, 4],
    ]);
    // 4 bytes a touched row, and 4 for each place to look from: 5 + 1 for 10 rows in buckets of 2, 3 + 1 for 5.
    expect(touched.bytes).toBe(4 * (5 + 6 + 4));
    const embedding = full({ rows: touched })(setting);
    expect(embedding.memorySize).toBe(10);
    expect(embedding.virtualSize).toBe(30);
    expect(embedding.bytes).toBe(40 + touched.bytes);
    expect(said(() => embedding.forward(bagsOf([4, 0])))).toBe(
      "Row 4 of table 0 is looked up, but is not among the 3 rows that are kept of it; collect lazyRows of all data that the model is to read, not of its training part alone.",
    );
    expect(said(() => embedding.forward(bagsOf([7, 5])))).toContain("which has only 5 rows");
    expect(inspect(embedding).load).toMatchObject({ counted: 10, largest: 1, unused: 0 });
  });

  it("say what is wrong in a sentence", async () => {
    const touched = lazyRowsOf([10, 5], bagsOf([1, 1]));
    const none = lazyRowsOf([10, 5], { ids: new Uint32Array(0), offsets: new Uint32Array(3) });
    expect(said(() => full({ rows: touched, pooling: "learned" }))).toContain("use pooling sum or mean");
    expect(said(() => full({ rows: touched })({ ...setting, tables: [10, 6] }))).toContain(
      "Lazy rows are of tables of 10, 5 rows, but the model's have 10, 6",
    );
    expect(said(() => full({ rows: none })(setting))).toContain("0 lazy rows of 2 floats");
    const wider = inMemory({ ...small, tables: [10, 6], columns: columns([1, 5]) });
    const narrow = inMemory({ ...small, columns: columns([1, 1]) });
    await expect(lazyRows(narrow, wider)).rejects.toThrow(
      'has tables of 10, 6 rows, but "three rows" of 10, 5',
    );
    await expect(lazyRows()).rejects.toThrow("a dataset or more");
  });
});
