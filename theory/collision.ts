/**
 * Collisions (statement R1). Hypotheses: the first slots of blocks are uniform on m slots and pairwise independent, and
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
