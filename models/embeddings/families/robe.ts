import { check, checkSize, InputError, integer } from "../../../core/errors.ts";
import { wordsPerBlock } from "../../../core/lookup.ts";
import {
  type AffineCoefficients,
  affine,
  type Hash,
  type Key,
  polynomial,
  polynomialCoefficients,
  signWord,
} from "../../../core/numeric/hash.ts";
import { hashByName } from "../../../core/numeric/hash-by-name.ts";
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
import { poolingOptions } from "../pooling.ts";
import { type SharingScheme, type TableShape, tableOffsets } from "../scheme.ts";

/** How a block's hash becomes its slots. */
const indexLaws = ["circular", "noWrap", "noWrapShort", "aligned", "withinHash"] as const;
type IndexLaw = (typeof indexLaws)[number];

const signModes = ["none", "affine", "independent"] as const;
type SignMode = (typeof signModes)[number];

const robeOptions = {
  ...poolingOptions,
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
    sharedMemory((shape, seed) => robeScheme(shape, { seed, ...options }), options),
  );

/** The block that holds an element: its key, and the element's position in it. */
interface BlockPlace {
  readonly key: Key;
  readonly position: number;
}

export function robeScheme(
  shape: TableShape,
  options: RobeOptions & MemorySize & { readonly seed: number },
): SharingScheme {
  const { dim } = shape;
  const { seed } = options;
  const { index, hash: hashName, sign } = filled(robeOptions, options);
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
  const hash = options.coefficients ? affine(options.coefficients) : hashByName(hashName, seed);
  const place = placeOf(shape, Z, index);
  const { slot, exactSlot } = indexLaw(index, hash, memory, Z);
  const signed = signLaw(sign, shape, Z, seed, place, options.signCoefficients);
  const block = index === "withinHash" ? 1 : Z <= dim ? Z : greatestCommonDivisor(Z, dim);
  const locate = index === "circular" && Z <= dim ? locateAll(shape, Z, memory, hash, signed) : undefined;
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
    guarantee: guaranteeOf(index, sign, hash),
  };
}

function guaranteeOf(index: IndexLaw, sign: SignMode, hash: Hash): string {
  if (index !== "circular") return `none: block starts of index law ${index} do not wrap evenly`;
  if (sign !== "independent")
    return `none: the sign is ${sign === "none" ? "absent" : "not independent of the place"}`;
  if (!hash.name.startsWith("polynomial"))
    return `none proved: hash ${hash.name} is not pairwise independent for all blocks`;
  return "norms, inner products and linear queries within (1 ± ε), with the variance of ROBE-Z";
}

/** Which block a weight belongs to. */
function placeOf({ tables, dim }: TableShape, Z: number, index: IndexLaw) {
  const offsets = tableOffsets(tables);
  const numberedFrom = index === "noWrapShort" ? 1 : 0;
  const blocks = Math.ceil(dim / Z) + numberedFrom;
  return (table: number, row: number, column: number): BlockPlace => {
    const first = offsets[table]!;
    if (Z <= dim) {
      const position = column % Z;
      return { key: { table, row, first, block: (column - position) / Z + numberedFrom, blocks }, position };
    }
    const flat = (first + row) * dim + column;
    const position = flat % Z;
    return { key: { table: 0, row: (flat - position) / Z, first: 0, block: numberedFrom, blocks }, position };
  };
}

/** The slot of an element: the fast path, and the definition in unbounded integers. */
function indexLaw(index: IndexLaw, hash: Hash, m: number, Z: number) {
  const big = (range: number, key: Key, position = 0) => Number(hash.exact(key, position) % BigInt(range));
  const shifted = (range: number) => ({
    slot: ({ key, position }: BlockPlace) => (hash.modulo(key, range) + position) % m,
    exactSlot: ({ key, position }: BlockPlace) => (big(range, key) + position) % m,
  });
  switch (index) {
    case "circular":
      return shifted(m);
    case "noWrap":
      return shifted(m - Z + 1);
    case "noWrapShort":
      return shifted(m - Z);
    case "aligned":
      return {
        slot: ({ key, position }: BlockPlace) => hash.modulo(key, Math.floor(m / Z)) * Z + position,
        exactSlot: ({ key, position }: BlockPlace) => big(Math.floor(m / Z), key) * Z + position,
      };
    case "withinHash":
      return {
        slot: ({ key, position }: BlockPlace) => hash.modulo(key, m, position),
        exactSlot: ({ key, position }: BlockPlace) => big(m, key, position),
      };
    default:
      throw new InputError(`There is no index law "${index}"; choose one of ${indexLaws.join(", ")}.`);
  }
}

interface SignLaw {
  /** The hash whose bits the signs are, where they are. */
  readonly hash?: Hash;
  /** Signs of `count` ≤ 32 elements from `column` on (fewer at a row's end): bit set = negative. */
  word(table: number, row: number, column: number, count: number): number;
  /** The definition, for one element. */
  negative(table: number, row: number, column: number): boolean;
}

function signLaw(
  mode: SignMode,
  { tables, dim }: TableShape,
  Z: number,
  seed: number,
  place: (table: number, row: number, column: number) => BlockPlace,
  coefficients?: AffineCoefficients,
): SignLaw | undefined {
  if (mode === "none") return undefined;
  if (mode === "affine") {
    const hash = coefficients ? affine(coefficients) : hashByName("affine", seed + 1);
    const offsets = tableOffsets(tables);
    const key = (table: number, row: number, column: number): Key => ({
      table,
      row,
      first: offsets[table]!,
      block: column,
      blocks: dim,
    });
    const word: SignLaw["word"] = (table, row, column, count) => {
      let bits = 0;
      for (let s = 0; s < Math.min(32, count, dim - column); s++) {
        if (hash.modulo(key(table, row, column + s), 2 ** 32) % 2 === 0) bits |= 1 << s;
      }
      return bits >>> 0;
    };
    return { word, negative: (table, row, column) => hash.exact(key(table, row, column)) % 2n === 0n };
  }
  check(mode === "independent", () => `There is no sign "${mode}"; choose one of ${signModes.join(", ")}.`);
  const hash = polynomial(polynomialCoefficients(4, seed, "sign.independent"));
  const words = wordsPerBlock(Z);
  return {
    hash,
    word: (table, row, column, count) =>
      wordFrom(hash, place(table, row, column), words, Math.min(32, count)),
    negative(table, row, column) {
      const { key, position } = place(table, row, column);
      const w = position >>> 5;
      const at = words === 1 ? key : { ...key, blocks: key.blocks * words, block: key.block * words + w };
      return (hash.exact(at) >> BigInt(position & 31)) % 2n === 1n;
    },
  };
}

/** All blocks of many rows at once, where both hashes are functions of a block's number. */
function locateAll(
  { tables, dim }: TableShape,
  Z: number,
  memory: number,
  hash: Hash,
  signed: SignLaw | undefined,
): SharingScheme["locateBatch"] {
  const { modulos } = hash;
  const signBits = signed?.hash?.modulos;
  if (modulos === undefined || (signed && signBits === undefined)) return undefined;
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
    modulos(blockNumbers, memory, starts);
    if (signs) signBits!(words === 1 ? blockNumbers : numbers(blocks * words), 2 ** 32, signs);
  };
}

/** The `count` sign bits of a block from `position` on, which may reach over into its next word. */
function wordFrom(hash: Hash, { key, position }: BlockPlace, words: number, count: number): number {
  const shift = position & 31;
  const low = signWord(hash, key, words, position >>> 5) >>> shift;
  if (shift + count <= 32 || (position >>> 5) + 1 >= words) return low;
  return (low | (signWord(hash, key, words, (position >>> 5) + 1) << (32 - shift))) >>> 0;
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

export const robeFamily = embeddingFamily({
  name: "robe",
  summary: "blocks of --block weights at hashed places of one memory",
  options: { ...sizeOptions, ...robeOptions },
  hidden: ofPrograms,
  make: (options) => robe({ ...options, ...sizeFrom(options, "robe") }),
  fitTo: (bytes, _, options) =>
    robe({ ...options, memorySize: floatsWithin(bytes, "robe", options.block ?? 1, options) }),
  example: (_, stream, drawn) =>
    robe({ ...drawn, memorySize: drawn.block! + 1 + stream.integer(40), seed: stream.integer(2000) }),
});
