import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InstanceSpec, instanceOf, instances } from "../../../experiments/prove/instances.ts";

const spec: InstanceSpec = {
  rows: 5,
  tables: 3,
  dim: 2,
  block: 6,
  memory: 8,
  x: "ones",
  y: "alternating",
  epsilon: 0.4,
  seed: 1,
};
const vector = (x: InstanceSpec["x"], seed = 1): number[] => [...instanceOf({ ...spec, x, seed }).x];

describe("an instance", () => {
  it("has the sizes of its numbers; blocks are no longer than rows or memory", () => {
    expect(instanceOf(spec)).toMatchObject({ rows: 5, dim: 2, block: 2, memory: 8, epsilon: 0.4 });
    expect(instanceOf({ ...spec, dim: 9, block: 6, memory: 4 }).block).toBe(4);
    expect(instanceOf({ ...spec, dim: 9, block: 3 }).block).toBe(3);
  });

  it("deals its rows to tables as evenly as can be, and has no empty one", () => {
    expect(instanceOf(spec).tables).toEqual([1, 2, 2]);
    expect(instanceOf({ ...spec, rows: 2 }).tables).toEqual([1, 1]);
  });

  it("has vectors of the kinds asked for", () => {
    expect(vector("ones")).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(vector("alternating")).toEqual([1, -1, 1, -1, 1, -1, 1, -1, 1, -1]);
    for (const seed of [1, 2, 3]) {
      const two = vector("two", seed);
      expect(two.every((v) => v === 0 || v === 1)).toBe(true);
      expect(two.reduce((a, b) => a + b)).toBeLessThanOrEqual(2);
      expect(Math.max(...two)).toBe(1);
      expect(vector("power law", seed).map(Math.abs)).toEqual(
        Array.from({ length: 10 }, (_, i) => 1 / (i + 1)),
      );
      expect(vector("heavy", seed).filter((v) => v === 10)).toHaveLength(1);
    }
    const ones = [1, 2, 3, 4].map((seed) => vector("two", seed).filter((v) => v === 1).length);
    expect(Math.max(...ones)).toBe(2);
    expect(vector("power law").some((v) => v < 0)).toBe(true);
    expect(new Set(vector("gaussian")).size).toBe(10);
  });

  it("has, beside one heavy weight of 10, a third of what is normal", () => {
    const long = instanceOf({ ...spec, rows: 500, x: "heavy", y: "gaussian" });
    const size = (v: Float64Array) => Math.sqrt(v.reduce((sum, w) => sum + w * w, 0) / v.length);
    expect(size(long.x.filter((v) => v !== 10)) * 3).toBeCloseTo(1, 0);
    expect(size(long.y)).toBeCloseTo(1, 0);
  });

  it("has two vectors that differ, of one kind too: y is x at the next seed", () => {
    const at = (seed: number) => instanceOf({ ...spec, x: "gaussian", y: "gaussian", seed });
    expect(at(1).x).not.toEqual(at(1).y);
    expect(at(1).y).toEqual(at(2).x);
  });

  it("that is drawn has 2 to 12 rows, 6 to 32 slots, and an ε below 1", () => {
    fc.assert(
      fc.property(instances, (drawn) => {
        const { rows, dim, memory, block, epsilon, x, y, tables } = instanceOf(drawn);
        expect(tables!.reduce((a, b) => a + b)).toBe(rows);
        expect([x.length, y.length]).toEqual([rows * dim, rows * dim]);
        expect(rows >= 2 && rows <= 12 && memory >= 6 && memory <= 32).toBe(true);
        expect(block <= dim && block >= 1 && epsilon >= 0.3 && epsilon <= 0.9).toBe(true);
      }),
    );
  });

  it("that is drawn may have any number that is small: all are met in 2000", () => {
    const drawn = fc.sample(instances, { numRuns: 2000, seed: 1 });
    const met = (of: (spec: InstanceSpec) => number) => [...new Set(drawn.map(of))].sort((a, b) => a - b);
    const upTo = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i);
    expect(met(({ rows }) => rows)).toEqual(upTo(2, 12));
    expect(met(({ tables }) => tables)).toEqual(upTo(1, 3));
    expect(met(({ dim }) => dim)).toEqual(upTo(1, 6));
    expect(met(({ block }) => block)).toEqual(upTo(1, 6));
    expect(met(({ memory }) => memory)).toEqual(upTo(6, 32));
    expect(met(({ epsilon }) => Math.round(10 * epsilon))).toEqual(upTo(3, 9));
    expect(new Set(drawn.map(({ x }) => x)).size).toBe(6);
    expect(new Set(drawn.map(({ y }) => y)).size).toBe(6);
    const seeds = met(({ seed }) => seed);
    expect(seeds[0]).toBeGreaterThanOrEqual(0);
    expect(seeds.at(-1)).toBe(2 ** 31 - 1); // ends are drawn more often than what lies between
  });
});
