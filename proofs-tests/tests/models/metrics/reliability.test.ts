import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rocAuc } from "../../../../models/metrics/auc.ts";
import { groupAuc } from "../../../../models/metrics/groups.ts";
import { calibration } from "../../../../models/metrics/metrics.ts";
import { recalibrated, reliability } from "../../../../models/metrics/reliability.ts";

const row = fc.tuple(
  fc.integer({ min: 0, max: 1 }),
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 4 }),
);
const rows = fc.array(row, { minLength: 1, maxLength: 60 });
const columns = (all: readonly (readonly [number, number, number])[]) => ({
  labels: all.map(([label]) => label),
  scores: all.map((each) => each[1] / 20),
  groups: all.map((each) => each[2]),
});

describe("a reliability table", () => {
  it("has every row in one bin, rows of one probability in the same, at most as many bins as asked for, in order", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (all, bins) => {
        const { labels, scores } = columns(all);
        const table = reliability(labels, scores, { bins });
        expect(table.length).toBeLessThanOrEqual(bins);
        expect(table.reduce((n, bin) => n + bin.rows, 0)).toBe(all.length);
        const sum = (of: (bin: (typeof table)[number]) => number) =>
          table.reduce((total, bin) => total + bin.rows * of(bin), 0);
        expect(sum((bin) => bin.predicted)).toBeCloseTo(
          scores.reduce((a, b) => a + b),
          9,
        );
        expect(sum((bin) => bin.observed)).toBeCloseTo(
          labels.reduce((a, b) => a + b),
          9,
        );
        for (let i = 1; i < table.length; i++)
          expect(table[i]!.predicted).toBeGreaterThan(table[i - 1]!.predicted);
      }),
    );
  });

  it("has tenths of the rows where all probabilities differ, and weighs rows", () => {
    const scores = Array.from({ length: 100 }, (_, i) => i / 100);
    const table = reliability(
      scores.map((_, i) => i % 2),
      scores,
    );
    expect(table.map(({ rows }) => rows)).toEqual(new Array(10).fill(10));
    expect(table[3]!.predicted).toBeCloseTo(0.345, 12);
    expect(reliability([0, 1], [0.2, 0.6], { bins: 1, weights: [3, 1] })).toEqual([
      { rows: 2, predicted: expect.closeTo(0.3, 12), observed: 0.25 },
    ]);
  });
});

describe("AUC within groups", () => {
  it("counts rows by their weights, as often as whole weights say", () => {
    const weighted = fc.array(fc.tuple(row, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        weighted.filter((all) => all.some(([, weight]) => weight > 0)),
        (all) => {
          const { labels, scores, groups } = columns(all.map(([each]) => each));
          const found = groupAuc(
            labels,
            scores,
            groups,
            all.map(([, weight]) => weight),
          );
          const repeated = columns(
            all.flatMap(([each, weight]) => new Array<typeof each>(weight).fill(each)),
          );
          const expected = groupAuc(repeated.labels, repeated.scores, repeated.groups);
          expect([found.groups, found.of]).toEqual([expected.groups, expected.of]);
          if (found.groups > 0) expect(found.value).toBeCloseTo(expected.value, 12);
        },
      ),
    );
  });

  it("is the mean of the groups' AUCs, by their rows, of those that have both labels", () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { labels, scores, groups } = columns(all);
        let [sum, counted, ranked] = [0, 0, 0];
        for (const group of new Set(groups)) {
          const own = all.filter((each) => each[2] === group);
          if (new Set(own.map(([label]) => label)).size < 2) continue;
          sum += own.length * rocAuc(columns(own).labels, columns(own).scores).value;
          counted += own.length;
          ranked++;
        }
        const found = groupAuc(labels, scores, groups);
        expect(found).toMatchObject({ groups: ranked, rows: counted, of: new Set(groups).size });
        if (ranked > 0) expect(found.value).toBeCloseTo(sum / counted, 12);
        else expect(found.value).toBeNaN();
      }),
    );
  });
});

it("recalibration gives back the probabilities of all rows, of which a share of those labeled 0 was kept", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (p, rate) => {
        const kept = p / (p + (1 - p) * rate); // among the rows that were kept
        expect(recalibrated(kept, rate)).toBeCloseTo(p, 9);
      },
    ),
  );
  // 1 of 4 ones; with a tenth of the zeros kept, 1 of 1.3.
  const labels = [1, 0];
  const weights = [1, 1 / 0.1];
  expect(
    calibration(
      labels,
      [0.5, 0.5].map((p) => recalibrated(p, 0.1)),
      weights,
    ),
  ).toBeCloseTo(1, 12);
});
