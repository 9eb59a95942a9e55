import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../../core/errors.ts";
import { delongTest, rocAuc } from "../../../../models/metrics/auc.ts";
import {
  accuracy,
  brier,
  calibration,
  logLoss,
  metrics,
  normalizedEntropy,
} from "../../../../models/metrics/metrics.ts";
import { average } from "./random-rows.ts";

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
    ["labels of one kind", () => metrics([1, 1], [0.2, 0.3]), /2 rows, all of them labeled 1/],
    ["labels of the other kind", () => rocAuc([0, 0], [1, 2]), /2 rows, all of them labeled 0/],
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
