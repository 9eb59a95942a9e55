import type { Random } from "../../../core/numeric/random.ts";

/**
 * A sampler of 0 … n − 1 by Zipf's law, P(k) ∝ 1/(k+1)^exponent: exact, O(1) a draw and without a table, by the
 * rejection-inversion of W. Hörmann and G. Derflinger (ACM TOMACS 6(3), 1996).
 */
export function zipf(n: number, exponent: number, stream: Random): () => number {
  const mass = (x: number) => x ** -exponent;
  // ∫ x^−s dx and its inverse, written so that they stay exact where the exponent is near 1.
  const integral = (x: number) => quotient(Math.expm1, (1 - exponent) * Math.log(x)) * Math.log(x);
  const inverse = (y: number) => Math.exp(quotient(Math.log1p, Math.max(-1, (1 - exponent) * y)) * y);
  const low = integral(1.5) - 1;
  const high = integral(n + 0.5);
  const surely = 2 - inverse(integral(2.5) - mass(2));
  return () => {
    for (;;) {
      const y = high + stream.uniform() * (low - high);
      const x = inverse(y);
      const k = Math.min(n, Math.max(1, Math.round(x)));
      if (k - x <= surely || y >= integral(k + 0.5) - mass(k)) return k - 1;
    }
  };
}

/**
 * Σ 1/(k+1)^exponent over k = 0 … n − 1: P(k < c) is `zipfMass(c) / zipfMass(n)`. The first thousand terms are added, the
 * others by the midpoint rule, which is off by less than a part in 10⁵ of their sum (exponent·(exponent + 1)/24 · 1000⁻²).
 */
export function zipfMass(n: number, exponent: number): number {
  const added = Math.min(n, 1000);
  let sum = 0;
  for (let k = 1; k <= added; k++) sum += k ** -exponent;
  const [low, high] = [Math.log(added + 0.5), Math.log(n + 0.5)];
  // ∫ x^−s dx, written so that it stays exact where the exponent is near 1.
  const part = (x: number) => quotient(Math.expm1, (1 - exponent) * x) * x;
  return n > added ? sum + part(high) - part(low) : sum;
}

/** f(t)/t, and its limit 1 at 0: for f = expm1 and log1p. */
function quotient(f: (t: number) => number, t: number): number {
  return Math.abs(t) > 1e-8 ? f(t) / t : 1;
}
