import { dot } from "../../core/numeric/matrix.ts";
import { smallestPrimeFrom } from "../../core/numeric/permutation.ts";
import { blocksOf, type Instance, loadsOf, sketchedProduct, type Theorem } from "../theorem.ts";
import { alignedVariance } from "./r13-hypotheses.ts";

/** How blocks are laid out: how many there are, the prime that they are permuted by, and places of a block. */
function layoutOf(instance: Instance) {
  const blocks = blocksOf(instance).at(-1)! + 1;
  return { blocks, prime: smallestPrimeFrom(blocks), places: Math.floor(instance.memory / instance.block) };
}

/** p = Σ_s L_s(L_s − 1) / (P(P − 1)): the probability that two blocks meet, where L_s of 0 … P − 1 are ≡ s mod q. */
function meeting(instance: Instance): number {
  const { blocks, prime, places } = layoutOf(instance);
  if (places >= blocks) return 0;
  const [each, more] = [Math.floor(prime / places), prime % places];
  const pairs = more * (each + 1) * each + (places - more) * each * (each - 1);
  return pairs / (prime * (prime - 1));
}

/** p Σ_{A<B} Σ_s (x_{As}y_{Bs} + x_{Bs}y_{As})²: that of aligned starts, whose blocks meet with probability 1/q, times p·q. */
const balancedVariance = (instance: Instance): number =>
  alignedVariance(instance) * layoutOf(instance).places * meeting(instance);

/** The most weights that a slot can be read by: ⌈P/q⌉, and one where all blocks have a place of their own. */
function largestLoad(instance: Instance): number {
  const { blocks, prime, places } = layoutOf(instance);
  return places >= blocks ? 1 : Math.ceil(prime / places);
}

/**
 * Balanced placement (R18). Blocks 0 … B − 1 are permuted by π(b) = (a·b + c) mod P, with P the smallest prime ≥ B, a uniform on
 * 1 … P − 1 and c on 0 … P − 1, and block b lies at place π(b) mod q of q = ⌊m/Z⌋; where q ≥ B it lies at place b. Then no slot is
 * read by more than ⌈P/q⌉ weights, two blocks meet with probability p = Σ_s L_s(L_s − 1)/(P(P − 1)) ≤ 1/q, and, with signs
 * that are 4-wise independent, E⟨Rx, Ry⟩ = ⟨x, y⟩ and Var⟨Rx, Ry⟩ = p Σ_{A<B} Σ_s (x_{As}y_{Bs} + x_{Bs}y_{As})². At q ≥ B
 * nothing is shared, and the variance is 0; at half the memory it is half of what hashed places have, at a tenth nine tenths.
 *
 * Proof: a ≠ 0 makes π one to one on ℤ_P, and (π(b), π(b′)) uniform on pairs of different numbers for b ≠ b′, since two linear
 * equations in a and c have one solution. Of 0 … P − 1 L_s = ⌊P/q⌋ or ⌈P/q⌉ lie at place s, so p counts the pairs that share
 * one. Blocks at one place meet position by position; then as for R2. With r = P mod q, q Σ L_s² = P² + r(q − r), and
 * r(q − r) ≤ P(q − 1), so that p ≤ 1/q.
 *
 * Source: first principles; permuting before folding is the RANDOMFOLD of Desai & Shrivastava 2024, "In defense of parameter
 * sharing for model-compression" (ICLR 2024).
 */
export const balance: Theorem = {
  id: "R18",
  name: "balance",
  says: "permuted blocks meet with p ≤ 1/q, no slot has more than ⌈P/q⌉ weights, E⟨Rx, Ry⟩ = ⟨x, y⟩ with R13's aligned variance times p·q",
  checks: [
    {
      kind: "moment",
      name: "⟨Rx, Ry⟩",
      needs: ["balanced starts", "four-wise signs"],
      statistic: (instance, { sketch }) => sketchedProduct(sketch, instance),
      mean: ({ x, y }) => dot(x, y),
      variance: balancedVariance,
    },
    {
      kind: "exactly",
      name: "the first and the last block meet",
      needs: ["balanced starts"],
      applies: (instance) => layoutOf(instance).blocks > 1,
      event: ({ rows, dim, block }, { sketch: { slots } }) =>
        slots[0] === slots[rows * dim - (dim % block === 0 ? block : dim % block)],
      probability: meeting,
    },
    {
      kind: "always",
      name: "no slot has more than ⌈P/q⌉ weights",
      needs: ["balanced starts"],
      error: (instance, { sketch }) => (Math.max(...loadsOf(sketch)) > largestLoad(instance) ? Infinity : 0),
    },
  ],
};
