import { check, integer, shown } from "../../core/errors.ts";
import type { Features } from "../data/encoders/features.ts";
import { type RawRow, rowEncoder } from "../data/formats/raw-rows.ts";
import { recalibrated } from "../metrics/reliability.ts";
import { type Dlrm, predict } from "./dlrm.ts";
import { onlyNumbers } from "./evaluate.ts";
import type { OneRow } from "./one-row.ts";

/** Rows to be scored: in memory, or as they come. */
export type RawRows = Iterable<RawRow> | AsyncIterable<RawRow>;

/** How rows are scored. */
export interface ScoreOptions {
  /**
   * Rows that go through the model together (default 1024): no score comes before the last of them is there, so 1 for rows
   * that come one by one.
   */
  readonly batch?: number;
}

/** What a model has besides its numbers. */
interface Of {
  /** Share of the rows labeled 0 that it was trained on. Default 1. */
  readonly samplingRate?: number | undefined;
  /** Predicts what is scored alone. */
  readonly single?: OneRow;
}

/**
 * P(label = 1) of each row, in their order. A row is an object that has every column of the features, of numbers and of ids;
 * whatever else it has is not looked at, as other columns of a file are not. Values are what a file has: a number, or a text
 * of it; an id of any text, number or truth value, also one never seen; a list of them where a field has several. A value that
 * is missing is null, undefined, or the empty text.
 *
 * Where only a share `samplingRate` of the rows labeled 0 was trained on, probabilities are made those of all rows. The score of
 * a row does not depend on the rows beside it but by the rounding of 32-bit sums: `fast` adds the products of a single row in
 * another order than those of several.
 * @throws InputError, with row, column and value, for a row that lacks a column, and a value that cannot be.
 */
export async function* scores(
  model: Dlrm,
  features: Features,
  rows: RawRows,
  { batch = 1024, samplingRate = 1, single }: ScoreOptions & Of = {},
): AsyncGenerator<number> {
  const encode = rowEncoder(features);
  let done = 0;
  for await (const some of together(rows, batch)) {
    const encoded = encode(some, done);
    const one = some.length === 1 ? single?.predict(encoded) : undefined;
    const found = one === undefined ? await predict(model, encoded) : [one];
    onlyNumbers(found, (i) => `row ${done + i + 1}`);
    for (let i = 0; i < some.length; i++) yield recalibrated(found[i]!, samplingRate);
    done += some.length;
  }
}

/** The rows, so many at a time. */
async function* together(rows: RawRows, size: number): AsyncGenerator<readonly RawRow[]> {
  integer("The rows that are scored together", size, 1);
  check(
    typeof rows === "object" && rows !== null && (Symbol.iterator in rows || Symbol.asyncIterator in rows),
    () =>
      `Rows to score must be a list or another iterable of them, but are ${shown(rows)}; write score([row]) for one.`,
  );
  let some: RawRow[] = [];
  for await (const row of rows) {
    some.push(row);
    if (some.length < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
