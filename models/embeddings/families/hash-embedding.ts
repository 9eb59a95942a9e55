import { integer } from "../../../core/errors.ts";
import { random } from "../../../core/numeric/random.ts";
import { multiply } from "../../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { reshape } from "../../../core/ops/reshape.ts";
import { sum } from "../../../core/ops/sum.ts";
import { filled, type Given, wholeOption } from "../../../core/options.ts";
import {
  type EmbeddingMaker,
  floatsWithin,
  type MemorySize,
  memoryFloats,
  uniformParameter,
} from "../embedding.ts";
import { embeddingFamily, hashOption, ofFamily, ownSeed, sizeFrom, sizeOptions } from "../family.ts";
import { fullScheme } from "../full-scheme.ts";
import type { Plan, Rows, SchemeFormula } from "../plan.ts";
import { pooledRows } from "../pooling.ts";
import { lookupOf, type SharingScheme, type TableShape, tableOffsets, virtualFloats } from "../scheme.ts";
import { rowHashScheme } from "./row-hash.ts";

const hashEmbeddingOptions = {
  /** k, component rows of a row: 2 is the paper's usual choice. */
  hashes: wholeOption({
    from: 1,
    to: 2 ** 16,
    default: 2,
    help: "shared rows that a row is the weighted sum of",
    draw: (stream) => 1 + stream.integer(3),
  }),
  hash: hashOption,
};

interface HashEmbeddingOptions extends Given<typeof hashEmbeddingOptions> {
  readonly seed?: number;
}

/**
 * Hash embeddings (Svenstrup, Hansen & Winther, NeurIPS 2017, arXiv 1709.03933): row x is Σ_j p_j(x) · B[h_j(x)], k rows
 * of one shared pool B by k hashes, weighted by k learned importance weights. Memory: `hashEmbeddingSize`.
 * Components start uniform on ±1/√n, n the rows of the largest table, weights on ±√(3/k): E p² = 1/k, so that the
 * variance of a row's elements is that of a full table of n rows, 1/(3n).
 */
export function hashEmbedding(options: HashEmbeddingOptions & MemorySize): EmbeddingMaker {
  return ofFamily(
    { family: "hashEmbedding", given: options },
    { ...hashEmbeddingOptions, ...ownSeed },
    (setting) => {
      const { tables, dim, seed } = setting;
      const { summed, components, weights, hashes, floats } = hashEmbeddingSchemes(setting, {
        seed,
        ...options,
      });
      const limit = 1 / Math.sqrt(Math.max(...tables));
      const memory = uniformParameter("embedding.memory", components.memorySize, limit, dim, setting);
      const spread = Math.sqrt(3 / hashes);
      const importance = uniformParameter("embedding.weights", weights.memorySize, spread, hashes, setting);
      return {
        name: "hashEmbedding",
        tables,
        dim,
        memorySize: floats,
        bytes: 4 * floats,
        virtualSize: virtualFloats(setting),
        parameters: [memory, importance],
        plan: () => weightedPlan(setting, summed, weights, hashes),
        forward: (bags) =>
          pooledRows(setting, bags, () => {
            const items = bags.ids.length;
            const read = (from: typeof memory, scheme: SharingScheme, width: number) => {
              const lookup = lookupOf(scheme, { tables, dim: hashes * width }, bags, true);
              return reshape(embeddingBag(from.tensor, { lookup }), { shape: [items, hashes, width] });
            };
            const weighted = multiply(read(memory, components, dim), read(importance, weights, 1));
            return reshape(sum(weighted, { axis: 1, count: 1 }), { shape: [items, dim] });
          }),
      };
    },
  );
}

/**
 * What `floats` are spent on: B component rows of dim floats and K weight rows of k. Weights take at most half, as in the
 * comparison of Tsang & Ahle (NeurIPS 2023, arXiv 2210.05974): K is then B·dim/k, and the paper wants many more weight
 * rows than components. Where half holds a weight row for each row, each has its own, and the pool takes the rest.
 */
export function hashEmbeddingSize(floats: number, { tables, dim }: TableShape, hashes: number) {
  const affordable = Math.floor(Math.min(floats / 2, floats - dim) / hashes);
  const weightRows = Math.min(Math.max(1, affordable), tableOffsets(tables).at(-1)!);
  const componentRows = Math.floor((floats - weightRows * hashes) / dim);
  return { componentRows, weightRows, floats: componentRows * dim + weightRows * hashes };
}

/**
 * How both memories are read. `components` sees a row as k·dim floats, component after component, `weights` as k floats:
 * hashed by a function of its own, so that rows which share weights need not share components.
 */
export function hashEmbeddingSchemes(
  shape: TableShape,
  options: HashEmbeddingOptions & MemorySize & { readonly seed: number },
) {
  const { seed, hash } = options;
  const { tables, dim } = shape;
  const hashes = integer(
    "Hashes of hashEmbedding",
    options.hashes ?? hashEmbeddingOptions.hashes.default,
    1,
    2 ** 16,
  );
  const given = memoryFloats(options, shape);
  floatsWithin(4 * given, "hashEmbedding", dim + hashes);
  const { componentRows, weightRows, floats } = hashEmbeddingSize(given, shape, hashes);
  const hashed = (of: TableShape, rows: number, k: number, s: number) =>
    rowHashScheme(of, { memorySize: rows * of.dim, hashes: k, seed: s, ...(hash && { hash }) });
  const importance = { tables, dim: hashes };
  const weights =
    weightRows === tableOffsets(tables).at(-1)
      ? fullScheme(importance)
      : hashed(importance, weightRows, 1, random(seed, "weights").bits());
  const summed = hashed(shape, componentRows, hashes, seed);
  return {
    summed,
    components: unsummed(summed, dim),
    weights,
    hashes,
    floats,
  };
}

/** Σ_j of what hash j chooses times weight j. */
function weightedPlan(
  shape: TableShape,
  { formulas }: SharingScheme,
  weights: SharingScheme,
  hashes: number,
): Plan {
  const [{ tables, terms }] = formulas!() as [SchemeFormula];
  const [
    {
      terms: [weight],
    },
  ] = weights.formulas!() as [SchemeFormula];
  const { dim } = shape;
  const rows = terms
    .map(
      (term, column): Rows => ({
        is: "multiply",
        left: { is: "read", from: "embedding.memory", width: dim, block: dim, ...term },
        right: { is: "read", from: "embedding.weights", width: hashes, block: hashes, column, ...weight! },
      }),
    )
    .reduce((left, right): Rows => ({ is: "add", left, right }));
  return [{ tables, pooled: { is: "sum", rows } }];
}

/** The rows that a scheme sums, one after the other instead: block j is what hash j chooses. */
function unsummed({ copies: _, formulas: __, ...summed }: SharingScheme, dim: number): SharingScheme {
  return {
    ...summed,
    blockStart: (table, row, block) => summed.blockStart(table, row, 0, block),
    slotsOf: (table, row, column) => [summed.slotsOf(table, row, column % dim)[Math.floor(column / dim)]!],
  };
}

export const hashEmbeddingFamily = embeddingFamily({
  name: "hashEmbedding",
  summary: "each row is the sum of --hashes shared rows, weighted by learned numbers",
  options: { ...sizeOptions, ...hashEmbeddingOptions },
  hidden: ownSeed,
  make: (options) => hashEmbedding({ ...options, ...sizeFrom(options, "hashEmbedding") }),
  fitTo: (bytes, { dim }, options) =>
    hashEmbedding({
      ...options,
      memorySize: floatsWithin(bytes, "hashEmbedding", dim + filled(hashEmbeddingOptions, options).hashes),
    }),
  example: ({ dim }, stream, drawn) =>
    hashEmbedding({
      ...drawn,
      memorySize: dim + drawn.hashes! + stream.integer(stream.integer(2) ? 60 : 400),
      seed: stream.integer(2000),
    }),
});
