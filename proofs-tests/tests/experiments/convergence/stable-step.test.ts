import { describe, expect, it } from "vitest";
import { growsFrom, isAsPredicted, largestStable } from "../../../experiments/convergence/stable-step.ts";

it("stable steps hold to a hundredth, and to their bound less a hundredth", () => {
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 1.0099 })).toBe(true);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 1.0101 })).toBe(false);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 0.9901 })).toBe(true);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 0.9899 })).toBe(false);
  expect(isAsPredicted({ bound: 1.02, predicted: 1, measured: 1 })).toBe(false);
});

describe("the search for the largest stable step", () => {
  /** What it was asked, and what it found, where all steps above the edge grow. */
  const search = async (edge: number, stable: number) => {
    const asked: number[] = [];
    const found = await largestStable((step) => asked.push(step) > 0 && step > edge, stable);
    return { asked, found };
  };

  it("doubles a stable step until it grows, and halves what lies between in ratio", async () => {
    const { asked, found } = await search(5, 1);
    expect(asked.slice(0, 3)).toEqual([2, 4, 8]);
    expect(asked[3]).toBeCloseTo(Math.sqrt(4 * 8), 12);
    expect(asked[4]).toBeCloseTo(Math.sqrt(4 * Math.sqrt(4 * 8)), 12);
    expect(Math.abs(found / 5 - 1)).toBeLessThan(0.001);
    expect(Math.max(...asked)).toBe(8);
    expect((await search(5, 3)).asked[0]).toBe(6);
  });

  it("ends where the step is known to a five-hundredth: a factor of two is halved nine times", async () => {
    for (const edge of [1.1, 1.5, 1.99]) {
      const { asked, found } = await search(edge, 1);
      expect(asked).toHaveLength(1 + 9); // 2^(1/2⁹) is 1.00135, but 2^(1/2⁸) is 1.0027
      expect(Math.abs(Math.log(found / edge))).toBeLessThanOrEqual(Math.log(2) / 2 ** 10 + 1e-12);
    }
  });
});

describe("growth", () => {
  /** The gradients' sizes that a descent sees one after another; the last one stays. */
  const grows = async (...sizes: number[]): Promise<{ grown: boolean; looked: number }> => {
    let looked = 0;
    const gradientAt = () => Float64Array.of(sizes[Math.min(looked++, sizes.length - 1)]!);
    return { grown: await growsFrom(Float64Array.of(0), gradientAt, 1), looked };
  };

  it("is told after 600 steps, against the first gradient", async () => {
    expect(await grows(1, 5, 1.001)).toEqual({ grown: true, looked: 601 });
    expect(await grows(1, 5, 0.999)).toEqual({ grown: false, looked: 601 });
    expect(await grows(1, 5, 1)).toEqual({ grown: false, looked: 601 });
  });

  it("is told at once where a gradient is more than a hundred times the first, or is no number", async () => {
    expect(await grows(1, 2, 101, 0)).toEqual({ grown: true, looked: 3 });
    expect(await grows(1, 100, 0)).toEqual({ grown: false, looked: 601 });
    expect(await grows(3, 299, 0)).toEqual({ grown: false, looked: 601 });
    expect(await grows(1, NaN, 0)).toEqual({ grown: true, looked: 2 });
    expect(await grows(0, 0)).toEqual({ grown: false, looked: 601 });
  });

  it("goes down the gradient, by the step that is asked for", async () => {
    const places: number[][] = [];
    const gradientAt = (M: Float64Array) => {
      places.push([...M]);
      return Float64Array.of(2 * M[0]!, 0.5 * M[1]!);
    };
    expect(await growsFrom(Float64Array.of(8, -4), gradientAt, 0.25)).toBe(false);
    expect(places.slice(0, 3)).toEqual([
      [8, -4],
      [4, -3.5],
      [2, -3.0625],
    ]);
  });
});
