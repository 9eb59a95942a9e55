import type { LazyRows } from "../../../models/data/lazy-rows.ts";
import { type Parts, partsOf } from "../../../models/data/split.ts";
import { withoutIds } from "../../../models/data/without-ids.ts";
import type { Known } from "../../../models/embeddings/known.ts";
import type { OwnBy } from "../../../models/embeddings/own-choice.ts";
import type { TableShape } from "../../../models/embeddings/scheme.ts";
import { floor, full } from "./protocol.ts";

/** The rows of a study. */
export interface Rows extends Parts {
  /** As full tables read them, where ids are hashed for the others: each id that occurs in a row of its own. */
  readonly exact?: Parts;
  /** Those of full tables that the rows touch, where all would be too large for memory. */
  readonly lazyRows?: LazyRows;
  /** What decides which ids have rows of their own, by what methods ask for, from the rows to train on. */
  readonly own?: { [by in OwnBy]?: Known["own"] };
}

/** The rows as a method reads them: full tables each id for itself, the floor none, all others as they are. */
export function readBy(method: string, rows: Rows): Rows {
  if (method === full.method) return rows.exact ?? rows;
  return method === floor.method ? partsOf((part) => withoutIds(rows[part])) : rows;
}

/** What memory is compared with: full tables. */
export const fullShape = (rows: Rows, dim: number): TableShape => ({
  tables: readBy(full.method, rows).train.tables,
  dim,
});
