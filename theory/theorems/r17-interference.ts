import { dot } from "../../core/numeric/matrix.ts";
import { type Instance, project, recover, type Theorem } from "../theorem.ts";
import { blockVariance } from "./r02-moments.ts";

/** η·r of the step that the experiment takes. */
const pull = 0.1;

/** (ηr)² V_Z(x_a, x_b): the variance by which a step on one sample moves the prediction of another. */
export const interferenceVariance = (instance: Instance, pull: number): number =>
  pull ** 2 * blockVariance(instance);

/**
 * Interference (R17). Hypotheses of R2. An SGD step on sample a (features x_a, residual r_a, rate η) moves the prediction
 * of sample b by −ηr_a⟨Rx_a, Rx_b⟩, with mean −ηr_a⟨x_a, x_b⟩ and variance (ηr_a)²V_Z(x_a, x_b). For samples that share
 * nothing a full table has exactly 0; shared memory has a standard deviation of about η|r_a|‖x_a‖‖x_b‖/√m.
 *
 * Proof: M changes by −ηr_aRx_a, so ⟨x_b, RᵀM⟩ by −ηr_a⟨Rx_b, Rx_a⟩; then R2.
 *
 * Source: first principles. With R16 this is what costs iterations; no theorem here gives a ratio for them.
 */
export const interference: Theorem = {
  id: "R17",
  name: "interference",
  says: "a step on one sample moves the prediction of another with variance (ηr)²V_Z(x_a, x_b)",
  checks: [
    {
      kind: "moment",
      name: "what a step on x moves the prediction of y by",
      needs: ["pairwise circular starts", "four-wise signs"],
      statistic({ x, y, memory }, { sketch }) {
        const step = project(sketch, x);
        const M = new Float64Array(memory).map((_, s) => -pull * step[s]!);
        return dot(y, recover(sketch, M));
      },
      mean: ({ x, y }) => -pull * dot(x, y),
      variance: (instance) => interferenceVariance(instance, pull),
    },
  ],
};
