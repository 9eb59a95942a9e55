import { check, checkSize, integer } from "../../../core/errors.ts";
import { wordsPerBlock } from "../../../core/lookup.ts";
import { type AffineCoefficients, affine, type Hash } from "../../../core/numeric/hash.ts";
import { hashByName } from "../../../core/numeric/hash-by-name.ts";
import { drawnPermutation } from "../../../core/numeric/permutation.ts";
import { choiceOption, filled, type Given, wholeOption } from "../../../core/options.ts";
import {
  type EmbeddingMaker,
  floatsWithin,
  type MemorySize,
  memoryFloats,
  sharedMemory,
} from "../embedding.ts";
import {
  coefficientsOption,
  embeddingFamily,
  hashOption,
  ofFamily,
  ownSeed,
  sizeFrom,
  sizeOptions,
} from "../family.ts";
import { narrowed, narrowOptions, projectionFloats } from "../narrow.ts";
import { allTables } from "../plan.ts";
import { poolingOptions } from "../pooling.ts";
import { type SharingScheme, type TableShape, tableOffsets } from "../scheme.ts";
import {
  blockCount,
  blockFormula,
  type IndexLaw,
  indexLaw,
  indexLaws,
  placeOf,
  slotFormula,
} from "./robe-blocks.ts";
import { type SignLaw, type SignMode, signLaw, signModes } from "./robe-signs.ts";

const robeOptions = {
  ...poolingOptions,
  ...narrowOptions,
  block: wholeOption({
    from: 1,
    form: "Z",
    otherwise: "a whole row",
    help: "weights of a block, which lie side by side",
    draw: (stream, { dim }) => 1 + stream.integer(stream.integer(2) ? dim : 80),
  }),
  /**
   * `circular` (default): (h mod m + s) mod m, the law of the guarantee. `noWrap`: h mod (m − Z + 1) + s, the ROBE
   * authors' code. `noWrapShort`: h mod (m − Z) + s with blocks numbered from 1, the authors' 2023 CPU code.
   * `aligned`: Z · (h mod ⌊m/Z⌋) + s. `withinHash`: (h + s) mod P mod m, the position inside the hash (Hetu).
   * `balanced`: as aligned, of a permutation of the blocks in place of a hash: places are read by the same number of blocks,
   * give or take one, and by one each where memory holds all (theorem R18).
   */
  index: choiceOption(indexLaws, { default: "circular", help: "how a block's hash becomes its slots" }),
  hash: hashOption,
  /**
   * `independent` (default): 4-wise independent per element; with `circular` it carries the guarantee. `affine`: the
   * published form, parity of an affine hash.
   */
  sign: choiceOption(signModes, { default: "independent", help: "of each weight in its block" }),
};

const ofPrograms = {
  ...ownSeed,
  coefficients: coefficientsOption("of an affine hash, in place of those that the seed gives"),
  signCoefficients: coefficientsOption("of the affine sign"),
};

/** Block length, hashes and signs of ROBE, and how bags are pooled. */
export interface RobeOptions extends Given<typeof robeOptions> {
  readonly seed?: number;
  /** Coefficients of an affine hash, in place of those that the seed gives. */
  readonly coefficients?: AffineCoefficients;
  /** Coefficients of the affine sign: parity of (row·r3 + column·r2 + r1 [+ table·r4]) mod prime; odd is +1. */
  readonly signCoefficients?: AffineCoefficients;
}

/**
 * ROBE-Z (Desai, Chou & Shrivastava 2022): blocks of Z neighboring weights share memory at hashed places. Where
 * Z ≤ dim blocks lie within a row (the last may be shorter); where Z > dim the tables are cut flat, so that a block
 * spans rows.
 */
export const robe = (options: RobeOptions & MemorySize): EmbeddingMaker =>
  ofFamily(
    { family: "robe", given: options },
    { ...robeOptions, ...ofPrograms },
    narrowed(options, (size) =>
      sharedMemory((shape, seed) => robeScheme(shape, { seed, ...options, ...size }), options),
    ),
  );

export function robeScheme(
  shape: TableShape,
  options: RobeOptions & MemorySize & { readonly seed: number },
): SharingScheme {
  const { dim } = shape;
  const { seed } = options;
  const { index, sign } = filled(robeOptions, options);
  const memory = memoryFloats(options, shape);
  const Z = integer("Block length Z", options.block ?? Math.min(dim, memory), 1);
  checkSize(
    Z <= memory,
    () =>
      `A block of Z = ${Z} floats does not fit into a memory of ${memory}; take a smaller block or more memory.`,
  );
  checkSize(
    index !== "noWrapShort" || Z < memory,
    () => `Index law noWrapShort needs a memory larger than Z = ${Z}, but it is ${memory}.`,
  );
  const hash = hashOf(shape, Z, memory, options);
  const place = placeOf(shape, Z, index);
  const { slot, exactSlot } = indexLaw(index, hash, memory, Z);
  const block = index === "withinHash" ? 1 : Z <= dim ? Z : greatestCommonDivisor(Z, dim);
  const signed = signLaw(sign, shape, Z, seed, place, options.signCoefficients);
  const locate = Z <= dim ? locateAll(shape, Z, memory, index, hash, signed) : undefined;
  return {
    name: "robe",
    memorySize: memory,
    block,
    ...(locate && { locateBatch: locate }),
    blockStart: (table, row, b) => slot(place(table, row, b * block)),
    ...(signed && {
      signs: (table: number, row: number, b: number, word: number) =>
        signed.word(table, row, b * block + 32 * word, block),
    }),
    slotsOf: (table, row, column) => [
      { slot: exactSlot(place(table, row, column)), sign: signed?.negative(table, row, column) ? -1 : 1 },
    ],
    formulas() {
      const at = blockFormula(shape, Z, block, index);
      const term = {
        slot: slotFormula(index, hash, memory, Z, at),
        ...(signed && { negative: signed.formula(at) }),
      };
      return [{ tables: allTables(shape), terms: [term] }];
    },
    guarantee: guaranteeOf(index, sign, hash),
  };
}

/** What blocks are placed by. */
function hashOf(
  shape: TableShape,
  Z: number,
  memory: number,
  options: RobeOptions & { readonly seed: number },
): Hash {
  const { coefficients, seed } = options;
  const { index, hash } = filled(robeOptions, options);
  if (index === "balanced") {
    check(
      options.hash === undefined && coefficients === undefined,
      () => "Index law balanced permutes the blocks and takes no hash; leave hash and coefficients out.",
    );
    return drawnPermutation(blockCount(shape, Z), Math.floor(memory / Z), seed);
  }
  return coefficients ? affine(coefficients) : hashByName(hash, seed);
}

function guaranteeOf(index: IndexLaw, sign: SignMode, hash: Hash): string {
  if (index === "balanced" && sign === "independent")
    return "inner products unbiased, with the variance of balanced placement; nothing is shared where memory holds all blocks";
  if (index !== "circular") return `none: block starts of index law ${index} do not wrap evenly`;
  if (sign !== "independent")
    return `none: the sign is ${sign === "none" ? "absent" : "not independent of the place"}`;
  if (!hash.name.startsWith("polynomial"))
    return `none proved: hash ${hash.name} is not pairwise independent for all blocks`;
  return "norms, inner products and linear queries within (1 ± ε), with the variance of ROBE-Z";
}

/** All blocks of many rows at once, where both hashes are functions of a block's number. */
function locateAll(
  { tables, dim }: TableShape,
  Z: number,
  memory: number,
  index: IndexLaw,
  hash: Hash,
  signed: SignLaw | undefined,
): SharingScheme["locateBatch"] {
  const { modulos } = hash;
  const signBits = signed?.hash?.modulos;
  if (modulos === undefined || (signed && signBits === undefined)) return undefined;
  if (index !== "circular" && index !== "balanced") return undefined;
  const [range, unit] = index === "circular" ? [memory, 1] : [Math.floor(memory / Z), Z];
  const offsets = Float64Array.from(tableOffsets(tables));
  const [blocks, words] = [Math.ceil(dim / Z), wordsPerBlock(Z)];
  return (tableOf, rows, starts, signs) => {
    const numbers = (each: number): Float64Array => {
      const all = new Float64Array(rows.length * each);
      for (let i = 0, at = 0; i < rows.length; i++) {
        const first = (offsets[tableOf[i]!]! + rows[i]!) * each;
        for (let b = 0; b < each; b++) all[at++] = first + b;
      }
      return all;
    };
    const blockNumbers = numbers(blocks);
    modulos(blockNumbers, range, starts);
    if (unit > 1) for (let i = 0; i < starts.length; i++) starts[i]! *= unit;
    if (signs) signBits!(words === 1 ? blockNumbers : numbers(blocks * words), 2 ** 32, signs);
  };
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

export const robeFamily = embeddingFamily({
  name: "robe",
  summary: "blocks of --block weights at hashed places of one memory",
  options: { ...sizeOptions, ...robeOptions },
  hidden: ofPrograms,
  make: (options) => robe({ ...options, ...sizeFrom(options, "robe") }),
  fitTo: (bytes, shape, options) =>
    robe({
      ...options,
      memorySize: floatsWithin(bytes, "robe", options.block ?? 1, options, projectionFloats(shape, options)),
    }),
  example: (_, stream, drawn) =>
    robe({
      ...drawn,
      hash: drawn.index === "balanced" ? undefined : drawn.hash,
      memorySize: drawn.block! + 1 + stream.integer(40),
      seed: stream.integer(2000),
    }),
});
