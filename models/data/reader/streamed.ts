import { check, integer } from "../../../core/errors.ts";
import { random } from "../../../core/numeric/random.ts";
import { upTo } from "../batches.ts";
import type { Batch, Dataset, Inputs, Numbers, Shuffle } from "../dataset.ts";
import { checkShape, type Shape } from "../shape.ts";
import { type Block, RowBuffer, recut } from "./block.ts";
import { shuffled } from "./shuffled.ts";

/** Rows that can be read from their beginning any number of times, each time the same. */
export interface Source extends Shape {
  /** Starts from the first row. The blocks then belong to the reader, who may overwrite them. */
  open(): AsyncIterable<Block>;
  /** Bytes of rows that a shuffled walk holds (default 512 MiB: 16 million rows of 2 numbers of 64 bits and 2 ids). */
  readonly buffer?: number;
}

/**
 * A dataset that is read anew on each walk, in memory that does not depend on its length. Its rows have labels where those of
 * the source have, and numbers of as many bits. `rows` is known once a walk has come to the end.
 *
 * A shuffled walk reads all rows before it gives the first, and its order is uniform among all orders: that of a dataset in
 * memory, the permutation of the stream `shuffle/EPOCH`, where the rows fit into `buffer`; more rows go through a temporary
 * file as large as they are ({@link shuffled}).
 * @throws InputError (while walking) where no row is left, for example after `select`, and where a shuffle needs the disk but
 *   cannot write there.
 */
export function streamed<Rows extends Inputs<Numbers> = Batch>(source: Source): Dataset<Rows> {
  const { name, dense, tables, buffer = 2 ** 29 } = source;
  checkShape(source);
  integer("The bytes of the shuffle buffer", buffer, 1, 2 ** 35); // at least 8 a row: their number is 32-bit
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
      const blocks = stream ? shuffled(source, source.open(), stream, buffer) : source.open();
      for await (const block of recut(blocks, dense, tables.length, size)) {
        count += block.size;
        yield asBatch(block, tables.length) as Rows;
      }
      check(count > 0, () => `"${name}" has no row here; select a larger part, or give more rows.`);
      rows = count;
    },
    select: (keep) => streamed({ ...source, open: () => kept(source, keep) }),
  };
}

async function* kept(source: Source, keep: (row: number) => boolean): AsyncGenerator<Block> {
  let row = 0;
  for await (const block of source.open()) {
    const rows = new RowBuffer(source.dense, source.tables.length, block.size);
    for (let i = 0; i < block.size; i++) if (keep(row++)) rows.add(block, i, i + 1);
    if (rows.size > 0) yield rows.taken();
  }
}

function asBatch({ size, dense, ids, offsets, labels, texts }: Block, tables: number): Inputs<Numbers> {
  const bags = { ids, offsets: offsets ?? upTo(size * tables) };
  return { size, dense, bags, ...(labels && { labels }), ...(texts && { texts }) };
}
