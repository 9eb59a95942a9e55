import { dot, squared } from "../../core/numeric/matrix.ts";
import { type Instance, type Sketch, sketchedProduct, type Theorem } from "../theorem.ts";
import { blockVariance } from "./r02-moments.ts";

/** P(|⟨Rx, Ry⟩ − ⟨x, y⟩| > ε‖x‖‖y‖) ≤ V_Z(x, y)/(ε²‖x‖²‖y‖²), at most 1. */
export const innerProductBound = (instance: Instance): number =>
  Math.min(1, blockVariance(instance) / (instance.epsilon ** 2 * squared(instance.x) * squared(instance.y)));

/** m that suffices for every pair: 2/(ε²δ), since V_Z ≤ 2‖x‖²‖y‖²/m. */
export const innerProductMemory = (epsilon: number, delta: number): number => 2 / (epsilon ** 2 * delta);

/** |⟨Rx, Ry⟩ − ⟨x, y⟩|/(‖x‖‖y‖) of one draw. */
export const innerProductError = (sketch: Sketch, { x, y }: Pick<Instance, "x" | "y">): number =>
  Math.abs(sketchedProduct(sketch, { x, y }) - dot(x, y)) / Math.sqrt(squared(x) * squared(y));

/**
 * Inner products are kept (R4). Hypotheses of R2. P(|⟨Rx, Ry⟩ − ⟨x, y⟩| > ε‖x‖‖y‖) ≤ V_Z(x, y)/(ε²‖x‖²‖y‖²) ≤ 2/(mε²).
 *
 * Proof: Chebyshev's inequality with the variance of R2, and ⟨x, y⟩² ≤ ‖x‖²‖y‖² in V₁.
 *
 * Source: first principles.
 */
export const innerProduct: Theorem = {
  id: "R4",
  name: "inner product",
  says: "⟨Rx, Ry⟩ is within ε‖x‖‖y‖ of ⟨x, y⟩ with probability 1 − δ once m ≥ 2/(ε²δ)",
  checks: [
    {
      kind: "at most",
      name: "|⟨Rx, Ry⟩ − ⟨x, y⟩| above ε‖x‖‖y‖",
      needs: ["pairwise circular starts", "four-wise signs"],
      event: (instance, { sketch }) => innerProductError(sketch, instance) > instance.epsilon * (1 + 1e-12),
      probability: innerProductBound,
    },
  ],
};
