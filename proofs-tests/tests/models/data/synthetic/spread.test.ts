import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Random, random } from "../../../../../core/numeric/random.ts";
import { spread } from "../../../../../models/data/synthetic/spread.ts";
import { sorted, upTo } from "../rows.ts";

type Spread = (n: number, stream: Random) => (x: number) => number;

/** All of a small table is met once. */
const permutes = (made: Spread) =>
  fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (n, seed) => {
    expect(sorted(upTo(n).map(made(n, random(seed, "spread"))))).toEqual(upTo(n));
  });

const large = fc.oneof(fc.integer({ min: 2 ** 31, max: 2 ** 32 }), fc.constantFrom(2 ** 32, 40_000_000));

/** Exactly affine in unbounded integers, by what it does to 0 and to 1; inside the table; no two to one place. */
const isAffine = (made: Spread) =>
  fc.property(large, fc.nat(), (n, seed) => {
    const [stream, place] = [random(seed, "x"), made(n, random(seed, "spread"))];
    const [b, a] = [BigInt(place(0)), BigInt(place(1) - place(0))];
    const xs = [...new Set([n - 1, ...upTo(200).map(() => stream.integer(n))])];
    const places = xs.map(place);
    expect(places).toEqual(
      xs.map((x) => Number((((a * BigInt(x) + b) % BigInt(n)) + BigInt(n)) % BigInt(n))),
    );
    expect(new Set(places).size).toBe(xs.length);
  });

describe("ranks spread over a table", () => {
  test("a permutation of small tables", () => fc.assert(permutes(spread), { numRuns: 300 }));

  test("exact and one to one in tables of up to 2³² rows", () =>
    fc.assert(isAffine(spread), { numRuns: 200 }));

  test("a multiplier that shares a divisor with n, and a rounded product, are caught", () => {
    const anyMultiplier: Spread = (n, stream) => {
      const [a, b] = [stream.integer(n), stream.integer(n)];
      return (x) => (a * x + b) % n;
    };
    expect(fc.check(permutes(anyMultiplier)).failed).toBe(true);
    const rounded: Spread = (n, stream) => {
      const [a, b] = [stream.integer(n / 2) * 2 + 1, stream.integer(n)];
      return (x) => (a * x + b) % n;
    };
    expect(fc.check(isAffine(rounded)).failed).toBe(true);
  });

  test("another seed places ids elsewhere; neighbors are parted", () => {
    const n = 40_000_000;
    const [one, other] = [1, 2].map((seed) => spread(n, random(seed, "spread")));
    const same = upTo(1000).filter((x) => one!(x) === other!(x));
    expect(same.length).toBeLessThan(10);
    expect(Math.abs(one!(1) - one!(0))).toBeGreaterThan(1000);
  });
});
