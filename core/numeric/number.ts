import { getFloat16, setFloat16 } from "@petamoriken/float16";
import type { Grid, Precision } from "../backend.ts";

/** The rounding error u: a result is off by at most u times its size after one rounding to nearest. */
export const unitRoundoff: Readonly<Record<Precision, number>> = { f32: 2 ** -24, f64: 2 ** -53 };

/** The smallest positive normal number; below it results are off by an absolute amount, not a relative one. */
export const smallestNormal: Readonly<Record<Precision, number>> = { f32: 2 ** -126, f64: 2 ** -1022 };

/**
 * γ_k = k·u / (1 − k·u): a sum or dot product of k terms, in any order, is within γ_k · Σ|a_i||b_i| of the exact one.
 * Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §3.1.
 */
export function gamma(k: number, u: number): number {
  return (k * u) / (1 - k * u);
}

/**
 * x mod n for whole numbers 0 ≤ x < 2⁵³, n ≥ 1: exact, and several times as fast as `%`, which is a loop on numbers above
 * 2³¹. The rounded quotient is off by at most one, and q·n ≤ x + n is exact.
 */
export function remainder(x: number, n: number): number {
  const rest = x - Math.floor(x / n) * n;
  return rest < 0 ? rest + n : rest >= n ? rest - n : rest;
}

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** Place of a number among all f32 numbers, in order; both zeros are at 0. */
function f32Place(x: number): number {
  float[0] = x;
  const word = bits[0]!;
  return word < 0 ? -(word & 0x7fffffff) : word;
}

/** How many f32 numbers x and y are apart, once rounded to f32: 0 for the same, 1 for neighbors; NaN is ∞ from all but NaN. */
export function ulpsApart(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y) ? 0 : Infinity;
  return Math.abs(f32Place(x) - f32Place(y));
}

const halfView = new DataView(new ArrayBuffer(2));

/** The 16 bits of the half (IEEE 754 binary16) nearest to x, of two equally near the even one: the definition. */
export function definedHalf(x: number): number {
  setFloat16(halfView, 0, x);
  return halfView.getUint16(0);
}

/** The number that 16 bits stand for as a half. */
export function definedHalfValue(bits: number): number {
  halfView.setUint16(0, bits);
  return getFloat16(halfView, 0);
}

/** The number of a grid nearest to x, of two equally near the even multiple: one up for each middle that x is beyond. */
export function definedOnGrid(x: number, { bits, step }: Grid): number {
  if (Number.isNaN(x)) return x;
  let k = -(2 ** (bits - 1));
  for (let next = k + 1; next < 2 ** (bits - 1); next++) {
    const middle = (next - 0.5) * step;
    if (x > middle || (x === middle && next % 2 === 0)) k = next;
  }
  return k * step + 0; // 0, not −0
}

/** From the half of size |x| to the next one towards 0. */
export const halfSpacing = (x: number): number =>
  2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -14) - 10);

/** The probability whose log odds are x. */
export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** As people read it: to `digits` significant digits, without zeros at the end. */
export const short = (x: number, digits = 4): string => String(Number(x.toPrecision(digits)));

/** The numbers of all parts, end to end, in an array of type `Kind`. */
export function joined<Numbers extends Float64Array | Uint32Array>(
  parts: readonly ArrayLike<number>[],
  Kind: new (length: number) => Numbers,
): Numbers {
  const out = new Kind(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
