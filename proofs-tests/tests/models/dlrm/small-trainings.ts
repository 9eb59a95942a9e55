import type { Step } from "../../../../models/dlrm/train.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";

/** Embeddings that are trained, by their names. */
export const embeddings = [
  ["full", full()],
  ["robe", robe({ compression: 4, block: 4, seed: 5 })],
] as const;

/** All steps of a training, as far as they are data. */
export async function stepsOf(steps: AsyncIterable<Step>): Promise<Omit<Step, "lossAfter">[]> {
  const all: Omit<Step, "lossAfter">[] = [];
  for await (const { lossAfter: _, ...step } of steps) all.push(step);
  return all;
}
