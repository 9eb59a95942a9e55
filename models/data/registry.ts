import { arrowRows, arrowSource } from "./formats/arrow.ts";
import { criteoSource } from "./formats/criteo.ts";
import { csvRows, csvSource } from "./formats/csv.ts";
import { flightsSource } from "./formats/flights.ts";
import { parquetRows, parquetSource } from "./formats/parquet.ts";
import type { RowsKind } from "./formats/rows.ts";
import type { SourceKind } from "./source.ts";
import { syntheticSource } from "./synthetic/source.ts";

/** Every kind of rows: what `--data` offers. */
export const sources: readonly SourceKind[] = [
  arrowSource,
  criteoSource,
  csvSource,
  flightsSource,
  parquetSource,
  syntheticSource,
];

/** Every kind of rows that a saved model can read by the names of their columns. */
export const rowKinds: readonly RowsKind[] = [arrowRows, csvRows, parquetRows];
