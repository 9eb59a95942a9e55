import fc from "fast-check";
import { expect, it } from "vitest";
import type { Batch, Dataset } from "../../../../models/data/dataset.ts";
import { idSignal } from "../../../../models/data/id-signal.ts";
import { synthetic } from "../../../../models/data/synthetic/synthetic.ts";

/** A row: its ids of each table, label and weight. */
interface Row {
  readonly bags: readonly (readonly number[])[];
  readonly label: number;
  readonly weight: number;
}

const tables = [6, 4, 9];

/** Rows in batches of three, whatever size is asked for. */
function datasetOf(all: readonly Row[]): Dataset {
  const batchOf = (rows: readonly Row[]): Batch => {
    const bags = rows.flatMap((row) => row.bags);
    const ends = bags.map((_, b) => bags.slice(0, b + 1).flat().length);
    return {
      size: rows.length,
      dense: new Float32Array(0),
      bags: { ids: Uint32Array.from(bags.flat()), offsets: Uint32Array.from([0, ...ends]) },
      labels: Float32Array.from(rows, ({ label }) => label),
      weights: Float32Array.from(rows, ({ weight }) => weight),
    };
  };
  return {
    ...{ name: "rows", dense: 0, tables, rows: undefined },
    select: () => expect.unreachable(),
    async *batches() {
      for (let i = 0; i < all.length; i += 3) yield batchOf(all.slice(i, i + 3));
    },
  };
}

/** The definition, row by row: [T] the weight of each id that occurs. */
function defined(all: readonly Row[]): Map<number, number>[] {
  const total = all.reduce((n, { weight }) => n + weight, 1);
  const ones = all.reduce((n, { weight, label }) => n + weight * label, 0.5);
  const z = all.map(() => Math.log(ones / (total - ones)));
  const occurring = tables.map((_, t) => [...new Set(all.flatMap(({ bags }) => bags[t]!))]);
  const found = tables.map(() => new Map<number, number>());
  const order = tables.map((_, t) => t).sort((a, b) => occurring[a]!.length - occurring[b]!.length);
  for (const t of order) {
    const sums = occurring[t]!.map((id) => {
      let [g, h] = [0, 0];
      for (const [i, { bags, label, weight }] of all.entries())
        for (const own of bags[t]!) {
          const p = 1 / (1 + Math.exp(-z[i]!));
          if (own === id) [g, h] = [g + weight * (label - p), h + weight * p * (1 - p)];
        }
      return { id, g, h };
    });
    const over = (of: (one: (typeof sums)[0]) => number) => sums.reduce((n, one) => n + of(one), 0);
    const v = (over(({ g }) => g * g) - over(({ h }) => h)) / over(({ h }) => h * h);
    const effects = new Map(sums.map(({ id, g, h }) => [id, v > 0 ? g / (h + 1 / v) : 0]));
    for (const { id, h } of sums) found[t]!.set(id, h * effects.get(id)! ** 2);
    for (const [i, { bags }] of all.entries()) for (const id of bags[t]!) z[i] = z[i]! + effects.get(id)!;
  }
  return found;
}

const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    bags: fc.tuple(...tables.map((size) => fc.array(fc.nat(size - 1), { maxLength: 2 }))),
    label: fc.constantFrom(0, 1, 1, 0.5),
    weight: fc.constantFrom(1, 1, 0, 2.5),
  }),
  { minLength: 1, maxLength: 40 },
);

it("is its definition, row by row: bags, soft labels and weights too", () =>
  fc.assert(
    fc.asyncProperty(rows, async (all) => {
      const found = await idSignal(datasetOf(all));
      const expected = defined(all);
      let at = 0;
      for (const [t, own] of found.rows.entries())
        for (const id of own) expect(found.weights[at++]).toBeCloseTo(expected[t]!.get(id)!, 9);
      expect(at).toBe(found.count);
    }),
    { numRuns: 200 },
  ));

it("finds the ids that carry the signal: few of those without have as much as half of those with", async () => {
  const carriers = 20;
  const planted = {
    tables: [500, 300],
    dense: 0,
    rows: 50_000,
    seed: 3,
    carriers,
    interaction: 0,
    denseShare: 0,
  };
  const { train } = synthetic({ ...planted, exponent: 0.2 });
  const { rows: ids, weights } = await idSignal(train);
  let at = 0;
  for (const own of ids) {
    const of = (isCarrier: boolean, first: number) =>
      Array.from(own, (id, i) => ({ id, weight: weights[first + i]! }))
        .filter(({ id }) => id < carriers === isCarrier)
        .map(({ weight }) => weight)
        .sort((a, b) => a - b);
    const [carrying, others] = [of(true, at), of(false, at)];
    expect(carrying).toHaveLength(carriers);
    const median = carrying[carriers / 2]!;
    expect(others.filter((weight) => weight > median / 2).length).toBeLessThan(0.01 * others.length);
    at += own.length;
  }
});

it("a table that tells nothing beyond chance has weights of 0, and so have labels that are all the same", async () => {
  const row = (id: number, label: number): Row => ({ bags: [[id], [], []], label, weight: 1 });
  const balanced = [0, 1, 2, 3].flatMap((id) => [row(id, 0), row(id, 1)]);
  expect(Array.from((await idSignal(datasetOf(balanced))).weights as Float64Array)).toEqual([0, 0, 0, 0]);
  const same = [0, 1].flatMap((id) => [row(id, 1), row(id, 1)]);
  expect(Array.from((await idSignal(datasetOf(same))).weights as Float64Array)).toEqual([0, 0]);
});
