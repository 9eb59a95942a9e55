import { arrowKinds } from "./formats/arrow.ts";
import { criteoSource } from "./formats/criteo.ts";
import { csvKinds } from "./formats/csv.ts";
import { flightsSource } from "./formats/flights.ts";
import { parquetKinds } from "./formats/parquet.ts";
import type { RowsKind } from "./formats/rows.ts";
import type { SourceKind } from "./source.ts";
import { syntheticSource } from "./synthetic/source.ts";

/** Formats of files whose columns have names: what is trained on, and what a saved model reads. */
const tables: readonly { readonly source: SourceKind; readonly rows: RowsKind }[] = [
  arrowKinds,
  csvKinds,
  parquetKinds,
];

/** Every kind of rows: what `--data` offers. */
export const sources: readonly SourceKind[] = [
  ...tables.map(({ source }) => source),
  criteoSource,
  flightsSource,
  syntheticSource,
].toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Every kind of rows that a saved model can read by the names of their columns. */
export const rowKinds: readonly RowsKind[] = tables.map(({ rows }) => rows);
