import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { curvesOf, exceeding, meanSquare, rooted, slopeOf } from "../../../experiments/prove/curves.ts";

describe("a place on a curve", () => {
  it("counts errors of either sign that are above ε", () => {
    const seen = exceeding(Float64Array.of(0.3, -0.3, 0.1, -0.05, 0.2), 0.2, 0.7);
    expect(seen).toMatchObject({ at: 0.2, observed: 0.4, predicted: 0.7 });
    const [low, high] = exceeding(new Float64Array(20), 0.2, 0.7).interval;
    expect(low).toBe(0);
    expect(high).toBeCloseTo(1 - 0.0005 ** (1 / 20), 9); // its interval misses once in a thousand
  });

  it("is a mean of squares around 0, with its interval", () => {
    // Neighbors in hundreds: squares are 1 and 4 in turn, 2.5 ± 1.5 · t/√39 with t = 3.55812 at 1 in 1000.
    const errors = Float64Array.from({ length: 4000 }, (_, i) => (Math.floor(i / 100) % 2 === 0 ? -1 : 2));
    const seen = meanSquare(8, errors, 2.2);
    expect(seen).toMatchObject({ at: 8, observed: 2.5, predicted: 2.2 });
    const reach = (1.5 * 3.55812) / Math.sqrt(39);
    expect(seen.interval[0]).toBeCloseTo(2.5 - reach, 5);
    expect(seen.interval[1]).toBeCloseTo(2.5 + reach, 5);
    expect(rooted({ at: 8, observed: 4, interval: [1, 9], predicted: 2.25 })).toEqual({
      at: 8,
      observed: 2,
      interval: [1, 3],
      predicted: 1.5,
    });
  });

  it("never has an interval of squares below 0", () => {
    const errors = Float64Array.from({ length: 40 }, (_, i) => (i === 0 ? 1 : 0));
    expect(meanSquare(1, errors, 0).interval[0]).toBe(0);
  });

  it("lies on a line of the least squares", () => {
    expect(
      slopeOf([
        [1, 5],
        [2, 3],
        [3, 1],
      ]),
    ).toBeCloseTo(-2, 12);
    expect(
      slopeOf([
        [0, 0],
        [1, 1],
        [2, 0],
        [3, 3],
      ]),
    ).toBeCloseTo(0.8, 12); // Σxy = 4 over Σx² = 5, around the means
  });
});

describe("the curves", async () => {
  const { tail, byBlock, byMemory, slope, ...about } = await curvesOf(cpu, 2, 400);

  it("say what they are of", () =>
    expect(about).toEqual({
      rows: 64,
      dim: 16,
      memory: 128,
      draws: 400,
      scheme: "robe:mersenne61",
      backend: "cpu",
    }));

  it("are at 30 ε, at block lengths and at memories, in doublings", () => {
    expect([tail.length, tail[0]!.at, tail[29]!.at]).toEqual([30, 0.02, 0.6]);
    expect(byBlock.map(({ at }) => at)).toEqual([1, 2, 4, 8, 16]);
    expect(byMemory.map(({ at }) => at)).toEqual([16, 32, 64, 128, 256, 512, 1024, 2048]);
  });

  it("predict one thing of one sketch: its variance, its root, and Chebyshev's bound of it", () => {
    const variance = byBlock.at(-1)!.predicted; // Z = 16, m = 128
    for (const { at, predicted } of byMemory)
      expect(predicted).toBeCloseTo(Math.sqrt((variance * 128) / at), 12);
    for (const { at, predicted } of tail) expect(predicted).toBeCloseTo(Math.min(1, variance / at ** 2), 12);
    for (const [i, { predicted }] of byBlock.slice(1).entries())
      expect(predicted).toBeLessThan(byBlock[i]!.predicted);
    expect(byBlock[0]!.predicted).toBeLessThan(2 / 128);
  });

  it("are of vectors with something in common, in which the first rows are heavy", () => {
    // Squares of rows fall as 1, 1/4, 1/9 …: two weights lie in one row in 2/5 of all, so that whole rows lose that much.
    const ratio = byBlock.at(-1)!.predicted / byBlock[0]!.predicted;
    expect(Math.abs(ratio - 0.6)).toBeLessThan(0.15);
    // V₁ is (1 + ρ² less what weights have with themselves)/m, and ρ² = ¼/(¼ + 1) where y is half of x and another.
    const most = 128 * byBlock[0]!.predicted;
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(1.3);
  });

  it("see it: within their intervals, fewer above a larger ε, and a slope near −½", () => {
    for (const { observed, interval } of [...byBlock, ...byMemory])
      expect(observed >= interval[0] && observed <= interval[1]).toBe(true);
    for (const { observed, predicted } of byBlock)
      expect(Math.abs(observed / predicted - 1)).toBeLessThan(0.5); // 400 draws are few, and errors heavy-tailed
    for (const [i, { observed }] of tail.slice(1).entries())
      expect(observed).toBeLessThanOrEqual(tail[i]!.observed);
    // E e² = ∫ 2ε P(|e| > ε) dε, here in steps of 0.02: the tail is of the sketch that the variance is of.
    const square = tail.reduce((sum, { at, observed }) => sum + 2 * at * observed * 0.02, 0);
    expect(Math.abs(square / byBlock.at(-1)!.observed - 1)).toBeLessThan(0.2);
    const root = byMemory.find(({ at }) => at === 128)!.observed;
    expect(root ** 2).toBeCloseTo(byBlock.at(-1)!.observed, 12);
    expect(Math.abs(slope + 0.5)).toBeLessThan(0.1);
  });
});
