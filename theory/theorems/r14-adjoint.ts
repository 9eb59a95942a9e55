import { dot, squared } from "../../core/numeric/matrix.ts";
import type { Random } from "../../core/numeric/random.ts";
import type { Sketch, Theorem } from "../theorem.ts";

/**
 * The gradient is the adjoint (R14). ⟨RᵀM, G⟩ = ⟨M, RG⟩ for all M and G, so the gradient of L(RᵀM) with respect to M is
 * R∇L: the signed sum, and never the mean, of what the readers of a slot get.
 *
 * Proof: both sides are Σ_k g_k M_{h(k)} G_k. The second is the chain rule.
 *
 * Source: first principles.
 */
export const adjoint: Theorem = {
  id: "R14",
  name: "adjoint",
  says: "⟨RᵀM, G⟩ = ⟨M, RG⟩; the gradient of L(RᵀM) is R∇L",
  checks: [
    {
      kind: "always",
      name: "⟨RᵀM, G⟩ = ⟨M, RG⟩",
      needs: [],
      async error(_, { sketch, stream, recover, project }) {
        const [M, G] = [integers(sketch.memory, stream), integers(weightsOf(sketch), stream)];
        return Math.abs(dot(await recover(M), G) - dot(M, await project(G)));
      },
    },
    {
      kind: "always",
      name: "½‖RᵀM − θ‖² falls along R∇L as R∇L says",
      needs: [],
      async error(_, { sketch, stream, recover, project }) {
        const [M, theta] = [integers(sketch.memory, stream), integers(weightsOf(sketch), stream)];
        const direction = integers(sketch.memory, stream);
        const gap = async (at: Float64Array) => Float64Array.from(await recover(at), (v, k) => v - theta[k]!);
        const gradient = await project(await gap(M));
        // A quadratic: the central difference is the derivative, at any step.
        const at = async (h: number) => squared(await gap(M.map((v, s) => v + h * direction[s]!))) / 2;
        return Math.abs(((await at(1)) - (await at(-1))) / 2 - dot(gradient, direction));
      },
    },
  ],
};

const weightsOf = ({ slots, places }: Sketch): number => slots.length / places;

/** Whole numbers, of which even floats of 32 bits make exact sums. */
const integers = (length: number, stream: Random): Float64Array =>
  Float64Array.from({ length }, () => stream.integer(41) - 20);
