import { integer } from "../../core/errors.ts";
import { joined } from "./batches.ts";
import type { Batch, Dataset } from "./dataset.ts";
import { view } from "./memory.ts";

/**
 * `data`, which its first walk reads into memory, and later ones do not read again: for rows of a file that are walked many
 * times, as those to choose by are. The batches are those of `data`, bit for bit. More than `most` bytes of rows (default
 * 256 MiB: 8 million rows of 2 numbers and 2 ids) are not kept: every walk then reads them anew. While it reads for the first
 * time it takes twice the memory of the rows.
 * @throws InputError (while walking) where `data` does.
 */
export function cached(data: Dataset, most: number = 2 ** 28): Dataset {
  integer("The bytes of rows to keep in memory", most, 0);
  if (data.isInMemory) return data;
  let kept: Promise<Dataset> | undefined;
  let rows = data.rows;
  const known = (): Promise<Dataset> => {
    kept ??= inMemoryWithin(data, most).catch((error) => {
      kept = undefined; // what could not be read may be there the next time
      throw error;
    });
    return kept;
  };
  return {
    name: data.name,
    dense: data.dense,
    tables: data.tables,
    get rows() {
      return rows;
    },
    async *batches(size, shuffle) {
      const from = await known();
      yield* from.batches(size, shuffle);
      rows = from.rows;
    },
    select: (keep) => cached(data.select(keep), most),
  };
}

/** The rows in memory, or as they are where they would take more than so many bytes. */
async function inMemoryWithin(data: Dataset, most: number): Promise<Dataset> {
  const batches: Batch[] = [];
  let bytes = 0;
  for await (const batch of data.batches(4096)) {
    bytes += bytesOf(batch);
    if (bytes > most) return data;
    batches.push(batch);
  }
  if (batches.length === 0) return data;
  const { name, dense, tables } = data;
  const { bags, ...columns } = joined(batches);
  return view({ name, dense, tables }, { ...columns, ...bags });
}

/** With their places in a permutation. A file's rows, whose numbers have 64 bits, take up to twice that while they are shuffled. */
const bytesOf = ({ size, dense, bags, weights, groups }: Batch): number =>
  4 * (2 * size + dense.length + bags.ids.length + bags.offsets.length) +
  (weights?.byteLength ?? 0) +
  (groups?.byteLength ?? 0);
