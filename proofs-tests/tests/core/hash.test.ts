import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  affine,
  authorsPrime,
  type Hash,
  type Key,
  multiplyModulo,
  polynomial,
} from "../../../core/numeric/hash.ts";
import { authorsCoefficients, hashByName, hashNames } from "../../../core/numeric/hash-by-name.ts";
import { modulo61, multiply61, reduced61, type Split61 } from "../../../core/numeric/mersenne61.ts";

const keys: fc.Arbitrary<Key> = fc.record({
  table: fc.integer({ min: 0, max: 100 }),
  row: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  first: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  block: fc.integer({ min: 0, max: 200 }),
  blocks: fc.integer({ min: 201, max: 300 }),
});
const ranges = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 2 ** 32 }));

const bitIdentical = (hash: Hash, key: Key, range: number, position: number): boolean =>
  hash.modulo(key, range, position) === Number(hash.exact(key, position) % BigInt(range));

describe("the fast hash is the BigInt hash, rows and offsets to 2³¹", () => {
  it.each(hashNames)("%s", (name) => {
    fc.assert(
      fc.property(keys, ranges, fc.nat(64), fc.nat(3000), (key, range, position, seed) =>
        bitIdentical(hashByName(name, seed), key, range, position),
      ),
      { numRuns: 2000 },
    );
  });

  it("a product in doubles is caught", () => {
    const honest = affine({ prime: 2038074743, r1: 634329019, r2: 1825252241, r3: 871205356 });
    const naive: Hash = {
      ...honest,
      modulo: (key, range) =>
        (((key.first + key.row) * 871205356 + key.block * 1825252241 + 634329019) % 2038074743) % range,
    };
    const law = fc.property(keys, ranges, (key, range) => bitIdentical(naive, key, range, 0));
    expect(fc.check(law, { numRuns: 200 }).failed).toBe(true);
  });
});

describe("many blocks at once are the BigInt hash of each", () => {
  const prime = (1n << 61n) - 1n;
  const residues = fc.oneof(
    fc.bigInt({ min: 0n, max: prime - 1n }),
    fc.constantFrom(0n, 1n, prime - 1n, prime - 2n, (1n << 31n) - 1n, (1n << 60n) + (1n << 31n) - 1n),
  );
  const numbers = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 33 }),
    fc.maxSafeInteger().map(Math.abs),
    fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52, 2 ** 53 - 1),
  );
  /** Where one way of taking remainders gives place to another, and the ends. */
  const edges = fc.constantFrom(
    1,
    2,
    3,
    4095,
    4096,
    4097,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 31 + 1,
    2 ** 32 - 1,
    2 ** 32,
  );
  const law = (modulos: NonNullable<Hash["modulos"]> | undefined) =>
    fc.property(
      fc.array(residues, { minLength: 2, maxLength: 5 }),
      fc.oneof(
        fc.array(numbers, { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 20 }),
      ),
      fc.oneof(ranges, edges),
      (coefficients, xs, range) => {
        const split = coefficients.map((c) => ({ high: Number(c >> 31n), low: Number(c & 0x7fffffffn) }));
        const out = new Uint32Array(xs.length);
        (modulos ?? polynomial(split).modulos!)(Float64Array.from(xs), range, out);
        const exact = xs.map((x) => {
          const h = coefficients.reduceRight((sum, c) => (sum * BigInt(x) + c) % prime, 0n);
          return Number(h % BigInt(range));
        });
        expect([...out]).toEqual(exact);
      },
    );

  it("any coefficients, numbers and range", () => {
    fc.assert(law(undefined), { numRuns: 3000 });
  });

  it("hashes next to a multiple of half the range, where a quotient is easily one off", () => {
    const hashes = fc.bigInt({ min: 0n, max: prime - 1n });
    const law = (range: number, anywhere: bigint, half: number, beside: number) => {
      const near = anywhere - (anywhere % BigInt(range)) + BigInt(half * Math.floor(range / 2) + beside);
      const h = near < 0n ? 0n : near % prime;
      const constant = [h, 0n].map((c) => ({ high: Number(c >> 31n), low: Number(c & 0x7fffffffn) }));
      const out = new Uint32Array(5); // four at once, and one by itself
      polynomial(constant).modulos!(Float64Array.of(5, 6, 7, 8, 2 ** 40), range, out);
      expect([...out]).toEqual(new Array(5).fill(Number(h % BigInt(range))));
    };
    const beside = fc.integer({ min: -2, max: 2 });
    fc.assert(fc.property(fc.oneof(ranges, edges), hashes, fc.nat(1), beside, law), { numRuns: 3000 });
  });

  it("a hash of 0, which may come out as the prime", () => {
    const root = [prime - 1n, 1n].map((c) => ({ high: Number(c >> 31n), low: Number(c & 0x7fffffffn) }));
    for (const range of [1000, 100_000, 2 ** 32]) {
      const out = new Uint32Array(5);
      polynomial(root).modulos!(new Float64Array(5).fill(1), range, out);
      expect([...out]).toEqual([0, 0, 0, 0, 0]);
    }
  });

  it("any number of them", () => {
    const hash = hashByName("mersenne61", 7);
    const xs = Float64Array.from({ length: 10_001 }, (_, i) => 977 * i);
    const out = new Uint32Array(xs.length);
    hash.modulos!(xs, 540_201, out);
    const each = Array.from(xs, (row) =>
      Number(hash.exact({ table: 0, row, first: 0, block: 0, blocks: 1 }) % 540_201n),
    );
    expect([...out]).toEqual(each);
  });

  it("a remainder that is one off is caught", () => {
    const off: Hash["modulos"] = (_, range, out) => void out.fill(range - 1);
    expect(fc.check(law(off), { numRuns: 200 }).failed).toBe(true);
  });
});

describe("exact arithmetic", () => {
  it("x·y mod p up to 2³²", () => {
    const moduli = fc.oneof(fc.integer({ min: 2, max: 2 ** 31 - 1 }), fc.integer({ min: 2, max: 2 ** 32 }));
    const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(moduli, words, words, (p, x, y) => {
        expect(multiplyModulo(x % p, y % p, p)).toBe(Number((BigInt(x % p) * BigInt(y % p)) % BigInt(p)));
      }),
      { numRuns: 2000 },
    );
  });

  it("x·y mod 2⁶¹ − 1, and its remainder", () => {
    const prime = (1n << 61n) - 1n;
    const residues = fc.bigInt({ min: 0n, max: prime - 1n });
    const split = (x: bigint): Split61 => ({ high: Number(x >> 31n), low: Number(x & 0x7fffffffn) });
    const whole = ({ high, low }: Split61) => (BigInt(high) << 31n) + BigInt(low);
    fc.assert(
      fc.property(residues, residues, ranges, (x, y, range) => {
        const product = multiply61(split(x), split(y));
        expect(whole(product)).toBe((x * y) % prime);
        expect(modulo61(product, range)).toBe(Number(((x * y) % prime) % BigInt(range)));
      }),
      { numRuns: 2000 },
    );
    expect(reduced61(2 ** 30 - 1, 2 ** 31 - 1)).toEqual({ high: 0, low: 0 });
  });
});

/** The ROBE authors' rule at their seed 1024: m = 27,000,000, Z = 32, blocks 0 … 3 (their program's own numbers). */
const published: readonly (readonly [number, readonly number[]])[] = [
  [0, [13329732, 16506982, 19684232, 8938581]],
  [1, [20536080, 23713330, 26890580, 3067861]],
  [2, [14665360, 17842610, 7096959, 10274209]],
  [1000000, [19312927, 22490177, 11744526, 14921776]],
  [204184587, [23434432, 26611682, 2788963, 5966213]],
];

it.each(published)("row %i hashes to the authors' block starts", (row, starts) => {
  const hash = hashByName("affine", 1024);
  const key = (block: number): Key => ({ table: 0, row, first: 0, block, blocks: 4 });
  expect(starts.map((_, block) => hash.modulo(key(block), 27_000_000 - 32 + 1))).toEqual(starts);
});

it("the authors' numbers are ten residues of their prime for each seed, and the first three make the hash", () => {
  const seeds = Object.keys(authorsCoefficients).map(Number);
  expect(seeds).toEqual([0, 1, 2, 3, 5, 7, 42, 99, 101, 123, 1024, 1234, 2024]);
  for (const seed of seeds) {
    const numbers = authorsCoefficients[seed]!;
    expect(new Set(numbers).size).toBe(10);
    for (const r of numbers) expect(Number.isInteger(r) && r >= 0 && r < authorsPrime).toBe(true);
    const hash = hashByName("affine", seed);
    const [r1, r2, r3] = numbers.map(BigInt) as [bigint, bigint, bigint];
    const key: Key = { table: 1, row: 5, first: 30, block: 3, blocks: 4 };
    expect(hash.exact(key)).toBe((35n * r3 + 3n * r2 + r1) % BigInt(authorsPrime));
  }
});
