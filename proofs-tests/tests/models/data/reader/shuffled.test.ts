import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random } from "../../../../../core/numeric/random.ts";
import type { Inputs, Numbers } from "../../../../../models/data/dataset.ts";
import { inMemory } from "../../../../../models/data/memory.ts";
import { shuffled } from "../../../../../models/data/reader/shuffled.ts";
import { streamed } from "../../../../../models/data/reader/streamed.ts";
import { seed } from "../../../seed.ts";
import { anyCuts, anyTable, cutIntoBlocks, type Table } from "../bags.ts";
import { numberedBlocks, type Row, rows } from "../rows.ts";

const stream = (table: Table, cuts: readonly number[], buffer = 2 ** 29) =>
  streamed({
    ...table,
    buffer,
    async *open() {
      yield* cutIntoBlocks(table, cuts);
    },
  });

const byLabel = (a: Row, b: Row) => a.label - b.label;
const size = fc.integer({ min: 1, max: 70 });

describe("a stream of rows of any shape, cut anywhere", () => {
  test("walks, selects and shuffles as the same rows in memory do", () =>
    fc.assert(
      fc.asyncProperty(anyTable, anyCuts, size, fc.nat(), async (table, cuts, batch, seed) => {
        const [memory, data] = [inMemory(table), stream(table, cuts)];
        const some = (row: number) => (row * 7) % 3 !== seed % 3;
        expect(await rows(data, batch)).toEqual(await rows(memory, batch));
        const shuffle = { seed, epoch: 2 };
        expect(await rows(data, batch, shuffle)).toEqual(await rows(memory, batch, shuffle));
        const part = memory.select(some).select((row) => row % 2 === 0);
        if (part.rows === 0) return;
        expect(
          await rows(
            data.select(some).select((row) => row % 2 === 0),
            batch,
          ),
        ).toEqual(await rows(part, batch));
      }),
    ));

  test("gives each row once where it is shuffled on disk, in an order that the cuts do not change", () =>
    fc.assert(
      fc.asyncProperty(
        anyTable,
        anyCuts,
        anyCuts,
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(),
        async (table, cuts, others, buffer, seed) => {
          const found = await rows(stream(table, cuts, buffer), 7, { seed, epoch: 0 });
          expect(await rows(stream(table, others, buffer), 30, { seed, epoch: 0 })).toEqual(found);
          expect(found.toSorted(byLabel)).toEqual(await rows(inMemory(table)));
        },
      ),
    ));

  test("keeps texts beside their rows, but on disk, where it cannot", () =>
    fc.assert(
      fc.asyncProperty(anyTable, anyCuts, fc.constantFrom(100, 2 ** 29), async (table, cuts, buffer) => {
        const data = streamed({
          ...table,
          buffer,
          async *open() {
            for (const block of cutIntoBlocks(table, cuts))
              yield { ...block, texts: Array.from(block.labels!, (y) => [`${y}`, `b${y}`]).flat() };
          },
        });
        const some = data.select((row) => row % 3 !== 1);
        for (const each of [data, some])
          for (const shuffle of [undefined, { seed: 1, epoch: 0 }])
            try {
              for await (const { labels, texts } of each.batches(7, shuffle))
                expect(texts).toEqual(Array.from(labels, (y) => [`${y}`, `b${y}`]).flat());
            } catch (error) {
              expect([buffer, shuffle?.seed]).toEqual([100, 1]);
              expect((error as Error).message).toContain("columns that are kept as text");
            }
      }),
    ));

  test("keeps numbers of 64 bits as they are, in memory and on disk, with labels and without", () =>
    fc.assert(
      fc.asyncProperty(anyTable, anyCuts, fc.constantFrom(100, 2 ** 29), async (table, cuts, buffer) => {
        const wide = (x: number) => 2 ** 52 + 4 * x;
        const open = (isLabeled: boolean) =>
          streamed<Inputs<Numbers>>({
            ...table,
            buffer,
            async *open() {
              for (const { labels, ...block } of cutIntoBlocks(table, cuts))
                yield {
                  ...block,
                  ...(isLabeled && { labels: labels! }),
                  dense: Float64Array.from(block.dense, wide),
                };
            },
          });
        const expected = (await rows(inMemory(table))).map((row) => ({ ...row, dense: row.dense.map(wide) }));
        for (const shuffle of [undefined, { seed: 1, epoch: 0 }]) {
          const found = await rows(open(true), 7, shuffle);
          expect(found.toSorted(byLabel)).toEqual(expected);
          const bare = await rows(open(false), 7, shuffle);
          expect(bare).toEqual(found.map((row) => ({ ...row, label: Number.NaN })));
        }
        const [first] = await rows(
          open(true).select((row) => row === 0),
          1,
        );
        expect(first).toEqual(expected[0]);
      }),
    ));

  test("has no labels where its blocks have none, in memory and on disk; all else is the same", () =>
    fc.assert(
      fc.asyncProperty(anyTable, anyCuts, fc.constantFrom(100, 2 ** 29), async (table, cuts, buffer) => {
        const bare = streamed<Inputs>({
          ...table,
          buffer,
          async *open() {
            for (const { labels: _, ...block } of cutIntoBlocks(table, cuts)) yield block;
          },
        });
        for (const shuffle of [undefined, { seed: 1, epoch: 0 }]) {
          const labeled = await rows(stream(table, cuts, buffer), 7, shuffle);
          expect(await rows(bare, 7, shuffle)).toEqual(labeled.map((row) => ({ ...row, label: Number.NaN })));
        }
      }),
    ));
});

/** Of this many degrees of freedom, chi-square is larger once in 10⁹ times: Wilson and Hilferty's formula. */
const seldomAbove = (freedom: number) =>
  freedom * (1 - 2 / (9 * freedom) + 5.998 * Math.sqrt(2 / (9 * freedom))) ** 3;

describe("a shuffle on disk is uniform: a true one fails once in 10⁹ runs", () => {
  test.each([
    [3, 16, 2],
    [4, 16, 3],
    [4, 40, 2],
  ])("%d rows, %d bytes, %d buckets: all orders come equally often", async (n, budget, ways) => {
    const orders = n === 3 ? 6 : 24;
    const draw = random(seed, `orders/${n}/${budget}/${ways}`);
    const counts = new Map<string, number>();
    const walks = 50 * orders;
    for (let walk = 0; walk < walks; walk++) {
      const order: number[] = [];
      const shape = { name: "numbers", dense: 1, tables: [n] };
      for await (const { ids } of shuffled(shape, numberedBlocks(n), draw, budget, ways)) order.push(...ids);
      counts.set(`${order}`, (counts.get(`${order}`) ?? 0) + 1);
    }
    expect(counts.size).toBe(orders);
    const square = [...counts.values()].reduce((sum, count) => sum + (count - 50) ** 2 / 50, 0);
    expect(square).toBeLessThan(seldomAbove(orders - 1));
  });

  test("where the rows are many, each is anywhere: the mean place of the first half of 5,000", async () => {
    const n = 5000;
    const shape = { name: "numbers", dense: 1, tables: [n] };
    const order: number[] = [];
    const draw = random(seed, "places");
    for await (const { ids } of shuffled(shape, numberedBlocks(n), draw, 16 * 300)) order.push(...ids);
    let sum = 0;
    order.forEach((row, place) => {
      if (row < n / 2) sum += place;
    });
    const deviation = Math.sqrt(((n / 2) * (n / 2) * (n + 1)) / 12); // of a sum of half the places, drawn without replacement
    expect(Math.abs(sum - ((n / 2) * (n - 1)) / 2)).toBeLessThan(6.2 * deviation);
  });
});
