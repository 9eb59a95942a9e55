import { check } from "../errors.ts";
import { lifted, plus, quotient, remainder as rest, times } from "./formula.ts";
import { type Hash, type Key, numberOf } from "./hash.ts";
import { remainder } from "./number.ts";
import { type Permutation, permuted } from "./polynomial.ts";
import { random } from "./random.ts";

/** Most blocks that can be permuted: products of a number and half of another one stay below 2⁶⁰. */
export const mostPermuted = 2 ** 40;

/** Bits of the pieces that a factor is cut into: a product with one stays below 2⁵³. */
const piece = 2 ** 13;

/** The bits by which engines with 64-bit integers cut a number in two. */
const half = 2 ** 20;

/**
 * π(b) = (a·b + c) mod P of a block's number b < P, with P prime: one to one on 0 … P − 1. Over uniform a from 1 to P − 1 and c
 * from 0 to P − 1, two different numbers go to each two different ones with the same probability.
 */
export function permutation({ prime, a, c }: Permutation): Hash {
  check(
    prime <= mostPermuted,
    () => `At most 2⁴⁰ blocks can be permuted, but the prime is ${prime}; take larger blocks.`,
  );
  const product = (b: number): number => {
    let sum = 0;
    for (let scale = piece ** 3; scale >= 1; scale /= piece) {
      const digit = Math.floor(b / scale) % piece;
      sum = remainder(remainder(sum * piece, prime) + remainder(a * digit, prime), prime);
    }
    return sum;
  };
  return {
    name: "permutation",
    exact({ first, row, blocks, block }, position = 0) {
      const b = (BigInt(first) + BigInt(row)) * BigInt(blocks) + BigInt(block);
      return ((BigInt(a) * b + BigInt(c)) % BigInt(prime)) + BigInt(position);
    },
    modulo: ({ first, row, blocks, block }: Key, range, position = 0) =>
      remainder(remainder(product((first + row) * blocks + block) + c, prime) + position, range),
    modulos: (numbers, range, out) => permuted({ prime, a, c }, numbers, range, out),
    formula(key, position = lifted(0)) {
      const b = numberOf(key);
      const short = prime <= 2 ** 31;
      const upper = times(rest(times(quotient(b, half), a), prime), half);
      const whole = short ? times(b, a) : plus(upper, times(rest(b, half), a));
      return plus(rest(plus(whole, c), prime), position);
    },
  };
}

/** The permutation of `blocks` numbers that a seed draws; it moves none where all have a place of their own among `places`. */
export function drawnPermutation(blocks: number, places: number, seed: number): Hash {
  const prime = smallestPrimeFrom(blocks);
  if (places >= blocks) return permutation({ prime, a: 1, c: 0 });
  const stream = random(seed, "permutation");
  const below = (bound: number): number => {
    if (bound <= 2 ** 32) return stream.integer(bound);
    for (;;) {
      const drawn = stream.integer(2 ** 8) * 2 ** 32 + stream.bits();
      if (drawn < bound) return drawn;
    }
  };
  return permutation({ prime, a: 1 + below(prime - 1), c: below(prime) });
}

/** The smallest prime from `n` ≤ 2⁴⁰ on. */
export function smallestPrimeFrom(n: number): number {
  let candidate = Math.max(2, n);
  while (!isPrime(candidate)) candidate++;
  return candidate;
}

/** By trial: a prime of 40 bits takes some milliseconds. */
function isPrime(n: number): boolean {
  if (n % 2 === 0) return n === 2;
  for (let divisor = 3; divisor * divisor <= n; divisor += 2) if (n % divisor === 0) return false;
  return n > 1;
}
