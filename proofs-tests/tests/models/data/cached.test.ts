import fc from "fast-check";
import { expect, test } from "vitest";
import { cached } from "../../../../models/data/cached.ts";
import type { Batch, Dataset, Shuffle } from "../../../../models/data/dataset.ts";
import { inMemory } from "../../../../models/data/memory.ts";
import { streamed } from "../../../../models/data/reader/streamed.ts";
import { numbers, streamedNumbers } from "./rows.ts";

/** What rows of a file may have. */
interface Made {
  /** [n × 2] ids of each bag. */
  readonly bags: readonly (readonly number[])[];
  readonly isBags: boolean;
  readonly hasWeights: boolean;
  readonly hasGroups: boolean;
}

const made = fc.record({
  bags: fc
    .array(fc.tuple(fc.array(fc.nat(99), { maxLength: 3 }), fc.array(fc.nat(99), { maxLength: 3 })), {
      minLength: 1,
      maxLength: 40,
    })
    .map((rows) => rows.flat()),
  isBags: fc.boolean(),
  hasWeights: fc.boolean(),
  hasGroups: fc.boolean(),
});

/** Those rows, read anew by each walk, which `walked` is told. */
function fileOf({ bags, isBags, hasWeights, hasGroups }: Made, walked = () => {}): Dataset {
  const n = bags.length / 2;
  const lists = isBags ? bags : bags.map((ids) => [ids[0] ?? 7]);
  const offsets = Uint32Array.from([0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)]);
  const block = {
    size: n,
    dense: Float32Array.from({ length: 3 * n }, (_, i) => i / 7),
    ids: Uint32Array.from(lists.flat()),
    ...(isBags && { offsets }),
    labels: Float32Array.from({ length: n }, (_, i) => i % 2),
  };
  const open = async function* () {
    walked();
    yield block;
  };
  const rows = streamed({ name: "file", dense: 3, tables: [100, 100], open });
  const beside = (data: Dataset): Dataset => ({
    ...data,
    get rows() {
      return data.rows;
    },
    async *batches(size, shuffle) {
      for await (const batch of data.batches(size, shuffle))
        yield {
          ...batch,
          ...(hasWeights && { weights: batch.dense.filter((_, i) => i % 3 === 1) }),
          ...(hasGroups && { groups: Uint32Array.from(batch.labels, (_, i) => 7 * batch.dense[3 * i]!) }),
        };
    },
    select: (keep) => beside(data.select(keep)),
  });
  return beside(rows);
}

async function batches(data: Dataset, size: number, shuffle?: Shuffle): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of data.batches(size, shuffle)) all.push(batch);
  return all;
}

const shuffle = fc.option(fc.record({ seed: fc.nat(9), epoch: fc.nat(3) }), { nil: undefined });

test("rows that are kept in memory are the file's, batch by batch, in any order, and read once", () =>
  fc.assert(
    fc.asyncProperty(
      made,
      fc.array(fc.record({ size: fc.integer({ min: 1, max: 50 }), shuffle }), { minLength: 1, maxLength: 4 }),
      async (rows, walks) => {
        let read = 0;
        const kept = cached(fileOf(rows, () => read++));
        for (const { size, shuffle } of walks)
          expect(await batches(kept, size, shuffle)).toEqual(await batches(fileOf(rows), size, shuffle));
        expect([read, kept.rows]).toEqual([1, rows.bags.length / 2]);
        const odd = (row: number) => row % 2 === 1;
        if (rows.bags.length > 2)
          expect(await batches(kept.select(odd), 5, walks[0]!.shuffle)).toEqual(
            await batches(fileOf(rows).select(odd), 5, walks[0]!.shuffle),
          );
      },
    ),
  ));

test("rows that take more memory than they may are read anew by each walk", async () => {
  const rows = { bags: Array<number[]>(20).fill([1]), isBags: false, hasWeights: false, hasGroups: false };
  const walks = async (most: number) => {
    let read = 0;
    const kept = cached(
      fileOf(rows, () => read++),
      most,
    );
    for (const epoch of [0, 1])
      expect(await batches(kept, 4, { seed: 1, epoch })).toEqual(
        await batches(fileOf(rows), 4, { seed: 1, epoch }),
      );
    return read;
  };
  // Of each row 3 numbers, 2 ids, 2 starts of bags, its label and its place; and the end of the last bag.
  const bytes = 4 * (10 * (3 + 2 + 2 + 2) + 1);
  expect([await walks(bytes), await walks(bytes - 1)]).toEqual([1, 3]);
});

test("rows in memory are not kept twice", () => {
  const columns = { dense: Float32Array.of(1), ids: Uint32Array.of(0), labels: Float32Array.of(1) };
  const data = inMemory({ name: "here", dense: 1, tables: [1], columns });
  expect(cached(data)).toBe(data);
});

test("a walk that fails is not kept: the next one reads again", async () => {
  let isThere = false;
  const file = streamedNumbers(9);
  const kept = cached({
    ...file,
    async *batches(size, shuffle) {
      if (!isThere) throw new Error("no file");
      yield* file.batches(size, shuffle);
    },
  });
  await expect(numbers(kept)).rejects.toThrow("no file");
  isThere = true;
  expect(await numbers(kept)).toHaveLength(9);
});

test("no rows are refused as the file refuses them, and so is memory that is no number", async () => {
  await expect(numbers(cached(streamedNumbers(9).select(() => false)))).rejects.toThrow("has no row here");
  expect(() => cached(streamedNumbers(9), -1)).toThrow(
    "The bytes of rows to keep in memory must be a whole number from 0 up, but it is -1.",
  );
});
