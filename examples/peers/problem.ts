import { type Backend, type Batch, dlrm, lookupOf, random, robe, sgd, trainStep } from "pss-dlrm";

/** Layer sizes of the model that everyone computes: Criteo-Kaggle's, as the DLRM reference trains it. */
export interface Sizes {
  readonly name: string;
  readonly dense: number;
  readonly tables: readonly number[];
  readonly dim: number;
  readonly bottom: readonly number[];
  readonly top: readonly number[];
  readonly compression: number;
  readonly block: number;
  readonly batch: number;
}

/** One layer: weight [out × in] and bias [out]. */
export interface Layer {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly out: number;
  readonly in: number;
}

/** What a peer is given: parameters, one batch, and where each embedding float is. Nobody else has the exact hash. */
export interface Problem {
  readonly sizes: Sizes;
  readonly memory: Float32Array;
  readonly bottom: readonly Layer[];
  readonly top: readonly Layer[];
  /** [B × dense], [B] */
  readonly dense: Float32Array;
  readonly labels: Float32Array;
  /** [B × T × d] the slot of each embedding float, and its sign. */
  readonly slots: Int32Array;
  readonly signs: Float32Array;
  /** [T(T + 1)/2] which cells of the flat (T + 1) × (T + 1) products are the pairs. */
  readonly triangle: Int32Array;
}

export const rate = 0.1;

/** Our model, with all that its embedding does on the host: hashing is in the time of a step. */
export function ours(sizes: Sizes, backend: Backend) {
  const { compression, block, batch } = sizes;
  const model = dlrm({ ...sizes, embedding: robe({ compression, block, seed: 1 }), backend, seed: 1 });
  const rows = randomBatch(sizes, batch);
  let t = 0;
  return { model, rows, step: () => trainStep(model, rows, ++t, { optimizer: sgd(rate) }) };
}

function randomBatch({ tables, dense }: Sizes, size: number): Batch {
  const stream = random(3, "batch");
  const ids = Uint32Array.from({ length: size * tables.length }, (_, i) =>
    Math.floor(tables[i % tables.length]! * stream.uniform() ** 3),
  );
  return {
    size,
    dense: Float32Array.from({ length: size * dense }, () => stream.uniform()),
    labels: Float32Array.from({ length: size }, () => stream.integer(2)),
    bags: { ids, offsets: Uint32Array.from({ length: ids.length + 1 }, (_, i) => i) },
  };
}

/** The same numbers as plain arrays. */
export async function problemOf(sizes: Sizes, { model, rows }: ReturnType<typeof ours>): Promise<Problem> {
  const values = await Promise.all(
    model.parameters.map(async (p) => Float32Array.from(await p.tensor.data())),
  );
  const [memory, ...weights] = values as [Float32Array, ...Float32Array[]];
  const layers: Layer[] = [];
  for (let i = 0; i < weights.length; i += 2) {
    const [weight, bias] = [weights[i]!, weights[i + 1]!];
    layers.push({ weight, bias, out: bias.length, in: weight.length / bias.length });
  }
  const { bottom, tables, dim } = sizes;
  const vectors = tables.length + 1;
  const pairs = Array.from({ length: vectors }, (_, i) =>
    Array.from({ length: i }, (_, j) => i * vectors + j),
  );
  const lookup = lookupOf(model.embedding.scheme!, { tables, dim }, rows.bags);
  const each = Array.from({ length: rows.bags.ids.length * dim }, (_, i) => placeOf(lookup, i, dim));
  return {
    sizes,
    memory,
    bottom: layers.slice(0, bottom.length),
    top: layers.slice(bottom.length),
    dense: Float32Array.from(rows.dense),
    labels: Float32Array.from(rows.labels),
    slots: Int32Array.from(each, ([slot]) => slot),
    signs: Float32Array.from(each, ([, sign]) => sign),
    triangle: Int32Array.from(pairs.flat()),
  };
}

/** Slot and sign of float `i` of a batch, for blocks that divide a row and are at most 32 long. */
function placeOf({ starts, signs, block, memory }: ReturnType<typeof lookupOf>, i: number, dim: number) {
  const [item, column] = [Math.floor(i / dim), i % dim];
  const b = item * (dim / block) + Math.floor(column / block);
  const slot = (starts[b]! + (column % block)) % memory;
  return [slot, signs && (signs[b]! >>> (column % block)) & 1 ? -1 : 1] as const;
}
