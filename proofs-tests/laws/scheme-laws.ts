import fc from "fast-check";
import { cpu64 } from "../../backends/cpu.ts";
import { dense, gradients } from "../../core/backward.ts";
import { eachRead } from "../../core/lookup.ts";
import { random } from "../../core/random.ts";
import { tensor } from "../../core/tensor.ts";
import type { Bags } from "../../models/data/dataset.ts";
import type { Embedding, EmbeddingFamily } from "../../models/embedding.ts";
import { lookupOf, type SharingScheme } from "../../models/sharing.ts";

/** A statement about every embedding: a property to check, or why it says nothing about this one. */
export interface SchemeLaw {
  readonly law: string;
  readonly of: (make: (seed: number) => Embedding, stream?: never) => fc.IAsyncProperty<unknown>;
}

/** An embedding with random tables and options, and random bags for it. */
export interface Case {
  readonly embedding: Embedding;
  readonly bags: Bags;
  readonly samples: number;
}

export function caseOf(family: EmbeddingFamily, seed: number): Case {
  const stream = random(seed, "case");
  const tables = Array.from({ length: 1 + stream.integer(3) }, () => 1 + stream.integer(stream.integer(4) ? 20 : 2 ** 31));
  if (family.name === "full") for (let t = 0; t < tables.length; t++) tables[t] = Math.min(tables[t]!, 50);
  return { embedding: undefined as never, bags: undefined as never, samples: 0 };
}
