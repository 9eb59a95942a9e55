import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { split } from "../../models/data/split.ts";
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
