import { squared } from "../../core/numeric/matrix.ts";
import { blocksOf, type Instance, project, type Sketch, type Theorem } from "../theorem.ts";
import { blockFourths } from "./r02-moments.ts";

/** P(‖Rx‖² ∉ (1 ± ε)‖x‖²) ≤ 2(1 − Σ_B‖x_B‖⁴/‖x‖⁴)/(mε²), at most 1. */
export const normBound = (instance: Instance): number =>
  Math.min(
    1,
    (2 * (1 - blockFourths(instance) / squared(instance.x) ** 2)) / (instance.memory * instance.epsilon ** 2),
  );

/** m that suffices for every x: 2/(ε²δ). */
export const normMemory = (epsilon: number, delta: number): number => 2 / (epsilon ** 2 * delta);

/** |‖Rx‖²/‖x‖² − 1| of one draw. */
export const normError = (sketch: Sketch, x: Float64Array): number =>
  Math.abs(squared(project(sketch, x)) / squared(x) - 1);

/**
 * Norms are kept (R3). Hypotheses of R2. P(‖Rx‖² ∉ (1 ± ε)‖x‖²) ≤ 2(1 − Σ_B‖x_B‖⁴/‖x‖⁴)/(mε²) ≤ 2/(mε²), so
 * m ≥ 2/(ε²δ) is enough for every single x. No bound much below is possible: two equal non-zeros in different blocks
 * fail, for every ε < 1, with probability 1/m exactly.
 *
 * Proof: Chebyshev's inequality with the variance of R2. The two non-zeros meet with probability 1/m (R1), and then
 * ‖Rx‖² is 0 or twice ‖x‖².
 *
 * Source: first principles.
 */
export const norm: Theorem = {
  id: "R3",
  name: "norm",
  says: "‖Rx‖² = (1 ± ε)‖x‖² with probability 1 − δ once m ≥ 2/(ε²δ)",
  checks: [
    {
      kind: "at most",
      name: "‖Rx‖² outside (1 ± ε)‖x‖²",
      needs: ["pairwise circular starts", "four-wise signs"],
      event: ({ x, epsilon }, { sketch }) => normError(sketch, x) > epsilon * (1 + 1e-12),
      probability: normBound,
    },
    {
      kind: "exactly",
      name: "two equal non-zeros in different blocks fail",
      needs: ["pairwise circular starts"],
      applies: (instance) => blocksOf(instance).at(-1)! > 0,
      event(instance, { sketch }) {
        const last = instance.rows * instance.dim - 1;
        const x = new Float64Array(last + 1);
        x[0] = x[last] = 1;
        return normError(sketch, x) > 0.99;
      },
      probability: ({ memory }) => 1 / memory,
    },
  ],
};
