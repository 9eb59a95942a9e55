import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gamma } from "../../../../../core/numeric/number.ts";
import { random } from "../../../../../core/numeric/random.ts";
import { hashNormal, hashNumbers } from "../../../../../models/data/encoders/hash.ts";
import { drawSignal, type Signal } from "../../../../../models/data/synthetic/signal.ts";
import { spread } from "../../../../../models/data/synthetic/spread.ts";
import { upTo } from "../rows.ts";

type Drawing = Parameters<typeof drawSignal>[0];
type Way = typeof drawSignal;

const u = 2 ** -53;

/** One for each of at most four tables. */
const four = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: 4, maxLength: 4 });

const drawings: fc.Arbitrary<Drawing> = fc
  .record({
    tables: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
    dense: fc.nat(3),
    rows: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 10, max: 200 }) },
      { weight: 1, arbitrary: fc.constantFrom(4095, 4096, 4097, 9000) }, // on both sides of a block
    ),
    seed: fc.nat(),
    interaction: fc.constantFrom(0, 0.25, 1),
    denseShare: fc.constantFrom(0, 0.2, 0.5),
    spread: fc.boolean(),
    exponent: four(fc.constantFrom(0, 1, 1.1, 2.5)),
    occurring: four(fc.integer({ min: 1, max: 70 })),
    carriers: four(fc.integer({ min: 1, max: 40 })),
    fading: four(fc.constantFrom(0, 0, 0.3, 1)),
    fields: four(fc.constantFrom(0.5, 1, 2)),
  })
  .map(({ exponent, occurring, carriers, fading, fields, ...drawing }) => {
    const T = drawing.tables.length;
    const first = (values: number[]) => values.slice(0, T);
    return {
      ...drawing,
      exponent: first(exponent),
      occurring: first(occurring),
      carriers: first(carriers),
      fading: first(fading),
      fields: first(fields),
    };
  });

const featuresOf = ({ rows, dense, seed }: Drawing) => {
  const stream = random(seed, "features");
  return Float32Array.from({ length: rows * dense }, () => stream.normal());
};

/** [T] rank of each id of a table, by trying all. */
const ranksOf = ({ tables, seed, spread: scattered }: Drawing) =>
  tables.map((size, t) => {
    const place = scattered ? spread(size, random(seed, `spread/${t}`)) : (x: number) => x;
    return new Map(upTo(size).map((rank) => [place(rank), rank]));
  });

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Of each row: what its dense features, its ids and its pairs add, one by one, as the documentation says. */
function partsOf(drawing: Drawing, features: Float32Array, ids: Uint32Array) {
  const { tables, dense: D, rows, seed, interaction, fields, denseShare } = drawing;
  const T = tables.length;
  const ranks = ranksOf(drawing);
  const stream = random(seed, "weights");
  const w = upTo(D).map(() => stream.normal());
  const size = (t: number, rank: number) =>
    rank < drawing.carriers[t]! ? (rank + 1) ** -drawing.fading[t]! : 0;
  /** Expected square of a table's sizes. */
  const masses = tables.map((all, t) => {
    const mass = upTo(Math.min(all, drawing.occurring[t]!)).map((x) => 1 / (x + 1) ** drawing.exponent[t]!);
    return sum(mass.map((p, rank) => p * size(t, rank) ** 2)) / sum(mass);
  });
  const signs = (t: number, rank: number) =>
    upTo(4).map((k) => ((hashNumbers(seed, 2 * t + 1, rank) >>> k) & 1 ? -1 : 1));
  return upTo(rows).map((i) => {
    const x = upTo(T).map((t) => ranks[t]!.get(ids[i * T + t]!)!);
    const effect = (t: number) => {
      const variance =
        ((1 - denseShare) * (1 - interaction) * fields[t]! ** 2) / sum(fields.map((f) => f * f));
      return Math.sqrt(variance / masses[t]!) * size(t, x[t]!) * hashNormal(seed, 2 * t, x[t]!);
    };
    const pair = (t: number) => {
      const dot = sum(upTo(4).map((k) => signs(t - 1, x[t - 1]!)[k]! * signs(t, x[t]!)[k]!));
      const sizes = size(t - 1, x[t - 1]!) * size(t, x[t]!);
      const variance = ((1 - denseShare) * interaction) / (4 * (T - 1));
      return dot * sizes * Math.sqrt(variance / (masses[t]! * masses[t - 1]!));
    };
    return {
      ranks: x,
      dense: upTo(D).map((j) => (Math.sqrt(denseShare) / Math.hypot(...w)) * w[j]! * features[i * D + j]!),
      fields: upTo(T).map((t) => effect(t)),
      pairs: upTo(T - 1).map((t) => pair(t + 1)),
    };
  });
}

/** cov(a, b) around the means, and a bound of what rounding makes of it by either way of computing. */
function covariance(a: readonly number[], b: readonly number[]) {
  const [n, mean] = [a.length, (v: readonly number[]) => sum(v) / v.length];
  const [ma, mb] = [mean(a), mean(b)];
  const sizes = sum(a.map((x, i) => Math.abs(x * b[i]!))) / n;
  const means = (sum(a.map(Math.abs)) / n) * (sum(b.map(Math.abs)) / n);
  return {
    value: sum(a.map((x, i) => (x - ma) * (b[i]! - mb))) / n,
    off: gamma(4 * n + 300, u) * (sizes + 3 * means),
  };
}

const isDefinition = (draw: Way) =>
  fc.property(drawings, (drawing) => {
    const features = featuresOf(drawing);
    const { ids, logits } = draw(drawing, features);
    const wrong = partsOf(drawing, features, ids).filter(({ ranks, dense, fields, pairs }, i) => {
      const terms = [...dense, ...fields, ...pairs];
      // Of each term some 10 roundings and those of two sums of at most 60 masses; then one for each term that is added.
      const allowed = gamma(150 + terms.length, u) * sum(terms.map(Math.abs));
      const occurs = ranks.every((rank, t) => rank < Math.min(drawing.tables[t]!, drawing.occurring[t]!));
      return !(occurs && Math.abs(logits[i]! - sum(terms)) <= allowed);
    });
    expect(wrong).toEqual([]);
  });

const areShares = (draw: Way) =>
  fc.property(drawings, (drawing) => {
    const features = featuresOf(drawing);
    const { ids, logits, strengths } = draw(drawing, features);
    const rows = partsOf(drawing, features, ids);
    const [z, all] = [[...logits], [strengths.dense, ...strengths.fields, strengths.pairs]];
    const variance = covariance(z, z);
    fc.pre(variance.value > 1e-3);
    const parts = [
      rows.map((row) => sum(row.dense)),
      ...drawing.tables.map((_, t) => rows.map((row) => row.fields[t]!)),
      rows.map((row) => sum(row.pairs)),
    ];
    let allowed = 0;
    for (const [k, part] of parts.entries()) {
      const { value, off } = covariance(part, z);
      const most = 2 * ((off + Math.abs(value / variance.value) * variance.off) / variance.value);
      expect(Math.abs(all[k]! - value / variance.value)).toBeLessThanOrEqual(most);
      allowed += most;
    }
    expect(Math.abs(sum(all) - 1)).toBeLessThanOrEqual(allowed);
  });

describe("the planted signal", () => {
  test("is its definition, row by row", () => fc.assert(isDefinition(drawSignal), { numRuns: 150 }));

  test("is carried in the shares that are said, which add up to 1", () =>
    fc.assert(areShares(drawSignal), { numRuns: 100 }));

  test("one carrier too many, effects in place of ranks, effects that last, and shares of no sum are caught", () => {
    const oneMore: Way = (drawing, features) =>
      drawSignal({ ...drawing, carriers: drawing.carriers.map((n) => n + 1) }, features);
    const unspread: Way = (drawing, features) => drawSignal({ ...drawing, spread: false }, features);
    const equal: Way = (drawing, features) =>
      drawSignal({ ...drawing, fields: drawing.tables.map(() => 1) }, features);
    const lasting: Way = (drawing, features) =>
      drawSignal({ ...drawing, fading: drawing.tables.map(() => 0) }, features);
    for (const wrong of [oneMore, unspread, equal, lasting])
      expect(fc.check(isDefinition(wrong)).failed).toBe(true);
    const withoutPairs: Way = (drawing, features): Signal => {
      const made = drawSignal(drawing, features);
      return { ...made, strengths: { ...made.strengths, pairs: 0 } };
    };
    expect(fc.check(areShares(withoutPairs)).failed).toBe(true);
  });

  test("ids beyond the carriers add exactly nothing", () => {
    let seen = 0;
    fc.assert(
      fc.property(drawings, (drawing) => {
        const features = featuresOf(drawing);
        const { ids, logits } = drawSignal(drawing, features);
        const one = { tables: [1], fields: [1], exponent: [0], occurring: [1], carriers: [1], fading: [0] };
        const alone = drawSignal({ ...drawing, ...one, interaction: 1 }, features).logits;
        for (const [i, { ranks }] of partsOf(drawing, features, ids).entries()) {
          if (ranks.some((rank, t) => rank < drawing.carriers[t]!)) continue;
          expect(logits[i]).toBe(alone[i]);
          seen++;
        }
      }),
      { numRuns: 400 }, // of a hundred drawings, one run in twenty has fewer than 1,000 such rows
    );
    expect(seen).toBeGreaterThan(1000);
  });
});
