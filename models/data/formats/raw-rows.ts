import { check, InputError, shown } from "../../../core/errors.ts";
import type { Inputs } from "../dataset.ts";
import { batchEncoder } from "../encoders/encoded.ts";
import { type Features, shapeOf } from "../encoders/features.ts";
import { hashText } from "../encoders/hash.ts";
import { columnsBy } from "./asked.ts";
import { bitsOf, isPlain, listed, mustBe, numberIn, numeral, plainText } from "./columns.ts";
import { partsOf } from "./multi.ts";

/** A row as a program has it: values by the names of their columns. */
export type RawRow = Readonly<Record<string, unknown>>;

/**
 * What makes batches of raw rows as a file with the same content would give them: `rows → Inputs`, after `before` rows, from
 * which rows are counted in sentences.
 * @throws InputError for a row that is no object or lacks a column, and for a value that is none of its column.
 */
export function rowEncoder(features: Features): (rows: readonly RawRow[], before: number) => Inputs {
  const { dense, categorical } = features;
  const bits = bitsOf(columnsBy(features));
  const encode = batchEncoder({ name: "rows", ...shapeOf(features), dense: dense.length }, features);
  return (rows, before) => {
    const values = new Float64Array(rows.length * dense.length);
    const offsets = new Uint32Array(rows.length * categorical.length + 1);
    const ids: number[] = [];
    let [at, bag] = [0, 0];
    for (const [i, row] of rows.entries()) {
      const value = valuesOf(row, before + i + 1);
      for (const [d, { column }] of dense.entries())
        values[at++] = value(column, mustBe[bits[d]!], numberBy(bits[d]!));
      for (const { column, separator } of categorical) {
        for (const id of value(column, separator === undefined ? mustBe.id : mustBe.ids, idsBy(separator)))
          ids.push(hashText(id));
        offsets[++bag] = ids.length;
      }
    }
    return encode({ size: rows.length, dense: values, bags: { ids: Uint32Array.from(ids), offsets } });
  };
}

/** Gives what `of` makes of the value that a row, which is number `n`, has in a column. */
function valuesOf(row: unknown, n: number) {
  if (typeof row !== "object" || row === null)
    throw new InputError(`Row ${n} is ${shown(row)}, but must be an object with a value for each column.`);
  return <Value>(column: string, expected: string, of: (value: unknown) => Value | undefined): Value => {
    check(
      column in row,
      () =>
        `Row ${n} has no column ${shown(column)}, but ${listed(Object.keys(row))}; a value that is missing is null.`,
    );
    const value = (row as RawRow)[column];
    const found = of(value);
    check(
      found !== undefined,
      () => `Row ${n}: column ${shown(column)} is ${shown(value)}, but must be ${expected}.`,
    );
    return found;
  };
}

const numberBy =
  (bits: 32 | 64) =>
  (value: unknown): number | undefined =>
    numberIn(numeral(value), Number.NaN, bits);

/** The ids of a value: one, or those of a list, each of which is what a field of a file can be. */
const idsBy =
  (separator: string | undefined) =>
  (value: unknown): readonly string[] | undefined => {
    const all = Array.isArray(value) && separator !== undefined ? value : [value];
    if (!all.every(isPlain)) return undefined;
    const ids: string[] = [];
    for (const each of all) {
      const parts = partsOf(plainText(each), separator);
      if (parts === undefined) return undefined;
      ids.push(...parts);
    }
    return ids;
  };
