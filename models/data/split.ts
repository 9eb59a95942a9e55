import { check, finite, integer } from "../../core/errors.ts";
import type { Batch, Dataset, Numbers } from "./dataset.ts";
import { hashNumbers } from "./encoders/hash.ts";

/** How to cut a dataset into three parts. */
export interface Split {
  /** `random`: each row by a hash of (seed, row number). `order`: train first, then validation, then test. */
  readonly by: "random" | "order";
  /** Of the hash (default 0). */
  readonly seed?: number;
  /** Fractions of the rows, between 0 and 1 (default 0.1 each); the rest is for training. */
  readonly test?: number;
  readonly validation?: number;
}

/** Fractions of the rows unless a split says otherwise: each of those held back, and what is left for training. */
const held = 0.1;
export const validationShare = held;
export const trainShare = 1 - 2 * held;

/** Three disjoint parts that cover the whole. */
export interface Parts<Of = Dataset> {
  readonly train: Of;
  readonly validation: Of;
  readonly test: Of;
}

/**
 * Cuts `dataset` in three. Where rows are in the order of time, `order` measures forecasting and `random` measures filling
 * in. By `random` a part's size is the fraction up to chance, and nothing is read beforehand; by `order` it is exact, and a
 * dataset that does not know its number of rows is read once to count them.
 * @throws InputError for fractions that are not between 0 and 1 or leave nothing to train on, and for an empty part (of a
 *   dataset that does not know its number of rows: when the part is walked).
 */
export async function split(dataset: Dataset, how: Split): Promise<Parts> {
  return selected(dataset, await partOf(dataset, how));
}

/** The name of a part. */
export type Part = keyof Parts;

/** All of them, in the order in which they are used. */
export const partNames: readonly Part[] = ["train", "validation", "test"];

/** Which part each row belongs to, by its number. Throws as {@link split} does. */
export async function partOf(
  dataset: Dataset<Batch<Numbers>>,
  { by, seed = 0, test = held, validation = held }: Split,
): Promise<(row: number) => Part> {
  integer("The seed of the split", seed, 0);
  for (const [part, share] of Object.entries({ test, validation }))
    check(
      finite(`The ${part} fraction`, share) > 0 && share < 1,
      () => `The ${part} fraction must lie between 0 and 1, but it is ${share}.`,
    );
  check(
    test + validation < 1,
    () =>
      `The fractions for test (${test}) and validation (${validation}) leave nothing to train on; their sum must be below 1.`,
  );
  return by === "order"
    ? partByOrder(await count(dataset), test, validation)
    : partByHash(seed, test, validation);
}

/** The parts that `part` makes of the rows. */
export function selected<Rows extends Batch<Numbers>>(
  dataset: Dataset<Rows>,
  part: (row: number) => Part,
): Parts<Dataset<Rows>> {
  const select = (name: Part) => {
    const rows = dataset.select((row) => part(row) === name);
    check(
      rows.rows !== 0,
      () =>
        `The ${name} part of the ${dataset.rows} rows of "${dataset.name}" is empty; raise its fraction, or give more rows.`,
    );
    return rows;
  };
  return partsOf(select);
}

/** What `of` makes of each part. */
export const partsOf = <Of>(of: (name: Part) => Of): Parts<Of> => ({
  train: of("train"),
  validation: of("validation"),
  test: of("test"),
});

function partByHash(seed: number, test: number, validation: number): (row: number) => keyof Parts {
  return (row) => partByShare(hashNumbers(seed, 0, row) / 2 ** 32, test, validation);
}

/** The part of what a hash places at u, uniform on [0, 1). */
export const partByShare = (u: number, test = held, validation = held): Part =>
  u < test ? "test" : u < test + validation ? "validation" : "train";

function partByOrder(rows: number, test: number, validation: number): (row: number) => keyof Parts {
  const testFrom = rows - Math.round(rows * test);
  const validationFrom = testFrom - Math.round(rows * validation);
  return (row) => (row >= testFrom ? "test" : row >= validationFrom ? "validation" : "train");
}

async function count(dataset: Dataset<Batch<Numbers>>): Promise<number> {
  if (dataset.rows !== undefined) return dataset.rows;
  let rows = 0;
  for await (const batch of dataset.batches(4096)) rows += batch.size;
  return rows;
}
