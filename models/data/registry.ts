import { criteoSource } from "./formats/criteo.ts";
import { csvSource } from "./formats/csv.ts";
import { flightsSource } from "./formats/flights.ts";
import { parquetSource } from "./formats/parquet.ts";
import type { SourceKind } from "./source.ts";
import { syntheticSource } from "./synthetic/source.ts";

/** Every kind of rows: what `--data` offers. */
export const sources: readonly SourceKind[] = [
  criteoSource,
  csvSource,
  flightsSource,
  parquetSource,
  syntheticSource,
];
