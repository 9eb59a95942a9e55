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

/** Those whose models `pss-dlrm/predict` scores with unasked, in its few kilobytes; others are given to it. */
export const usualFamilies: readonly EmbeddingFamily[] = [
  fullFamily,
  robeFamily,
  rowHashFamily,
  multiHashFamily,
  quotientRemainderFamily,
  cafeFamily,
  hashEmbeddingFamily,
  memcomFamily,
  mixedDimensionFamily,
  tensorTrainFamily,
  dheFamily,
];
