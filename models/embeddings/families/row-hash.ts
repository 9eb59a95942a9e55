import { require } from "../../../core/errors.ts";
import type { Hash, Key } from "../../../core/numeric/hash.ts";
import { type HashName, hashByName, hashNames } from "../../../core/numeric/hash-by-name.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import {
  type EmbeddingFamily,
  type EmbeddingMaker,
  type EmbeddingOptions,
  floatsWithin,
  type MemorySize,
  memoryFloats,
  oneOf,
  sharedMemory,
  sizeFrom,
} from "../embedding.ts";
import type { PoolingOptions } from "../pooling.ts";
import { type Place, type SharingScheme, type TableShape, tableOffsets } from "../scheme.ts";

interface RowHashOptions extends PoolingOptions {
  readonly seed?: number;
  readonly hash?: HashName;
  /** One sign per row: what makes the sketch unbiased. Default: none, as the hashing trick is usually run. */
  readonly sign?: "none" | "row";
}

/**
 * The hashing trick (Weinberger et al. 2009): each row of each table is one of ⌊memory / dim⌋ shared rows.
 * Memory in floats is rounded down to whole rows.
 */
export const rowHash = (options: RowHashOptions & MemorySize): EmbeddingMaker =>
  sharedMemory((shape, seed) => rowHashScheme(shape, { seed, ...options, hashes: 1 }), options);

/** Each row is the sum of `hashes` shared rows, each chosen by a hash of its own. */
export const multiHash = (
  options: RowHashOptions & MemorySize & { readonly hashes?: number },
): EmbeddingMaker =>
  sharedMemory((shape, seed) => rowHashScheme(shape, { hashes: 2, seed, ...options }), options);

export function rowHashScheme(
  shape: TableShape,
  options: RowHashOptions & MemorySize & { readonly hashes: number; readonly seed: number },
): SharingScheme {
  const { seed, hashes, hash = "mersenne61", sign = "none" } = options;
  const { dim } = shape;
  const rows = Math.floor(memoryFloats(options, shape) / dim);
  require(rows >= 1, () =>
    `A memory of ${memoryFloats(options, shape)} floats holds no row of ${dim}; give at least ${dim}.`);
  const offsets = tableOffsets(shape.tables);
  const locations = streams(seed, "location", hashes).map((s) => hashByName(hash, s));
  const signs = streams(seed, "sign", hashes).map((s) => hashByName("polynomial4", s));
  const key = (table: number, row: number): Key => ({
    table,
    row,
    first: offsets[table]!,
    block: 0,
    blocks: 1,
  });
  const negative = (h: Hash, at: Key) => sign === "row" && h.exact(at) % 2n === 1n;
  return {
    name: hashes === 1 ? "rowHash" : "multiHash",
    memory: rows * dim,
    block: dim,
    rowLength: dim,
    copies: () => hashes,
    start: (table, row, _, copy) => locations[copy]!.modulo(key(table, row), rows) * dim,
    ...(sign === "row" && {
      signs: (table: number, row: number, _: number, __: number, copy: number) =>
        signs[copy]!.modulo(key(table, row), 2 ** 32) % 2 === 1 ? 0xffffffff : 0,
    }),
    explain: (table, row, column) =>
      locations.map((h, copy): Place => {
        const at = key(table, row);
        return {
          slot: Number(h.exact(at) % BigInt(rows)) * dim + column,
          sign: negative(signs[copy]!, at) ? -1 : 1,
        };
      }),
    guarantee:
      hashes === 1 && sign === "row" && (hash === "mersenne61" || hash === "polynomial4")
        ? "spectrum and Gram matrix of the table, rows sketched with signs"
        : "none: without an independent sign per row the sketch is biased",
  };
}

/** `count` seeds of independent hashes; the first location's is the seed itself. */
const streams = (seed: number, name: string, count: number): number[] =>
  Array.from({ length: count }, (_, j) =>
    name === "location" && j === 0 ? seed : random(seed, `${name}.${j}`).bits(),
  );

const rowSigns = ["none", "row"] as const;

const optionsFrom = (options: EmbeddingOptions, name: string) => ({
  ...options,
  ...sizeFrom(options, name),
  hash: oneOf("hash", options.hash, hashNames, "mersenne61"),
  sign: oneOf("sign", options.sign, rowSigns, "none"),
});

const exampleOptions = ({ dim }: TableShape, stream: Random) => ({
  memory: dim * (1 + stream.integer(6)) + stream.integer(dim),
  seed: stream.integer(2000),
  hash: hashNames[stream.integer(hashNames.length)]!,
  sign: rowSigns[stream.integer(2)]!,
});

export const rowHashFamily: EmbeddingFamily = {
  name: "rowHash",
  summary: "each row is a shared row (hashing trick)",
  make: (options) => rowHash(optionsFrom(options, "rowHash")),
  within: (bytes, { dim }, options) =>
    rowHashFamily.make({ ...options, memory: floatsWithin(bytes, "rowHash", dim, options) }),
  example: (shape, stream) => rowHash(exampleOptions(shape, stream)),
};

export const multiHashFamily: EmbeddingFamily = {
  name: "multiHash",
  summary: "each row is the sum of --hashes shared rows",
  make: (options) => multiHash(optionsFrom(options, "multiHash")),
  within: (bytes, { dim }, options) =>
    multiHashFamily.make({ ...options, memory: floatsWithin(bytes, "multiHash", dim, options) }),
  example: (shape, stream) => multiHash({ ...exampleOptions(shape, stream), hashes: 1 + stream.integer(3) }),
};
