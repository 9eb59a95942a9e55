import type { Precision } from "./backend.ts";

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
