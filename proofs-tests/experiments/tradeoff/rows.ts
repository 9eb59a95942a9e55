import type { LazyRows } from "../../../models/data/lazy-rows.ts";
import type { Parts } from "../../../models/data/split.ts";
import { withoutIds } from "../../../models/data/without-ids.ts";
import type { TableShape } from "../../../models/embeddings/scheme.ts";
import { floor } from "./protocol.ts";

/** The rows of a study, and where full tables would be too large for memory those that the rows touch. */
export interface Rows extends Parts {
  readonly lazyRows?: LazyRows;
}

/** The rows as a method reads them: the floor without their ids, all others as they are. */
export function readBy(method: string, rows: Rows): Rows {
  if (method !== floor.method) return rows;
  const { train, validation, test } = rows;
  return { train: withoutIds(train), validation: withoutIds(validation), test: withoutIds(test) };
}

/** What memory is compared with: the full tables of these rows. */
export const fullShape = ({ train }: Rows, dim: number): TableShape => ({ tables: train.tables, dim });
