import { check, InputError } from "../../core/errors.ts";
import { averagePrecision, rocAuc } from "./auc.ts";
import { requireRows } from "./rows.ts";

/** Every metric, by the name under which it is reported; to add one is a function and a line here. */
const every = {
  auc: (labels: ArrayLike<number>, scores: ArrayLike<number>, weights?: ArrayLike<number>) =>
    rocAuc(labels, scores, { weights }),
  logLoss,
  normalizedEntropy,
  calibration,
  accuracy,
  averagePrecision,
  brier,
};
type Name = keyof typeof every;

/** How well probabilities foretell labels. Definitions as in scikit-learn, to which the tests compare them. */
export type Metrics = {
  readonly rows: number;
  /** Share of the rows labeled 1, by weight. */
  readonly baseRate: number;
  /** What there is to know of a metric besides its number: why it is undefined (then NaN), or that it says nothing. */
  readonly notes: { readonly [Metric in Name]?: string };
} & { readonly [Metric in Name]: ReturnType<(typeof every)[Metric]> };

/**
 * Every metric of `probabilities` (of label 1, each from 0 to 1) against `labels` (0 or 1), row by row, each row counting
 * as much as its weight (default 1). A metric that these rows leave undefined, such as the AUC of one label alone, is NaN
 * and has a note.
 * @throws InputError for unequal lengths, no rows, another label, no probability, or weights that are negative or all 0.
 */
export function metrics(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Metrics {
  requireRows(labels, probabilities, { low: 0, high: 1, weights });
  const notes: { [Metric in Name]?: string } = {};
  const found = Object.entries(every).map(([name, of]) => {
    try {
      return [name, of(labels, probabilities, weights)];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      notes[name as Name] = error.message;
      return [name, name === "auc" ? undefinedAuc : Number.NaN];
    }
  });
  if (notes.auc === undefined && isConstant(probabilities))
    notes.auc = `All ${labels.length} rows have the same probability, ${probabilities[0]}: nothing is ranked, and AUC is 0.5 by definition.`;
  const all = { rows: labels.length, baseRate: mean(labels, (i) => labels[i]!, weights), notes };
  return { ...all, ...Object.fromEntries(found) } as Metrics;
}

const undefinedAuc = { value: Number.NaN, standardError: Number.NaN, interval: [Number.NaN, Number.NaN] };

function isConstant(numbers: ArrayLike<number>): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers[i] !== numbers[0]) return false;
  return numbers.length > 1;
}

/** Mean −ln of the probability given to the true label, in nats. A probability of 0 or 1 counts as 1e-15 away from it, so the result is finite. */
export function logLoss(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  requireRows(labels, probabilities, { low: 0, high: 1, weights });
  return mean(labels, (i) => lossOf(labels[i]!, probabilities[i]!), weights);
}

/** −ln of the probability given to the true label of one row, as {@link logLoss} takes it. */
export function lossOf(label: number, probability: number): number {
  const p = Math.min(Math.max(probability, 1e-15), 1 - 1e-15);
  return label === 1 ? -Math.log(p) : -Math.log1p(-p);
}

/**
 * Log loss over that of always saying the base rate (He et al., ADKDD 2014): below 1 is better than that. Throws an InputError if all labels are the same: that entropy is 0.
 */
export function normalizedEntropy(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  const loss = logLoss(labels, probabilities, weights);
  const rate = mean(labels, (i) => labels[i]!, weights);
  check(rate > 0 && rate < 1, () => {
    return `Normalized entropy divides by the entropy of the labels, which is 0: all ${labels.length} are ${rate}; give rows of both labels.`;
  });
  return loss / -(rate * Math.log(rate) + (1 - rate) * Math.log1p(-rate));
}

/** Sum of the probabilities over the sum of the labels: 1 is right on average. Throws an InputError if no label is 1. */
export function calibration(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  requireRows(labels, probabilities, { low: 0, high: 1, weights });
  const rate = mean(labels, (i) => labels[i]!, weights);
  check(rate > 0, () => {
    return `Calibration divides by the number of rows labeled 1, but none of the ${labels.length} is; give more rows.`;
  });
  return mean(labels, (i) => probabilities[i]!, weights) / rate;
}

/** Share of the rows where "probability ≥ 0.5" is the label. */
export function accuracy(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  requireRows(labels, probabilities, { low: 0, high: 1, weights });
  return mean(labels, (i) => (probabilities[i]! >= 0.5 === (labels[i] === 1) ? 1 : 0), weights);
}

/** Mean squared difference of probability and label. */
export function brier(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  requireRows(labels, probabilities, { low: 0, high: 1, weights });
  return mean(labels, (i) => (probabilities[i]! - labels[i]!) ** 2, weights);
}

/** Mean of a term of each row, by weight. */
function mean(rows: ArrayLike<number>, term: (row: number) => number, weights?: ArrayLike<number>): number {
  let sum = 0;
  if (weights === undefined) {
    for (let i = 0; i < rows.length; i++) sum += term(i);
    return sum / rows.length;
  }
  let total = 0;
  for (let i = 0; i < rows.length; i++) {
    sum += weights[i]! * term(i);
    total += weights[i]!;
  }
  return sum / total;
}
