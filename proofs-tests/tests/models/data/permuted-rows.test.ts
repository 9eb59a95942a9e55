import { expect, it } from "vitest";
import type { Batch } from "../../../../models/data/dataset.ts";
import { inMemory } from "../../../../models/data/memory.ts";
import { batchesOf, drawn } from "../../../../models/data/permuted-rows.ts";
import { inMemoryNumbers, rows, upTo } from "./rows.ts";

/** Eleven rows of two numbers and two tables, whose bags have 0 to 2 ids. */
const data = (() => {
  const lengths = upTo(22).map((bag) => bag % 3);
  const offsets = Uint32Array.from({ length: 23 }, (_, bag) =>
    lengths.slice(0, bag).reduce((sum, n) => sum + n, 0),
  );
  return inMemory({
    name: "bags",
    dense: 2,
    tables: [100, 100],
    columns: {
      dense: Float32Array.from({ length: 22 }, (_, i) => i),
      ids: Uint32Array.from({ length: offsets.at(-1)! }, (_, i) => i),
      offsets,
      labels: Float32Array.from({ length: 11 }, (_, i) => i % 2),
    },
  });
})();

/** Rows of batches, as those of a dataset. */
const rowsOf = (batches: (size: number) => AsyncIterable<Batch>, size: number) =>
  rows({ ...data, batches }, size);

it.each([3, 4096])(
  "rows in batches of %d: one column is that of other rows, whole bags of a table",
  async (size) => {
    const all = (await drawn(data, 100, 5)).rows;
    const order = Uint32Array.from([4, 0, 10, 2, 3, 9, 1, 8, 7, 5, 6]);
    const own = await rowsOf((n) => batchesOf(all, n), size);
    expect(own).toEqual(await rows(data, 4096, { seed: 5, epoch: 0 }));
    for (const place of [0, 1]) {
      const number = await rowsOf(
        (n) => batchesOf(all, n, { column: { kind: "number", place }, order }),
        size,
      );
      const ids = await rowsOf((n) => batchesOf(all, n, { column: { kind: "ids", place }, order }), size);
      for (const [i, row] of own.entries()) {
        const lender = own[order[i]!]!;
        const moved = <T>(mine: readonly T[], others: readonly T[]) => mine.with(place, others[place]!);
        expect(number[i]).toEqual({ ...row, dense: moved(row.dense, lender.dense) });
        expect(ids[i]).toEqual({ ...row, bags: moved(row.bags, lender.bags) });
      }
    }
  },
);

it.each([
  [10_000, 10_000, false],
  [10_000, 20_000, false],
  [10_000, 9_999, true],
  [10_000, 4096, true],
  [10_000, 5, true],
])("of %d rows at most %d are drawn, no row twice; whether some are left is known", async (n, most, some) => {
  const { rows: all, sampled } = await drawn(inMemoryNumbers(n), most, 1);
  expect([all.size, new Set(all.bags.ids).size, sampled]).toEqual([
    Math.min(n, most),
    Math.min(n, most),
    some,
  ]);
  expect([all.dense.length, all.labels.length, all.bags.offsets.length]).toEqual([
    all.size,
    all.size,
    all.size + 1,
  ]);
  // The mean of those that are drawn is that of all, by far not that of the first ones.
  const mean = all.bags.ids.reduce((sum, id) => sum + id, 0) / all.size;
  expect(Math.abs(mean / n - 0.5)).toBeLessThan(1.3 / Math.sqrt(all.size));
});
