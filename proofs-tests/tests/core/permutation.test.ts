import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactValue, lifted, variable } from "../../../core/numeric/formula.ts";
import type { Key } from "../../../core/numeric/hash.ts";
import {
  drawnPermutation,
  mostPermuted,
  permutation,
  smallestPrimeFrom,
} from "../../../core/numeric/permutation.ts";
import { said } from "../models/dlrm/tiny-model.ts";

const keyOf = (row: number): Key => ({ table: 0, row, first: 0, block: 0, blocks: 1 });
const placesOf = (
  hash: ReturnType<typeof permutation>,
  numbers: readonly number[],
  range: number,
): number[] => {
  const out = new Uint32Array(numbers.length);
  hash.modulos!(Float64Array.from(numbers), range, out);
  return [...out];
};
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Primes around the sizes where another way to compute begins. */
const primes = [
  2, 3, 7, 101, 65_537, 2_147_483_629, 2_147_483_647, 2_147_483_659, 4_294_967_291, 4_294_967_311,
  1_099_511_627_689,
];

describe("a permutation", () => {
  const prime = fc.constantFrom(...primes);
  const below = (p: number) =>
    fc.oneof(
      fc.maxSafeNat().map((x) => x % p),
      fc.nat(20).map((x) => Math.max(0, p - 1 - x)),
    );
  const ranges = fc.oneof(
    fc.integer({ min: 1, max: 2 ** 32 }),
    fc.constantFrom(1, 2, 3, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32),
  );
  const drawn = prime.chain((p) =>
    fc.record({
      prime: fc.constant(p),
      a: below(p).map((a) => Math.max(1, a)),
      c: below(p),
      numbers: fc.array(below(p), { minLength: 1, maxLength: 11 }),
      range: ranges,
    }),
  );

  it("is (a·b + c) mod P exactly, one by one and many at once, modulo any range", () =>
    fc.assert(
      fc.property(drawn, ({ numbers, range, ...coefficients }) => {
        const { prime, a, c } = coefficients;
        const exact = numbers.map((b) => (BigInt(a) * BigInt(b) + BigInt(c)) % BigInt(prime));
        const hash = permutation(coefficients);
        expect(numbers.map((b) => hash.exact(keyOf(b)))).toEqual(exact);
        const places = exact.map((h) => Number(h % BigInt(range)));
        expect(numbers.map((b) => hash.modulo(keyOf(b), range))).toEqual(places);
        expect(placesOf(hash, numbers, range)).toEqual(places);
      }),
      { numRuns: 3000 },
    ));

  it("is the same as a formula in whole numbers below 2⁶³, for primes of any length", () => {
    const none = lifted(0);
    const key = { table: none, row: variable("row"), first: none, block: none, blocks: 1 };
    const arrays = new Map<string, ArrayLike<number>>();
    fc.assert(
      fc.property(drawn, ({ numbers, range: _, ...coefficients }) => {
        const hash = permutation(coefficients);
        const formula = hash.formula!(key);
        for (const row of numbers)
          expect(exactValue(formula, { table: 0, row, block: 0, word: 0, bit: 0, arrays })).toBe(
            hash.exact(keyOf(row)),
          );
      }),
      { numRuns: 500 },
    );
  });

  it("has a block's number through all tables, and a position after it", () => {
    const hash = permutation({ prime: 101, a: 7, c: 5 });
    const key = { table: 1, row: 3, first: 4, block: 2, blocks: 6 };
    expect(hash.exact(key, 9)).toBe(BigInt(((7 * 44 + 5) % 101) + 9));
    expect(hash.modulo(key, 50, 9)).toBe((((7 * 44 + 5) % 101) + 9) % 50);
  });

  it("of more blocks than 2⁴⁰ is refused", () =>
    expect(said(() => permutation({ prime: mostPermuted + 15, a: 1, c: 0 }))).toBe(
      "At most 2⁴⁰ blocks can be permuted, but the prime is 1099511627791; take larger blocks.",
    ));
});

describe("the permutation that a seed draws", () => {
  it("goes to each number once, and puts blocks on places in turn", () => {
    for (const seed of upTo(20)) {
      const hash = drawnPermutation(90, 7, seed);
      const all = upTo(97).map((b) => Number(hash.exact(keyOf(b))));
      expect([...all].sort((x, y) => x - y)).toEqual(upTo(97));
      expect(placesOf(hash, upTo(97), 7)).toEqual(all.map((x) => x % 7));
    }
  });

  it("moves nothing where each block has a place of its own", () => {
    for (const places of [90, 91, 1000])
      expect(placesOf(drawnPermutation(90, places, 3), upTo(90), places)).toEqual(upTo(90));
    expect(placesOf(drawnPermutation(90, 89, 3), upTo(90), 89)).not.toEqual(upTo(90).map((b) => b % 89));
  });

  it("takes each pair of numbers to each other pair equally often", () => {
    // P = 5: 20 permutations, and 20 pairs. 6,000 seeds: 300 of each, give or take 5.5 standard deviations.
    const counts = new Map<string, number>();
    for (const seed of upTo(6000)) {
      const pair = [0, 3].map((b) => drawnPermutation(5, 2, seed).exact(keyOf(b))).join();
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    expect(counts.size).toBe(20);
    for (const count of counts.values())
      expect(Math.abs(count - 300)).toBeLessThan(5.5 * Math.sqrt(300 * 0.95));
  });

  it("is drawn below primes of more than 32 bits too", () => {
    const drawnAt = (seed: number) => Number(drawnPermutation(2 ** 38, 1000, seed).exact(keyOf(0))); // c
    const all = upTo(200).map(drawnAt);
    expect(Math.max(...all)).toBeLessThan(smallestPrimeFrom(2 ** 38));
    expect(all.filter((c) => c > 2 ** 37).length).toBeGreaterThan(60); // of 200, 100 ± 7
    expect(all.filter((c) => c > 2 ** 37).length).toBeLessThan(140);
  });
});

it("the smallest prime from a number on", () => {
  expect([0, 1, 2, 3, 4, 8, 9, 14, 25, 90].map(smallestPrimeFrom)).toEqual([
    2, 2, 2, 3, 5, 11, 11, 17, 29, 97,
  ]);
  expect(smallestPrimeFrom(2 ** 32)).toBe(4_294_967_311);
  expect(smallestPrimeFrom(2 ** 40 - 1000)).toBe(1_099_511_626_781);
});
