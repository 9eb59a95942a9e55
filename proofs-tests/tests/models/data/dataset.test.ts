import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { permutation, random } from "../../../../core/numeric/random.ts";
import { inMemory } from "../../../../models/data/memory.ts";
import { streamed } from "../../../../models/data/reader/streamed.ts";
import {
  inMemoryNumbers,
  numberedBlocks,
  numbers,
  rows,
  shapes,
  sorted,
  streamedNumbers,
  upTo,
} from "./rows.ts";

describe("any dataset", () => {
  const size = fc.integer({ min: 1, max: 60 });
  test("batches cover the rows in order, whatever their size", () =>
    fc.assert(
      fc.asyncProperty(size, size, fc.constantFrom(...shapes), async (n, batch, make) => {
        expect(await numbers(make(n), batch)).toEqual(upTo(n));
      }),
    ));

  test("a shuffled walk is a permutation, the same for the same seed and epoch", () =>
    fc.assert(
      fc.asyncProperty(size, size, fc.nat(), fc.constantFrom(...shapes), async (n, batch, seed, make) => {
        const walk = await numbers(make(n), batch, { seed, epoch: 1 });
        expect(sorted(walk)).toEqual(upTo(n));
        expect(await numbers(make(n), 1 + (batch % 9), { seed, epoch: 1 })).toEqual(walk);
      }),
    ));

  test.each(shapes)("epochs and seeds differ (%o)", async (make) => {
    const walk = (seed: number, epoch: number) => numbers(make(50), 10, { seed, epoch });
    expect(await walk(1, 0)).not.toEqual(await walk(1, 1));
    expect(await walk(1, 0)).not.toEqual(await walk(2, 0));
  });

  test("select numbers the rows of what it selects from", () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 12, max: 60 }), fc.constantFrom(...shapes), async (n, make) => {
        const even = make(n).select((row) => row % 2 === 0);
        expect(await numbers(even)).toEqual(upTo(n).filter((row) => row % 2 === 0));
        expect(await numbers(even.select((row) => row % 3 === 1))).toEqual(
          upTo(n).filter((row) => row % 6 === 2),
        );
      }),
    ));

  test.each(shapes)("a batch size that is none is refused (%o)", async (make) => {
    await expect(numbers(make(3), 0)).rejects.toThrow(
      "The batch size must be a whole number from 1 up, but it is 0.",
    );
  });
});

describe("a stream", () => {
  test("knows its rows after one walk, and a selection its own", async () => {
    const data = streamedNumbers(33);
    expect(data.rows).toBeUndefined();
    await numbers(data);
    expect(data.rows).toBe(33);
    const part = data.select((row) => row < 4);
    await numbers(part, 3, { seed: 1, epoch: 0 });
    expect(part.rows).toBe(4);
  });

  test("reads no further than it must: memory does not follow the length", async () => {
    let blocks = 0;
    const open = () => numberedBlocks(1e12, () => blocks++);
    const data = streamed({ name: "long", dense: 1, tables: [2 ** 32], open });
    for await (const batch of data.batches(10)) {
      expect(batch.size).toBe(10);
      break;
    }
    expect(blocks).toBe(2);
  });

  test.each([100, 70_000])("of %d rows is shuffled as the same rows in memory are", async (n) => {
    const order = await numbers(streamedNumbers(n), 512, { seed: 5, epoch: 3 });
    expect(order).toEqual([...permutation(n, random(5, "shuffle/3"))]);
    expect(await numbers(inMemoryNumbers(n), 512, { seed: 5, epoch: 3 })).toEqual(order);
  });

  test.each([0, 1.5, 2 ** 36])("a buffer of %d bytes is refused", (buffer) => {
    expect(() => streamedNumbers(3, buffer)).toThrow(
      "The bytes of the shuffle buffer must be a whole number",
    );
  });

  test("without rows is refused", async () => {
    await expect(numbers(streamedNumbers(9).select(() => false))).rejects.toThrow(
      '"numbers" has no row here',
    );
  });
});

describe("in memory", () => {
  const columns = {
    dense: Float32Array.of(1, 2, 3, 4),
    ids: Uint32Array.of(0, 5, 5, 1, 2),
    offsets: Uint32Array.of(0, 1, 3, 3, 5),
    labels: Float32Array.of(0, 0.5),
  };
  const shape = { name: "made", dense: 2, tables: [3, 6] };

  test("bags may be empty, and an id may repeat", async () => {
    const data = inMemory({ ...shape, columns });
    expect(await rows(data)).toEqual([
      { dense: [1, 2], bags: [[0], [5, 5]], label: 0 },
      { dense: [3, 4], bags: [[], [1, 2]], label: 0.5 },
    ]);
    expect(await rows(data.select((row) => row === 1))).toEqual([
      { dense: [3, 4], bags: [[], [1, 2]], label: 0.5 },
    ]);
  });

  test.each([
    [
      { dense: Float32Array.of(1, 2, 3) },
      'The dense features of "made" have 3 entries, but 2 labels × 2 features make 4',
    ],
    [{ dense: Float32Array.of(1, 2, NaN, 4) }, 'Dense feature 0 of row 1 of "made" is NaN'],
    [{ labels: Float32Array.of(0, 2) }, 'The label of row 1 of "made" is 2; labels lie in [0, 1]'],
    [{ labels: Float32Array.of(0, NaN) }, 'The label of row 1 of "made" is NaN'],
    [{ ids: Uint32Array.of(0, 5, 6, 1, 2) }, 'Row 0 of "made" has id 6 for table 1, whose rows are 0 to 5'],
    [
      { offsets: Uint32Array.of(0, 1, 3, 5) },
      'The offsets of "made" have 4 entries, but 2 labels × 2 tables + 1 make 5',
    ],
    [
      { offsets: Uint32Array.of(0, 1, 3, 3, 4) },
      "run from 0 to 4, but must run from 0 to the number of ids, 5",
    ],
    [{ offsets: Uint32Array.of(0, 3, 1, 3, 5) }, "fall from 3 to 1 at bag 1"],
    [{ weights: Float32Array.of(1) }, 'The weights of "made" have 1 entries, but the labels make 2'],
    [{ weights: Float32Array.of(1, -1) }, 'The weight of row 1 of "made" is -1'],
    [{ weights: Float32Array.of(Infinity, 1) }, 'The weight of row 0 of "made" is Infinity'],
    [{ groups: Uint32Array.of(1, 2, 3) }, 'The groups of "made" have 3 entries, but the labels make 2'],
  ])("wrong columns are refused: %o", (wrong, sentence) => {
    expect(() => inMemory({ ...shape, columns: { ...columns, ...wrong } })).toThrow(sentence);
  });

  test("one id a bag needs n × T of them; a table needs rows", () => {
    const { offsets, ...single } = columns;
    expect(() => inMemory({ ...shape, columns: single })).toThrow(
      "have 5 entries, but 2 labels × 2 tables make 4",
    );
    expect(() => inMemory({ ...shape, tables: [3, 0], columns })).toThrow(
      'rows of table 1 of "made" must be a whole number',
    );
  });
});
