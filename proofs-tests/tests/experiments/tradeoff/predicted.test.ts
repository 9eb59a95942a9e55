import fc from "fast-check";
import { expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { rocAuc } from "../../../../models/metrics/auc.ts";
import { aucOfVariance, predictedAuc } from "../../../experiments/tradeoff/predicted.ts";

it("AUC of normal log odds is that of rows drawn so", () => {
  for (const [deviation, mean] of [
    [0.5, -2],
    [1.5, -1],
    [3, 0.5],
  ] as const) {
    const stream = random(7, `predicted ${mean}`);
    const scores = Float64Array.from({ length: 40_000 }, () => mean + deviation * stream.normal());
    const labels = scores.map((z) => (stream.uniform() < 1 / (1 + Math.exp(-z)) ? 1 : 0));
    const rate = labels.reduce((a, b) => a + b) / labels.length;
    const { value, standardError } = rocAuc(labels, scores);
    expect(Math.abs(value - aucOfVariance(deviation ** 2, rate))).toBeLessThan(5 * standardError + 0.003);
  }
});

it("goes from the floor to full tables as more is kept", () =>
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 0.7, noNaN: true }),
      fc.double({ min: 0.01, max: 0.2, noNaN: true }),
      fc.double({ min: 0.05, max: 0.6, noNaN: true }),
      (floor, more, rate) => {
        const ends = { floor, full: floor + more, rate };
        expect(predictedAuc(ends, 0)).toBeCloseTo(floor, 5);
        expect(predictedAuc(ends, 1)).toBeCloseTo(floor + more, 5);
        const [third, half] = [predictedAuc(ends, 1 / 3), predictedAuc(ends, 1 / 2)];
        expect(third).toBeGreaterThan(floor);
        expect(half).toBeGreaterThan(third);
        expect(half).toBeLessThan(floor + more);
      },
    ),
    { numRuns: 10 },
  ));
