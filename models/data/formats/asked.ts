import { check, shown } from "../../../core/errors.ts";
import type { Features } from "../encoders/features.ts";
import { isScaled } from "../encoders/scaling.ts";
import type { Labeled, RawColumns } from "./columns.ts";

/** The columns that were asked for, by what they are. */
export interface Asked extends RawColumns {
  readonly weight?: string | undefined;
  readonly group?: string | undefined;
  readonly time?: string | undefined;
}

/** The columns that these features are made of. */
export const columnsBy = ({ label, dense, categorical }: Features): Labeled<RawColumns> => ({
  label,
  dense: dense.map(({ column }) => column),
  wide: dense.filter(({ scaling }) => isScaled(scaling.kind)).map(({ column }) => column),
  categorical: categorical.map(({ column }) => column),
  multi: Object.fromEntries(
    categorical.flatMap(({ column, separator }) => (separator === undefined ? [] : [[column, separator]])),
  ),
});

/**
 * What is read: columns that are asked for twice once, those that are no features behind those that are. Values are raw: NaN
 * where a number is missing, ids hashed to 32 bits. Throws an InputError for a group of which a row may have several.
 */
export function rawColumns(asked: Asked): RawColumns {
  const { label, dense, wide, categorical, multi = {}, texts, weight, group, time } = asked;
  check(
    group === undefined || !Object.hasOwn(multi, group),
    () =>
      `Column ${shown(group)} has several ids a row, so it cannot say of which group a row is; name another one.`,
  );
  const numbers = [weight, time].filter((column) => column !== undefined);
  const ids = group === undefined ? [] : [group];
  return {
    label,
    dense: [...dense, ...new Set(numbers.filter((column) => !dense.includes(column)))],
    categorical: [...categorical, ...ids.filter((column) => !categorical.includes(column))],
    wide: time === undefined ? wide : [...wide, time],
    missing: Number.NaN,
    multi,
    ...(texts && { texts }),
  };
}

/** Where a column is among those that are read. */
export const placeOf = (column: string | undefined, all: readonly string[]): number | undefined =>
  column === undefined ? undefined : all.indexOf(column);
