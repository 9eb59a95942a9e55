import { checkSize } from "../../../core/errors.ts";
import { filled, type Given, numberOption } from "../../../core/options.ts";
import { floatsWithin, type MemorySize } from "../embedding.ts";
import type { Asked, OwnChoice } from "../own-choice.ts";
import { matrixFloats, type OwnRows, packedOwn, sizesOf, unpackedOwn, widthsOf } from "../own-rows.ts";
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
  sharedPart: numberOption({
    above: 0,
    below: 1,
    default: 1 / 16,
    help: "part of the memory, at least, that ids without a row of their own share",
    draw: (stream) => (1 + stream.integer(9)) / 10,
  }),
};

type SizeOptions = Given<typeof byFrequencyOptions>;

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

/** The parts of a memory of so many floats: own rows of each width that occurs, and what is left, for others to share. */
export const partsOf = (shape: TableShape, own: OwnRows, floats: number): Part[] =>
  partsWith(shape, sizesOf(own, widthsOf(shape.dim).length), (used) => floats - used);

/** The same of so many own rows of each class, where `left` says how many are shared beside the floats that are used. */
export function partsWith(
  shape: TableShape,
  sizes: readonly number[],
  left: (used: number) => number,
): Part[] {
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

/** The ids that have rows of their own where there is room for so many floats. */
export const ownWithinFloats = (
  floats: number,
  shape: TableShape,
  own: OwnRows | OwnChoice | undefined,
  options: SizeOptions,
): OwnRows =>
  decided(
    own,
    shape,
    options,
    floats,
    (sizes, shared) => floatsOf(partsWith(shape, sizes, () => shared)) <= floats,
  );

/** The same where there is room for so many bytes, with those that say which ids; and the memory that then fits. */
export function ownWithinBytes(
  bytes: number,
  shape: TableShape,
  given: OwnRows | OwnChoice | undefined,
  options: SizeOptions,
): { readonly own: OwnRows } & MemorySize {
  const room = floatsWithin(bytes, "byFrequency", 1, options, matrixFloats(shape, 1));
  const own = decided(given, shape, options, room, (sizes, shared, make) => {
    const taken = bytesOf(
      partsWith(shape, sizes, () => shared),
      options,
    );
    return taken <= bytes && taken + packedOwn(make()).length <= bytes;
  });
  const sizes = sizesOf(own, widthsOf(shape.dim).length);
  const [least, one] = [partsWith(shape, sizes, () => 1), storedBytes(options, 1)];
  const left = storedFloats(options, bytes - packedOwn(own).length - bytesOf(least, options) + one);
  return { own, memorySize: floatsOf(partsWith(shape, sizes, () => Math.max(1, left))) };
}

/** The own rows that are given, or that a choice makes; none where nobody says any. */
function decided(
  own: OwnRows | OwnChoice | undefined,
  shape: TableShape,
  options: SizeOptions,
  room: number,
  fits: Asked["fits"],
): OwnRows {
  if (typeof own !== "function") return own ?? unpackedOwn(new Uint8Array(0), shape);
  return own({ ...filled(byFrequencyOptions, options), shape, room, fits });
}
