import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { random } from "../../../../core/numeric/random.ts";
import { drawsOf } from "../../../experiments/prove/draws.ts";
import type { SketchFamily } from "../../../experiments/prove/families.ts";
import { allFamilies } from "../../../experiments/prove/prove.ts";
import { measureTable, trainedTable } from "../../../experiments/prove/trained.ts";
import { brokenFamilies } from "../../../mutants/sketches.ts";
import { applied, inner } from "../../theory/all-draws.ts";

const shape = { rows: 300, dim: 4 };
const table = await trainedTable(shape.rows, shape.dim);

/** A family of one draw alone: the weights of a table of 3 rows of 2 in 3 slots, and its rows in 3 slots. */
const fixed: SketchFamily = {
  ...allFamilies[0]!,
  name: "one draw",
  scheme: (instance, seed) => allFamilies[0]!.scheme(instance, seed * 0),
};

it("errors are root mean squares over draws, over the sizes that each is relative to", async () => {
  const theta = Float64Array.of(1, -2, 5, 0.5, -1, 3);
  const of = { rows: 3, dim: 2 };
  const [found] = await measureTable(theta, of, [3], 200, fixed);
  const instance = { ...of, block: 2, memory: 3, x: theta, y: theta, epsilon: 0.5 };
  const whole = (await drawsOf(fixed, instance, cpu, 0, 1)).sketch(0);
  const ofRows = (await drawsOf(fixed, { ...instance, dim: 1, block: 1 }, cpu, 0, 1)).sketch(0);

  const length = (v: ArrayLike<number>) => Math.sqrt(inner(v, v));
  const row = random(1, "rows of the table").integer(3);
  const x = theta.map((v, k) => (Math.floor(k / 2) === row ? v : 0));
  const memory = applied(whole, theta);
  const read = inner(applied(whole, x), memory) - inner(x, theta);
  expect(found!.compression).toBe(2);
  expect(found!.query.measured).toBeCloseTo(Math.abs(read) / (length(x) * length(theta)), 12);
  // V_Z: (1/m) Σ over pairs of weights in different rows of (x_iθ_j + x_jθ_i)².
  let pairs = 0;
  for (let j = 0; j < 6; j++)
    for (let i = 0; i < j; i++) if (i >> 1 !== j >> 1) pairs += (x[i]! * theta[j]! + x[j]! * theta[i]!) ** 2;
  expect(found!.query.predicted).toBeCloseTo(Math.sqrt(pairs / 3) / (length(x) * length(theta)), 12);

  // The heaviest entry is 5, number 2, in the row of 5 and ½: all others' squares are 1 + 4 + 1 + 9.
  const heaviest = whole.signs[2]! * memory[whole.slots[2]!]!;
  expect(found!.entry.measured).toBeCloseTo(Math.abs(heaviest - 5) / 5, 12);
  expect(found!.entry.predicted).toBeCloseTo(Math.sqrt(15 / 3) / 5, 12);

  // Columns (1, 5, −1) and (−2, ½, 3) at right angles to it.
  const first = [1, 5, -1].map((v) => v / Math.sqrt(27));
  const along = inner(first, [-2, 0.5, 3]);
  const rest = [-2, 0.5, 3].map((v, i) => v - along * first[i]!);
  const basis = [first, rest.map((v) => v / length(rest))];
  const gaps = basis.flatMap((u, a) =>
    basis.map((v, b) => inner(applied(ofRows, u), applied(ofRows, v)) - (a === b ? 1 : 0)),
  );
  expect(found!.subspace.measured).toBeCloseTo(length(gaps), 12);
  const leverages = first.map((v, i) => v ** 2 + basis[1]![i]! ** 2);
  expect(found!.subspace.predicted).toBeCloseTo(Math.sqrt((4 + 2 - 2 * inner(leverages, leverages)) / 3), 12);
  // One draw alone has no spread: its interval is a point, and what is predicted is not in it.
  expect(found!.entry.interval[0]).toBeCloseTo(found!.entry.measured, 6);
  expect([found!.query.notRejected, found!.entry.notRejected]).toEqual([false, false]);
});

it("what is predicted holds only within the interval: neither where errors are smaller nor where they are larger", async () => {
  const theta = Float64Array.of(1, -2, 5, 0.5, -1, 3);
  const of = { rows: 3, dim: 2 };
  const found = await measureTable(theta, of, [6, 5, 4, 3, 2, 1], 80, fixed);
  const all = found.flatMap(({ query, subspace, entry }) => [query, subspace, entry]);
  const sides = all.map(({ predicted, interval: [low, high] }) =>
    predicted < low * (1 - 1e-9) ? "below" : predicted > high * (1 + 1e-9) ? "above" : "at",
  );
  for (const [i, { notRejected }] of all.entries())
    if (sides[i] !== "at") expect(notRejected, sides[i]).toBe(false);
  expect(sides).toContain("below");
  expect(sides).toContain("above");
  expect(found.map(({ memory, compression }) => [memory, compression])).toEqual(
    [6, 5, 4, 3, 2, 1].map((memory) => [memory, 6 / memory]),
  );
});

it("a table of one row is read without an error, as is predicted", async () => {
  const [found] = await measureTable(Float64Array.of(3, 4), { rows: 1, dim: 2 }, [5], 40);
  for (const seen of [found!.query, found!.subspace, found!.entry])
    expect(seen).toEqual({ measured: 0, predicted: 0, interval: [0, 0], notRejected: true });
});

it("of entries as heavy as each other the first is looked at", async () => {
  const [found] = await measureTable(Float64Array.of(5, 4, 5, 1), { rows: 2, dim: 2 }, [3], 40);
  expect(found!.entry.predicted).toBeCloseTo(Math.sqrt((25 + 1) / 3) / 5, 12); // what lies in the other row
});

it("a square whose interval goes below 0 has an error from 0 on", async () => {
  const theta = Float64Array.of(1, 1);
  const [found] = await measureTable(theta, { rows: 2, dim: 1 }, [30], 40);
  const { interval, measured } = found!.query; // two weights that meet once in thirty draws
  expect(measured).toBeGreaterThan(0);
  expect(interval[0]).toBe(0);
  expect(interval[1]).toBeGreaterThan(measured);
});

describe("a trained table", () => {
  it("is not what it started as, and spans all its columns", () => {
    expect(table.length).toBe(1200);
    expect(new Set(table).size).toBeGreaterThan(1000);
    expect(Math.max(...table.map(Math.abs))).toBeGreaterThan(2 / Math.sqrt(shape.rows)); // starts within 1/√n
  });

  it("errs under sketches as R2, R6 and R7 predict", async () => {
    for (const { query, subspace, entry } of await measureTable(table, shape, [120, 12], 1000))
      expect([query.notRejected, subspace.notRejected, entry.notRejected]).toEqual([true, true, true]);
  });

  it.each(["broken:unsigned", "broken:low-entropy"])("has power: %s is seen", async (name) => {
    const family = brokenFamilies.find((f) => f.name === name)!;
    const [found] = await measureTable(table, shape, [12], 1000, family);
    const { query, subspace, entry } = found!;
    expect([query.notRejected, subspace.notRejected, entry.notRejected]).toContain(false);
  });
});
