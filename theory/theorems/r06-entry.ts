import { squared } from "../../core/numeric/matrix.ts";
import { blocksOf, type Instance, project, recover, type Theorem } from "../theorem.ts";

/** Var θ̂_k = (‖θ‖² − ‖θ_{B(k)}‖²)/m. */
export function entryVariance(instance: Instance, k: number): number {
  const blocks = blocksOf(instance);
  const own = instance.x.reduce((sum, v, i) => sum + (blocks[i] === blocks[k] ? v * v : 0), 0);
  return Math.max(0, squared(instance.x) - own) / instance.memory;
}

/**
 * One entry (R6). Hypotheses of R2. θ̂ = RᵀRθ has E θ̂_k = θ_k and Var θ̂_k = (‖θ‖² − ‖θ_{B(k)}‖²)/m. So the relative
 * accuracy of a single entry is not kept at m ≪ N, unless the entry is as large as all others together.
 *
 * Proof: θ̂_k = ⟨Re_k, Rθ⟩; put x = e_k into R2: only pairs {k, j} with j in another block are left, each with θ_j².
 *
 * Source: first principles; count sketch (Charikar, Chen & Farach-Colton 2002) for Z = 1.
 */
export const entry: Theorem = {
  id: "R6",
  name: "one entry",
  says: "E θ̂_k = θ_k, Var θ̂_k = (‖θ‖² − ‖θ_B(k)‖²)/m: no relative accuracy of single entries",
  checks: [
    {
      kind: "moment",
      name: "θ̂_k of the first entry",
      needs: ["pairwise circular starts", "four-wise signs"],
      statistic: ({ x }, { sketch }) => recover(sketch, project(sketch, x))[0]!,
      mean: ({ x }) => x[0]!,
      variance: (instance) => entryVariance(instance, 0),
    },
    {
      kind: "always",
      name: "θ̂ = θ where no slot is shared, bit for bit",
      needs: ["no slot is shared"],
      error: ({ x }, { sketch }) =>
        recover(sketch, project(sketch, x)).every((v, k) => Object.is(v, x[k])) ? 0 : Infinity,
    },
  ],
};
