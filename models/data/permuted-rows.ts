import { firstRows, joined } from "./batches.ts";
import type { Bags, Batch, Dataset } from "./dataset.ts";

/** A column of a model: a dense feature, or a table, by its place among those. */
export interface ModelColumn {
  readonly kind: "number" | "ids";
  /** From 0. */
  readonly place: number;
}

/** So many rows at random, as one batch, or all where there are no more. */
export async function drawn(
  data: Dataset,
  most: number,
  seed: number,
): Promise<{ readonly rows: Batch; readonly sampled: boolean }> {
  const batches: Batch[] = [];
  let size = 0;
  for await (const batch of data.batches(4096, { seed, epoch: 0 })) {
    batches.push(batch);
    size += batch.size;
    if (size > most) break;
  }
  const last = batches.at(-1);
  if (last === undefined || size <= most) return { rows: joined(batches), sampled: false };
  return {
    rows: joined([...batches.slice(0, -1), firstRows(last, last.size - (size - most))]),
    sampled: true,
  };
}

/** A column whose value in row i is that of row `order[i]`. */
interface Moved {
  readonly column: ModelColumn;
  readonly order: Uint32Array;
}

/** The rows in batches of `size`, as they are or with one column permuted. */
export async function* batchesOf(rows: Batch, size: number, moved?: Moved): AsyncGenerator<Batch> {
  for (let from = 0; from < rows.size; from += size) {
    const to = Math.min(rows.size, from + size);
    yield {
      size: to - from,
      dense: denseOf(rows, from, to, moved),
      bags: bagsOf(rows, from, to, moved),
      labels: rows.labels.subarray(from, to),
      ...(rows.weights && { weights: rows.weights.subarray(from, to) }),
    };
  }
}

function denseOf(rows: Batch, from: number, to: number, moved: Moved | undefined): Float32Array {
  const width = rows.dense.length / rows.size;
  const dense = rows.dense.slice(from * width, to * width);
  if (moved?.column.kind === "number")
    for (let row = from; row < to; row++)
      dense[(row - from) * width + moved.column.place] =
        rows.dense[moved.order[row]! * width + moved.column.place]!;
  return dense;
}

function bagsOf({ size, bags }: Batch, from: number, to: number, moved: Moved | undefined): Bags {
  const T = (bags.offsets.length - 1) / size;
  const table = moved?.column.kind === "ids" ? moved.column.place : -1;
  const source = (row: number, t: number) => (t === table ? moved!.order[row]! : row) * T + t;
  const offsets = new Uint32Array((to - from) * T + 1);
  for (let row = from, bag = 0; row < to; row++)
    for (let t = 0; t < T; t++, bag++) {
      const at = source(row, t);
      offsets[bag + 1] = offsets[bag]! + bags.offsets[at + 1]! - bags.offsets[at]!;
    }
  const ids = new Uint32Array(offsets.at(-1)!);
  for (let row = from, bag = 0; row < to; row++)
    for (let t = 0; t < T; t++, bag++) {
      const at = source(row, t);
      for (let i = bags.offsets[at]!, to = offsets[bag]!; i < bags.offsets[at + 1]!; i++)
        ids[to++] = bags.ids[i]!;
    }
  return { ids, offsets };
}
