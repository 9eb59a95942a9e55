import { firstRowAlone } from "./batches.ts";
import type { Dataset } from "./dataset.ts";

/**
 * `data` whose ids tell nothing, not even how many there are: each table has one row, and each bag one id, that row. What a
 * model of it reaches is what dense features alone tell.
 */
export function withoutIds(data: Dataset): Dataset {
  const tables = data.tables.map(() => 1);
  return {
    name: data.name,
    dense: data.dense,
    tables,
    get rows() {
      return data.rows;
    },
    async *batches(size, shuffle) {
      for await (const batch of data.batches(size, shuffle))
        yield { ...batch, bags: firstRowAlone(batch.size * tables.length) };
    },
    select: (keep) => withoutIds(data.select(keep)),
  };
}
