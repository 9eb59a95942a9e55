import type { Random } from "../../core/numeric/random.ts";
import type { Bags } from "../../models/data/dataset.ts";
import type { Embedding } from "../../models/embeddings/embedding.ts";
import type { EmbeddingFamily } from "../../models/embeddings/family.ts";

/** An embedding with random tables and options, and random bags for it. */
export interface Case {
  readonly family: EmbeddingFamily;
  readonly embedding: Embedding;
  readonly bags: Bags;
  readonly samples: number;
  readonly stream: Random;
  /** The same embedding made again. */
  readonly again: () => Embedding;
}

/** A statement about every embedding family. */
export interface SchemeLaw {
  readonly law: string;
  readonly check: (example: Case) => void | Promise<void>;
}
