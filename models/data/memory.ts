import { check, integer } from "../../core/errors.ts";
import { permutation, random } from "../../core/numeric/random.ts";
import { upTo } from "./batches.ts";
import type { Batch, Dataset, Shuffle } from "./dataset.ts";
import { checkShape, type Shape } from "./shape.ts";

/** n rows as columns: what an in-memory dataset is made of. It keeps the arrays, it does not copy them. */
export interface Columns {
  /** [n × D] */
  readonly dense: Float32Array;
  /** Every id, sample-major: bag i·T + t belongs to sample i and table t. */
  readonly ids: Uint32Array;
  /** [n × T + 1] where each bag starts, as in `Bags`. Absent: one id a bag, so `ids` is [n × T]. */
  readonly offsets?: Uint32Array;
  /** [n] each in [0, 1] */
  readonly labels: Float32Array;
  /** [n] how much each row counts, from 0 up. Absent: all alike. */
  readonly weights?: Float32Array;
  /** [n] a number for whatever each row belongs to. */
  readonly groups?: Uint32Array;
}

/**
 * A dataset that lies in memory. `select` is a view: row numbers, no copied columns. A shuffled walk is a full
 * permutation drawn from the stream `shuffle/EPOCH`.
 * @throws InputError for columns whose lengths disagree, a dense value that is not finite, a label outside [0, 1], a
 *   weight that is negative or not finite, an id outside its table.
 */
export function inMemory(data: Shape & { readonly columns: Columns }): Dataset {
  const { name, dense, columns } = data;
  const tables = [...data.tables];
  const shape = { name, dense, tables };
  checkShape(shape);
  checkLengths(shape, columns);
  checkValues(shape, columns);
  return view(shape, columns, undefined);
}

/** The rows `order` of the columns (all of them where it is undefined), which are right. */
export function view(shape: Shape, columns: Columns, order?: Uint32Array): Dataset {
  const rows = order?.length ?? columns.labels.length;
  return {
    ...shape,
    rows,
    isInMemory: true,
    async *batches(size: number, shuffle?: Shuffle) {
      integer("The batch size", size, 1);
      const walk = shuffle && permutation(rows, random(shuffle.seed, `shuffle/${shuffle.epoch}`));
      for (let start = 0; start < rows; start += size) {
        const end = Math.min(rows, start + size);
        if (!walk && !order) {
          yield between(shape, columns, start, end);
          continue;
        }
        const numbers = walk ? walk.slice(start, end) : order!.slice(start, end);
        if (walk && order) for (let i = 0; i < numbers.length; i++) numbers[i] = order[numbers[i]!]!;
        yield gather(shape, columns, numbers);
      }
    },
    select(keep) {
      const kept: number[] = [];
      for (let i = 0; i < rows; i++) if (keep(i)) kept.push(order ? order[i]! : i);
      return view(shape, columns, Uint32Array.from(kept));
    },
  };
}

/** Rows `from` to `to` − 1. */
function between({ dense: width, tables }: Shape, columns: Columns, from: number, to: number): Batch {
  const { ids, labels, weights, groups } = columns;
  const [first, end] = [from * tables.length, to * tables.length];
  const offsets = columns.offsets ? columns.offsets.slice(first, end + 1) : upTo(end - first);
  const start = columns.offsets ? offsets[0]! : first;
  if (columns.offsets) for (let bag = 0; bag < offsets.length; bag++) offsets[bag]! -= start;
  return {
    size: to - from,
    dense: columns.dense.slice(from * width, to * width),
    bags: { ids: ids.slice(start, start + offsets[end - first]!), offsets },
    labels: labels.slice(from, to),
    ...(weights && { weights: weights.slice(from, to) }),
    ...(groups && { groups: groups.slice(from, to) }),
  };
}

/** Rows of these numbers. It copies number by number: for the few of a row a call of `set` takes longer. */
function gather({ dense: width, tables }: Shape, columns: Columns, numbers: Uint32Array): Batch {
  const size = numbers.length;
  const T = tables.length;
  const { labels, weights, groups, offsets: starts } = columns;
  const offsets = starts ? new Uint32Array(size * T + 1) : upTo(size * T);
  if (starts)
    for (let i = 0, bag = 0; i < size; i++)
      for (let from = numbers[i]! * T, to = from + T; from < to; from++, bag++)
        offsets[bag + 1] = offsets[bag]! + starts[from + 1]! - starts[from]!;
  const ids = new Uint32Array(offsets[size * T]!);
  const dense = new Float32Array(size * width);
  for (let i = 0, id = 0, d = 0; i < size; i++) {
    const row = numbers[i]!;
    const [first, end] = starts ? [starts[row * T]!, starts[(row + 1) * T]!] : [row * T, (row + 1) * T];
    for (let from = first; from < end; from++) ids[id++] = columns.ids[from]!;
    for (let from = row * width, to = from + width; from < to; from++) dense[d++] = columns.dense[from]!;
  }
  return {
    ...{ size, dense, bags: { ids, offsets } },
    labels: taken(labels, numbers, new Float32Array(size)),
    ...(weights && { weights: taken(weights, numbers, new Float32Array(size)) }),
    ...(groups && { groups: taken(groups, numbers, new Uint32Array(size)) }),
  };
}

/** The values at these numbers, put into `into`. */
function taken<Of extends Float32Array | Uint32Array>(values: Of, numbers: Uint32Array, into: Of): Of {
  for (let i = 0; i < numbers.length; i++) into[i] = values[numbers[i]!]!;
  return into;
}

function checkLengths({ name, dense, tables }: Shape, { labels, ...columns }: Columns): void {
  const n = labels.length;
  const bags = n * tables.length;
  const same = (what: string, found: number, expected: number, product: string) =>
    check(
      found === expected,
      () =>
        `The ${what} of "${name}" have ${found} entries, but ${product} make ${expected}; give columns of equal length.`,
    );
  if (columns.weights) same("weights", columns.weights.length, n, "the labels");
  if (columns.groups) same("groups", columns.groups.length, n, "the labels");
  same("dense features", columns.dense.length, n * dense, `${n} labels × ${dense} features`);
  if (columns.offsets) {
    same("offsets", columns.offsets.length, bags + 1, `${n} labels × ${tables.length} tables + 1`);
    checkOffsets(name, columns.offsets, columns.ids.length);
  } else {
    same("ids", columns.ids.length, bags, `${n} labels × ${tables.length} tables`);
  }
}

function checkOffsets(name: string, offsets: Uint32Array, ids: number): void {
  const bags = offsets.length - 1;
  check(
    offsets[0] === 0 && offsets[bags] === ids,
    () =>
      `The offsets of "${name}" run from ${offsets[0]} to ${offsets[bags]}, but must run from 0 to the number of ids, ${ids}.`,
  );
  for (let b = 0; b < bags; b++)
    check(
      offsets[b]! <= offsets[b + 1]!,
      () =>
        `The offsets of "${name}" fall from ${offsets[b]} to ${offsets[b + 1]} at bag ${b}; they must never fall.`,
    );
}

function checkValues(
  { name, dense: width, tables }: Shape,
  { dense, ids, offsets, labels, weights = new Float32Array(0) }: Columns,
): void {
  for (let i = 0; i < dense.length; i++)
    check(
      Number.isFinite(dense[i]!),
      () =>
        `Dense feature ${i % width} of row ${Math.floor(i / width)} of "${name}" is ${dense[i]}; replace what is not finite.`,
    );
  for (let i = 0; i < labels.length; i++)
    check(
      labels[i]! >= 0 && labels[i]! <= 1,
      () => `The label of row ${i} of "${name}" is ${labels[i]}; labels lie in [0, 1].`,
    );
  for (let i = 0; i < weights.length; i++)
    check(
      weights[i]! >= 0 && weights[i]! < Infinity,
      () => `The weight of row ${i} of "${name}" is ${weights[i]}; weights are finite numbers from 0 up.`,
    );
  const T = tables.length;
  for (let bag = 0; bag < labels.length * T; bag++) {
    const rows = tables[bag % T]!;
    const end = offsets ? offsets[bag + 1]! : bag + 1;
    for (let i = offsets ? offsets[bag]! : bag; i < end; i++)
      check(
        ids[i]! < rows,
        () =>
          `Row ${Math.floor(bag / T)} of "${name}" has id ${ids[i]} for table ${bag % T}, whose rows are 0 to ${rows - 1}; enlarge the table or take the id modulo ${rows}.`,
      );
  }
}
