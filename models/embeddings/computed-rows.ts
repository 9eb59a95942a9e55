import type { Backend } from "../../core/backend.ts";
import { embeddingBag } from "../../core/ops/embedding-bag.ts";
import { reshape } from "../../core/ops/reshape.ts";
import { sizeOf } from "../../core/shape.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";
import type { Bags } from "../data/dataset.ts";
import { checkRows, type TableShape } from "./scheme.ts";

/** Different rows of tables, in the order in which a batch first reads them. */
export interface Rows {
  /** [rows] the table of each. */
  readonly tables: Uint32Array;
  /** [rows] its number in that table. */
  readonly numbers: Uint32Array;
}

/** Computed rows. */
interface Values {
  /** [n × dim], or the same numbers in any shape. */
  readonly values: Tensor;
  /** [rows] which of these n each row is; each its own where absent. */
  readonly places?: Uint32Array;
}

/** What to pool, and how each of its rows comes about. */
interface Computed {
  readonly shape: TableShape;
  readonly backend: Backend;
  /** Whether the rows of a table are computed; all are where absent. Bags of other tables give zeros. */
  readonly includes?: (table: number) => boolean;
  readonly valuesOf: (rows: Rows) => Values;
}

/**
 * The sum of each bag, [bags × dim], where rows are computed and not stored. A row that a batch reads many times is
 * computed once: the adjoint adds up what its readers send before it goes through the computation.
 */
export function sumsOfComputed({ shape, backend, includes, valuesOf }: Computed, bags: Bags): Tensor {
  const { tables, dim } = shape;
  checkRows(tables, bags);
  const { rows, items, ends } = differentRows(tables, bags, includes ?? (() => true));
  if (rows.numbers.length === 0) {
    const shape = [bags.offsets.length - 1, dim];
    return tensor(backend, shape, new Float32Array(shape[0]! * dim));
  }
  const { values, places } = valuesOf(rows);
  const memorySize = sizeOf(values.shape);
  const starts = items.map((row) => (places ? places[row]! : row) * dim);
  const lookup = { dim, block: dim, starts, bags: ends, memorySize };
  return embeddingBag(reshape(values, { shape: [memorySize] }), { lookup });
}

/** The different rows of the tables that are included, which of them each id is, and where each bag ends among the ids. */
function differentRows(
  tables: readonly number[],
  { ids, offsets }: Bags,
  includes: (table: number) => boolean,
) {
  const included = tables.map((_, table) => includes(table));
  const rows = { tables: new Uint32Array(ids.length), numbers: new Uint32Array(ids.length) };
  const items = new Uint32Array(ids.length);
  const ends = new Uint32Array(offsets.length);
  // Which row lies where its hash says, or behind that: its place among the rows, plus 1. At most half full.
  const bits = Math.ceil(Math.log2(2 * ids.length + 2));
  const known = new Uint32Array(2 ** bits);
  let [count, size] = [0, 0];
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    const table = bag % tables.length;
    const ofTable = Math.imul(table, 0x85ebca6b);
    for (let i = offsets[bag]!; included[table] && i < offsets[bag + 1]!; i++) {
      const id = ids[i]!;
      let at = Math.imul(id ^ ofTable, 0x9e3779b1) >>> (32 - bits);
      let row = known[at]! - 1;
      while (row >= 0 && (rows.numbers[row] !== id || rows.tables[row] !== table)) {
        at = (at + 1) & (known.length - 1);
        row = known[at]! - 1;
      }
      if (row < 0) {
        row = size++;
        known[at] = size;
        rows.tables[row] = table;
        rows.numbers[row] = id;
      }
      items[count++] = row;
    }
    ends[bag + 1] = count;
  }
  return {
    rows: { tables: rows.tables.subarray(0, size), numbers: rows.numbers.subarray(0, size) },
    items: items.subarray(0, count),
    ends,
  };
}

/** Where bags of one item each end; of none, one that is empty. */
export function oneEach(items: number): Uint32Array {
  const ends = new Uint32Array(Math.max(1, items) + 1);
  for (let i = 1; i <= items; i++) ends[i] = i;
  return ends;
}
