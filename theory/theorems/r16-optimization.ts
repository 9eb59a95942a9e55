import { memoize } from "../../core/memoize.ts";
import { dot, eigenvalues, squared } from "../../core/numeric/matrix.ts";
import { random } from "../../core/numeric/random.ts";
import { type Instance, loadsOf, project, type Sketch, type Theorem } from "../theorem.ts";

/** A symmetric positive definite Hessian H = aI + vvᵀ of the virtual weights, with its extreme eigenvalues. */
const hessianOf = memoize(({ x }: Instance) => {
  const shift = 0.5 + random(x.length, "hessian").uniform();
  return { shift, v: x, lowest: shift, highest: shift + squared(x) };
});

/** K = RHRᵀ, and the loads of the slots. */
function shared(instance: Instance, sketch: Sketch) {
  const { shift, v } = hessianOf(instance);
  const [loads, rv] = [loadsOf(sketch), project(sketch, v)];
  const K = Array.from(rv, (a, s) => rv.map((b, t) => a * b + (s === t ? shift * loads[s]! : 0)));
  return { K, loads };
}

/** The largest stable step of gradient descent: 2/(L·load_max) at the least, where a full table has 2/L. */
export const stableStep = (highest: number, largestLoad: number): number => 2 / (highest * largestLoad);

/**
 * What sharing costs an optimizer (R16). A quadratic with Hessian H, λI ⪯ H ⪯ LI, has on shared memory the Hessian
 * K = RHRᵀ, with RRᵀ = diag(loads). Where every slot is used, λ·load_min ≤ eigenvalues of K ≤ L·load_max. So balanced
 * loads keep the condition number, yet the stable step shrinks from 2/L to 2/(L·load_max).
 *
 * Proof: uᵀKu = (Rᵀu)ᵀH(Rᵀu) lies between λ and L times ‖Rᵀu‖² = Σ load_s u_s².
 *
 * Source: first principles.
 */
export const optimization: Theorem = {
  id: "R16",
  name: "optimization",
  says: "μ·load_min ≤ eigenvalues of RHRᵀ ≤ L·load_max: the stable step shrinks with the largest load",
  checks: [
    {
      kind: "always",
      name: "eigenvalues of RHRᵀ lie between μ·load_min and L·load_max",
      needs: ["one slot a weight"],
      cost: 50,
      applies: ({ memory }) => memory <= 24,
      error(instance, { sketch }) {
        const { K, loads } = shared(instance, sketch);
        const { lowest, highest } = hessianOf(instance);
        const values = eigenvalues(K);
        const [low, high] = [lowest * Math.min(...loads), highest * Math.max(...loads)];
        return Math.max(0, low - values[0]!, values.at(-1)! - high) / high;
      },
    },
    {
      kind: "always",
      name: "a step below 2/(L·load_max) never raises the loss",
      needs: ["one slot a weight"],
      cost: 50,
      applies: ({ memory }) => memory <= 24,
      error(instance, { sketch, stream }) {
        const { K, loads } = shared(instance, sketch);
        const step = stableStep(hessianOf(instance).highest, Math.max(...loads));
        let M = Float64Array.from(loads, () => stream.normal());
        const lossAt = (at: Float64Array) => at.reduce((sum, v, s) => sum + (v * dot(K[s]!, at)) / 2, 0);
        const before = lossAt(M);
        for (let i = 0; i < 20; i++) M = M.map((v, s) => v - step * dot(K[s]!, M));
        return Math.max(0, lossAt(M) - before) / (before + 1e-300);
      },
    },
  ],
};
