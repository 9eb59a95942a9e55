import { expect } from "vitest";
import type { Batch, Dataset, Inputs, Numbers, Shuffle } from "../../../../models/data/dataset.ts";
import { inMemory } from "../../../../models/data/memory.ts";
import { type Block, emptyBlock } from "../../../../models/data/reader/block.ts";
import { streamed } from "../../../../models/data/reader/streamed.ts";

export interface Row {
  readonly dense: number[];
  readonly bags: number[][];
  /** NaN where rows have none. */
  readonly label: number;
}

/** All rows of one walk. */
export async function rows(data: Dataset<Inputs<Numbers>>, size = 7, shuffle?: Shuffle): Promise<Row[]> {
  const all: Row[] = [];
  for await (const batch of data.batches(size, shuffle) as AsyncIterable<
    Inputs<Numbers> & Partial<Batch<Numbers>>
  >) {
    const T = data.tables.length;
    expect(batch.bags.offsets.length).toBe(batch.size * T + 1);
    expect(batch.bags.offsets.at(-1)).toBe(batch.bags.ids.length);
    for (let i = 0; i < batch.size; i++)
      all.push({
        dense: [...batch.dense.subarray(i * data.dense, (i + 1) * data.dense)],
        bags: data.tables.map((_, t) => [
          ...batch.bags.ids.subarray(batch.bags.offsets[i * T + t]!, batch.bags.offsets[i * T + t + 1]!),
        ]),
        label: batch.labels ? batch.labels[i]! : Number.NaN,
      });
  }
  return all;
}

/** The row numbers that a numbered dataset yields, in its order. */
export const numbers = async (data: Dataset, size?: number, shuffle?: Shuffle) =>
  (await rows(data, size, shuffle)).map((row) => row.bags[0]![0]!);

/** n rows whose only id is their number, in memory or as a stream of blocks of 5. */
export const inMemoryNumbers = (n: number) =>
  inMemory({
    name: "numbers",
    dense: 1,
    tables: [2 ** 32],
    columns: {
      dense: new Float32Array(n).fill(1),
      ids: Uint32Array.from({ length: n }, (_, i) => i),
      labels: new Float32Array(n),
    },
  });

export async function* numberedBlocks(n: number, opened = () => {}): AsyncGenerator<Block> {
  for (let from = 0; from < n; from += 5) {
    opened();
    const block = emptyBlock(Math.min(5, n - from), 1, 1);
    for (let i = 0; i < block.size; i++) block.ids[i] = from + i;
    yield block;
  }
}
/** Shuffled in memory, unless there is a smaller `buffer`, in bytes: 16 a row. */
export const streamedNumbers = (n: number, buffer?: number) =>
  streamed({
    name: "numbers",
    dense: 1,
    tables: [2 ** 32],
    ...(buffer !== undefined && { buffer }),
    open: () => numberedBlocks(n),
  });
const spilledNumbers = (n: number) => streamedNumbers(n, 100);

export const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
export const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
export const shapes = [inMemoryNumbers, (n: number) => streamedNumbers(n), spilledNumbers];
