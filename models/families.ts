import { InputError } from "../core/errors.ts";
import { cafeFamily } from "./cafe.ts";
import { dheFamily } from "./dhe.ts";
import type { EmbeddingFamily } from "./embedding.ts";
import { fullFamily } from "./full.ts";
import { hashEmbeddingFamily } from "./hash-embedding.ts";
import { memcomFamily } from "./memcom.ts";
import { mixedDimensionFamily } from "./mixed-dimension.ts";
import { quotientRemainderFamily } from "./quotient-remainder.ts";
import { robeFamily } from "./robe.ts";
import { multiHashFamily, rowHashFamily } from "./row-hash.ts";
import { tensorTrainFamily } from "./tensor-train.ts";

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
  tensorTrainFamily,
  dheFamily,
];

export function familyByName(name: string): EmbeddingFamily {
  const family = families.find((f) => f.name === name);
  if (family === undefined) {
    throw new InputError(
      `There is no embedding "${name}"; choose one of ${families.map((f) => f.name).join(", ")}.`,
    );
  }
  return family;
}
