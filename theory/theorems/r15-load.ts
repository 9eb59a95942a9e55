import { loadsOf, type Theorem } from "../theorem.ts";

/**
 * Largest load (theorem R15): with probability at least 1 − δ no slot of m is read by more than the returned number of
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

/** δ at which the experiment runs. */
const delta = 0.2;

export const load: Theorem = {
  id: "R15",
  name: "load",
  says: "no slot is read by more than μ + a/3 + √((a/3)² + 2μa) weights with probability 1 − δ, a = ln(m/δ)",
  checks: [
    {
      kind: "at most",
      name: "some slot above the bound, δ = 0.2",
      needs: ["independent starts"],
      event: ({ rows, dim, memory }, { sketch }) =>
        Math.max(...loadsOf(sketch)) > largestLoadBound(rows * dim, memory, delta),
      probability: () => delta,
    },
  ],
};
