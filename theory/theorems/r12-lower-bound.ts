import type { Instance, Theorem } from "../theorem.ts";

/** 1 − (m/N)(1 − (1 − 1/m)^N): the share of a generic table's square that the best memory of m floats cannot hold. */
export const residualShare = ({ rows, dim, memory }: Pick<Instance, "rows" | "dim" | "memory">): number => {
  const N = rows * dim;
  return 1 - (memory / N) * (1 - Math.exp(N * Math.log1p(-1 / memory)));
};

/**
 * What sharing cannot do (R12). Slots of all weights independent (Z = 1). For a fixed θ the memory with the least
 * ‖RᵀM − θ‖² has in each slot the signed mean of its weights; for independent centered θ the expected relative residual
 * is 1 − (m/N)(1 − (1 − 1/m)^N) ≈ 1 − m/N. A generic table is not approximated in norm: what is kept is R2 – R11.
 *
 * Proof: a slot with k ≥ 1 weights leaves (k − 1)σ² of kσ². So the residual is N minus the number of used slots, times
 * σ², and a slot stays unused with probability (1 − 1/m)^N.
 *
 * Source: first principles.
 */
export const lowerBound: Theorem = {
  id: "R12",
  name: "lower bound (negative control)",
  says: "the best memory leaves a share 1 − (m/N)(1 − (1 − 1/m)^N) ≈ 1 − m/N of a generic table's square",
  checks: [
    {
      kind: "moment",
      name: "share of a Gaussian table that is left",
      needs: ["independent starts"],
      applies: ({ block }) => block === 1,
      statistic({ memory }, { sketch: { slots, signs }, stream }) {
        const [sums, loads] = [new Float64Array(memory), new Uint32Array(memory)];
        let total = 0;
        for (const [k, slot] of slots.entries()) {
          const weight = stream.normal();
          sums[slot]! += signs[k]! * weight;
          loads[slot]!++;
          total += weight * weight;
        }
        const held = sums.reduce((sum, v, slot) => sum + (loads[slot]! > 0 ? (v * v) / loads[slot]! : 0), 0);
        return (total - held) / slots.length;
      },
      mean: residualShare,
    },
  ],
};
