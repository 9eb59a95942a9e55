import { require } from "../core/errors.ts";
import {
  type EmbeddingFamily,
  type EmbeddingMaker,
  fillUniform,
  floatsWithin,
  type PoolingOptions,
  sharedMemory,
} from "./embedding.ts";
import { type SharingScheme, type TableShape, tableOffsets, virtualFloats } from "./sharing.ts";

/** Every weight has a slot of its own, tables one after the other: no sharing. Memory N = Σ rows · dim. */
export const full = (options: PoolingOptions = {}): EmbeddingMaker => sharedMemory(fullScheme, options);

export function fullScheme(shape: TableShape): SharingScheme {
  const { tables, dim } = shape;
  const offsets = tableOffsets(tables);
  const memory = virtualFloats(shape);
  require(memory < 2 ** 32, () =>
    `Full tables of ${memory} floats (${(memory * 4) / 1e9} GB) do not fit into one memory of at most 2³² − 1 floats; use robe with a compression.`);
  return {
    name: "full",
    memory,
    block: dim,
    rowLength: dim,
    start: (table, row) => (offsets[table]! + row) * dim,
    explain: (table, row, column) => [{ slot: (offsets[table]! + row) * dim + column, sign: 1 }],
    guarantee: "exact: nothing is shared",
    initialize(values, stream) {
      tables.forEach((rows, t) => {
        const [from, to] = [offsets[t]! * dim, offsets[t + 1]! * dim];
        fillUniform(values.subarray(from, to), 1 / Math.sqrt(rows), stream);
      });
    },
  };
}

export const fullFamily: EmbeddingFamily = {
  name: "full",
  summary: "every row of its own",
  growsWithTables: true,
  make: full,
  within(bytes, shape, options) {
    floatsWithin(bytes, "full", virtualFloats(shape), options);
    return full(options);
  },
  example: () => full(),
};
