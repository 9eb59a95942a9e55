import { dot, project, recover, type Statement, squared } from "./world.ts";

/**
 * The gradient is the adjoint (R14). ⟨RᵀM, G⟩ = ⟨M, RG⟩ for all M and G, so the gradient of L(RᵀM) with respect to M is
 * R∇L: the signed sum, and never the mean, of what the readers of a slot get.
 *
 * Proof: both sides are Σ_k g_k M_{h(k)} G_k. The second is the chain rule.
 *
 * Source: first principles.
 */
export const adjoint: Statement = {
  id: "R14",
  name: "adjoint",
  says: "⟨RᵀM, G⟩ = ⟨M, RG⟩; the gradient of L(RᵀM) is R∇L",
  checks: [
    {
      kind: "always",
      name: "⟨RᵀM, G⟩ = ⟨M, RG⟩",
      needs: [],
      error({ memory, x }, { sketch, stream }) {
        const M = Float64Array.from({ length: memory }, () => stream.normal());
        const [left, right] = [dot(recover(sketch, M), x), dot(M, project(sketch, x))];
        return Math.abs(left - right) / Math.sqrt(squared(recover(sketch, M)) * squared(x) + 1e-300);
      },
    },
    {
      kind: "always",
      name: "½‖RᵀM − θ‖² falls along R∇L as R∇L says",
      needs: [],
      error({ memory, x }, { sketch, stream }) {
        const M = Float64Array.from({ length: memory }, () => stream.normal());
        const gap = (at: Float64Array) => recover(sketch, at).map((v, k) => v - x[k]!);
        const gradient = project(sketch, gap(M));
        const direction = Float64Array.from({ length: memory }, () => stream.normal());
        // A quadratic: the central difference is the derivative, at any step.
        const at = (h: number) => squared(gap(M.map((v, s) => v + h * direction[s]!))) / 2;
        const slope = (at(1) - at(-1)) / 2;
        return Math.abs(slope - dot(gradient, direction)) / (at(1) + at(-1));
      },
    },
  ],
};
