/** `pss-dlrm/node`: what reads and writes files. */
export { arrow } from "./models/data/formats/arrow.ts";
export { criteo } from "./models/data/formats/criteo.ts";
export { csv } from "./models/data/formats/csv.ts";
export { flights } from "./models/data/formats/flights.ts";
export { parquet } from "./models/data/formats/parquet.ts";
export type { RawRow } from "./models/data/formats/raw-rows.ts";
export type { About, AboutGiven, Ended, Training } from "./models/dlrm/saved/about.ts";
export type { Place } from "./models/dlrm/saved/bytes.ts";
export type { LoadOptions, Scorer } from "./models/dlrm/saved/filled.ts";
export type { Json } from "./models/dlrm/saved/json.ts";
export { describe, load, restore, type SavedModel } from "./models/dlrm/saved/load.ts";
export type { PartQuality, SavedQuality } from "./models/dlrm/saved/quality.ts";
export { save } from "./models/dlrm/saved/save.ts";
export type { RawRows, ScoreOptions } from "./models/dlrm/score.ts";
export { type Batched, type BatchedOptions, batched } from "./models/dlrm/serving/batched.ts";
export { type Renewed, renewed } from "./models/dlrm/serving/renewed.ts";
