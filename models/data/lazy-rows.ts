import { check } from "../../core/errors.ts";
import type { Bags, Dataset } from "./dataset.ts";
import { NumberSet } from "./number-set.ts";

/** The rows of embedding tables that some data looks up, and a number for each. */
export interface LazyRows {
  /** [T] rows of each table. */
  readonly tables: readonly number[];
  /** [T] the lazy rows of each table, in ascending order. */
  readonly rows: readonly Uint32Array[];
  /** Touched rows of all tables. */
  readonly count: number;
  /** Of all that `place` reads: at most 12 a lazy row, and 12 a table. */
  readonly bytes: number;
  /** The number of a lazy row among all of them, table after table; −1 for any other row. */
  place(table: number, row: number): number;
}

/** How often some data looks up each of its rows. */
export interface IdCounts extends LazyRows {
  /** [count] of each lazy row, by its number among all of them. */
  readonly counts: Uint32Array;
}

/**
 * Walks over all rows of `parts`, which must have the same tables, and keeps which rows of these they look up, and how often.
 * What is to keep all that a model reads needs every part: what it is trained on, and what it is asked about. What a model may
 * learn from is counted in the part to train on alone.
 */
export async function lazyRows(...parts: readonly Dataset[]): Promise<IdCounts> {
  check(parts.length > 0, () => "lazyRows needs the data that touches them: a dataset or more.");
  const { name, tables } = parts[0]!;
  const sets = tables.map(() => new NumberSet());
  for (const part of parts) {
    check(
      `${part.tables}` === `${tables}`,
      () =>
        `"${part.name}" has tables of ${part.tables.join(", ")} rows, but "${name}" of ${tables.join(", ")}; lazy rows are of the same tables.`,
    );
    for await (const { bags } of part.batches(4096)) collect(sets, bags);
  }
  return counted(tables, sets);
}

/** The rows of `tables` that these bags look up, and how often. */
export function lazyRowsOf(tables: readonly number[], bags: Bags): IdCounts {
  const sets = tables.map(() => new NumberSet());
  collect(sets, bags);
  return counted(tables, sets);
}

function counted(tables: readonly number[], sets: readonly NumberSet[]): IdCounts {
  const rows = numbered(
    tables,
    sets.map((set) => set.sorted()),
  );
  const counts = new Uint32Array(rows.count);
  let at = 0;
  for (const [t, own] of rows.rows.entries()) for (const row of own) counts[at++] = sets[t]!.timesOf(row);
  return { ...rows, counts };
}

/** These rows of `tables`, which must be different, in ascending order, and there. Throws an InputError where they are not. */
export function lazyRowsFrom(tables: readonly number[], rows: readonly Uint32Array[]): LazyRows {
  check(
    rows.length === tables.length,
    () => `Lazy rows of ${tables.length} tables are a list for each, but there are ${rows.length} lists.`,
  );
  for (const [t, own] of rows.entries()) {
    const wrong = own.findIndex((row, i) => row >= tables[t]! || (i > 0 && row <= own[i - 1]!));
    check(
      wrong < 0,
      () =>
        `The lazy rows of table ${t} must ascend and be below ${tables[t]}, but number ${wrong} (from 0) is ${own[wrong]}.`,
    );
  }
  return numbered(tables, rows);
}

/** Throws an InputError where lazy rows are of other tables than a model's. */
export const checkSameTables = (tables: readonly number[], lazy: LazyRows): void =>
  check(
    `${tables}` === `${lazy.tables}`,
    () =>
      `Lazy rows are of tables of ${lazy.tables.join(", ")} rows, but the model's have ${tables.join(", ")}; collect them from data of the same tables.`,
  );

function collect(sets: readonly NumberSet[], { ids, offsets }: Bags): void {
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    const set = sets[bag % sets.length]!;
    for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++) set.add(ids[i]!);
  }
}

/** [T + 1] the number of each table's first lazy row among all of them; then how many there are. */
export function firstNumbers(rows: readonly Uint32Array[]): number[] {
  const firsts = [0];
  for (const [t, own] of rows.entries()) firsts.push(firsts[t]! + own.length);
  return firsts;
}

function numbered(tables: readonly number[], kept: readonly Uint32Array[]): LazyRows {
  const indexes = kept.map((rows, t) => indexOf(rows, tables[t]!));
  const before = firstNumbers(kept);
  return {
    tables: [...tables],
    rows: kept,
    count: before.at(-1)!,
    bytes: indexes.reduce((n, index, t) => n + index.firsts.byteLength + kept[t]!.byteLength, 0),
    place(table, row) {
      const rows = kept[table]!;
      const { shift, firsts } = indexes[table]!;
      const bucket = row >>> shift;
      const [low, high] = [firsts[bucket]!, firsts[bucket + 1]!];
      if (shift === 0) return low < high ? before[table]! + low : -1; // a bucket a row: no need to look at it
      const at = below(rows, row, low, high);
      return rows[at] === row ? before[table]! + at : -1;
    },
  };
}

/**
 * Where to look for a row among the sorted `rows` of a table of `size`: row x lies in bucket ⌊x/2^shift⌋, whose rows start at
 * `firsts` of it. There are at most two buckets a row, so where rows are spread a bucket holds one or so.
 */
function indexOf(rows: Uint32Array, size: number) {
  const shift = Math.min(31, Math.floor(Math.log2(size / Math.max(1, rows.length)))); // 32 would shift by none
  const firsts = new Uint32Array(Math.ceil(size / 2 ** shift) + 1);
  for (const row of rows) firsts[(row >>> shift) + 1]!++;
  for (let bucket = 1; bucket < firsts.length; bucket++) firsts[bucket]! += firsts[bucket - 1]!;
  return { shift, firsts };
}

/** How many of the sorted `rows` are below `row`, where the answer is known to lie in low … high. */
export function below(rows: Uint32Array, row: number, low = 0, high = rows.length): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (rows[middle]! < row) from = middle + 1;
    else to = middle;
  }
  return from;
}
