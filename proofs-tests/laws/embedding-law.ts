import fc from "fast-check";
import { cpu64 } from "../../backends/cpu/index.ts";
import type { Backend } from "../../core/backend.ts";
import { memoize } from "../../core/memoize.ts";
import { type Random, random } from "../../core/numeric/random.ts";
import type { Bags } from "../../models/data/dataset.ts";
import type { Embedding } from "../../models/embeddings/embedding.ts";
import type { EmbeddingFamily } from "../../models/embeddings/family.ts";
import { shortList } from "./examples.ts";
import { type Said, seeds, trial } from "./law.ts";

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

/** A property of every embedding family, in doubles. */
export interface EmbeddingLaw {
  readonly law: string;
  readonly of: (family: EmbeddingFamily, backend?: Backend) => Said;
}

interface Described {
  readonly law: string;
  /** Why the law says nothing of an embedding; undefined where it speaks. */
  readonly silent?: (embedding: Embedding, family: EmbeddingFamily) => string | undefined;
  /** Throws where the law fails. Returns how much of what is allowed was used. */
  readonly check: (example: Case) => number | Promise<number>;
}

/** A case as numbers, which fast-check shrinks: fewer and smaller tables, fewer lookups. */
interface Spec {
  readonly tables: readonly number[];
  readonly dim: number;
  readonly samples: number;
  /** Taken modulo the samples, tables and rows that there are. */
  readonly reads: readonly { readonly sample: number; readonly table: number; readonly row: number }[];
  /** Of the options of the embedding, its weights and whatever else is drawn. */
  readonly seed: number;
}

/** Tables small enough to be kept whole, or (where memory is shared) of up to 2³¹ rows with as many rows before them. */
function specs(family: EmbeddingFamily): fc.Arbitrary<Spec> {
  const small = fc.integer({ min: 1, max: 30 });
  const rows = family.growsWithTables ? small : fc.oneof(small, fc.integer({ min: 1, max: 2 ** 31 }));
  return fc.record({
    tables: fc.array(rows, { minLength: 1, maxLength: 3 }),
    dim: fc.integer({ min: 1, max: 9 }),
    samples: fc.integer({ min: 1, max: 4 }),
    reads: fc.array(fc.record({ sample: fc.nat(3), table: fc.nat(2), row: fc.nat(2 ** 31 - 1) }), {
      maxLength: 18,
    }),
    seed: seeds,
  });
}

/** Bags hold at most so many ids; the bound of the directional law counts on it. */
const mostIds = 3;

function caseOf(
  family: EmbeddingFamily,
  { tables, dim, samples, reads, seed }: Spec,
  backend: Backend,
): Case {
  const stream = random(seed, "case");
  const shape = { tables, dim };
  const maker = family.example(shape, stream);
  const again = () => maker({ ...shape, backend, seed });
  const bags: number[][] = Array.from({ length: samples * tables.length }, () => []);
  for (const { sample, table, row } of reads) {
    const t = table % tables.length;
    const bag = bags[(sample % samples) * tables.length + t]!;
    if (bag.length < mostIds) bag.push(row % tables[t]!);
  }
  const offsets = new Uint32Array(bags.length + 1);
  for (const [i, { length }] of bags.entries()) offsets[i + 1] = offsets[i]! + length;
  const ids = Uint32Array.from(bags.flat());
  return { family, embedding: again(), bags: { ids, offsets }, samples, stream, again };
}

function caseInWords({ embedding, bags }: Case, { seed }: Spec): string {
  const { name, tables, dim, memorySize, scheme, parameters } = embedding;
  const blocks = scheme ? `, blocks of ${scheme.block}` : "";
  const reads = Array.from(bags.offsets.subarray(1), (end, bag) => {
    const rows = Array.from(bags.ids.subarray(bags.offsets[bag]!, end));
    const where = `sample ${Math.floor(bag / tables.length)} reads of table ${bag % tables.length}`;
    return rows.length === 0 ? [] : [`${where} row ${rows.join(", row ")}`];
  }).flat();
  const arrays = parameters.map((p) => `${p.name} of ${p.size}`);
  return [
    `${name} with ${memorySize} learnable floats (${arrays.join(", ")})${blocks}`,
    `tables of ${shortList(tables)} rows, dim ${dim}, seed ${seed}`,
    reads.length === 0 ? "no row is read" : reads.join("; "),
  ].join("; ");
}

/** Embeddings looked at before a law is said to have nothing to say of a family: the same for all laws, so made once. */
const lookedAt = memoize((family: EmbeddingFamily) =>
  fc.sample(specs(family), { numRuns: 40, seed: 1 }).map((spec) => caseOf(family, spec, cpu64).embedding),
);

/**
 * The law on random cases of a family. Where it speaks of none of the first forty it is skipped with the reason; where of
 * some, it is tried on those.
 */
export const embeddingLaw = ({ law, silent, check }: Described): EmbeddingLaw => ({
  law,
  of(family, backend = cpu64) {
    const all = specs(family).map((spec) => ({ spec, example: caseOf(family, spec, backend) }));
    const silence = (embedding: Embedding) => silent?.(embedding, family);
    const reasons = silent ? lookedAt(family).map(silence) : [undefined];
    if (reasons.every((reason) => reason !== undefined)) return { skip: reasons[0]! };
    return trial({
      examples: reasons.some(Boolean)
        ? all.filter(({ example }) => silence(example.embedding) === undefined)
        : all,
      check: ({ example }) => check(example),
      words: ({ spec, example }) => caseInWords(example, spec),
    });
  },
});
