import { type LazyRows, lazyRows } from "../data/lazy-rows.ts";
import type { Parts } from "../data/split.ts";
import { byCounts, type OwnChoice } from "./own-choice.ts";
import type { OwnRows } from "./own-rows.ts";

/** What is known of the rows that an embedding will look up. */
export interface Known {
  /** Those that any data of the model looks up. */
  readonly rows?: LazyRows | undefined;
  /** The ids that have rows of their own, or what decides that. */
  readonly own?: OwnRows | OwnChoice | undefined;
}

/** What an embedding has to be told of the data before it is made; undefined where nothing. */
export type Needs = "rows" | "own" | undefined;

/** That, of this data, by a walk over it. */
export async function knownOf(needs: Needs, { train, validation, test }: Parts): Promise<Known> {
  if (needs === undefined) return {};
  return needs === "rows"
    ? { rows: await lazyRows(train, validation, test) }
    : { own: byCounts(await lazyRows(train)) };
}
