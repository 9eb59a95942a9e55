import { check, integer } from "../../../core/errors.ts";
import { permutation, type Random, random } from "../../../core/numeric/random.ts";
import type { Batch, Dataset, Shuffle } from "../dataset.ts";
import { checkShape, type Shape } from "../shape.ts";

/** A few consecutive rows of a stream, one id a bag: dense [size × D], ids [size × T], labels [size]. */
export interface Block {
  readonly size: number;
  readonly dense: Float32Array;
  readonly ids: Uint32Array;
  readonly labels: Float32Array;
}

/** Rows that can be read from their beginning any number of times, each time the same. */
export interface Source extends Shape {
  /** Starts from the first row. The blocks then belong to the reader, who may overwrite them. */
  open(): AsyncIterable<Block>;
  /** Rows that a shuffled walk holds (default 65,536). */
  readonly buffer?: number;
}

/**
 * A dataset that is read anew on each walk, in memory that does not depend on its length. `rows` is known once a walk has
 * come to the end.
 *
 * Shuffling is approximate where there are more rows than `buffer`: each incoming row takes the place of a random row of
 * the buffer, which leaves. A row can so be late by any distance but early by at most `buffer` rows; a file that is sorted
 * (by day, by label) should be shuffled once on disk. With no more rows than `buffer` it is a full permutation.
 * @throws InputError (while walking) where no row is left, for example after `select`.
 */
export function streamed(source: Source): Dataset {
  const { name, dense, tables, buffer = 65_536 } = source;
  checkShape(source);
  integer("The size of the shuffle buffer", buffer, 1);
  let rows: number | undefined;
  return {
    name,
    dense,
    tables,
    get rows() {
      return rows;
    },
    async *batches(size: number, shuffle?: Shuffle) {
      integer("The batch size", size, 1);
      const stream = shuffle && random(shuffle.seed, `shuffle/${shuffle.epoch}`);
      let count = 0;
      for await (const batch of batched(
        source,
        stream ? shuffled(source, buffer, stream) : source.open(),
        size,
      )) {
        count += batch.size;
        yield batch;
      }
      check(count > 0, () => `"${name}" has no row here; select a larger part, or give more rows.`);
      rows = count;
    },
    select: (keep) => streamed({ ...source, open: () => kept(source, keep) }),
  };
}

/** A block of `size` rows of zeros, to be filled. */
export function emptyBlock(size: number, dense: number, tables: number): Block {
  return {
    size,
    dense: new Float32Array(size * dense),
    ids: new Uint32Array(size * tables),
    labels: new Float32Array(size),
  };
}

async function* batched(source: Source, blocks: AsyncIterable<Block>, size: number): AsyncGenerator<Batch> {
  const { dense, tables } = source;
  let batch = emptyBlock(size, dense, tables.length);
  let filled = 0;
  for await (const block of blocks) {
    for (let row = 0; row < block.size; row++) {
      copyRow(block, row, batch, filled++);
      if (filled < size) continue;
      yield asBatch(batch, tables.length);
      batch = emptyBlock(size, dense, tables.length);
      filled = 0;
    }
  }
  if (filled > 0) yield asBatch(head(batch, filled), tables.length);
}

async function* kept(source: Source, keep: (row: number) => boolean): AsyncGenerator<Block> {
  let row = 0;
  for await (const block of source.open()) {
    let size = 0;
    for (let i = 0; i < block.size; i++) if (keep(row++)) copyRow(block, i, block, size++);
    if (size > 0) yield head(block, size);
  }
}

async function* shuffled(source: Source, capacity: number, stream: Random): AsyncGenerator<Block> {
  const buffer = emptyBlock(capacity, source.dense, source.tables.length);
  const spare = emptyBlock(1, source.dense, source.tables.length);
  let held = 0;
  for await (const block of source.open()) {
    let leaving = 0;
    for (let row = 0; row < block.size; row++) {
      if (held < capacity) {
        copyRow(block, row, buffer, held++);
        continue;
      }
      const place = stream.integer(capacity);
      copyRow(buffer, place, spare, 0);
      copyRow(block, row, buffer, place);
      copyRow(spare, 0, block, leaving++); // leaving ≤ row: the row written over has been read
    }
    if (leaving > 0) yield head(block, leaving);
  }
  const order = permutation(held, stream);
  const last = emptyBlock(held, source.dense, source.tables.length);
  order.forEach((from, to) => {
    copyRow(buffer, from, last, to);
  });
  if (held > 0) yield last;
}

function copyRow(from: Block, row: number, to: Block, at: number): void {
  const D = from.dense.length / from.size;
  const T = from.ids.length / from.size;
  for (let i = 0; i < D; i++) to.dense[at * D + i] = from.dense[row * D + i]!;
  for (let i = 0; i < T; i++) to.ids[at * T + i] = from.ids[row * T + i]!;
  to.labels[at] = from.labels[row]!;
}

function head(block: Block, size: number): Block {
  const D = block.dense.length / block.size;
  const T = block.ids.length / block.size;
  return {
    size,
    dense: block.dense.subarray(0, size * D),
    ids: block.ids.subarray(0, size * T),
    labels: block.labels.subarray(0, size),
  };
}

function asBatch({ size, dense, ids, labels }: Block, tables: number): Batch {
  const offsets = new Uint32Array(size * tables + 1);
  for (let bag = 1; bag < offsets.length; bag++) offsets[bag] = bag;
  return { size, dense, bags: { ids, offsets }, labels };
}
