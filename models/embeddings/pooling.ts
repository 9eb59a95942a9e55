import { multiply } from "../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../core/ops/embedding-bag.ts";
import { reshape } from "../../core/ops/reshape.ts";
import { choiceOption, type Given, switchOption } from "../../core/options.ts";
import { Parameter } from "../../core/parameter.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";
import type { Bags } from "../data/dataset.ts";
import { fullScheme } from "./full-scheme.ts";
import { type Rows, readsOf } from "./plan.ts";
import { zerosFor } from "./room.ts";
import { checkBlank, type EmbeddingSetting, lookupOf, type TableShape } from "./scheme.ts";
import { storageOptions } from "./storage.ts";

/** How rows become the vector of a bag. */
export const bagOptions = {
  pooling: choiceOption(["sum", "mean", "learned"], {
    default: "sum",
    help: "of a bag's rows: their sum, their mean, or their sum weighted by a learned number a row",
    draw: "none", // laws say what a sum of rows is
  }),
  /**
   * Multiply table t by λ_t = √(n_max / n_t). A shared memory starts with one spread for all tables, 1/√n_max; small
   * tables, whose full counterpart starts at 1/√n_t, would otherwise start that much too small.
   */
  tableScale: switchOption({ help: "multiplies each table by √(largest table / its rows)", draw: "none" }),
};

/** Options of every embedding that reads a shared memory. */
export const poolingOptions = { ...storageOptions, ...bagOptions };

export type PoolingOptions = Given<typeof poolingOptions>;

/** 1 / (ids in the bag), for each bag; 0 for an empty one. */
export const shares = ({ offsets }: Bags): Float64Array =>
  Float64Array.from({ length: offsets.length - 1 }, (_, bag) => {
    const count = offsets[bag + 1]! - offsets[bag]!;
    return count === 0 ? 0 : 1 / count;
  });

/** One learned weight a row, all 1 at first: a full table of dimension 1. */
export function learnedPooling(setting: EmbeddingSetting) {
  const { tables, backend } = setting;
  const shape = { tables, dim: 1 };
  const scheme = fullScheme(shape);
  checkBlank(scheme.memorySize, setting);
  const ones = zerosFor(backend, scheme.memorySize).fill(1);
  const weights = new Parameter("embedding.pooling", tensor(backend, [scheme.memorySize], ones), 1);
  return {
    weights,
    combine(rows: Tensor, bags: Bags): Tensor {
      const factors = embeddingBag(weights.tensor, { lookup: lookupOf(scheme, shape, bags, true) });
      return sumBags(multiply(rows, factors), bags);
    },
  };
}

/** What a plan reads for {@link learnedPooling}: a number a row. */
export const poolingWeights = ({ tables }: TableShape): Rows =>
  readsOf(fullScheme({ tables, dim: 1 }), { tables, dim: 1 }, "embedding.pooling")![0]!.rows;

/** Sums the rows of each bag: [ids × dim] → [bags × dim]. */
function sumBags(rows: Tensor, { offsets }: Bags): Tensor {
  const [items, dim] = rows.shape as [number, number];
  const starts = Uint32Array.from({ length: items }, (_, item) => item * dim);
  const lookup = { dim, block: dim, starts, bags: offsets, memorySize: items * dim };
  return embeddingBag(reshape(rows, { shape: [items * dim] }), { lookup });
}

/**
 * Bag sums of rows that are computed one by one: [samples × T·dim]. `rows` makes [ids × dim], one row an id, and is not
 * called for a batch without any.
 */
export function pooledRows(
  { tables, dim, backend }: EmbeddingSetting,
  bags: Bags,
  rows: () => Tensor,
): Tensor {
  const width = tables.length * dim;
  const shape = [(bags.offsets.length - 1) / tables.length, width];
  if (bags.ids.length === 0) return tensor(backend, shape, new Float32Array(shape[0]! * width));
  return reshape(sumBags(rows(), bags), { shape });
}
