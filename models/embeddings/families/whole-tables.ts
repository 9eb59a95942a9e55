import { checkSize } from "../../../core/errors.ts";
import { plus, times, variable } from "../../../core/numeric/formula.ts";
import { type Given, wholeOption } from "../../../core/options.ts";
import { element, rowOfAll, type SchemeFormula } from "../plan.ts";
import { fillUniform, type SharingScheme, type TableShape, tableOffsets, virtualFloats } from "../scheme.ts";

/** Option of schemes that may leave small tables as they are. */
export const thresholdOptions = {
  threshold: wholeOption({
    from: 0,
    otherwise: "0",
    help: "tables of at most so many rows stay whole",
    draw: (stream) => stream.integer(2) * stream.integer(12),
  }),
};

/** The tables of at most `threshold` rows; the others have no rows. */
const wholeTables = (
  { tables, dim }: TableShape,
  { threshold = 0 }: Given<typeof thresholdOptions>,
): TableShape => ({ tables: tables.map((rows) => (rows <= threshold ? rows : 0)), dim });

/** Floats of the tables that stay whole. */
export const wholeFloats = (shape: TableShape, options: Given<typeof thresholdOptions>): number =>
  virtualFloats(wholeTables(shape, options));

/**
 * The scheme that `share` makes of the tables of more than `threshold` rows and of what the others leave of `memory` floats.
 * Tables that stay whole come first in memory, with a slot of their own for each weight, and start as full tables do.
 */
export function besideWhole(
  shape: TableShape,
  options: Given<typeof thresholdOptions>,
  memory: number,
  share: (shape: TableShape, memory: number) => SharingScheme,
): SharingScheme {
  const { tables, dim } = shape;
  const whole = wholeTables(shape, options);
  const own = virtualFloats(whole);
  if (own === 0) return share(shape, memory);
  checkSize(
    own < memory,
    () =>
      `Tables of at most ${options.threshold} rows take ${own} floats, but the memory has ${memory}, some of them for the other tables; give more memory, or a lower threshold.`,
  );
  const isWhole = (table: number): boolean => whole.tables[table]! > 0;
  const shared = share({ tables: tables.map((rows, t) => (isWhole(t) ? 0 : rows)), dim }, memory - own);
  const offsets = tableOffsets(whole.tables);
  const { block, locateBatch, signs, formulas } = shared;
  const start = (table: number, row: number, b: number) => (offsets[table]! + row) * dim + b * block;
  return {
    ...shared,
    memorySize: own + shared.memorySize,
    copies: (table) => (isWhole(table) ? 1 : (shared.copies?.(table) ?? 1)),
    blockStart: (table, row, b, copy) =>
      isWhole(table) ? start(table, row, b) : own + shared.blockStart(table, row, b, copy),
    ...(signs && {
      signs: (table: number, row: number, b: number, word: number, copy: number) =>
        isWhole(table) ? 0 : signs(table, row, b, word, copy),
    }),
    ...(locateBatch && { locateBatch: locateBeside(own, locateBatch, isWhole, start) }),
    slotsOf: (table, row, column) =>
      isWhole(table)
        ? [{ slot: start(table, row, 0) + column, sign: 1 }]
        : shared.slotsOf(table, row, column).map(({ slot, sign }) => ({ slot: own + slot, sign })),
    ...(formulas && { formulas: () => formulasBeside(own, offsets, shape, formulas(), block, isWhole) }),
    initialize(values, numbers) {
      for (const [t, rows] of whole.tables.entries())
        if (rows > 0)
          fillUniform(
            values.subarray(offsets[t]! * dim, offsets[t + 1]! * dim),
            1 / Math.sqrt(rows),
            numbers,
          );
      const others = values.subarray(own);
      if (shared.initialize) shared.initialize(others, numbers);
      else fillUniform(others, 1 / Math.sqrt(Math.max(...tables)), numbers);
    },
  };
}

/** Rows of whole tables are found by the way, as rows of the shared ones that do not exist, and then put right. */
function locateBeside(
  own: number,
  locate: NonNullable<SharingScheme["locateBatch"]>,
  isWhole: (table: number) => boolean,
  start: (table: number, row: number, block: number) => number,
): NonNullable<SharingScheme["locateBatch"]> {
  return (tableOf, rows, starts, signs) => {
    locate(tableOf, rows, starts, signs);
    const blocks = starts.length / rows.length;
    const words = (signs?.length ?? 0) / rows.length;
    for (let i = 0; i < rows.length; i++) {
      const table = tableOf[i]!;
      const kept = isWhole(table);
      for (let b = 0; b < blocks; b++) {
        const at = i * blocks + b;
        starts[at] = kept ? start(table, rows[i]!, b) : own + starts[at]!;
      }
      if (kept) signs?.fill(0, i * words, (i + 1) * words);
    }
  };
}

function formulasBeside(
  own: number,
  offsets: readonly number[],
  { tables, dim }: TableShape,
  shared: readonly SchemeFormula[],
  block: number,
  isWhole: (table: number) => boolean,
): readonly SchemeFormula[] {
  const inRow = plus(times(variable("block"), block), element);
  const whole = tables.flatMap((_, t) => (isWhole(t) ? [t] : []));
  const others = shared.map(({ tables: group, terms }) => ({
    tables: group.filter((t) => !isWhole(t)),
    terms: terms.map(({ slot, ...term }) => ({ ...term, slot: plus(slot, own) })),
  }));
  return [
    { tables: whole, terms: [{ slot: plus(times(rowOfAll(offsets), dim), inRow) }] },
    ...others.filter(({ tables: group }) => group.length > 0),
  ];
}
