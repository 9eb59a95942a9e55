import { check, integer } from "../../core/errors.ts";
import { permutation, random } from "../../core/numeric/random.ts";
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
}

/**
 * A dataset that lies in memory. `select` is a view: row numbers, no copied columns. A shuffled walk is a full
 * permutation drawn from the stream `shuffle/EPOCH`.
 * @throws InputError for columns whose lengths disagree, a dense value that is not finite, a label outside [0, 1], an id
 *   outside its table.
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

/** The rows `order` of the columns (all of them where it is undefined). */
function view(shape: Shape, columns: Columns, order: Uint32Array | undefined): Dataset {
  const rows = order?.length ?? columns.labels.length;
  return {
    ...shape,
    rows,
    async *batches(size: number, shuffle?: Shuffle) {
      integer("The batch size", size, 1);
      const walk = shuffle && permutation(rows, random(shuffle.seed, `shuffle/${shuffle.epoch}`));
      const row = (i: number) => {
        const at = walk ? walk[i]! : i;
        return order ? order[at]! : at;
      };
      for (let start = 0; start < rows; start += size) {
        const numbers = Uint32Array.from({ length: Math.min(size, rows - start) }, (_, i) => row(start + i));
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

function gather({ dense: width, tables }: Shape, columns: Columns, numbers: Uint32Array): Batch {
  const size = numbers.length;
  const T = tables.length;
  const start = (bag: number) => columns.offsets?.[bag] ?? bag;
  const offsets = new Uint32Array(size * T + 1);
  for (let i = 0, bag = 0; i < size; i++) {
    const first = numbers[i]! * T;
    for (let t = 0; t < T; t++, bag++)
      offsets[bag + 1] = offsets[bag]! + start(first + t + 1) - start(first + t);
  }
  const ids = new Uint32Array(offsets[size * T]!);
  const dense = new Float32Array(size * width);
  const labels = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const row = numbers[i]!;
    ids.set(columns.ids.subarray(start(row * T), start((row + 1) * T)), offsets[i * T]!);
    dense.set(columns.dense.subarray(row * width, (row + 1) * width), i * width);
    labels[i] = columns.labels[row]!;
  }
  return { size, dense, bags: { ids, offsets }, labels };
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

function checkValues({ name, dense: width, tables }: Shape, { dense, ids, offsets, labels }: Columns): void {
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
