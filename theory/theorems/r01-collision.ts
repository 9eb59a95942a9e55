import { blocksOf, type Theorem } from "../theorem.ts";

/**
 * Collisions (theorem R1). Hypotheses: the first slots of blocks are uniform on m slots and pairwise independent, and
 * blocks wrap round. Then two weights of different blocks share a slot with probability 1/m, and two weights of one block
 * never do.
 *
 * Proof: given the second block's start, the first weight's slot is uniform on m places, one of which is the second's.
 * Within a block, Z ≤ m different positions wrap to different slots.
 *
 * Source: first principles; the law behind universal hashing (Carter & Wegman 1979). It is the starting point of the
 * analysis that Desai & Shrivastava (NeurIPS 2022, arXiv 2207.10731) claim bounds from.
 */
export function collisionProbability(memory: number, sameBlock: boolean): number {
  return sameBlock ? 0 : 1 / memory;
}

/** P(a slot is read by no weight), for q full blocks of Z with independent starts: each covers it with probability Z/m. */
export function unusedProbability(memory: number, block: number, blocks: number): number {
  return Math.exp(blocks * Math.log1p(-block / memory));
}

export const collision: Theorem = {
  id: "R1",
  name: "collision",
  says: "weights of different blocks share a slot with probability 1/m, weights of one block never",
  checks: [
    {
      kind: "exactly",
      name: "the first and the last weight meet, in different blocks",
      needs: ["pairwise circular starts"],
      applies: (instance) => blocksOf(instance).at(-1)! > 0,
      event: (_, { sketch: { slots } }) => slots[0] === slots.at(-1),
      probability: ({ memory }) => collisionProbability(memory, false),
    },
    {
      kind: "always",
      name: "weights of one block have slots of their own, one after another",
      needs: ["pairwise circular starts"],
      error(instance, { sketch: { slots, memory } }) {
        const blocks = blocksOf(instance);
        const broken = slots.some(
          (slot, k) => blocks[k] === blocks[k - 1] && slot !== (slots[k - 1]! + 1) % memory,
        );
        return broken ? Infinity : 0;
      },
    },
    {
      // One slot, and not the share of all: an event has an exact tail, however rare it is.
      kind: "exactly",
      name: "no weight reads the last slot",
      needs: ["independent starts"],
      applies: ({ dim, block }) => dim % block === 0,
      event: (_, { sketch: { slots, memory } }) => !slots.includes(memory - 1),
      probability: ({ memory, block, rows, dim }) => unusedProbability(memory, block, (rows * dim) / block),
    },
  ],
};
