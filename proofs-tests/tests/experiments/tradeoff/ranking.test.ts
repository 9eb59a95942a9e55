import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { betterThan, differenceOf, ranking } from "../../../experiments/tradeoff/ranking.ts";
import { rowsOf } from "./made.ts";

describe("a ranking", () => {
  const places = (aucs: Record<string, readonly number[]>) =>
    ranking(rowsOf(aucs), 4).map(({ place, row }) => `${place} ${row.method}`);

  it("separates what every seed separates", () =>
    expect(places({ a: [0.7, 0.71, 0.72], b: [0.6, 0.611, 0.619] })).toEqual(["1 a", "2 b"]));

  it("calls a tie what seeds contradict each other about", () =>
    expect(places({ a: [0.7, 0.71, 0.72], b: [0.71, 0.7, 0.715], c: [0.5, 0.501, 0.503] })).toEqual([
      "1 a",
      "1 b",
      "3 c",
    ]));

  it("calls equals a tie", () =>
    expect(places({ a: [0.7, 0.71, 0.72], b: [0.7, 0.71, 0.72] })).toEqual(["1 a", "1 b"]));

  it("pairs seeds: a small steady difference counts where seeds vary more than that", () =>
    expect(places({ a: [0.6, 0.7, 0.8], b: [0.595, 0.6951, 0.7949] })).toEqual(["1 a", "2 b"]));

  it("compares with the best of a place, not with the one before: what ties with that, though not with others", () =>
    // b differs from a by 0.019, −0.001, −0.021: nothing is shown. c is 0.002 below b at every seed, and no surer beside a.
    expect(places({ a: [0.7, 0.72, 0.74], b: [0.719, 0.719, 0.719], c: [0.717, 0.7171, 0.7169] })).toEqual([
      "1 a",
      "1 b",
      "1 c",
    ]));

  it("compares with the best of a place: what is shown to be below that is not of it, though it ties with others", () => {
    // c is 0.01 below a at every seed; b differs from both by much more, one way and the other.
    const rows = rowsOf({
      a: [0.7, 0.8, 0.9],
      b: [0.78, 0.795, 0.81],
      c: [0.69, 0.7901, 0.8899],
      d: [0.68, 0.789, 0.8897],
    });
    const ranked = ranking(rows, 4);
    expect(ranked.map(({ place, row }) => `${place} ${row.method}`)).toEqual(["1 a", "1 b", "3 c", "3 d"]);
    const behind = ranked.map((one) => one.behind?.values.map((v) => Number(v.toFixed(6))));
    expect(behind).toEqual([undefined, [0.08, -0.005, -0.09], undefined, [-0.01, -0.0011, -0.0002]]);
  });

  it("is of one compression", () => {
    const [full] = rowsOf({ a: [0.5, 0.6, 0.7] });
    expect(ranking(rowsOf({ a: [0.5, 0.6, 0.7] }), 1)).toEqual([{ place: 1, row: full }]);
  });

  it("never puts a better mean below a worse one", () => {
    const auc = fc.integer({ min: 500, max: 900 }).map((x) => x / 1000);
    const seeds = fc.tuple(auc, auc, auc);
    fc.assert(
      fc.property(fc.record({ a: seeds, b: seeds, c: seeds, d: seeds }), (aucs) => {
        const ranked = ranking(rowsOf(aucs), 4);
        for (const [i, { place, row }] of ranked.entries()) {
          expect(place).toBeLessThanOrEqual(i + 1);
          if (i > 0) expect(row.auc!.mean).toBeLessThanOrEqual(ranked[i - 1]!.row.auc!.mean);
        }
      }),
    );
  });
});

describe("the difference of two methods", () => {
  it("pairs the same seeds, where one of them has fewer", () => {
    const rows = rowsOf({ a: [0.8, 0.6, 0.7], b: [0.5, undefined, 0.69] });
    const [a, b] = ["a", "b"].map((name) => rows.find(({ method }) => method === name)!);
    const values = (one = a!, other = b!) => differenceOf(one, other).values.map((v) => Number(v.toFixed(6)));
    expect(values(a, b)).toEqual([0.3, 0.01]);
    expect(values(b, a)).toEqual([-0.3, -0.01]);
  });
});

describe("what is better than a method", () => {
  const base = [0.6, 0.7, 0.8];
  const better = (others: Record<string, readonly number[]>) =>
    betterThan(rowsOf({ base, ...others }), "base").map(({ method }) => method);

  // Differences 0.02, 0.03, 0.04: mean 0.03, deviation 0.01. Student's t of two degrees is 4.303 for one comparison (± 0.0248)
  // and 6.205 for each of two (± 0.0358).
  const above = [0.62, 0.73, 0.84];

  it("is what an interval shows, where it is the only one compared", () =>
    expect(better({ above })).toEqual(["above"]));

  it("must be better by a wider interval, where more are compared", () => {
    expect(better({ above, level: base })).toEqual([]);
    expect(better({ above: [0.63, 0.7301, 0.8299], level: base })).toEqual(["above"]);
  });

  it("is at the same memory", () => {
    const high = rowsOf({ above: [0.72, 0.83, 0.94] }).map((row) => ({ ...row, compression: 9 }));
    const low = rowsOf({ above: [0.6, 0.69, 0.81], base });
    expect(betterThan([...high, ...low], "base")).toEqual([]);
    const baseToo = rowsOf({ base }).map((row) => ({ ...row, compression: 9 }));
    const better = betterThan([...low, ...baseToo, ...high], "base");
    expect(better.map(({ method, compression }) => `${method} at ${compression}`)).toEqual(["above at 9"]);
  });

  it("is nothing worse", () => expect(better({ below: [0.57, 0.6699, 0.7701] })).toEqual([]));
});
