import { describe, expect, it } from "vitest";
import { random } from "../../../core/numeric/random.ts";
import { theorems } from "../../../theory/index.ts";
import type { EventCheck, Instance } from "../../../theory/theorem.ts";
import { denseCodesError, denseCodesMemory, signRow } from "../../../theory/theorems/r09-dense-codes.ts";
import { sparseCodesError, sparseCodesSize } from "../../../theory/theorems/r10-sparse-codes.ts";
import { distancesError, distancesMemory } from "../../../theory/theorems/r11-distances.ts";
import { drawOf, inner, stuck } from "./all-draws.ts";

const columns = [Float64Array.of(3, -1, 2, 0.5), Float64Array.of(1, 1, -4, 2)];
const lengths = columns.map((column) => Math.sqrt(inner(column, column)));

/** max |estimate − entry|/‖column‖ of a table whose entry i, c is estimated so. */
const worstOf = (estimate: (i: number, c: number) => number): number =>
  Math.max(
    ...columns.flatMap((column, c) =>
      Array.from(column, (v, i) => Math.abs(estimate(i, c) - v) / lengths[c]!),
    ),
  );

describe("dense codes (R9)", () => {
  it("suffice from 2 ln(2nd/δ)/ε² rows: ln 20,000 = 9.90349 for 1000 entries at δ = 0.1", () =>
    expect(denseCodesMemory(1000, 0.5, 0.1)).toBe(80)); // 2 · 9.90349 / 0.25 = 79.2

  it("err by what the codes of other rows have in common with a row's own", () => {
    const codes = [1, 2, 3, 4].map((row) => {
      const stream = random(row, "code");
      return signRow(40, () => stream.bits());
    });
    // Ê_ic = Σ_j ⟨c_i, c_j⟩E_jc, where codes of m signs have length 1.
    const estimate = (i: number, c: number) =>
      codes.reduce((sum, code, j) => sum + (inner(codes[i]!, code) / 40) * columns[c]![j]!, 0);
    expect(denseCodesError(columns, 40, (i) => codes[i]!)).toBeCloseTo(worstOf(estimate), 12);
    expect(worstOf(estimate)).toBeGreaterThan(0.05);
  });
});

/** P(Bin(t, 1/8) ≥ (t + 1)/2), in whole numbers over 8^t. */
function wrongMedian(t: number): number {
  let [choose, sum] = [1n, 0n];
  for (let i = 0; i <= t; i++) {
    if (2 * i > t) sum += choose * 7n ** BigInt(t - i);
    choose = (choose * BigInt(t - i)) / BigInt(i + 1);
  }
  return Number((sum * 10n ** 30n) / 8n ** BigInt(t)) / 1e30;
}

describe("sparse codes (R10)", () => {
  it("take the fewest rows, an odd number, whose medians are wrong nowhere with probability 1 − δ", () => {
    for (const [entries, delta] of [
      [1, 0.125],
      [1, 0.12],
      [1000, 0.01],
      [1e6, 0.2],
    ] as const) {
      const { t } = sparseCodesSize(entries, 0.5, delta);
      expect(t % 2).toBe(1);
      expect(entries * wrongMedian(t)).toBeLessThanOrEqual(delta * (1 + 1e-12));
      if (t > 1) expect(entries * wrongMedian(t - 2)).toBeGreaterThan(delta);
    }
    expect(sparseCodesSize(1, 0.5, 0.12).t).toBe(3);
  });

  it("are 8/ε² places wide, rounded up", () => {
    expect(sparseCodesSize(10, 0.5, 0.1).w).toBe(32);
    expect(sparseCodesSize(10, 0.3, 0.1).w).toBe(89); // 88.9
  });

  it("err by the median of their estimates", () => {
    const size = { t: 3, w: 4 };
    const stream = random(7, "hashes");
    const hashes = Array.from({ length: 3 }, () =>
      Array.from(columns[0]!, () => ({ place: stream.integer(4), sign: stream.integer(2) * 2 - 1 })),
    );
    const estimate = (i: number, c: number): number => {
      const estimates = hashes.map((hash) =>
        hash.reduce(
          (sum, { place, sign }, j) =>
            sum + (place === hash[i]!.place ? hash[i]!.sign * sign * columns[c]![j]! : 0),
          0,
        ),
      );
      return estimates.toSorted((a, b) => a - b)[1]!;
    };
    expect(sparseCodesError(columns, size, random(7, "hashes"))).toBeCloseTo(worstOf(estimate), 12);
    expect(worstOf(estimate)).toBeGreaterThan(0.05);
  });
});

describe("distances (R11)", () => {
  it("are kept from ln(n²/δ)/(ε²/4 − ε³/6) on: ln 100,000 = 11.51293 for 100 rows at δ = 0.1", () =>
    expect(distancesMemory(100, 0.5, 0.1)).toBe(277)); // 11.51293 / (1/16 − 1/48) = 276.3

  it("err by their ratio's distance from 1, over all pairs of rows", () => {
    const table = [Float64Array.of(1, 2, 0), Float64Array.of(-1, 0, 3), Float64Array.of(4, 1, 1)];
    const stream = random(9, "projection");
    const signs = table[0]!.length === 3 ? [0, 1, 2].map(() => signRow(6, () => stream.bits())) : [];
    const ratio = (a: number, b: number): number => {
      const difference = Array.from(table[a]!, (v, c) => v - table[b]![c]!);
      const projected = [0, 1, 2, 3, 4, 5].map(
        (s) => difference.reduce((sum, v, c) => sum + v * signs[c]![s]!, 0) / Math.sqrt(6),
      );
      return inner(projected, projected) / inner(difference, difference);
    };
    const worst = Math.max(...[ratio(0, 1), ratio(0, 2), ratio(1, 2)].map((r) => Math.abs(r - 1)));
    expect(distancesError(table, 6, random(9, "projection"))).toBeCloseTo(worst, 12);
  });

  it("of equal rows are right", () =>
    expect(distancesError([Float64Array.of(1, 2), Float64Array.of(1, 2)], 3, random(1, "any"))).toBe(0));
});

it("signs are the bits of a word, the lowest first, 32 a draw", () => {
  const words = [0b1101, 0b10];
  const row = signRow(34, () => words.shift()!);
  expect([...row.slice(0, 6)]).toEqual([1, -1, 1, 1, -1, -1]);
  expect([...row.slice(31)]).toEqual([-1, -1, 1]);
  const draws = (length: number): number => {
    let count = 0;
    signRow(length, () => count++);
    return count;
  };
  expect([31, 32, 33, 64].map(draws)).toEqual([1, 1, 2, 2]);
});

describe("an experiment on codes that are all the same ends where ε is the error", () => {
  const sketch = { memory: 1, places: 1, slots: new Uint32Array(2), signs: new Int8Array(2) };
  const happens = (id: string, instance: Instance): boolean => {
    const check = theorems.find((theorem) => theorem.id === id)!.checks[0] as EventCheck;
    expect(check.probability(instance)).toBe(0.2);
    return check.event(instance, { ...drawOf(sketch), stream: stuck });
  };
  // Each entry of (1, ½) is read as their sum: ½ is off by 1, which is 0.894 of √(1 + ¼).
  const pair = Float64Array.of(1, 0.5);
  it.each(["R9", "R10"])("%s", (id) => {
    const instance = { rows: 2, dim: 1, block: 1, memory: 1, x: pair, y: pair };
    expect(happens(id, { ...instance, epsilon: 0.89 })).toBe(true);
    expect(happens(id, { ...instance, epsilon: 0.9 })).toBe(false);
    const other = Float64Array.of(1, 0); // is off by 1 of 1, in the second column alone
    expect(happens(id, { ...instance, y: other, epsilon: 0.9 })).toBe(true);
  });

  it("has codes for the entries of both columns at once", () => {
    const drawn = (id: string): number => {
      let count = 0;
      const stream = { ...stuck, bits: () => count++, integer: () => count++ % 2 };
      const check = theorems.find((theorem) => theorem.id === id)!.checks[0] as EventCheck;
      const instance = { rows: 2, dim: 1, block: 1, memory: 1, x: pair, y: pair, epsilon: 0.3 };
      check.event(instance, { sketch, stream });
      return count;
    };
    expect(drawn("R9")).toBe(2 * 3); // 2 ln(2 · 4/0.2)/0.09 = 82 signs a row, 32 a word
    expect(drawn("R10")).toBe(3 * 2 * 2); // 4 P(Bin(3, 1/8) ≥ 2) = 0.17: a place and a sign a row, three times
  });

  it("R11", () => {
    // Two rows (1, ½) and (0, 0), told apart by the square of 1 + ½: 2.25 in place of 1.25, off by 0.8.
    const instance = {
      rows: 2,
      dim: 2,
      block: 1,
      memory: 1,
      x: Float64Array.of(1, 0.5, 0, 0),
      y: new Float64Array(4),
    };
    expect(happens("R11", { ...instance, epsilon: 0.79 })).toBe(true);
    expect(happens("R11", { ...instance, epsilon: 0.81 })).toBe(false);
  });
});
