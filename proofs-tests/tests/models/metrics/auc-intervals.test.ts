import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { delongTest, rocAuc } from "../../../../models/metrics/auc.ts";
import { rounding, rows } from "./random-rows.ts";

describe("intervals", () => {
  test("lie in [0, 1] (a difference's in [−1, 1]) around the value, wider at more confidence", () =>
    fc.assert(
      fc.property(rows, ({ labels, first, second }) => {
        const { value, interval } = rocAuc(labels, first);
        const wide = rocAuc(labels, first, { confidence: 0.999 }).interval;
        const slack = interval.map((end, i) => end + (i === 0 ? -1 : 1) * rounding);
        expect(0 <= wide[0] && wide[0] <= interval[0] && slack[0]! <= value).toBe(true);
        expect(value <= slack[1]! && interval[1] <= wide[1] && wide[1] <= 1).toBe(true);
        const difference = delongTest(labels, first, second);
        expect(difference.interval[0]).toBeGreaterThanOrEqual(-1);
        expect(difference.interval[1]).toBeLessThanOrEqual(1);
      }),
    ));

  test("a perfect ranking of k rows against more claims no more than k wins in k trials show", () => {
    const labels = [0, 0, 0, 0, 1, 1, 1];
    const scores = [0, 1, 2, 3, 4, 5, 6];
    const [low, high] = rocAuc(labels, scores).interval;
    expect(low).toBeCloseTo(0.025 ** (1 / 3), 12);
    expect(high).toBe(1);
    const inverted = scores.map((s) => -s);
    expect(rocAuc(labels, inverted).interval).toEqual([0, 1 - low]);
  });

  test("a single row of a label makes the error large, never zero or NaN", () => {
    expect(rocAuc([1, 0], [1, 0]).interval[0]).toBeCloseTo(0.025, 12);
    // The lone 1 beats 0 of 0, 2, 3, 1 of 3: its share is ⅓, of which a number in [0, 1] has variance ⅓·⅔ at most. The
    // zeros' shares are 1, 0, 0, of variance ⅓. The lone 0 is the mirror image.
    const error = Math.sqrt(2 / 9 / 1 + 1 / 3 / 3);
    for (const [labels, scores] of [
      [
        [1, 0, 0, 0],
        [1, 0, 2, 3],
      ],
      [
        [0, 1, 1, 1],
        [2, 3, 0, 1],
      ],
    ] as const)
      expect(rocAuc(labels, scores).standardError).toBeCloseTo(error, 12);
    // Against a model that the lone row beats everywhere its share rises by ⅔; a number in [−1, 1] with mean ⅔ has variance
    // (1 − ⅔)(⅔ + 1) at most. The zeros' shares rise by 0, 1, 1, of variance ⅓.
    const better = [9, 0, 2, 3];
    expect(delongTest([1, 0, 0, 0], [1, 0, 2, 3], better)).toMatchObject({
      value: expect.closeTo(2 / 3, 12),
      standardError: expect.closeTo(Math.sqrt(5 / 9 + 1 / 9), 12),
    });
    const mirrored = delongTest(
      [0, 1, 1, 1],
      [1, 0, 2, 3].map((s) => -s),
      better.map((s) => -s),
    );
    expect(mirrored.standardError).toBeCloseTo(Math.sqrt(5 / 9 + 1 / 9), 12);
  });

  test.each([
    [0.5, 0.6744897501960817],
    [0.9, 1.6448536269514722],
    [0.95, 1.959963984540054],
    [0.99, 2.5758293035489004],
  ])(
    "at confidence %d reach %d standard errors to each side: of the difference, and of the AUC's logit",
    (confidence, z) => {
      const labels = Array.from({ length: 60 }, (_, i) => i % 2);
      const [first, second] = [7, 11].map((step) => labels.map((y, i) => ((i * step) % 23) + 3 * y));
      const difference = delongTest(labels, first!, second!, confidence);
      for (const [i, side] of [-1, 1].entries()) {
        expect(difference.interval[i]).toBeCloseTo(difference.value + side * z * difference.standardError, 9);
        const { value, standardError, interval } = rocAuc(labels, first!, { confidence });
        const logit = (p: number) => Math.log(p / (1 - p));
        // d logit(p)/dp = 1/(p(1 − p))
        const reach = (z * standardError) / (value * (1 - value));
        expect(logit(interval[i]!)).toBeCloseTo(logit(value) + side * reach, 9);
      }
    },
  );

  test.each([0.5, 0.95])(
    "at confidence %d hold the true AUC, and the true difference, so often",
    (confidence) => {
      const runs = 1500;
      const counts = coverage(runs, confidence);
      const [low, high] = binomialInterval(runs, confidence, 1e-6);
      for (const count of counts) {
        expect(count).toBeGreaterThanOrEqual(low);
        expect(count).toBeLessThanOrEqual(high);
      }
    },
  );
});

/**
 * How many intervals of `runs` simulated tests hold the truth: for one AUC, and for a paired difference. Scores are
 * N(d, 1) for label 1 and N(0, 1) for label 0, whose AUC is Φ(d/√2): here Φ(1) and Φ(½).
 */
function coverage(runs: number, confidence: number): [auc: number, difference: number] {
  const stream = random(17, "coverage");
  const truth = [0.8413447460685429, 0.6914624612740131] as const;
  const labels = Array.from({ length: 300 }, (_, i) => i % 2);
  const holds = (interval: readonly [number, number], x: number) => interval[0] <= x && x <= interval[1];
  let aucs = 0;
  let differences = 0;
  for (let run = 0; run < runs; run++) {
    const shared = labels.map(() => stream.normal()); // the models see the same row, so their errors are alike
    const noisy = (d: number) => labels.map((y, i) => d * y + 0.8 * shared[i]! + 0.6 * stream.normal());
    const strong = noisy(Math.SQRT2);
    const weak = noisy(Math.SQRT1_2);
    if (holds(rocAuc(labels, strong, { confidence }).interval, truth[0])) aucs++;
    if (holds(delongTest(labels, strong, weak, confidence).interval, truth[1] - truth[0])) differences++;
  }
  return [aucs, differences];
}

/** The smallest [low, high] with P(count < low) ≤ risk/2 and P(count > high) ≤ risk/2 for a binomial count. */
function binomialInterval(trials: number, p: number, risk: number): [number, number] {
  let log = trials * Math.log1p(-p);
  const probability = [Math.exp(log)];
  for (let k = 1; k <= trials; k++) {
    log += Math.log(((trials - k + 1) / k) * (p / (1 - p)));
    probability.push(Math.exp(log));
  }
  let low = 0;
  for (let tail = probability[0]!; tail <= risk / 2; tail += probability[++low]!);
  let high = trials;
  for (let tail = probability[trials]!; tail <= risk / 2; tail += probability[--high]!);
  return [low, high];
}
