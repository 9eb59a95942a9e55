import { describe, expect, it } from "vitest";
import type { Row } from "../../../experiments/tradeoff/summary.ts";
import {
  cellInWords,
  fixed,
  iterationsInWords,
  latencyInWords,
  missingInWords,
  optimizerInWords,
  overSeedsInWords,
  rankingInWords,
  rateInWords,
  secondsInWords,
  signed,
  times,
  verdictOf,
} from "../../../experiments/tradeoff/words.ts";
import { madeRow } from "./made.ts";

const over = (...interval: [number, number]) => ({ mean: 0, interval, values: [] });

it("a study's optimizer is said with its options", () => {
  const optimizerOptions = { momentum: 0.9, nesterov: true };
  expect(optimizerInWords({ optimizer: "sgd", optimizerOptions })).toBe("sgd (momentum 0.9, nesterov true)");
  expect(optimizerInWords({ optimizer: "adagrad" })).toBe("adagrad");
});

describe("numbers of a study in words", () => {
  it("have four digits after the point, a true minus, and a plus where one is asked for", () => {
    expect([0.87516, -0.01].map(fixed)).toEqual(["0.8752", "−0.0100"]);
    expect([0.00163, 0, -0.0762].map(signed)).toEqual(["+0.0016", "0.0000", "−0.0762"]);
  });

  it("have three digits before ×", () =>
    expect([10_000, 1.5, 0.70588, 1234].map(times)).toEqual(["10,000×", "1.5×", "0.706×", "1,230×"]));

  it("stand before their interval, low end first", () => {
    const made = { mean: 0.8752, interval: [0.87, 0.9] as const, values: [] };
    expect(overSeedsInWords(made, fixed)).toBe("0.8752 (0.8700 … 0.9000)");
    expect(overSeedsInWords({ mean: 0.5, values: [] }, signed)).toBe("+0.5000");
  });

  it("tell a loss, a gain, and what the seeds do not tell: an interval with 0 in it, or at its end", () => {
    expect(verdictOf(over(-0.2, -0.1))).toBe("loses");
    expect(verdictOf(over(0.1, 0.2))).toBe("gains");
    for (const [low, high] of [
      [-0.1, 0.1],
      [-0.1, 0],
      [0, 0.1],
    ] as const)
      expect(verdictOf(over(low, high))).toBe("not told apart");
    expect(verdictOf({ mean: 1, values: [1] })).toBe("one seed");
  });

  it("of iterations are steps, their ratio, and how many seeds reached it where not all", () => {
    const made = { share: 1, steps: 26_642, ratio: 1.498, reached: 3 };
    expect(iterationsInWords(made, 3)).toBe("26,640 (1.5×)");
    expect(iterationsInWords(made, 5)).toBe("26,640 (1.5×, 3 of 5 seeds)");
    expect(iterationsInWords({ share: 1, reached: 0 }, 3)).toBe("not reached");
  });

  it("of time are milliseconds of a step and the same over the full tables', or seconds", () => {
    expect(latencyInWords(madeRow)).toBe("13.4 ms (0.758× full's)"); // 1/1.32
    const { latency: _, ...unmeasured } = madeRow;
    expect(latencyInWords(unmeasured)).toBe("–");
    expect([12.345, undefined].map(secondsInWords)).toEqual(["12.3 s", "–"]);
  });

  it("of the rate say whose it is, and at which edge", () => {
    const edged = (edge: Row["edge"]) => rateInWords({ ...madeRow, edge });
    expect([undefined, "lowest", "highest"].map((edge) => edged(edge as Row["edge"]))).toEqual([
      "adagrad 0.0150",
      "adagrad 0.0150 (lowest)",
      "adagrad 0.0150 (highest)",
    ]);
  });

  it("of places and of what is missing name the methods", () => {
    const ranked = [
      { place: 1, row: madeRow },
      { place: 1, row: { ...madeRow, method: "rowHash" } },
    ];
    expect(rankingInWords(ranked)).toBe("1 robe, 1 rowHash");
    const missing = [{ method: "dhe", compression: 1000, reason: "too small" }];
    expect(missingInWords({ missing })).toEqual(["dhe at 1,000×: too small"]);
    expect(["full", "floor"].map((method) => cellInWords({ method, compression: 1 }))).toEqual([
      "full",
      "floor",
    ]);
  });
});
