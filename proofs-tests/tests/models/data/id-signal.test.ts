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

/** The definition, row by row: [T] the weight of each id that occurs, and the information that its rows have. */
function defined(all: readonly Row[]): Map<number, { weight: number; information: number }>[] {
  const total = all.reduce((n, { weight }) => n + weight, 1);
  const ones = all.reduce((n, { weight, label }) => n + weight * label, 0.5);
  const start = Math.log(ones / (total - ones));
  const occurring = tables.map((_, t) => [...new Set(all.flatMap(({ bags }) => bags[t]!))]);
  const order = tables.map((_, t) => t).sort((a, b) => occurring[a]!.length - occurring[b]!.length);
  const allIds = tables.flatMap((_, t) => occurring[t]!.map((id) => ({ t, id, key: `${t} ${id}` })));
  const effects = new Map<string, number>();
  const weights = new Map<string, number>();
  const information = new Map<string, number>();
  let speaking = new Set(allIds.map(({ key }) => key));
  for (let round = 0; round < 4; round++) {
    if (round > 0) speaking = speakers(weights);
    for (const t of order) {
      const sums = occurring[t]!.map((id) => {
        let [g, h] = [0, 0];
        for (const { bags, label, weight } of all)
          for (const own of bags[t]!) {
            if (own !== id) continue;
            let z = start;
            for (const [other, bag] of bags.entries())
              for (const key of other === t ? [] : bag.map((id) => `${other} ${id}`))
                if (speaking.has(key)) z += effects.get(key) ?? 0;
            const p = 1 / (1 + Math.exp(-z));
            [g, h] = [g + weight * (label - p), h + weight * p * (1 - p)];
          }
        return { key: `${t} ${id}`, g, h };
      });
      const over = (of: (one: (typeof sums)[0]) => number) => sums.reduce((n, one) => n + of(one), 0);
      const v = (over(({ g }) => g * g) - over(({ h }) => h)) / over(({ h }) => h * h);
      for (const { key, g, h } of sums) {
        const effect = v > 0 ? g / (h + 1 / v) : 0;
        effects.set(key, effect);
        information.set(key, h);
        weights.set(key, round === 0 ? h * effect ** 2 : (weights.get(key)! + h * effect ** 2) / 2);
      }
    }
  }
  const found = tables.map(() => new Map<number, { weight: number; information: number }>());
  for (const { t, id, key } of allIds)
    found[t]!.set(id, { weight: weights.get(key)!, information: information.get(key)! });
  return found;
}

/** Those of the largest weights, four fifths of all together, and what is as large as the least of them but for rounding. */
function speakers(weights: ReadonlyMap<string, number>): Set<string> {
  const sorted = [...weights.values()].sort((a, b) => b - a);
  const all = sorted.reduce((a, b) => a + b, 0);
  const least = sorted.find(
    (_, i) => sorted.slice(0, i + 1).reduce((a, b) => a + b, 0) >= (0.8 - 1e-9) * all,
  )!;
  return new Set(
    [...weights].filter(([, weight]) => all > 0 && weight >= least * (1 - 1e-9)).map(([key]) => key),
  );
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
      const told: string[] = [];
      const found = await idSignal(datasetOf(all), (done, of) => told.push(`${done} of ${of}`));
      const expected = defined(all);
      let at = 0;
      for (const [t, own] of found.rows.entries())
        for (const id of own) {
          const { weight, information } = expected[t]!.get(id)!;
          expect(found.weights[at]).toBeCloseTo(weight, 9);
          expect(found.information[at++]).toBeCloseTo(information, 9);
        }
      expect(told).toEqual(Array.from({ length: 12 }, (_, i) => `${i} of 12`));
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
