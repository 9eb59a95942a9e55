import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
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
    ["labels of one kind", () => rocAuc([1, 1], [0.2, 0.3]), /all labels of 2 rows are 1/],
    ["labels of the other kind", () => rocAuc([0, 0], [1, 2]), /all labels of 2 rows are 0/],
    ["minus infinity", () => rocAuc([0, 1], [-Infinity, 1]), /finite numbers.* row 0 .* has -Infinity/],
    ["a probability below 0", () => metrics([0, 1], [0.5, -0.5]), /probabilities .* row 1 .* has -0.5/],
    ["another label", () => metrics([0, 1, 2], [0.2, 0.3, 0.4]), /row 2 .* has 2/],
    ["NaN", () => rocAuc([0, 1], [0, Number.NaN]), /row 1 .* has NaN/],
    ["infinity", () => delongTest([0, 1], [0, 1], [Infinity, 1]), /row 0 .* has Infinity/],
    ["a probability above 1", () => metrics([0, 1], [0.5, 1.5]), /probabilities .* row 1 .* has 1.5/],
    ["entropy of one kind", () => normalizedEntropy([0, 0], [0.1, 0.1]), /all 2 are 0/],
    ["entropy of the other kind", () => normalizedEntropy([1, 1], [0.1, 0.1]), /all 2 are 1/],
    ["calibration to nothing", () => calibration([0, 0], [0.1, 0.1]), /none of the 2/],
    ["a weight below 0", () => metrics([0, 1], [0, 1], [1, -1]), /not negative, but row 1 .* has -1/],
    ["a weight that is NaN", () => metrics([0, 1], [0, 1], [Number.NaN, 1]), /row 0 .* has NaN/],
    ["weights of 0", () => metrics([0, 1], [0, 1], [0, 0]), /All 2 weights are 0/],
    ["weights for other rows", () => metrics([0, 1], [0, 1], [1]), /there are 1 for 2 rows/],
    [
      "one label by weight",
      () => rocAuc([0, 1], [0, 1], { weights: [0, 1] }),
      /all labels of 1 row of positive weight are 1/,
    ],
    [
      "the other label by weight",
      () => rocAuc([0, 1], [0, 1], { weights: [1, 0] }),
      /all labels of 1 row of positive weight are 0/,
    ],
    ["a confidence of 1", () => rocAuc([0, 1], [0, 1], { confidence: 1 }), /confidence/],
  ])("%s", (_, measure, sentence) => {
    expect(measure).toThrow(InputError);
    expect(measure).toThrow(sentence);
  });
});

describe("a metric that the rows leave undefined", () => {
  it("is NaN with a note that says why, while the others are what they are", () => {
    const { notes, rows, baseRate, ...all } = metrics([0, 0, 0], [0.1, 0.2, 0.4]);
    expect([rows, baseRate]).toEqual([3, 0]);
    expect(Object.keys(notes).sort()).toEqual([
      "auc",
      "averagePrecision",
      "calibration",
      "normalizedEntropy",
    ]);
    expect(notes.auc).toContain("all labels of 3 rows are 0");
    expect(all.auc.value).toBeNaN();
    expect(all.auc.interval).toEqual([Number.NaN, Number.NaN]);
    expect(all.calibration).toBeNaN();
    expect(all.logLoss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.8) + Math.log(0.6)) / 3, 12);
    expect(all.accuracy).toBe(1);
  });

  it("is noted where AUC is defined but says nothing: all probabilities are the same", () => {
    const { auc, notes } = metrics([0, 1, 1], [0.7, 0.7, 0.7]);
    expect(auc.value).toBe(0.5);
    expect(notes).toEqual({
      auc: "All 3 rows have the same probability, 0.7: nothing is ranked, and AUC is 0.5 by definition.",
    });
    expect(metrics([0, 1, 1], [0.7, 0.7, 0.6]).notes).toEqual({});
  });
});

describe("weights", () => {
  /** Labels, probabilities with ties, and whole weights, at least one of each label above 0. */
  const weighted = fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 1 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 4 }),
      ),
      {
        minLength: 1,
        maxLength: 30,
      },
    )
    .map((rows) => [[0, 3, 1] as const, [1, 5, 2] as const, ...rows]);

  it("count a row as often as they say: the metrics of whole weights are those of repeated rows", () => {
    fc.assert(
      fc.property(weighted, (rows) => {
        const column = (rows: readonly (readonly [number, number, number])[], k: 0 | 1) =>
          rows.map((row) => (k === 1 ? row[1] / 8 : row[0]));
        const repeated = rows.flatMap((row) => Array.from({ length: row[2] }, () => row));
        const {
          rows: _,
          notes: __,
          auc,
          ...ours
        } = metrics(
          column(rows, 0),
          column(rows, 1),
          rows.map((row) => row[2]),
        );
        const {
          rows: ___,
          notes: ____,
          auc: each,
          ...theirs
        } = metrics(column(repeated, 0), column(repeated, 1));
        expect(auc.value).toBeCloseTo(each.value, 12);
        for (const [name, value] of Object.entries(theirs))
          expect(ours[name as keyof typeof ours], name).toBeCloseTo(value, 12);
      }),
    );
  });

  it("of 1 change nothing but the second order of the standard error", () => {
    fc.assert(
      fc.property(weighted, (rows) => {
        const labels = rows.map(([label]) => label);
        const scores = rows.map((row) => row[1]);
        const plain = rocAuc(labels, scores);
        const { value, standardError } = rocAuc(labels, scores, { weights: rows.map(() => 1) });
        expect(value).toBeCloseTo(plain.value, 12);
        const count = (label: number) => labels.filter((each) => each === label).length;
        const fewest = Math.min(count(0), count(1));
        if (fewest > 1) {
          expect(standardError).toBeLessThanOrEqual(plain.standardError + 1e-12);
          expect(standardError).toBeGreaterThanOrEqual(
            plain.standardError * Math.sqrt(1 - 1 / fewest) - 1e-12,
          );
        }
      }),
    );
  });
});
