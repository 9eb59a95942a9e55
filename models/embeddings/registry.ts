import { chosen } from "../../core/options.ts";
import { byFrequencyFamily } from "./families/by-frequency.ts";
import { cafeFamily } from "./families/cafe.ts";
import { dheFamily } from "./families/dhe.ts";
import { fullFamily } from "./families/full.ts";
import { hashEmbeddingFamily } from "./families/hash-embedding.ts";
import { memcomFamily } from "./families/memcom.ts";
import { mixedDimensionFamily } from "./families/mixed-dimension.ts";
import { quotientRemainderFamily } from "./families/quotient-remainder.ts";
import { robeFamily } from "./families/robe.ts";
import { multiHashFamily, rowHashFamily } from "./families/row-hash.ts";
import { tensorTrainFamily } from "./families/tensor-train.ts";
import type { EmbeddingFamily } from "./family.ts";

/** Every embedding: what `--embedding` offers and the laws are generated from. */
export const families: readonly EmbeddingFamily[] = [
  fullFamily,
  robeFamily,
  rowHashFamily,
  multiHashFamily,
  quotientRemainderFamily,
  cafeFamily,
  hashEmbeddingFamily,
  memcomFamily,
  mixedDimensionFamily,
  byFrequencyFamily,
  tensorTrainFamily,
  dheFamily,
];

/** The family of this name. Throws an InputError that lists all, where there is none. */
export const familyByName = (name: string): EmbeddingFamily => chosen("embedding", families, name);
