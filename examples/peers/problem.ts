import { type Backend, dlrm, lookupOf, robe, sgd, trainStep } from "pss-dlrm";
import { type BenchShape, randomBatch } from "../../cli/bench/cases.ts";
import { eachRead } from "../../core/lookup.ts";

type Layers = BenchShape["model"];

/** The model that everyone computes, one of the DLRM reference's, and its batch. */
export interface Sizes extends Layers {
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
  const rows = randomBatch({ model: sizes, batch });
  let t = 0;
  return { model, rows, step: () => trainStep(model, rows, ++t, { optimizer: sgd(rate) }) };
}

type Ours = ReturnType<typeof ours>;

/** The same numbers as plain arrays. */
export async function problemOf(sizes: Sizes, { model, rows }: Ours): Promise<Problem> {
  const values = await Promise.all(
    model.parameters.map(async (p) => Float32Array.from(await p.tensor.data())),
  );
  const [memory, ...weights] = values as [Float32Array, ...Float32Array[]];
  const layers: Layer[] = [];
  for (let i = 0; i < weights.length; i += 2) {
    const [weight, bias] = [weights[i]!, weights[i + 1]!];
    layers.push({ weight, bias, out: bias.length, in: weight.length / bias.length });
  }
  const { bottom, tables } = sizes;
  const vectors = tables.length + 1;
  const pairs = Array.from({ length: vectors }, (_, i) =>
    Array.from({ length: i }, (_, j) => i * vectors + j),
  );
  return {
    sizes,
    memory,
    bottom: layers.slice(0, bottom.length),
    top: layers.slice(bottom.length),
    dense: Float32Array.from(rows.dense),
    labels: Float32Array.from(rows.labels),
    ...places(model, rows.bags),
    triangle: Int32Array.from(pairs.flat()),
  };
}

/** Slot and sign of every embedding float; millions, so typed arrays that a loop fills. */
function places({ config, embedding }: Ours["model"], bags: Ours["rows"]["bags"]) {
  const reads = bags.ids.length * config.dim;
  const [slots, signs] = [new Int32Array(reads), new Float32Array(reads)];
  eachRead(lookupOf(embedding.scheme!, config, bags), (bag, column, slot, sign) => {
    slots[bag * config.dim + column] = slot;
    signs[bag * config.dim + column] = sign;
  });
  return { slots, signs };
}
