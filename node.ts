/** `pss-dlrm/node`: what reads and writes files. */
export { criteo } from "./models/data/formats/criteo.ts";
export { csv } from "./models/data/formats/csv.ts";
export { flights } from "./models/data/formats/flights.ts";
export { parquet } from "./models/data/formats/parquet.ts";
export { load, save } from "./models/dlrm/saved.ts";
