import { describe, expect, it } from "vitest";
import { iterationsToQuality, median, withRatios } from "../../../experiments/convergence/iterations.ts";

describe("the median of steps", () => {
  it("is the middle one, of numbers and not of words", () => {
    expect(median([900, 1000, 50])).toBe(900);
    expect(median([7])).toBe(7);
  });
  it("counts those that never arrived as latest", () => {
    expect(median([30, null, 10])).toBe(30);
    expect(median([null, 25, null])).toBeNull();
  });
});

describe("the ratio of iterations", () => {
  const of = (load: number, steps: readonly (number | null)[]) => ({ load, memory: 800 / load, steps });
  it("is a median over the full table's", () => {
    const found = withRatios([of(1, [20, 40, 10]), of(4, [null, 30, 25]), of(8, [null, null, 10])]);
    expect(found.map(({ ratio }) => ratio)).toEqual([1, 1.5, null]);
    expect(found[1]).toMatchObject({ load: 4, memory: 200, steps: [null, 30, 25] });
  });
  it("is none where the full table itself did not arrive", () =>
    expect(withRatios([of(1, [null]), of(2, [10])]).map(({ ratio }) => ratio)).toEqual([null, null]));
});

it("each seed has the full table of its own seed to reach, which reaches it when it was looked at", async () => {
  const options = { loads: [1, 16], seeds: [2, 1], target: 20, most: 40, every: 20 };
  const [full, shared] = await iterationsToQuality(options);
  expect(full).toMatchObject({ load: 1, memory: 2600 * 8, steps: [20, 20], ratio: 1 });
  expect(shared).toMatchObject({ load: 16, memory: 1300 });
});
