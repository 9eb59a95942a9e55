import { require } from "../../core/errors.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { gather } from "../../core/ops/gather.ts";
import { reshape } from "../../core/ops/reshape.ts";
import { Parameter } from "../../core/parameter.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";
import type { Bags } from "../data/dataset.ts";
import { fullScheme } from "./full-scheme.ts";
import { type EmbeddingSetting, lookupOf } from "./scheme.ts";
import type { StorageOptions } from "./storage.ts";

/** Options of every embedding that reads a shared memory. */
export interface PoolingOptions extends StorageOptions {
  /** `sum` of a bag's rows, their `mean`, or their sum weighted by a learned number per row. Default: sum. */
  readonly pooling?: "sum" | "mean" | "learned";
  /**
   * Multiply table t by λ_t = √(n_max / n_t). A shared memory starts with one spread for all tables, 1/√n_max; small
   * tables, whose full counterpart starts at 1/√n_t, would otherwise start that much too small.
   */
  readonly tableScale?: boolean;
}

/** 1 / (ids in the bag), for each bag; 0 for an empty one. */
export const shares = ({ offsets }: Bags): Float64Array =>
  Float64Array.from({ length: offsets.length - 1 }, (_, bag) => {
    const count = offsets[bag + 1]! - offsets[bag]!;
    return count === 0 ? 0 : 1 / count;
  });

/** One learned weight a row, all 1 at first: a full table of dimension 1. */
export function learnedPooling({ tables, backend }: EmbeddingSetting) {
  const shape = { tables, dim: 1 };
  const scheme = fullScheme(shape);
  const ones = new Float32Array(scheme.memory).fill(1);
  const weights = new Parameter("embedding.pooling", tensor(backend, [scheme.memory], ones), 1);
  return {
    weights,
    combine(rows: Tensor, bags: Bags): Tensor {
      const factors = gather(weights.tensor, { lookup: lookupOf(scheme, shape, bags, true) });
      return sumBags(multiply(rows, factors), bags);
    },
  };
}

/** Sums the rows of each bag: [ids × dim] → [bags × dim]. */
function sumBags(rows: Tensor, { offsets }: Bags): Tensor {
  const [items, dim] = rows.shape as [number, number];
  const starts = Uint32Array.from({ length: items }, (_, item) => item * dim);
  const lookup = { dim, block: dim, starts, bags: offsets, memory: items * dim };
  return gather(reshape(rows, { shape: [items * dim] }), { lookup });
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

/** Throws an InputError where the options ask an embedding that only sums bags for more. */
export function requirePlainSums(
  name: string,
  { pooling = "sum", tableScale = false, storage = "f32" }: PoolingOptions,
): void {
  requireFloats(name, storage);
  require(pooling === "sum" && !tableScale, () =>
    `${name} sums each bag and scales no table, so ${pooling === "sum" ? "tableScale" : `pooling ${pooling}`} does not apply to it; leave it out.`);
}

/** Throws an InputError where an embedding whose memory is floats is asked to store halves. */
export const requireFloats = (name: string, storage: PoolingOptions["storage"] = "f32"): void =>
  require(storage === "f32", () =>
    `${name} stores its memory as f32, so storage ${storage} does not apply to it; leave it out.`);
