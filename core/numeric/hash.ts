import { integer } from "../errors.ts";
import {
  type Formula,
  lifted,
  mixExact,
  mixed,
  plus,
  polynomial61,
  quotient,
  remainder as rest,
  times,
  xor,
} from "./formula.ts";
import { modulo61, multiply61, reduced61, type Split61 } from "./mersenne61.ts";
import { remainder } from "./number.ts";
import { modulos } from "./polynomial.ts";
import { type Random, random } from "./random.ts";

/** What a hash is told of a block of virtual weights. All are exact integers below 2⁵³. */
export interface Key {
  /** Number of the embedding table. */
  readonly table: number;
  /** Row within that table. */
  readonly row: number;
  /** Rows of all tables before this one: `first + row` numbers the rows of all tables. */
  readonly first: number;
  /** Number of the block within its row (or an element's column, where elements are hashed one by one). */
  readonly block: number;
  /** Blocks per row: `(first + row) · blocks + block` numbers the blocks of all tables. */
  readonly blocks: number;
}

/** A hash function h of keys, as its definition in unbounded integers and as an exact fast path. A law pairs the two. */
export interface Hash {
  readonly name: string;
  /** h(key) + position, inside the hash's own modulus; the definition. */
  exact(key: Key, position?: number): bigint;
  /** `exact(key, position) mod range` in doubles, range ≤ 2³². */
  modulo(key: Key, range: number, position?: number): number;
  /**
   * `modulo` of many blocks at once, each given by its number through all tables, `(first + row) · blocks + block`.
   * Absent where the hash is no function of that number alone.
   */
  modulos?(numbers: Float64Array, range: number, out: Uint32Array): void;
  /** `exact` for engines other than this program's. Absent of one that they cannot compute. */
  formula?(key: KeyFormula, position?: Formula): Formula;
}

/** A key whose numbers are formulas. */
export interface KeyFormula {
  readonly table: Formula;
  readonly row: Formula;
  readonly first: Formula;
  readonly block: Formula;
  readonly blocks: number;
}

/** The number of a block through all tables. */
export const numberOf = ({ first, row, blocks, block }: KeyFormula): Formula =>
  plus(times(plus(first, row), blocks), block);

const zero = lifted(0);

/** The prime of the ROBE authors' programs. */
export const authorsPrime = 2038074743;

/** Coefficients of an affine hash, named as the authors name them: r3 for the row, r2 for the block, r1 constant. */
export interface AffineCoefficients {
  readonly prime: number;
  readonly r1: number;
  readonly r2: number;
  readonly r3: number;
  /** Coefficient of the table number. Where it is absent rows are numbered through all tables instead. */
  readonly r4?: number;
}

/** h = (row·r3 + block·r2 + r1 [+ table·r4]) mod prime; row counts through all tables unless r4 separates them. */
export function affine({ prime, r1, r2, r3, r4 }: AffineCoefficients): Hash {
  integer("prime of an affine hash", prime, 2, 2 ** 31 - 1);
  const [a, b, c, t] = [r3 % prime, r2 % prime, r1 % prime, (r4 ?? 0) % prime];
  const rowOf = (key: Key) => (r4 === undefined ? key.first + key.row : key.row);
  return {
    name: r4 === undefined ? "affine" : "affineTable",
    exact(key, position = 0) {
      const sum =
        BigInt(rowOf(key)) * BigInt(r3) + BigInt(key.block) * BigInt(r2) + BigInt(r1) + BigInt(position);
      return (sum + BigInt(key.table) * BigInt(r4 ?? 0)) % BigInt(prime);
    },
    modulo(key, range, position = 0) {
      let sum =
        multiplyModulo(remainder(rowOf(key), prime), a, prime) +
        multiplyModulo(remainder(key.block, prime), b, prime) +
        c;
      if (t > 0) sum += multiplyModulo(key.table % prime, t, prime);
      return remainder(remainder(sum + position, prime), range);
    },
    formula(key, position = zero) {
      const term = (x: Formula, by: number) => rest(times(rest(x, prime), by), prime);
      const row = term(r4 === undefined ? plus(key.first, key.row) : key.row, a);
      const all = plus(plus(row, term(key.block, b)), plus(term(key.table, t), c));
      return rest(plus(all, position), prime);
    },
  };
}

/** x·y mod p for x, y < p ≤ 2³²: y is cut into 16-bit halves, so that every product stays below 2⁵³. */
export function multiplyModulo(x: number, y: number, p: number): number {
  const high = y >>> 16;
  const low = y & 0xffff;
  return remainder(remainder(x * high, p) * 65536 + x * low, p);
}

/**
 * A polynomial of the block's number over the integers mod 2⁶¹ − 1: with k uniform coefficients the values of any k
 * different blocks are independent (Wegman & Carter 1981). k = 2 carries the location hypotheses of the theory, k = 4
 * those of the sign.
 *
 * @param coefficients from the constant one up.
 */
export function polynomial(coefficients: readonly Split61[]): Hash {
  const prime = (1n << 61n) - 1n;
  const big = coefficients.map(({ high, low }) => (BigInt(high) << 31n) + BigInt(low));
  const at = (key: Key): Split61 => evaluate(coefficients, (key.first + key.row) * key.blocks + key.block);
  return {
    name: `polynomial${coefficients.length}`,
    exact(key, position = 0) {
      const x = (BigInt(key.first) + BigInt(key.row)) * BigInt(key.blocks) + BigInt(key.block);
      const value = big.reduceRight((sum, c) => (sum * x + c) % prime, 0n);
      return (value + BigInt(position)) % prime;
    },
    modulo(key, range, position = 0) {
      const { high, low } = at(key);
      return modulo61(reduced61(high, low + position), range);
    },
    modulos: (numbers, range, out) => modulos(coefficients, numbers, range, out),
    formula(key, position) {
      const value = polynomial61(big, numberOf(key));
      return position === undefined ? value : rest(plus(value, position), prime);
    },
  };
}

function evaluate(coefficients: readonly Split61[], x: number): Split61 {
  const point = reduced61(0, x);
  let sum = coefficients.at(-1)!;
  for (let i = coefficients.length - 2; i >= 0; i--) {
    const product = multiply61(sum, point);
    const c = coefficients[i]!;
    sum = reduced61(product.high + c.high, product.low + c.low);
  }
  return sum;
}

/** `k` coefficients for {@link polynomial}, uniform below 2⁶¹, from the stream `name` of `seed`. */
export function polynomialCoefficients(k: number, seed: number, name: string): Split61[] {
  const stream = random(seed, name);
  return Array.from({ length: k }, () => reduced61(stream.bits() >>> 2, stream.bits() >>> 1));
}

/**
 * A strong integer mixer on 32-bit words (the finaliser of Austin Appleby's MurmurHash3, after each word). Nothing is
 * proved about it; in experiments it behaves like a random function.
 */
export function mixer(seed: number): Hash {
  const salt = random(seed, "mixer").bits();
  const words = (key: Key) => {
    const row = key.first + key.row;
    return [row >>> 0, Math.floor(row / 2 ** 32), key.block >>> 0, key.table];
  };
  return {
    name: "mixer",
    exact(key, position = 0) {
      const mixed = words(key).reduce((h, word) => mixExact(h ^ BigInt(word)), BigInt(salt));
      return (mixed + BigInt(position)) % (1n << 32n);
    },
    modulo(key, range, position = 0) {
      let h = salt;
      for (const word of words(key)) h = mix(h ^ word);
      return ((h + position) % 2 ** 32) % range;
    },
    formula(key, position = zero) {
      const row = plus(key.first, key.row);
      const words = [rest(row, 2 ** 32), quotient(row, 2 ** 32), key.block, key.table];
      const h = words.reduce<Formula>((h, word) => mixed(xor(h, word)), lifted(salt));
      return rest(plus(h, position), 2 ** 32);
    },
  };
}

/** A mixer of 32-bit words: one to one, and every bit of the result depends on all of the word. */
export function mix(word: number): number {
  let h = (word + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 32 bits of h for word `word` of a block: the signs of its elements 32·word … 32·word + 31. */
export function signWord(hash: Hash, key: Key, words: number, word: number): number {
  return hash.modulo(
    words === 1 ? key : { ...key, blocks: key.blocks * words, block: key.block * words + word },
    2 ** 32,
  );
}

/** `count` integers uniform below `bound` from `stream`. */
export const drawBelow = (bound: number, count: number, stream: Random): number[] =>
  Array.from({ length: count }, () => stream.integer(bound));
