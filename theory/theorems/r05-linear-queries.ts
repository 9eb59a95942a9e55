import { dot, squared } from "../../core/numeric/matrix.ts";
import { type Instance, project, recover, type Sketch, type Theorem } from "../theorem.ts";
import { blockVariance } from "./r02-moments.ts";

/** S of the many vectors that one memory is asked about at once: shifts of y, so that they differ. */
const queries = 4;

const shifted = (y: Float64Array, by: number): Float64Array => y.map((_, i) => y[(i + by * 3) % y.length]!);

/** Σ_a V_Z(x_a, θ)/(ε²‖x_a‖²‖θ‖²), at most 1. */
export const linearQueriesBound = (instance: Instance): number => {
  let sum = 0;
  for (let a = 0; a < queries; a++) {
    const query = shifted(instance.y, a);
    sum +=
      blockVariance({ ...instance, y: query }) /
      (instance.epsilon ** 2 * squared(query) * squared(instance.x));
  }
  return Math.min(1, sum);
};

/** m that suffices for S queries: 2S/(ε²δ). */
export const linearQueriesMemory = (count: number, epsilon: number, delta: number): number =>
  (2 * count) / (epsilon ** 2 * delta);

/** x_a of one linear query: coefficients of the weights from number `first` on; those of all others are 0. */
export interface LinearQuery {
  readonly first: number;
  readonly coefficients: Float64Array;
}

/** max |⟨x_a, RᵀRθ⟩ − ⟨x_a, θ⟩|/(‖x_a‖‖θ‖) of one draw. */
export function linearQueriesError(
  sketch: Sketch,
  theta: Float64Array,
  asked: Iterable<LinearQuery>,
): number {
  const recovered = recover(sketch, project(sketch, theta));
  const size = Math.sqrt(squared(theta));
  let worst = 0;
  for (const { first, coefficients } of asked) {
    const read = (v: Float64Array) => dot(coefficients, v.subarray(first));
    const off = Math.abs(read(recovered) - read(theta));
    worst = Math.max(worst, off / (Math.sqrt(squared(coefficients)) * size));
  }
  return worst;
}

/**
 * Many linear queries of one memory (R5). Hypotheses of R2; θ is the table, M = Rθ. All of ⟨x_a, θ̂⟩, a = 1 … S, lie within
 * ε‖x_a‖‖θ‖ of ⟨x_a, θ⟩ with probability at least 1 − δ where m ≥ 2S/(ε²δ).
 *
 * Proof: ⟨x_a, RᵀRθ⟩ = ⟨Rx_a, Rθ⟩, so R4 bounds each failure, and their sum bounds the probability of any.
 *
 * Source: first principles.
 */
export const linearQueries: Theorem = {
  id: "R5",
  name: "many linear queries",
  says: "S linear queries ⟨x_a, RᵀRθ⟩ are all within ε‖x_a‖‖θ‖ with probability 1 − δ once m ≥ 2S/(ε²δ)",
  checks: [
    {
      kind: "at most",
      name: `any of ${queries} linear queries off by more than ε‖x_a‖‖θ‖`,
      needs: ["pairwise circular starts", "four-wise signs"],
      event({ x, y, epsilon }, { sketch }) {
        const asked = Array.from({ length: queries }, (_, a) => ({ first: 0, coefficients: shifted(y, a) }));
        return linearQueriesError(sketch, x, asked) > epsilon * (1 + 1e-12);
      },
      probability: linearQueriesBound,
    },
  ],
};
