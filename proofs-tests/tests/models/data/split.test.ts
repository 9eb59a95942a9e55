import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Parts, split, trainShare } from "../../../../models/data/split.ts";
import { inMemoryNumbers, numbers, shapes, sorted, streamedNumbers, upTo } from "./rows.ts";

describe("split", () => {
  const parts = ["train", "validation", "test"] as const;
  test("the parts are disjoint and cover, and a stream is cut like an array", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 300, max: 400 }),
        fc.nat(),
        fc.constantFrom("random", "order"),
        async (n, seed, by) => {
          const [memory, stream] = await Promise.all(
            shapes.map((make) => split(make(n), { by, seed, test: 0.2, validation: 0.2 })),
          );
          const found = await Promise.all(parts.map((part) => numbers(memory![part])));
          expect(sorted(found.flat())).toEqual(upTo(n));
          expect(await Promise.all(parts.map((part) => numbers(stream![part])))).toEqual(found);
        },
      ),
      { numRuns: 20 },
    ));

  test("by order: train comes first, the test last, in the sizes asked for", async () => {
    const { train, validation, test } = await split(streamedNumbers(100), { by: "order", test: 0.3 });
    expect(await numbers(train)).toEqual(upTo(60));
    expect(await numbers(validation)).toEqual(upTo(70).slice(60));
    expect(await numbers(test)).toEqual(upTo(100).slice(70));
  });

  test("by random: sizes within 6 standard errors, and the seed decides", async () => {
    const data = inMemoryNumbers(50_000);
    const { train, validation, test } = await split(data, { by: "random", seed: 1 });
    for (const [part, share] of [
      [train, 0.8],
      [validation, 0.1],
      [test, 0.1],
    ] as const)
      expect(Math.abs(part.rows! - share * 50_000)).toBeLessThan(6 * Math.sqrt(50_000 * share * (1 - share)));
    const other = await split(data, { by: "random", seed: 2 });
    expect(await numbers(other.test, 500)).not.toEqual(await numbers(test, 500));
  });

  test("by random: a row is in the test part where its hash is below that share, then in validation", async () => {
    // The hash written down once more, in exact integers: finish(finish(finish(seed ^ golden) + 1) ^ row) + 1, finished.
    const low = (x: bigint) => x & 0xffffffffn;
    const stir = (h: bigint, prime: bigint, by: bigint) => low((h ^ (h >> by)) * prime);
    const finish = (h: bigint) => {
      const twice = stir(stir(h, 0x85ebca6bn, 16n), 0xc2b2ae35n, 13n);
      return twice ^ (twice >> 16n);
    };
    const share = (seed: number, row: number) => {
      const ofSeed = finish(low(finish(BigInt(seed) ^ 0x9e3779b9n) + 1n));
      return Number(finish(low(finish(ofSeed ^ BigInt(row)) + 1n))) / 2 ** 32;
    };
    for (const seed of [0, 1, 7, 123_456]) {
      const found = await split(inMemoryNumbers(300), { by: "random", seed, test: 0.3, validation: 0.15 });
      const rowsFrom = (from: number, to: number) =>
        upTo(300).filter((row) => from <= share(seed, row) && share(seed, row) < to);
      expect(await numbers(found.test)).toEqual(rowsFrom(0, 0.3));
      expect(await numbers(found.validation)).toEqual(rowsFrom(0.3, 0.45));
      expect(await numbers(found.train)).toEqual(rowsFrom(0.45, 1));
    }
  });

  test("by random: two seeds' test parts have no more rows in common than chance has", async () => {
    const n = 20_000;
    const parts = [1, 2, 3].map((seed) => split(inMemoryNumbers(n), { by: "random", seed }));
    const tests = await Promise.all(parts.map(async (part) => new Set(await numbers((await part).test, n))));
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const common = [...tests[a]!].filter((row) => tests[b]!.has(row)).length;
      expect(Math.abs(common - n / 100)).toBeLessThan(6 * Math.sqrt(n / 100));
    }
  });

  test("unless it says otherwise a tenth is held back twice, of seed 0, and the rest is for training", async () => {
    const sizes = (parts: Parts) => [parts.train, parts.validation, parts.test].map(({ rows }) => rows);
    expect(sizes(await split(inMemoryNumbers(200), { by: "order" }))).toEqual([160, 20, 20]);
    expect(trainShare).toBe(0.8);
    const [unsaid, said] = await Promise.all(
      [{}, { seed: 0 }].map((seed) => split(inMemoryNumbers(200), { by: "random", ...seed })),
    );
    expect(await numbers(unsaid!.test)).toEqual(await numbers(said!.test));
  });

  test.each([
    [{ test: 0 }, "The test fraction must lie between 0 and 1, but it is 0."],
    [{ validation: 1 }, "The validation fraction must lie between 0 and 1, but it is 1."],
    [{ test: NaN }, "The test fraction must be a finite number, but it is NaN."],
    [{ test: 0.5, validation: 0.5 }, "leave nothing to train on"],
    [{ test: 0.01 }, 'The test part of the 10 rows of "numbers" is empty'],
  ])("%o is refused", async (wrong, sentence) => {
    await expect(split(inMemoryNumbers(10), { by: "order", ...wrong })).rejects.toThrow(sentence);
  });
});
