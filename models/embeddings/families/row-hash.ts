import { checkSize } from "../../../core/errors.ts";
import { bitOf, lifted, plus, remainder, times } from "../../../core/numeric/formula.ts";
import type { Hash, Key } from "../../../core/numeric/hash.ts";
import { hashByName } from "../../../core/numeric/hash-by-name.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import { choiceOption, filled, type Given, wholeOption } from "../../../core/options.ts";
import {
  type EmbeddingMaker,
  floatsWithin,
  type MemorySize,
  memoryFloats,
  sharedMemory,
} from "../embedding.ts";
import { embeddingFamily, hashOption, ofFamily, ownSeed, sizeFrom, sizeOptions } from "../family.ts";
import { narrowed, narrowOptions, projectionFloats } from "../narrow.ts";
import { allTables, element, rowKey } from "../plan.ts";
import { poolingOptions } from "../pooling.ts";
import { type Place, type SharingScheme, type TableShape, tableOffsets } from "../scheme.ts";

const rowHashOptions = {
  ...poolingOptions,
  ...narrowOptions,
  hash: hashOption,
  /** One sign per row: what makes the sketch unbiased. */
  sign: choiceOption(["none", "row"], {
    default: "none",
    help: "one sign a row; none is how the hashing trick is usually run",
  }),
};

const multiHashOptions = {
  ...rowHashOptions,
  hashes: wholeOption({
    from: 1,
    to: 2 ** 16,
    default: 2,
    help: "shared rows that a row is the sum of",
    draw: (stream) => 1 + stream.integer(3),
  }),
};

interface Seeded {
  readonly seed?: number;
}

/**
 * The hashing trick (Weinberger et al. 2009): each row of each table is one of ⌊memory / dim⌋ shared rows.
 * Memory in floats is rounded down to whole rows.
 */
export const rowHash = (options: Given<typeof rowHashOptions> & Seeded & MemorySize): EmbeddingMaker =>
  ofFamily(
    { family: "rowHash", given: options },
    { ...rowHashOptions, ...ownSeed },
    narrowed(options, (size) =>
      sharedMemory((shape, seed) => rowHashScheme(shape, { seed, ...options, ...size, hashes: 1 }), options),
    ),
  );

/** Each row is the sum of `hashes` shared rows, each chosen by a hash of its own. */
export const multiHash = (options: Given<typeof multiHashOptions> & Seeded & MemorySize): EmbeddingMaker =>
  ofFamily(
    { family: "multiHash", given: options },
    { ...multiHashOptions, ...ownSeed },
    narrowed(options, (size) =>
      sharedMemory(
        (shape, seed) =>
          rowHashScheme(shape, {
            seed,
            ...options,
            ...size,
            hashes: options.hashes ?? multiHashOptions.hashes.default,
          }),
        options,
      ),
    ),
  );

export function rowHashScheme(
  shape: TableShape,
  options: Given<typeof rowHashOptions> & MemorySize & { readonly hashes: number; readonly seed: number },
): SharingScheme {
  const { seed, hashes } = options;
  const { hash, sign } = filled(rowHashOptions, options);
  const { dim } = shape;
  const rows = Math.floor(memoryFloats(options, shape) / dim);
  checkSize(
    rows >= 1,
    () => `A memory of ${memoryFloats(options, shape)} floats holds no row of ${dim}; give at least ${dim}.`,
  );
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
    memorySize: rows * dim,
    block: dim,
    rowLength: dim,
    copies: () => hashes,
    blockStart: (table, row, _, copy) => locations[copy]!.modulo(key(table, row), rows) * dim,
    ...(sign === "row" && {
      signs: (table: number, row: number, _: number, __: number, copy: number) =>
        signs[copy]!.modulo(key(table, row), 2 ** 32) % 2 === 1 ? 0xffffffff : 0,
    }),
    slotsOf: (table, row, column) =>
      locations.map((h, copy): Place => {
        const at = key(table, row);
        return {
          slot: Number(h.exact(at) % BigInt(rows)) * dim + column,
          sign: negative(signs[copy]!, at) ? -1 : 1,
        };
      }),
    formulas() {
      const at = rowKey(shape, lifted(0), 1);
      const terms = locations.map((h, copy) => ({
        slot: plus(times(remainder(h.formula!(at), rows), dim), element),
        ...(sign === "row" && { negative: bitOf(signs[copy]!.formula!(at), 0) }),
      }));
      return [{ tables: allTables(shape), terms }];
    },
    guarantee:
      hashes === 1 && sign === "row" && (hash === "mersenne61" || hash === "polynomial4")
        ? "a subspace embedding and the Gram matrix of the table, rows sketched with signs"
        : "none: without an independent sign per row the sketch is biased",
  };
}

/** `count` seeds of independent hashes; the first location's is the seed itself. */
const streams = (seed: number, name: string, count: number): number[] =>
  Array.from({ length: count }, (_, j) =>
    name === "location" && j === 0 ? seed : random(seed, `${name}.${j}`).bits(),
  );

const exampleSize = ({ dim }: TableShape, stream: Random) => ({
  memorySize: dim * (1 + stream.integer(6)) + stream.integer(dim),
  seed: stream.integer(2000),
});

const rowsWithin = (bytes: number, name: string, shape: TableShape, options: Given<typeof rowHashOptions>) =>
  floatsWithin(bytes, name, options.rowFloats ?? shape.dim, options, projectionFloats(shape, options));

export const rowHashFamily = embeddingFamily({
  name: "rowHash",
  summary: "each row is a shared row (hashing trick)",
  options: { ...sizeOptions, ...rowHashOptions },
  hidden: ownSeed,
  make: (options) => rowHash({ ...options, ...sizeFrom(options, "rowHash") }),
  fitTo: (bytes, shape, options) =>
    rowHash({ ...options, memorySize: rowsWithin(bytes, "rowHash", shape, options) }),
  example: (shape, stream, drawn) => rowHash({ ...drawn, ...exampleSize(shape, stream) }),
});

export const multiHashFamily = embeddingFamily({
  name: "multiHash",
  summary: "each row is the sum of --hashes shared rows",
  options: { ...sizeOptions, ...multiHashOptions },
  hidden: ownSeed,
  make: (options) => multiHash({ ...options, ...sizeFrom(options, "multiHash") }),
  fitTo: (bytes, shape, options) =>
    multiHash({ ...options, memorySize: rowsWithin(bytes, "multiHash", shape, options) }),
  example: (shape, stream, drawn) => multiHash({ ...drawn, ...exampleSize(shape, stream) }),
});
