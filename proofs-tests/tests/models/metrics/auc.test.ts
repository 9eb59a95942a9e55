import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { averagePrecision, delongTest, rocAuc } from "../../../../models/metrics/auc.ts";
import { average, rounding, rows, split } from "./random-rows.ts";

// ————— the definitions, read aloud: every row against every row —————

const wins = (one: number, zero: number) => (one > zero ? 1 : one === zero ? 0.5 : 0);

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

/** The precision at each row labeled 1, averaged. */
function slowAveragePrecision(labels: readonly number[], scores: readonly number[]): number {
  const { ones } = split(labels, scores);
  return average(ones.map((one) => average(labels.filter((_, i) => scores[i]! >= one))));
}

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
