import type { Backend } from "../../core/backend.ts";
import { embeddingBag } from "../../core/ops/embedding-bag.ts";
import { reshape } from "../../core/ops/reshape.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";
import type { Bags } from "../data/dataset.ts";
import { checkRows, type TableShape, tableOffsets } from "./scheme.ts";

/** Different rows of tables, in the order in which a batch first reads them. */
export interface Rows {
  /** [rows] the table of each. */
  readonly tables: Uint32Array;
  /** [rows] its number in that table. */
  readonly numbers: Uint32Array;
}

/** What to pool, and how each of its rows comes about. */
interface Computed {
  readonly shape: TableShape;
  readonly backend: Backend;
  /** Whether the rows of a table are computed; all are where absent. Bags of other tables give zeros. */
  readonly includes?: (table: number) => boolean;
  /** [rows × dim] */
  readonly valuesOf: (rows: Rows) => Tensor;
}

/**
 * The sum of each bag, [bags × dim], where rows are computed and not stored. A row that a batch reads many times is
 * computed once: the adjoint adds up what its readers send before it goes through the computation.
 */
export function sumsOfComputed({ shape, backend, includes, valuesOf }: Computed, bags: Bags): Tensor {
  const { tables, dim } = shape;
  checkRows(tables, bags);
  const { rows, items, ends } = differentRows(tables, bags, includes ?? (() => true));
  const count = rows.numbers.length;
  if (count === 0) {
    const shape = [bags.offsets.length - 1, dim];
    return tensor(backend, shape, new Float32Array(shape[0]! * dim));
  }
  const values = reshape(valuesOf(rows), { shape: [count * dim] });
  const starts = items.map((row) => row * dim);
  return embeddingBag(values, { lookup: { dim, block: dim, starts, bags: ends, memorySize: count * dim } });
}

/** The different rows of the tables that are included, which of them each id is, and where each bag ends among the ids. */
function differentRows(
  tables: readonly number[],
  { ids, offsets }: Bags,
  includes: (table: number) => boolean,
) {
  const first = tableOffsets(tables);
  const included = tables.map((_, table) => includes(table));
  const known = new Map<number, number>();
  const rows = { tables: new Uint32Array(ids.length), numbers: new Uint32Array(ids.length) };
  const items = new Uint32Array(ids.length);
  const ends = new Uint32Array(offsets.length);
  let count = 0;
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    const table = bag % tables.length;
    for (let i = offsets[bag]!; included[table] && i < offsets[bag + 1]!; i++) {
      const key = first[table]! + ids[i]!;
      let row = known.get(key);
      if (row === undefined) {
        row = known.size;
        known.set(key, row);
        rows.tables[row] = table;
        rows.numbers[row] = ids[i]!;
      }
      items[count++] = row;
    }
    ends[bag + 1] = count;
  }
  const { size } = known;
  return {
    rows: { tables: rows.tables.subarray(0, size), numbers: rows.numbers.subarray(0, size) },
    items: items.subarray(0, count),
    ends,
  };
}
