import { expect } from "vitest";
import { eachRead } from "../../../../../core/lookup.ts";
import type { Key } from "../../../../../core/numeric/hash.ts";
import {
  everyRow,
  lookupOf,
  type SharingScheme,
  type TableShape,
  tableOffsets,
} from "../../../../../models/embeddings/scheme.ts";

/** A slot with its sign. */
type Read = readonly [slot: number, sign: number];

/** What a scheme says of a weight. */
type Definition = (table: number, row: number, column: number) => readonly Read[];

/** What a scheme's own words say of a weight. */
export const explained =
  (scheme: SharingScheme): Definition =>
  (table, row, column) =>
    scheme.slotsOf(table, row, column).map(({ slot, sign }) => [slot, sign]);

/** [rows][columns] what a lookup of every row reads, table by table. */
function looked(scheme: SharingScheme, shape: TableShape): Read[][][] {
  const rows = tableOffsets(shape.tables).at(-1)!;
  const reads: Read[][][] = Array.from({ length: rows }, () => Array.from({ length: shape.dim }, () => []));
  eachRead(lookupOf(scheme, shape, everyRow(shape), true), (row, column, slot, sign) =>
    reads[row]![column]!.push([slot, sign]),
  );
  return reads;
}

/** The same by a definition, weight by weight. */
export const defined = ({ tables, dim }: TableShape, definition: Definition): (readonly Read[])[][] =>
  tables.flatMap((rows, table) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: dim }, (_, column) => definition(table, row, column)),
    ),
  );

/** Expects of a scheme's lookups and of its own words what a definition says. */
export function expectReads(scheme: SharingScheme, shape: TableShape, definition: Definition): void {
  const expected = defined(shape, definition);
  expect(looked(scheme, shape)).toEqual(expected);
  expect(defined(shape, explained(scheme))).toEqual(expected);
}

/** Two tables, and the numbers of their first rows. */
export const shape = { tables: [7, 3], dim: 5 };
export const firstRow = [0, 7];

/** What a hash is asked of a block of {@link shape}. */
export const key = (table: number, row: number, block = 0, blocks = 1): Key => ({
  table,
  row,
  first: firstRow[table]!,
  block,
  blocks,
});
