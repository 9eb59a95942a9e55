import { integer } from "../../core/errors.ts";

/** What a dataset is before any row is read. */
export interface Shape {
  /** What the rows are, in words that a report can print. */
  readonly name: string;
  /** D, dense features a row. */
  readonly dense: number;
  /** [T] rows of each table. */
  readonly tables: readonly number[];
}

/**
 * A table has at most 2³² rows, for ids are 32-bit.
 * @throws InputError for sizes that are not whole numbers in range.
 */
export function checkShape({ name, dense, tables }: Shape): void {
  integer(`The number of dense features of "${name}"`, dense, 0);
  for (const [t, rows] of tables.entries())
    integer(`The number of rows of table ${t} of "${name}"`, rows, 1, 2 ** 32);
}
