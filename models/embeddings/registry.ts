import { chosen } from "../../core/options.ts";
import { byFrequencyFamily } from "./families/by-frequency.ts";
import type { EmbeddingFamily } from "./family.ts";
import { usualFamilies } from "./usual-families.ts";

/** Every embedding: what `--embedding` offers and the laws are generated from. */
export const families: readonly EmbeddingFamily[] = [...usualFamilies, byFrequencyFamily];

/** The family of this name. Throws an InputError that lists all, where there is none. */
export const familyByName = (name: string): EmbeddingFamily => chosen("embedding", families, name);
