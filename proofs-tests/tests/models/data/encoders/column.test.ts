import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../../../core/numeric/random.ts";
import { ColumnStatistics, signedLog } from "../../../../../models/data/encoders/column.ts";
import { DistinctSketch, rowsFor, sharing } from "../../../../../models/data/encoders/distinct.ts";
import { hashNumbers, hashText } from "../../../../../models/data/encoders/hash.ts";

const columnOf = (values: readonly number[]): ColumnStatistics => {
  const column = new ColumnStatistics("x");
  for (const x of values) column.add(x);
  return column;
};

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => x + 0); // no −0

describe("statistics of a column", () => {
  it("are mean and standard deviation as they are defined, of the numbers and of their logarithms", () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 50 }), (values) => {
        const column = columnOf(values);
        for (const [moments, of] of [
          [column.plain, (x: number) => x],
          [column.logarithm, signedLog],
        ] as const) {
          const all = values.map(of);
          const mean = all.reduce((a, b) => a + b, 0) / all.length;
          const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
          const scale = Math.max(...all.map(Math.abs), 1e-300);
          expect(Math.abs(moments.mean - mean)).toBeLessThanOrEqual(1e-12 * scale);
          // Squares below the smallest double are lost: that much each, under the root.
          const lost = Math.sqrt(all.length * Number.MIN_VALUE);
          expect(Math.abs(moments.deviation - deviation)).toBeLessThanOrEqual(1e-7 * scale + lost);
        }
      }),
    );
  });

  it("lose no digits to a large mean: a unix time that varies by seconds", () => {
    const { deviation } = columnOf([1.7e9, 1.7e9 + 1, 1.7e9 + 2]).plain;
    expect(deviation).toBeCloseTo(Math.sqrt(2 / 3), 9);
    const many = columnOf(Array.from({ length: 30_000 }, (_, i) => 2 ** 52 + (i % 3)));
    expect(many.plain.deviation).toBeCloseTo(Math.sqrt(2 / 3), 9);
    expect(many.plain.mean).toBe(2 ** 52 + 1);
  });

  it("count missing numbers, which change nothing else", () => {
    const column = columnOf([Number.NaN, 2, Number.NaN, 4]);
    expect([column.missing, column.plain.count, column.plain.mean]).toEqual([2, 2, 3]);
    expect(column.quantiles(3)).toEqual([2, 3, 4]);
    expect(columnOf([Number.NaN]).quantiles(3)).toEqual([]);
  });

  it("have the quantiles of all values where these are few, whatever their order", () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 40 }), fc.integer(), (values, seed) => {
        const stream = random(seed, "order");
        const shuffled = values.map((x) => [stream.uniform(), x] as const).sort((a, b) => a[0] - b[0]);
        const sorted = Float64Array.from(values).sort();
        const quantiles = columnOf(shuffled.map(([, x]) => x)).quantiles(5);
        expect([quantiles[0], quantiles[4]]).toEqual([sorted[0], sorted.at(-1)]);
        expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
        if (values.length % 2 === 1) expect(quantiles[2]).toBe(sorted[(values.length - 1) / 2]);
      }),
    );
  });

  it("have quantiles near those of 200,000 values, of which they keep a sample from beginning to end", () => {
    const column = new ColumnStatistics("long");
    for (let i = 0; i < 200_000; i++) column.add(i);
    // Of 16,384 values a quantile's rank has a standard deviation of at most 0.004; 0.025 is six of them.
    for (const [i, x] of column.quantiles(9).entries())
      expect(Math.abs(x / 200_000 - i / 8)).toBeLessThan(0.025);
  });
});

describe("a sketch of distinct numbers", () => {
  const estimate = (n: number, seed: number, repeats = 1): number => {
    const sketch = new DistinctSketch();
    for (let k = 0; k < repeats; k++) for (let i = 0; i < n; i++) sketch.add(hashNumbers(seed, 0, i));
    return sketch.count();
  };

  it("is exact for none and one, and within 5 % of any other count (six standard errors)", () => {
    expect([estimate(0, 1), estimate(1, 1)]).toEqual([0, 1]);
    for (const n of [2, 50, 1000, 20_000, 60_000, 1_000_000])
      expect(Math.abs(estimate(n, n) - n), `${n}`).toBeLessThanOrEqual(Math.max(1, 0.05 * n));
  });

  it("counts what comes again once", () => {
    expect(estimate(5000, 3, 4)).toBe(estimate(5000, 3));
  });

  it("leads to tables of four to eight rows an id, a power of two of at most 2³² rows, where there are many ids", () => {
    const many = (count: number) => rowsFor({ all: undefined, count: () => count });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 29 }), (ids) => {
        const rows = many(ids);
        expect(Math.log2(rows) % 1).toBe(0);
        expect(rows).toBeGreaterThanOrEqual(4 * ids);
        expect(rows).toBeLessThan(8 * ids);
      }),
    );
    expect([many(1), many(2 ** 31)]).toEqual([4, 2 ** 32]);
  });

  it("leads to tables in which no two of few ids share a row, where up to sixteen times as many rows can do that", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2 ** 32 - 1), { maxLength: 40 }), (ids) => {
        const sketch = new DistinctSketch();
        for (const id of ids) sketch.add(id);
        const rows = rowsFor(sketch);
        const usual = 2 ** Math.ceil(Math.log2(4 * Math.max(1, ids.length)));
        expect(sketch.count()).toBe(ids.length);
        expect(Math.log2(rows / usual)).toBeOneOf([0, 1, 2, 3, 4]);
        const shared = sharing(new Set(ids), rows);
        expect(shared).toBe(ids.filter((x) => ids.some((y) => y !== x && y % rows === x % rows)).length);
        if (rows > usual) expect(shared).toBe(0);
      }),
    );
    const yesAndNo = new DistinctSketch();
    for (const text of ["Y", "N"]) yesAndNo.add(hashText(text)); // the same modulo 8
    expect([sharing(yesAndNo.all!, 8), sharing(yesAndNo.all!, rowsFor(yesAndNo))]).toEqual([2, 0]);
  });
});
