import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../../core/errors.ts";
import { random } from "../../../../core/numeric/random.ts";
import { averagePrecision, delongTest, rocAuc } from "../../../../models/metrics/auc.ts";
import {
  accuracy,
  brier,
  calibration,
  logLoss,
  metrics,
  normalizedEntropy,
} from "../../../../models/metrics/metrics.ts";

/** Rounding of a mean of up to 60 terms in [−1, 1] and of its variance, computed in two orders. */
const rounding = 200 * Number.EPSILON;

// ————— the definitions, read aloud: every row against every row —————

const wins = (one: number, zero: number) => (one > zero ? 1 : one === zero ? 0.5 : 0);
const average = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
const split = (labels: readonly number[], scores: readonly number[]) => ({
  ones: scores.filter((_, i) => labels[i] === 1),
  zeros: scores.filter((_, i) => labels[i] === 0),
});

function slowAuc(labels: readonly number[], scores: readonly number[], win = wins): number {
  const { ones, zeros } = split(labels, scores);
  return average(ones.flatMap((one) => zeros.map((zero) => win(one, zero))));
}

/** DeLong's covariance of the AUCs of two models (the variance, where they are one), with two rows of each label. */
function slowCovariance(
  labels: readonly number[],
  first: readonly number[],
  second: readonly number[],
): number {
  const a = split(labels, first);
  const b = split(labels, second);
  const aAuc = slowAuc(labels, first);
  const bAuc = slowAuc(labels, second);
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, v, i) => sum + (v - aAuc) * (y[i]! - bAuc), 0) / (x.length - 1) / x.length;
  const byOne = (s: typeof a) => s.ones.map((one) => average(s.zeros.map((zero) => wins(one, zero))));
  const byZero = (s: typeof a) => s.zeros.map((zero) => average(s.ones.map((one) => wins(one, zero))));
  return product(byOne(a), byOne(b)) + product(byZero(a), byZero(b));
}

/** The precision at each row labelled 1, averaged. */
function slowAveragePrecision(labels: readonly number[], scores: readonly number[]): number {
  const { ones } = split(labels, scores);
  return average(ones.map((one) => average(labels.filter((_, i) => scores[i]! >= one))));
}

// ————— random rows: coarse scores, so that ties are common —————

const score = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -4, max: 4, noNaN: true }));
const rows = fc
  .array(fc.record({ label: fc.constantFrom(0, 1), first: score, second: score }), {
    minLength: 4,
    maxLength: 60,
  })
  .map((list) => ({
    labels: list.map((row) => row.label),
    first: list.map((row) => row.first),
    second: list.map((row) => row.second),
  }))
  .filter(({ labels }) => {
    const { ones, zeros } = split(labels, labels);
    return ones.length >= 2 && zeros.length >= 2;
  });

type Auc = (labels: readonly number[], scores: readonly number[]) => number;
const isAuc = (auc: Auc) =>
  fc.property(rows, ({ labels, first }) => Math.abs(auc(labels, first) - slowAuc(labels, first)) <= rounding);

describe("the fast ways equal the slow definitions", () => {
  test("AUC", () => fc.assert(isAuc((labels, scores) => rocAuc(labels, scores).value)));

  test("… and the property rejects an AUC that counts ties as wins", () => {
    const wrong: Auc = (labels, scores) => slowAuc(labels, scores, (one, zero) => (one >= zero ? 1 : 0));
    expect(fc.check(isAuc(wrong), { seed: 1 }).failed).toBe(true);
  });

  test("DeLong's variance of an AUC", () =>
    fc.assert(
      fc.property(rows, ({ labels, first }) => {
        const fast = rocAuc(labels, first).standardError ** 2;
        expect(Math.abs(fast - slowCovariance(labels, first, first))).toBeLessThanOrEqual(rounding);
      }),
    ));

  test("DeLong's variance of a paired difference, from the covariance of the two", () =>
    fc.assert(
      fc.property(rows, ({ labels, first, second }) => {
        const { value, standardError } = delongTest(labels, first, second);
        expect(Math.abs(value - (slowAuc(labels, second) - slowAuc(labels, first)))).toBeLessThanOrEqual(
          rounding,
        );
        const slow =
          slowCovariance(labels, first, first) +
          slowCovariance(labels, second, second) -
          2 * slowCovariance(labels, first, second);
        expect(Math.abs(standardError ** 2 - slow)).toBeLessThanOrEqual(4 * rounding);
      }),
    ));

  test("average precision", () =>
    fc.assert(
      fc.property(rows, ({ labels, first }) => {
        const gap = averagePrecision(labels, first) - slowAveragePrecision(labels, first);
        expect(Math.abs(gap)).toBeLessThanOrEqual(rounding);
      }),
    ));
});

describe("what must not change an AUC", () => {
  test("an increasing map of the scores", () =>
    fc.assert(
      fc.property(rows, ({ labels, first }) => {
        // Ranks are an increasing map that keeps every tie and every order exactly.
        const ranks = first.map((s) => new Set(first.filter((other) => other < s)).size);
        expect(rocAuc(labels, ranks)).toEqual(rocAuc(labels, first));
      }),
    ));

  test("swapping the labels, or negating the scores, gives 1 − AUC with the same error", () =>
    fc.assert(
      fc.property(rows, ({ labels, first }) => {
        const auc = rocAuc(labels, first);
        const swapped = rocAuc(
          labels.map((label) => 1 - label),
          first,
        );
        const negated = rocAuc(
          labels,
          first.map((s) => -s),
        );
        for (const other of [swapped, negated]) {
          expect(Math.abs(other.value - (1 - auc.value))).toBeLessThanOrEqual(rounding);
          expect(Math.abs(other.standardError ** 2 - auc.standardError ** 2)).toBeLessThanOrEqual(rounding);
        }
      }),
    ));

  test("a model differs from itself by exactly nothing", () =>
    fc.assert(
      fc.property(rows, ({ labels, first }) => {
        expect(delongTest(labels, first, first)).toEqual({ value: 0, standardError: 0, interval: [0, 0] });
      }),
    ));
});

describe("intervals", () => {
  test("lie in [0, 1] (a difference's in [−1, 1]) around the value, wider at more confidence", () =>
    fc.assert(
      fc.property(rows, ({ labels, first, second }) => {
        const { value, interval } = rocAuc(labels, first);
        const wide = rocAuc(labels, first, 0.999).interval;
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
        const { value, standardError, interval } = rocAuc(labels, first!, confidence);
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
    if (holds(rocAuc(labels, strong, confidence).interval, truth[0])) aucs++;
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

interface Golden {
  cases: {
    name: string;
    y: number[];
    p: number[];
    auc: number;
    logloss: number;
    ne: number;
    average_precision: number;
    brier: number;
    accuracy_at_half: number;
    calibration: number;
  }[];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../golden/files/metrics.json", import.meta.url), "utf8"),
);

describe("scikit-learn's numbers, to 1e-10", () => {
  test.each(golden.cases)("$name", (expected) => {
    const m = metrics(expected.y, expected.p);
    const pairs = [
      [m.auc.value, expected.auc],
      [m.logLoss, expected.logloss],
      [m.normalizedEntropy, expected.ne],
      [m.averagePrecision, expected.average_precision],
      [m.brier, expected.brier],
      [m.accuracy, expected.accuracy_at_half],
      [m.calibration, expected.calibration],
      [m.rows, expected.y.length],
      [m.baseRate, average(expected.y)],
    ] as const;
    for (const [ours, theirs] of pairs) expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-10);
  });
});

test("by hand: certain and wrong costs −ln 1e-15, not infinity; 0.5 counts as a yes", () => {
  expect(logLoss([1, 0], [0, 0])).toBeCloseTo((15 * Math.LN10) / 2, 12);
  expect(logLoss([0, 0], [1, 0])).toBeCloseTo((15 * Math.LN10) / 2, 2); // 1 − 1e-15 has a digit of its own after 1
  expect(accuracy([1, 0, 0], [0.5, 0.5, 0.4])).toBe(2 / 3);
  expect(brier([1, 0], [0.5, 1])).toBe(0.625);
});

describe("what cannot be measured is refused in a sentence", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["unequal lengths", () => metrics([0, 1], [0.5]), /2 labels and 1 scores/],
    ["no rows", () => metrics([], []), /0 labels/],
    ["labels of one kind", () => metrics([1, 1], [0.2, 0.3]), /2 rows, all of them labelled 1/],
    ["labels of the other kind", () => rocAuc([0, 0], [1, 2]), /2 rows, all of them labelled 0/],
    ["minus infinity", () => rocAuc([0, 1], [-Infinity, 1]), /finite numbers.* row 0 .* has -Infinity/],
    ["a probability below 0", () => metrics([0, 1], [0.5, -0.5]), /probabilities .* row 1 .* has -0.5/],
    ["another label", () => metrics([0, 1, 2], [0.2, 0.3, 0.4]), /row 2 .* has 2/],
    ["NaN", () => rocAuc([0, 1], [0, Number.NaN]), /row 1 .* has NaN/],
    ["infinity", () => delongTest([0, 1], [0, 1], [Infinity, 1]), /row 0 .* has Infinity/],
    ["a probability above 1", () => metrics([0, 1], [0.5, 1.5]), /probabilities .* row 1 .* has 1.5/],
    ["entropy of one kind", () => normalizedEntropy([0, 0], [0.1, 0.1]), /all 2 are 0/],
    ["entropy of the other kind", () => normalizedEntropy([1, 1], [0.1, 0.1]), /all 2 are 1/],
    ["calibration to nothing", () => calibration([0, 0], [0.1, 0.1]), /none of the 2/],
    ["a confidence of 1", () => rocAuc([0, 1], [0, 1], 1), /confidence/],
  ])("%s", (_, measure, sentence) => {
    expect(measure).toThrow(InputError);
    expect(measure).toThrow(sentence);
  });
});
