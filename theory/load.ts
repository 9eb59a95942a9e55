/**
 * Largest load (statement R15): with probability at least 1 − δ no slot of m is read by more than the returned number of
 * weights. Hypotheses: blocks have independent uniform starts and wrap round; μ = N/m is the mean load.
 *
 * Proof: a slot's load is a sum of independent indicators (does this block cover it?) of mean μ and variance at most μ.
 * Bernstein's inequality gives P(load > μ + t) ≤ exp(−t²/(2μ + 2t/3)); the t below makes that δ/m, and there are m slots.
 *
 * Source: Bernstein's inequality and a union bound (Boucheron, Lugosi & Massart 2013, §2.8).
 */
export function largestLoadBound(weights: number, memory: number, delta: number): number {
  const mean = weights / memory;
  const a = Math.log(memory / delta);
  return mean + a / 3 + Math.sqrt((a / 3) ** 2 + 2 * mean * a);
}
