import { check } from "../../core/errors.ts";
import { memoize } from "../../core/memoize.ts";
import { type LazyRows, lazyRowsFrom } from "../data/lazy-rows.ts";
import { type RowNumbers, rowNumbers, type TableShape, tableOffsets } from "./scheme.ts";

/** The ids that have rows of their own, and how wide these are. */
export interface OwnRows {
  readonly rows: LazyRows;
  /** [rows.count] the width of each one's row: a place in {@link widthsOf}. */
  readonly classes: Uint8Array;
}

/** What rows of their own may be as wide as: the powers of two below dim, and dim. */
export function widthsOf(dim: number): number[] {
  const widths: number[] = [];
  for (let width = 1; width < dim; width *= 2) widths.push(width);
  return [...widths, dim];
}

/** The name in a model's file of the ids that have rows of their own. */
export const ownName = "embedding.own";

/** The name by which formulas know the ids whose own rows have so many floats. */
export const ownOf = (width: number): string => `${ownName}.${width}`;

/** Floats of the matrix behind rows of a width; none where they are vectors. */
export const matrixFloats = ({ dim }: Pick<TableShape, "dim">, width: number): number =>
  width === dim ? 0 : width * dim;

/** How many rows there are of each of so many classes. */
export function sizesOf({ classes }: OwnRows, count: number): number[] {
  const sizes = new Array<number>(count).fill(0);
  for (const c of classes) sizes[c]!++;
  return sizes;
}

/** Of each of so many classes, the numbers of its ids through all tables, ascending. */
export function numbersByClass(own: OwnRows, count: number): RowNumbers[] {
  const { rows, classes } = own;
  const sizes = sizesOf(own, count);
  const offsets = tableOffsets(rows.tables);
  const lists = sizes.map((size) => rowNumbers(size, offsets.at(-1)!));
  const ends = sizes.map(() => 0);
  let at = 0;
  for (const [t, own] of rows.rows.entries())
    for (const row of own) {
      const c = classes[at++]!;
      lists[c]![ends[c]!++] = offsets[t]! + row;
    }
  return lists;
}

/** Ones in a row after which a gap is written as it is. */
const mostOnes = 24;
const plainBits = 53;

/**
 * How many low bits of a gap to write as they are, by the gaps before it: the least k with n·2^k ≥ their sum, both halved now and
 * then, so that tables of few and of many such ids each get their own (Rice's code, adapted as in JPEG-LS, ITU-T T.87).
 */
function gapLaw() {
  let [sum, count] = [4, 1];
  return {
    bits(): number {
      let k = 0;
      while (count * 2 ** k < sum) k++;
      return k;
    },
    saw(gap: number): void {
      sum += gap;
      if (++count < 64) return;
      sum = Math.ceil(sum / 2);
      count /= 2;
    },
  };
}

/** Classes that there may be: widths up to 2²³. */
const mostClasses = 24;

/**
 * The ids in few bytes: how many there are, in four; a bit for each class that occurs, in three; then for each id, in order, how
 * many without a row lie between it and the one before, in the code of {@link gapLaw}, and its class, a one for each that occurs
 * before it, and a zero. Of n ids among N that takes little more
 * than log₂ N!/n!(N−n)! bits and those of the classes. No bytes for no ids.
 */
export const packedOwn = memoize((own: OwnRows): Uint8Array => {
  const { rows, classes } = own;
  if (rows.count === 0) return new Uint8Array(0);
  const bits = bitWriter();
  bits.write(rows.count, 32);
  const used = sizesOf(own, mostClasses).map((size) => (size > 0 ? 1 : 0));
  for (const is of used) bits.write(is, 1);
  const ranks = tableOffsets(used);
  const law = gapLaw();
  const offsets = tableOffsets(rows.tables);
  let [at, last] = [0, -1];
  for (const [t, each] of rows.rows.entries())
    for (const row of each) {
      const gap = offsets[t]! + row - last - 1;
      const k = law.bits();
      const high = Math.floor(gap / 2 ** k);
      bits.ones(Math.min(high, mostOnes));
      if (high < mostOnes) {
        bits.write(0, 1);
        bits.write(gap % 2 ** k, k);
      } else bits.write(gap, plainBits);
      law.saw(gap);
      bits.ones(ranks[classes[at++]!]!);
      bits.write(0, 1);
      last += gap + 1;
    }
  return bits.bytes();
});

/** The ids of {@link packedOwn}, of tables of dim. Throws an InputError for bytes that are none. */
export function unpackedOwn(bytes: Uint8Array, { tables, dim }: TableShape): OwnRows {
  const offsets = tableOffsets(tables);
  const bits = bitReader(bytes);
  const count = bytes.length === 0 ? 0 : bits.read(32);
  const sound = (isSound: boolean) =>
    check(isSound, () => `its array ${ownName} names no rows of these tables; it is damaged`);
  sound(count <= 8 * bytes.length && count <= offsets.at(-1)!);
  const used = Array.from({ length: count === 0 ? 0 : mostClasses }, (_, c) => c).filter(
    () => bits.read(1) === 1,
  );
  sound(used.every((c) => c < widthsOf(dim).length));
  const classes = new Uint8Array(count);
  const rows = tables.map((): number[] => []);
  const law = gapLaw();
  for (let i = 0, last = -1, t = 0; i < count; i++) {
    const k = law.bits();
    const high = bits.ones(mostOnes);
    const gap = high < mostOnes ? high * 2 ** k + bits.read(k) : bits.read(plainBits);
    law.saw(gap);
    last += gap + 1;
    sound(last < offsets.at(-1)!);
    while (last >= offsets[t + 1]!) t++;
    rows[t]!.push(last - offsets[t]!);
    const rank = bits.ones(used.length);
    sound(rank < used.length);
    classes[i] = used[rank]!;
  }
  sound(bits.isAtEnd());
  return {
    rows: lazyRowsFrom(
      tables,
      rows.map((own) => Uint32Array.from(own)),
    ),
    classes,
  };
}

/** Bits one after the other, of a byte the lowest first; of a number the highest first. */
function bitWriter() {
  let bytes = new Uint8Array(1024);
  let at = 0;
  const push = (bit: number) => {
    if (at === 8 * bytes.length) {
      const longer = new Uint8Array(2 * bytes.length);
      longer.set(bytes);
      bytes = longer;
    }
    bytes[at >> 3]! |= bit << (at & 7);
    at++;
  };
  return {
    write(number: number, count: number): void {
      for (let i = count - 1; i >= 0; i--) push(Math.floor(number / 2 ** i) % 2);
    },
    ones(count: number): void {
      for (let i = 0; i < count; i++) push(1);
    },
    bytes: () => bytes.slice(0, Math.ceil(at / 8)),
  };
}

/** What a {@link bitWriter} wrote; zeros behind the end. */
function bitReader(bytes: Uint8Array) {
  let at = 0;
  const next = () => {
    const bit = ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
    at++;
    return bit;
  };
  return {
    read(count: number): number {
      let number = 0;
      for (let i = 0; i < count; i++) number = 2 * number + next();
      return number;
    },
    /** Ones up to a zero, which is read, too; or `most` of them. */
    ones(most: number): number {
      let count = 0;
      while (count < most && next() === 1) count++;
      return count;
    },
    isAtEnd: () => Math.ceil(at / 8) === bytes.length,
  };
}
