import { blockVariance } from "./moments.ts";
import { dot, project, recover, type Statement, squared, type World } from "./world.ts";

/** S of the many vectors that one memory is asked about at once: shifts of y, so that they differ. */
const queries = 4;

const shifted = (y: Float64Array, by: number): Float64Array => y.map((_, i) => y[(i + by * 3) % y.length]!);

/** Σ_a V_Z(x_a, θ)/(ε²‖x_a‖²‖θ‖²), at most 1. */
export const readOutsBound = (world: World): number => {
  let sum = 0;
  for (let a = 0; a < queries; a++) {
    const query = shifted(world.y, a);
    sum += blockVariance({ ...world, y: query }) / (world.epsilon ** 2 * squared(query) * squared(world.x));
  }
  return Math.min(1, sum);
};

/** m that suffices for S queries: 2S/(ε²δ). */
export const readOutsMemory = (count: number, epsilon: number, delta: number): number =>
  (2 * count) / (epsilon ** 2 * delta);

/**
 * Many read-outs of one memory (R5). Hypotheses of R2; θ is the table, M = Rθ. All of ⟨x_a, θ̂⟩, a = 1 … S, lie within
 * ε‖x_a‖‖θ‖ of ⟨x_a, θ⟩ with probability at least 1 − δ where m ≥ 2S/(ε²δ).
 *
 * Proof: ⟨x_a, RᵀRθ⟩ = ⟨Rx_a, Rθ⟩, so R4 bounds each failure, and their sum bounds the probability of any.
 *
 * Source: first principles.
 */
export const readOuts: Statement = {
  id: "R5",
  name: "many read-outs",
  says: "S read-outs ⟨x_a, RᵀRθ⟩ are all within ε‖x_a‖‖θ‖ with probability 1 − δ once m ≥ 2S/(ε²δ)",
  checks: [
    {
      kind: "at most",
      name: `any of ${queries} read-outs off by more than ε‖x_a‖‖θ‖`,
      needs: ["pairwise circular starts", "four-wise signs"],
      event({ x, y, epsilon }, { sketch }) {
        const recovered = recover(sketch, project(sketch, x));
        for (let a = 0; a < queries; a++) {
          const query = shifted(y, a);
          const off = Math.abs(dot(query, recovered) - dot(query, x));
          if (off > epsilon * Math.sqrt(squared(query) * squared(x)) * (1 + 1e-12)) return true;
        }
        return false;
      },
      probability: readOutsBound,
    },
  ],
};
