import { pairCount } from "../../core/form.ts";
import { concat } from "../../core/ops/arrange.ts";
import { pairwiseDot } from "../../core/ops/pairwise-dot.ts";
import { reshape } from "../../core/ops/reshape.ts";
import type { Tensor } from "../../core/tensor.ts";

/** How the bottom output and the embeddings meet. */
export interface Interaction {
  /** `dot`: all pairwise dot products beside the bottom output. `cat`: everything side by side. */
  readonly interaction: "dot" | "cat";
  /** With `dot`: each vector's product with itself too. */
  readonly itself: boolean;
}

/** Floats per sample after the interaction of a bottom output and `tables` embeddings, all of `dim` floats. */
export function interactionSize({ interaction, itself }: Interaction, tables: number, dim: number): number {
  return interaction === "cat" ? (tables + 1) * dim : dim + pairCount(tables + 1, itself);
}

/** [n × d] and [n × T·d] → [n × interactionSize]. Pairs go row by row through the lower triangle, vector 0 the bottom output. */
export function interact({ interaction, itself }: Interaction, bottom: Tensor, embeddings: Tensor): Tensor {
  const all = concat(bottom, embeddings);
  if (interaction === "cat") return all;
  const [samples, dim] = bottom.shape as [number, number];
  const stack = reshape(all, { shape: [samples, all.shape[1]! / dim, dim] });
  return concat(bottom, pairwiseDot(stack, { itself }));
}
