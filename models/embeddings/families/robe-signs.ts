import { check } from "../../../core/errors.ts";
import { wordsPerBlock } from "../../../core/lookup.ts";
import {
  bitOf,
  type Formula,
  plus,
  quotient,
  remainder,
  times,
  variable,
} from "../../../core/numeric/formula.ts";
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
import { element, rowKey } from "../plan.ts";
import { type TableShape, tableOffsets } from "../scheme.ts";
import type { BlockFormula, BlockPlace } from "./robe-blocks.ts";

/** Signs of the weights of a block. */
export const signModes = ["none", "affine", "independent"] as const;
export type SignMode = (typeof signModes)[number];

export interface SignLaw {
  /** The hash whose bits the signs are, where they are. */
  readonly hash?: Hash;
  /** Signs of `count` ≤ 32 elements from `column` on (fewer at a row's end): bit set = negative. */
  word(table: number, row: number, column: number, count: number): number;
  /** The definition, for one element. */
  negative(table: number, row: number, column: number): boolean;
  /** The same as a formula. */
  formula(at: BlockFormula): Formula;
}

/** Signs of one mode; none where the mode is none. */
export function signLaw(
  mode: SignMode,
  shape: TableShape,
  Z: number,
  seed: number,
  place: (table: number, row: number, column: number) => BlockPlace,
  coefficients?: AffineCoefficients,
): SignLaw | undefined {
  if (mode === "none") return undefined;
  if (mode === "affine")
    return affineSigns(shape, coefficients ? affine(coefficients) : hashByName("affine", seed + 1));
  check(mode === "independent", () => `There is no sign "${mode}"; choose one of ${signModes.join(", ")}.`);
  return independentSigns(polynomial(polynomialCoefficients(4, seed, "sign.independent")), Z, place);
}

function affineSigns(shape: TableShape, hash: Hash): SignLaw {
  const { dim } = shape;
  const offsets = tableOffsets(shape.tables);
  const key = (table: number, row: number, column: number): Key => ({
    table,
    row,
    first: offsets[table]!,
    block: column,
    blocks: dim,
  });
  return {
    word(table, row, column, count) {
      let bits = 0;
      for (let s = 0; s < Math.min(32, count, dim - column); s++) {
        if (hash.modulo(key(table, row, column + s), 2 ** 32) % 2 === 0) bits |= 1 << s;
      }
      return bits >>> 0;
    },
    negative: (table, row, column) => hash.exact(key(table, row, column)) % 2n === 0n,
    formula: ({ column }) => bitOf(plus(hash.formula!(rowKey(shape, column, dim)), 1), 0),
  };
}

function independentSigns(
  hash: Hash,
  Z: number,
  place: (table: number, row: number, column: number) => BlockPlace,
): SignLaw {
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
    formula({ key, position }) {
      const within = plus(position, element);
      const [word, bit] =
        within === element
          ? [variable("word"), variable("bit")]
          : [quotient(within, 32), remainder(within, 32)];
      const at =
        words === 1
          ? key
          : { ...key, blocks: key.blocks * words, block: plus(times(key.block, words), word) };
      return bitOf(hash.formula!(at), bit);
    },
  };
}

/** The `count` sign bits of a block from `position` on, which may reach over into its next word. */
function wordFrom(hash: Hash, { key, position }: BlockPlace, words: number, count: number): number {
  const shift = position & 31;
  const low = signWord(hash, key, words, position >>> 5) >>> shift;
  if (shift + count <= 32 || (position >>> 5) + 1 >= words) return low;
  return (low | (signWord(hash, key, words, (position >>> 5) + 1) << (32 - shift))) >>> 0;
}
