import { memoize } from "../../core/memoize.ts";
import { eigenvalues, identity, orthonormal, squared, squaredDistance } from "../../core/numeric/matrix.ts";
import type { Instance, Sketch, Theorem } from "../theorem.ts";
import { sketchedGram } from "./r08-gram.ts";

/** An orthonormal basis of the column space of E = [x y], whose rows are what is sketched. */
const basisOf = memoize(({ x, y }: Instance) => orthonormal([x, y]));

/** E‖UᵀRᵀRU − I‖_F² = (r² + r − 2Σℓ_i²)/m, with r columns and the leverages ℓ_i = ‖U_i‖². */
export function subspaceEmbeddingMean(basis: readonly Float64Array[], memory: number): number {
  const rank = basis.length;
  const leverages = basis[0]!.map((_, i) => basis.reduce((sum, u) => sum + u[i]! ** 2, 0));
  return Math.max(0, rank ** 2 + rank - 2 * squared(leverages)) / memory;
}

/** m that suffices for rank r: (r² + r)/(δε²), with no number of rows in it. */
export const subspaceEmbeddingMemory = (rank: number, epsilon: number, delta: number): number =>
  (rank ** 2 + rank) / (delta * epsilon ** 2);

/** ‖UᵀRᵀRU − I‖_F² */
export const distortion = (basis: readonly Float64Array[], sketch: Sketch): number =>
  squaredDistance(sketchedGram(sketch, basis), identity(basis.length));

/** max_v |‖REv‖²/‖Ev‖² − 1| of one draw, given a basis of the columns of E. */
export const subspaceEmbeddingError = (sketch: Sketch, basis: readonly Float64Array[]): number =>
  Math.max(...eigenvalues(sketchedGram(sketch, basis)).map((v) => Math.abs(v - 1)));

/**
 * Subspace embedding of a table (R7). E ∈ ℝ^{n × d} has rank r; its rows are sketched whole (Z = 1 over rows: M = RE ∈
 * ℝ^{m × d}), by a sketch as in R2. With an orthonormal basis U of its column space,
 * E‖UᵀRᵀRU − I‖_F² = (r² + r − 2Σℓ_i²)/m. Hence P(∃v: ‖REv‖² ∉ (1 ± ε)‖Ev‖²) ≤ (r² + r)/(mε²): all squared singular
 * values and all inner products of columns are kept, and the number of rows is not in it.
 *
 * Proof: the entries of UᵀRᵀRU − I are centered with variances V₁(U_a, U_b) (R2); their sum is the formula, since
 * ‖U_a‖ = 1 and ⟨U_a, U_b⟩ = 0. For all v at once, |‖REv‖² − ‖Ev‖²| ≤ ‖UᵀRᵀRU − I‖ ‖Ev‖²; then Markov's inequality.
 *
 * Source: first principles; subspace embeddings by count sketch (Clarkson & Woodruff 2013; Nelson & Nguyễn 2013).
 */
export const subspaceEmbedding: Theorem = {
  id: "R7",
  name: "subspace embedding",
  says: "‖REv‖² = (1 ± ε)‖Ev‖² for all v with probability 1 − δ once m ≥ (r² + r)/(δε²), r = rank E",
  checks: [
    {
      kind: "moment",
      name: "‖UᵀRᵀRU − I‖_F²",
      needs: ["pairwise circular starts", "four-wise signs"],
      applies: ({ block }) => block === 1,
      statistic: (instance, { sketch }) => distortion(basisOf(instance), sketch),
      mean: (instance) => subspaceEmbeddingMean(basisOf(instance), instance.memory),
    },
    {
      kind: "at most",
      name: "some ‖REv‖² outside (1 ± ε)‖Ev‖²",
      needs: ["pairwise circular starts", "four-wise signs"],
      applies: ({ block }) => block === 1,
      event: (instance, { sketch }) =>
        subspaceEmbeddingError(sketch, basisOf(instance)) > instance.epsilon * (1 + 1e-12),
      probability: (instance) =>
        Math.min(1, subspaceEmbeddingMean(basisOf(instance), instance.memory) / instance.epsilon ** 2),
    },
  ],
};
