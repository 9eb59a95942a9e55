import { idSignal } from "../data/id-signal.ts";
import { type LazyRows, lazyRows } from "../data/lazy-rows.ts";
import type { Parts } from "../data/split.ts";
import { byCounts, byWeights, type OwnBy, type OwnChoice } from "./own-choice.ts";
import type { OwnRows } from "./own-rows.ts";

/** What is known of the rows that an embedding will look up. */
export interface Known {
  /** Those that any data of the model looks up. */
  readonly rows?: LazyRows | undefined;
  /** The ids that have rows of their own, or what decides that. */
  readonly own?: OwnRows | OwnChoice | undefined;
}

/** What an embedding has to be told of the data before it is made; undefined where nothing. */
export type Needs = "rows" | OwnBy | undefined;

/**
 * That, of this data, by a walk over it, or some a table, of which `watch` is told. Who has rows of their own is decided by the
 * rows to train on alone.
 */
export async function knownOf(
  needs: Needs,
  { train, validation, test }: Parts,
  watch?: Parameters<typeof idSignal>[1],
): Promise<Known> {
  if (needs === undefined) return {};
  if (needs === "rows") return { rows: await lazyRows(train, validation, test) };
  return {
    own: needs === "signal" ? byWeights(await idSignal(train, watch)) : byCounts(await lazyRows(train)),
  };
}
