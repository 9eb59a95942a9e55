import { checkSize } from "../../../core/errors.ts";
import { choiceOption, filled, type Given, numberOption } from "../../../core/options.ts";
import { type IdCounts, lazyRowsFrom } from "../../data/lazy-rows.ts";
import { floatsWithin, type MemorySize } from "../embedding.ts";
import { type OwnRows, packedOwn, sizesOf, widthsOf } from "../own-rows.ts";
import type { TableShape } from "../scheme.ts";
import { type StorageOptions, storageOptions, storedBytes, storedFloats } from "../storage.ts";

export const byFrequencyOptions = {
  ...storageOptions,
  /** α: what is left of an id's frequency as the width of its row. */
  temperature: numberOption({
    from: 0,
    to: 1,
    default: 0.5,
    form: "A",
    help: "0: rows of one width; 1: rows as wide as ids are frequent",
    draw: (stream) => stream.uniform(),
  }),
  /**
   * Which of the other ids share a float. `permuted` (default): any, by a permutation that the seed draws, so that floats are read
   * by the same number of ids, give or take one. `neighbors`: those of neighbouring numbers, ⌊number · floats ÷ ids⌋, which helps
   * where numbers say something: ids that are numbered as they come are of one time, and of a counted list are all rare.
   */
  sharing: choiceOption(["permuted", "neighbors"], {
    default: "permuted",
    help: "which ids without a row of their own share a float: any, or those of neighboring numbers",
  }),
  sharedPart: numberOption({
    above: 0,
    below: 1,
    default: 1 / 16,
    help: "part of the memory, at least, that ids without a row of their own share",
    draw: (stream) => (1 + stream.integer(9)) / 10,
  }),
};

type SizeOptions = Given<typeof byFrequencyOptions> & StorageOptions;

/** Memory of rows of one width: of ids that have one each, or of all others, which share floats. */
export interface Part {
  /** The place in {@link widthsOf} of own rows; undefined of what is shared. */
  readonly class: number | undefined;
  readonly width: number;
  /** Rows: of so many ids, or those that are shared. */
  readonly rows: number;
  /** Floats of its matrix [width × dim]; 0 where it needs none. */
  readonly matrix: number;
}

/** Rows of all tables. */
export const rowsOfAll = ({ tables }: TableShape): number => tables.reduce((sum, rows) => sum + rows, 0);

const matrixFloats = ({ dim }: TableShape, width: number): number => (width === dim ? 0 : width * dim);

/** Floats that it takes at least: one that all ids share, and the matrix behind it. */
export const leastFloats = (shape: TableShape): number => 1 + matrixFloats(shape, 1);

/** The parts of a memory of so many floats: own rows of each width that occurs, and what is left, for others to share. */
export const partsOf = (shape: TableShape, own: OwnRows, floats: number): Part[] =>
  partsWith(shape, sizesOf(own, widthsOf(shape.dim).length), (used) => floats - used);

/** The same of so many own rows of each class, where `left` says how many are shared beside the floats that are used. */
function partsWith(shape: TableShape, sizes: readonly number[], left: (used: number) => number): Part[] {
  const own = widthsOf(shape.dim)
    .map((width, c) => ({ class: c, width, rows: sizes[c]!, matrix: matrixFloats(shape, width) }))
    .filter(({ rows }) => rows > 0);
  const unowned = rowsOfAll(shape) - sizes.reduce((sum, size) => sum + size, 0);
  const sharing = { class: undefined, width: 1, matrix: unowned === 0 ? 0 : matrixFloats(shape, 1) };
  const used = floatsOf(own) + sharing.matrix;
  const rows = Math.min(unowned, left(used));
  const least = Math.min(1, unowned);
  checkSize(
    rows >= least,
    () =>
      `byFrequency needs ${used + least} floats for these ids: ${used} for rows of their own and matrices${least === 1 ? ", and one that others share" : ""}; give more memory.`,
  );
  if (unowned === 0) return own;
  return [...own, { ...sharing, rows }];
}

/** Learnable floats. */
export const floatsOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, { rows, width, matrix }) => sum + rows * width + matrix, 0);

/** Bytes of memories as they are stored, and of matrices. */
export const bytesOf = (parts: readonly Part[], options: StorageOptions): number =>
  parts.reduce((sum, { rows, width, matrix }) => sum + storedBytes(options, rows * width) + 4 * matrix, 0);

/** The own rows of the largest base for which they, matrices, and the part that is to be shared have room. */
function largest(
  shape: TableShape,
  counts: IdCounts | undefined,
  { temperature, sharedPart }: { readonly temperature: number; readonly sharedPart: number },
  room: number,
  fits: (parts: readonly Part[], own: () => OwnRows) => boolean,
): OwnRows {
  const { tables, dim } = shape;
  const nobody: OwnRows = {
    rows: lazyRowsFrom(
      tables,
      tables.map(() => new Uint32Array(0)),
    ),
    classes: new Uint8Array(0),
  };
  if (counts === undefined) return nobody;
  const widths = allowedWidths(shape, room);
  const times = new Map<number, number>();
  for (const c of counts.counts) times.set(c, (times.get(c) ?? 0) + 1);
  const least = Math.max(1, Math.floor(sharedPart * room));
  /** Widths from the base 2^(i/32), as classes; −1 for none. */
  const classAt = (i: number) => {
    const base = 2 ** (i / 32);
    const of = new Map<number, number>();
    for (const count of times.keys()) {
      const wanted = base * count ** temperature;
      of.set(
        count,
        widths.findLastIndex((width) => width !== undefined && wanted >= 0.75 * width),
      );
    }
    return of;
  };
  const ownAt = (of: ReadonlyMap<number, number>): OwnRows => {
    const classes: number[] = [];
    let at = 0;
    const rows = counts.rows.map((own) =>
      own.filter(() => {
        const c = of.get(counts.counts[at++]!)!;
        if (c >= 0) classes.push(c);
        return c >= 0;
      }),
    );
    return { rows: lazyRowsFrom(tables, rows), classes: Uint8Array.from(classes) };
  };
  let [low, high, found] = [-1024, 1024, nobody];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const of = classAt(middle);
    const sizes = widthsOf(dim).map(() => 0);
    for (const [count, ids] of times) if (of.get(count)! >= 0) sizes[of.get(count)!]! += ids;
    let own: OwnRows | undefined;
    const make = () => (own ??= ownAt(of));
    if (
      fits(
        partsWith(shape, sizes, () => least),
        make,
      )
    )
      [low, found] = [middle + 1, make()];
    else high = middle - 1;
  }
  return found;
}

/** Widths whose matrices, with those of all narrower ones, take an eighth of the room at most; undefined for others. */
function allowedWidths(shape: TableShape, room: number): (number | undefined)[] {
  let matrices = 0;
  return widthsOf(shape.dim).map((width, c) => {
    matrices += matrixFloats(shape, width);
    return c === 0 || matrixFloats(shape, width) === 0 || 8 * matrices <= room ? width : undefined;
  });
}

/** The ids that have rows of their own where there is room for so many floats. */
export const ownWithinFloats = (
  floats: number,
  shape: TableShape,
  counts: IdCounts | undefined,
  options: SizeOptions,
): OwnRows =>
  largest(shape, counts, filled(byFrequencyOptions, options), floats, (parts) => floatsOf(parts) <= floats);

/** The same where there is room for so many bytes, with those that say which ids; and the memory that then fits. */
export function ownWithinBytes(
  bytes: number,
  shape: TableShape,
  counts: IdCounts | undefined,
  options: SizeOptions,
): { readonly own: OwnRows } & MemorySize {
  const room = floatsWithin(bytes, "byFrequency", 1, options, matrixFloats(shape, 1));
  const chosen = filled(byFrequencyOptions, options);
  const own = largest(shape, counts, chosen, room, (parts, make) => {
    const taken = bytesOf(parts, options);
    return taken <= bytes && taken + packedOwn(make()).length <= bytes;
  });
  const sizes = sizesOf(own, widthsOf(shape.dim).length);
  const [least, one] = [partsWith(shape, sizes, () => 1), storedBytes(options, 1)];
  const left = storedFloats(options, bytes - packedOwn(own).length - bytesOf(least, options) + one);
  return { own, memorySize: floatsOf(partsWith(shape, sizes, () => Math.max(1, left))) };
}
