import { bisected } from "../../../core/numeric/bisection.ts";
import { logistic } from "../../../core/numeric/number.ts";

const sum = (numbers: Float64Array): number => numbers.reduce((a, b) => a + b, 0);

/** Places from −6 to 6 standard deviations, and how much of a normal distribution each stands for. */
const places = Float64Array.from({ length: 241 }, (_, i) => (i - 120) / 20);
const densities = places.map((x) => Math.exp((-x * x) / 2));
const shares = densities.map((density) => density / sum(densities));

/** AUC of the best ranking of rows whose log odds are normal, of this variance, where a share `rate` is labeled 1. */
export function aucOfVariance(variance: number, rate: number): number {
  const deviation = Math.sqrt(variance);
  const onesAt = (mean: number) => places.map((x, i) => shares[i]! * logistic(mean + deviation * x));
  const [mean] = bisected(-60, 60, 1e-10, (at) => sum(onesAt(at)) < rate);
  const ones = onesAt(mean);
  const zeros = shares.map((share, i) => share - ones[i]!);
  let [below, ordered] = [0, 0];
  for (const [i, one] of ones.entries()) {
    ordered += one * (below + zeros[i]! / 2);
    below += zeros[i]!;
  }
  return ordered / (sum(ones) * below);
}

/** What is known of data before smaller tables are trained on it: AUC without ids and with full tables, and the share of ones. */
export interface Ends {
  readonly floor: number;
  readonly full: number;
  readonly rate: number;
}

/**
 * The AUC of a model that keeps a share of the variance that ids give to log odds: as though these were normal, with the
 * variance that each end's AUC stands for.
 */
export function predictedAuc({ floor, full, rate }: Ends, kept: number): number {
  const varianceOf = (auc: number) =>
    bisected(0, 100, 1e-10, (variance) => aucOfVariance(variance, rate) < auc)[0];
  const [least, most] = [varianceOf(floor), varianceOf(full)];
  return aucOfVariance(least + kept * (most - least), rate);
}
