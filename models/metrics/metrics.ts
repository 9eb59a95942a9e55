import { check } from "../../core/errors.ts";
import { averagePrecision, requireRows, rocAuc } from "./auc.ts";

/** Every metric, by the name under which it is reported; to add one is a function and a line here. */
const every = {
  auc: rocAuc,
  logLoss,
  normalizedEntropy,
  calibration,
  accuracy,
  averagePrecision,
  brier,
};

/** How well probabilities foretell labels. Definitions as in scikit-learn, to which the tests compare them. */
export type Metrics = {
  readonly rows: number;
  /** Share of the rows labeled 1. */
  readonly baseRate: number;
} & { readonly [Name in keyof typeof every]: ReturnType<(typeof every)[Name]> };

/**
 * Every metric of `probabilities` (of label 1, each from 0 to 1) against `labels` (0 or 1), row by row. Throws an
 * InputError for unequal lengths, one label only, or a row with another label or no probability.
 */
export function metrics(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Metrics {
  const found = Object.entries(every).map(([name, of]) => [name, of(labels, probabilities)]);
  const all = { rows: labels.length, baseRate: mean(labels, (i) => labels[i]!) };
  return { ...all, ...Object.fromEntries(found) } as Metrics;
}

/** Mean −ln of the probability given to the true label, in nats. A probability of 0 or 1 counts as 1e-15 away from it, so the result is finite. */
export function logLoss(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireRows(labels, probabilities, 0, 1);
  return mean(labels, (i) => {
    const p = Math.min(Math.max(probabilities[i]!, 1e-15), 1 - 1e-15);
    return labels[i] === 1 ? -Math.log(p) : -Math.log1p(-p);
  });
}

/**
 * Log loss over that of always saying the base rate (He et al., ADKDD 2014): below 1 is better than that. Throws an InputError if all labels are the same: that entropy is 0.
 */
export function normalizedEntropy(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  const loss = logLoss(labels, probabilities);
  const rate = mean(labels, (i) => labels[i]!);
  check(rate > 0 && rate < 1, () => {
    return `Normalized entropy divides by the entropy of the labels, which is 0: all ${labels.length} are ${rate}; give rows of both labels.`;
  });
  return loss / -(rate * Math.log(rate) + (1 - rate) * Math.log1p(-rate));
}

/** Sum of the probabilities over the sum of the labels: 1 is right on average. Throws an InputError if no label is 1. */
export function calibration(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireRows(labels, probabilities, 0, 1);
  const rate = mean(labels, (i) => labels[i]!);
  check(rate > 0, () => {
    return `Calibration divides by the number of rows labeled 1, but none of the ${labels.length} is; give more rows.`;
  });
  return mean(labels, (i) => probabilities[i]!) / rate;
}

/** Share of the rows where "probability ≥ 0.5" is the label. */
export function accuracy(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireRows(labels, probabilities, 0, 1);
  return mean(labels, (i) => (probabilities[i]! >= 0.5 === (labels[i] === 1) ? 1 : 0));
}

/** Mean squared difference of probability and label. */
export function brier(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireRows(labels, probabilities, 0, 1);
  return mean(labels, (i) => (probabilities[i]! - labels[i]!) ** 2);
}

function mean(rows: ArrayLike<number>, term: (row: number) => number): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) sum += term(i);
  return sum / rows.length;
}
