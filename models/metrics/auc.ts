import { check, finite } from "../../core/errors.ts";
import { counted } from "../../core/format.ts";
import { logistic } from "../../core/numeric/number.ts";
import { requireRows } from "./rows.ts";
import { weightedMean, weightedPlacements, weightedPrecision } from "./weighted.ts";

/** A measured number with the uncertainty that comes from having measured it on a sample of rows. */
export interface Estimate {
  readonly value: number;
  /** Standard deviation of `value` over samples of this size. */
  readonly standardError: number;
  readonly interval: readonly [low: number, high: number];
}

/**
 * Area under the ROC curve: the chance that a random row labeled 1 scores above a random row labeled 0, where a tie
 * counts half. `labels` are 0 or 1; `scores` are any finite numbers, a higher one speaking for label 1.
 *
 * The standard error is that of DeLong, DeLong & Clarke-Pearson (Biometrics 44, 1988), in O(n log n) after Sun & Xu
 * (2014). The interval is symmetric in logit(AUC), so it stays within [0, 1]. When no pair of rows is out of order
 * (AUC 0 or 1) the standard error is 0 and says nothing; the interval then is Clopper & Pearson's for k wins in k
 * independent pairs, k = rows of the rarer label: [(α/2)^(1/k), 1] or its mirror image.
 *
 * Where rows have weights, a pair counts as much as the product of its two, and the variance is that of the weighted means
 * to first order.
 *
 * Throws an InputError for unequal lengths, labels other than 0 and 1, a single label, a score that is not finite, or
 * weights that are negative or, of one label, all 0.
 */
export function rocAuc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  {
    confidence = 0.95,
    weights,
  }: { readonly confidence?: number; readonly weights?: ArrayLike<number> | undefined } = {},
): Estimate {
  const z = quantile(confidence);
  const { value, standardError, rarer } = weights
    ? weightedMean(labels, weightedPlacements(labels, scores, weights), weights)
    : plainMean(placements(labels, scores));
  if (value === 0 || value === 1) {
    const low = ((1 - confidence) / 2) ** (1 / rarer);
    return { value, standardError, interval: value === 1 ? [low, 1] : [0, 1 - low] };
  }
  const logit = Math.log(value / (1 - value));
  const half = (z * standardError) / (value * (1 - value));
  return { value, standardError, interval: [logistic(logit - half), logistic(logit + half)] };
}

/** Mean placement, its standard error, and how many rows the rarer label has. */
function plainMean({ ones, zeros }: ReturnType<typeof placements>) {
  const value = ones.reduce((sum, v) => sum + v, 0) / ones.length;
  const standardError = Math.sqrt(
    variance(ones, value, 0) / ones.length + variance(zeros, value, 0) / zeros.length,
  );
  return { value, standardError, rarer: Math.min(ones.length, zeros.length) };
}

/**
 * AUC of `second` minus AUC of `first`, both scoring the same rows. The pairing matters: two good models err on the
 * same rows, so their difference is known far better than either AUC. Standard error by DeLong (1988), which is the
 * variance of the rows' differences; the interval is value ± z·error, cut to [−1, 1]. It is a single point when the
 * models place every row alike, as two perfect models do. Throws as {@link rocAuc} does.
 */
export function delongTest(
  labels: ArrayLike<number>,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  confidence = 0.95,
): Estimate {
  const z = quantile(confidence);
  const a = placements(labels, first);
  const b = placements(labels, second);
  const ones = b.ones.map((v, i) => v - a.ones[i]!);
  const zeros = b.zeros.map((v, i) => v - a.zeros[i]!);
  const value = ones.reduce((sum, v) => sum + v, 0) / ones.length;
  const standardError = Math.sqrt(
    variance(ones, value, -1) / ones.length + variance(zeros, value, -1) / zeros.length,
  );
  const half = z * standardError;
  return { value, standardError, interval: [Math.max(-1, value - half), Math.min(1, value + half)] };
}

/**
 * Average precision: the precision at each distinct score, weighted by the share of the rows labeled 1 that have it
 * (a step function, no interpolation, as in scikit-learn). Throws as {@link rocAuc} does.
 */
export function averagePrecision(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  if (weights) return weightedPrecision(labels, scores, weights);
  const { ones, zeros } = byLabel(labels, scores);
  ones.sort();
  zeros.sort();
  let sum = 0;
  for (let end = ones.length; end > 0; ) {
    const start = below(ones, ones[end - 1]!);
    const hits = ones.length - start;
    const falseAlarms = zeros.length - below(zeros, ones[start]!);
    sum += ((end - start) * hits) / (hits + falseAlarms);
    end = start;
  }
  return sum / ones.length;
}

/** Every row's share of rows of the other label that it is ordered rightly against, ties half; in row order. */
function placements(labels: ArrayLike<number>, scores: ArrayLike<number>) {
  const { ones, zeros } = byLabel(labels, scores);
  const sortedOnes = ones.toSorted();
  const sortedZeros = zeros.toSorted();
  return {
    ones: ones.map((s) => (below(sortedZeros, s) + notAbove(sortedZeros, s)) / (2 * zeros.length)),
    zeros: zeros.map((s) => 1 - (below(sortedOnes, s) + notAbove(sortedOnes, s)) / (2 * ones.length)),
  };
}

/** The scores of the rows labeled 1 and of those labeled 0, in row order. */
function byLabel(labels: ArrayLike<number>, scores: ArrayLike<number>) {
  requireRows(labels, scores);
  let count = 0;
  for (let i = 0; i < labels.length; i++) count += labels[i]!;
  check(count > 0 && count < labels.length, () => {
    const all = counted(labels.length, "row");
    return `AUC and average precision compare rows labeled 1 with rows labeled 0, but all labels of ${all} are ${count > 0 ? 1 : 0}; give rows of both.`;
  });
  const ones = new Float64Array(count);
  const zeros = new Float64Array(labels.length - count);
  for (let i = 0, one = 0, zero = 0; i < labels.length; i++) {
    if (labels[i] === 1) ones[one++] = scores[i]!;
    else zeros[zero++] = scores[i]!;
  }
  return { ones, zeros };
}

/**
 * Unbiased variance of numbers in [low, 1]. One number alone shows no variance; it gets the largest that its range
 * and mean allow (Bhatia & Davis), so that a lone row never makes a result look certain.
 */
function variance(values: Float64Array, mean: number, low: number): number {
  if (values.length === 1) return (1 - mean) * (mean - low);
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
}

/** How many of the ascending `sorted` are < x. */
function below(sorted: Float64Array, x: number): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the ascending `sorted` are ≤ x. */
function notAbove(sorted: Float64Array, x: number): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * z with P(|N(0, 1)| ≤ z) = confidence. P is Marsaglia's series (J. Stat. Software 11(4), 2004); it is concave in z,
 * so Newton's steps from 0 rise to the root and never pass it.
 */
export function quantile(confidence: number): number {
  finite("confidence", confidence, 0, 1 - 1e-6);
  let z = 0;
  for (;;) {
    const density = Math.sqrt(2 / Math.PI) * Math.exp((-z * z) / 2);
    let term = z;
    let sum = z;
    for (let k = 3; term > 1e-17 * sum; k += 2) sum += term *= (z * z) / k;
    const step = confidence / density - sum;
    z += step;
    if (step < 1e-9) return z; // quadratic convergence: the error left is about step²
  }
}
