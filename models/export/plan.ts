import { check } from "../../core/errors.ts";
import { wordsPerBlock } from "../../core/lookup.ts";
import type { Dlrm } from "../dlrm/dlrm.ts";
import type { Plan } from "../embeddings/plan.ts";

/** The plan of a model's embedding. Throws an InputError where it has none. */
export function planOf({ embedding }: Dlrm): Plan {
  const plan = embedding.plan?.();
  check(
    plan !== undefined,
    () =>
      `The embedding ${embedding.name} cannot be exported: nothing says in formulas where it keeps its rows; give it a \`plan\`, or its scheme \`formulas\`.`,
  );
  return plan;
}

/** How many blocks a row of `width` floats has, and words and bits of a word a block. */
export const extentsOf = (width: number, block: number) => ({
  block: Math.ceil(width / block),
  word: wordsPerBlock(block),
  bit: Math.min(block, 32),
});
