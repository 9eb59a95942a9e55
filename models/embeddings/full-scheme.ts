import { checkSize, InputError } from "../../core/errors.ts";
import { choose, less, plus, search, times, variable } from "../../core/numeric/formula.ts";
import { below, checkSameTables, type LazyRows } from "../data/lazy-rows.ts";
import { allTables, element, rowOfAll } from "./plan.ts";
import { fillUniform, type SharingScheme, type TableShape, tableOffsets, virtualFloats } from "./scheme.ts";

/** Every weight has a slot of its own, tables one after the other. */
export function fullScheme(shape: TableShape): SharingScheme {
  const { tables, dim } = shape;
  const offsets = tableOffsets(tables);
  const memory = virtualFloats(shape);
  checkSize(
    memory < 2 ** 32,
    () =>
      `Full tables of ${memory} floats (${(memory * 4) / 1e9} GB) do not fit into one memory of at most 2³² − 1 floats; use robe with a compression, smaller tables (--table-rows of a CSV file, --tables), or lazy rows (--lazy-rows).`,
  );
  return {
    name: "full",
    memorySize: memory,
    block: dim,
    rowLength: dim,
    blockStart: (table, row) => (offsets[table]! + row) * dim,
    slotsOf: (table, row, column) => [{ slot: (offsets[table]! + row) * dim + column, sign: 1 }],
    formulas: () => [
      { tables: allTables(shape), terms: [{ slot: plus(times(rowOfAll(offsets), dim), element) }] },
    ],
    guarantee: "exact: nothing is shared",
    initialize(values, numbers) {
      tables.forEach((rows, t) => {
        const [from, to] = [offsets[t]! * dim, offsets[t + 1]! * dim];
        fillUniform(values.subarray(from, to), 1 / Math.sqrt(rows), numbers);
      });
    },
  };
}

/** The name in a model's file of the rows of table t that lazy tables keep. */
export const rowsName = (t: number): string => `embedding.rows.${t}`;

/** The rows of full tables that data look up, side by side. `slotsOf` gives a row that nothing reads no slot. */
export function lazyScheme({ tables, dim }: TableShape, lazy: LazyRows): SharingScheme {
  checkSameTables(tables, lazy);
  const memory = lazy.count * dim;
  checkSize(
    memory > 0 && memory < 2 ** 32,
    () =>
      `${lazy.count} lazy rows of ${dim} floats make a memory of ${memory} floats; it must have from 1 to 2³² − 1.`,
  );
  const counts = lazy.rows.map((rows) => rows.length);
  const before = tableOffsets(counts);
  const offsets = tableOffsets(tables);
  return {
    name: "full",
    memorySize: memory,
    whole: virtualFloats({ tables, dim }),
    block: dim,
    rowLength: dim,
    blockStart(table, row) {
      const place = lazy.place(table, row);
      if (place < 0) throw new InputError(untouched(table, row, counts[table]!));
      return place * dim;
    },
    slotsOf(table, row, column) {
      const rows = lazy.rows[table]!;
      const at = below(rows, row);
      return rows[at] === row ? [{ slot: (before[table]! + at) * dim + column, sign: 1 }] : [];
    },
    // A row that is not kept is after the last slot, where no engine finds anything.
    formulas: () =>
      counts.map((count, t) => {
        const at = search(rowsName(t), variable("row"));
        const place = choose(less(at, count), plus(at, before[t]!), lazy.count);
        return { tables: [t], terms: [{ slot: plus(times(place, dim), element) }] };
      }),
    guarantee: "exact: nothing is shared; rows that the data does not touch are left out",
    initialize(values, numbers) {
      let at = 0;
      for (const [t, rows] of lazy.rows.entries()) {
        for (const row of rows) {
          numbers.seek((offsets[t]! + row) * dim);
          fillUniform(values.subarray(at, at + dim), 1 / Math.sqrt(tables[t]!), numbers);
          at += dim;
        }
      }
    },
  };
}

const untouched = (table: number, row: number, kept: number): string =>
  `Row ${row} of table ${table} is looked up, but is not among the ${kept} rows that are kept of it; collect lazyRows of all data that the model is to read, not of its training part alone.`;
