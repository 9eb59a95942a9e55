/** `pss-dlrm/predict`: scores raw rows with a saved model, in Node and in browsers. */
export { InputError } from "./core/errors.ts";
export type { RawRow } from "./models/data/formats/raw-rows.ts";
export type { About } from "./models/dlrm/saved/about.ts";
export type { Place } from "./models/dlrm/saved/bytes.ts";
export type { LoadOptions, Scorer } from "./models/dlrm/saved/filled.ts";
export { scorer as load } from "./models/dlrm/saved/scorer.ts";
export type { RawRows, ScoreOptions } from "./models/dlrm/score.ts";
export { byFrequencyFamily } from "./models/embeddings/families/by-frequency.ts";
