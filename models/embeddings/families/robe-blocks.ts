import { InputError } from "../../../core/errors.ts";
import {
  type Formula,
  lifted,
  plus,
  quotient,
  remainder,
  times,
  variable,
} from "../../../core/numeric/formula.ts";
import type { Hash, Key, KeyFormula } from "../../../core/numeric/hash.ts";
import { element, rowKey, rowOfAll } from "../plan.ts";
import { type TableShape, tableOffsets } from "../scheme.ts";

/** How a block's hash becomes its slots. */
export const indexLaws = ["circular", "noWrap", "noWrapShort", "aligned", "withinHash", "balanced"] as const;
export type IndexLaw = (typeof indexLaws)[number];

/** The block that holds an element: its key, and the element's position in it. */
export interface BlockPlace {
  readonly key: Key;
  readonly position: number;
}

/** Which block a weight belongs to. */
export function placeOf({ tables, dim }: TableShape, Z: number, index: IndexLaw) {
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

/** Blocks of all tables. */
export const blockCount = ({ tables, dim }: TableShape, Z: number): number => {
  const rows = tableOffsets(tables).at(-1)!;
  return Z <= dim ? rows * Math.ceil(dim / Z) : Math.ceil((rows * dim) / Z);
};

/** The slot of an element: the fast path, and the definition in unbounded integers. */
export function indexLaw(index: IndexLaw, hash: Hash, m: number, Z: number) {
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
    case "balanced":
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

/** A block as formulas: its key; the place in it of the first element of its block of memory; and an element's column. */
export interface BlockFormula {
  readonly key: KeyFormula;
  readonly position: Formula;
  readonly column: Formula;
}

/** {@link placeOf} as formulas, where memory is read in blocks of `length`. */
export function blockFormula(shape: TableShape, Z: number, length: number, index: IndexLaw): BlockFormula {
  const { dim } = shape;
  const numberedFrom = index === "noWrapShort" ? 1 : 0;
  const blocks = Math.ceil(dim / Z) + numberedFrom;
  const block = variable("block");
  const start = times(block, length);
  const column = plus(start, element);
  if (Z <= dim) {
    const isWhole = length === Z;
    const key = rowKey(shape, plus(isWhole ? block : quotient(start, Z), numberedFrom), blocks);
    return { key, position: isWhole ? lifted(0) : remainder(start, Z), column };
  }
  const flat = plus(times(rowOfAll(tableOffsets(shape.tables)), dim), start);
  const none = lifted(0);
  const key = { table: none, row: quotient(flat, Z), first: none, block: lifted(numberedFrom), blocks };
  return { key, position: remainder(flat, Z), column };
}

/** The slot of an element as a formula. */
export function slotFormula(index: IndexLaw, hash: Hash, m: number, Z: number, at: BlockFormula): Formula {
  const { key, position } = at;
  const within = plus(position, element);
  const from = (range: number) =>
    remainder(plus(plus(remainder(hash.formula!(key), range), position), element), m);
  switch (index) {
    case "circular":
      return from(m);
    case "noWrap":
      return from(m - Z + 1);
    case "noWrapShort":
      return from(m - Z);
    case "aligned":
    case "balanced":
      return plus(times(remainder(hash.formula!(key), Math.floor(m / Z)), Z), within);
    case "withinHash":
      return remainder(hash.formula!(key, position), m);
  }
}
