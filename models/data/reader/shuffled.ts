import { permutation, type Random } from "../../../core/numeric/random.ts";
import type { Shape } from "../shape.ts";
import { type Block, RowBuffer, recut } from "./block.ts";
import { Spill } from "./spilled.ts";

/** Rows that are held, dealt and given out together. */
const CHUNK = 4096;

/**
 * The rows of `blocks` in an order that is uniform among all orders, and that the rows and the stream alone decide, not how
 * the rows were cut into blocks. Rows of up to `budget` bytes are held, 4·(2 + D + T) bytes each where a bag has one id and
 * numbers have 32 bits, and go out by one `permutation`. More are dealt at random to `ways` buckets on disk, and each of these is shuffled in the same
 * way: all deals are equally likely, and so are all orders within a bucket. No row goes out before the last has come in.
 *
 * Memory: at most the budget, {@link Spill}'s buffers, and two chunks of 4096 rows.
 * @throws InputError where the disk cannot be written.
 */
export async function* shuffled(
  shape: Shape,
  blocks: AsyncIterable<Block> | Iterable<Block>,
  stream: Random,
  budget: number,
  ways?: number,
): AsyncGenerator<Block> {
  const [D, T] = [shape.dense, shape.tables.length];
  const held: Block[] = [];
  let bytes = 0;
  let spill: Spill | undefined;
  try {
    for await (const chunk of recut(blocks, D, T, CHUNK)) {
      held.push(chunk);
      bytes += heldBytes(chunk, D, T);
      if (!spill && (bytes <= budget || held.length * chunk.size === 1)) continue; // one row cannot be dealt further
      spill ??= new Spill(shape, stream, ways);
      for (const each of held.splice(0)) spill.add(each);
    }
    if (!spill) yield* permuted(held, D, T, stream);
    else for (const bucket of spill.buckets()) yield* shuffled(shape, bucket, stream, budget, ways);
  } finally {
    spill?.close();
  }
}

/** Of the rows themselves, and of their places in a permutation. */
const heldBytes = ({ size, dense, ids, offsets }: Block, D: number, T: number): number =>
  dense.BYTES_PER_ELEMENT * size * D + 4 * (2 * size + ids.length + (offsets ? size * T : 0));

function* permuted(chunks: readonly Block[], D: number, T: number, stream: Random): Generator<Block> {
  const count = chunks.reduce((rows, { size }) => rows + size, 0);
  const rows = new RowBuffer(D, T, CHUNK);
  for (const row of permutation(count, stream)) {
    const at = row % CHUNK;
    rows.add(chunks[Math.floor(row / CHUNK)]!, at, at + 1);
    if (rows.left === 0) yield rows.taken();
  }
  if (rows.size > 0) yield rows.taken();
}
