import { check } from "../../core/errors.ts";
import { type Estimate, quantile } from "./auc.ts";
import { lossOf } from "./metrics.ts";
import { requireRows } from "./rows.ts";
import { weightedPlacements } from "./weighted.ts";

/** What a model says of rows with labels. */
interface Scored {
  /** [rows] 0 or 1 */
  readonly labels: ArrayLike<number>;
  /** [rows] of label 1 */
  readonly probabilities: ArrayLike<number>;
  /** [rows] Default: all alike. */
  readonly weights?: ArrayLike<number> | undefined;
}

/** What it says of the same rows after a column was permuted among them. */
export interface Permuted {
  /** [rows] Row i had the value of row `order[i]`. */
  readonly order: Uint32Array;
  /** [rows] */
  readonly probabilities: ArrayLike<number>;
}

/** How rows did better before a permutation than after it. */
interface Compared {
  readonly order: Uint32Array;
  readonly differences: Float64Array;
}

/**
 * How much AUC falls when a column is permuted: AUC before, minus the mean AUC of R ≥ 2 independent permutations.
 *
 * The standard error is that of other rows and other permutations. In permutation r row i is ordered rightly against a share
 * d(r, i) less of the rows of the other label than before: the difference of its placements (DeLong 1988). It counts by
 * c(i) = w(i) / (weights of its label), and d(r) = Σ c(i)·d(r, i) / Σ c(i) is the fall. A row takes part twice: by its label
 * and its other columns, and by the value that it lends to the row j with order(j) = i. Its influence therefore is
 *
 *     ψ(r, i) = c(i)·(d(r, i) − d(r)) + c(j)·(d(r, j) − d(r)),
 *
 * which holds the chance of the permutation, too. That of two permutations is independent, so that their product estimates
 * what is of the rows alone. By the law of total variance
 *
 *     variance = k/(k − 1) · Σ over i of the mean over r ≠ s of ψ(r, i)·ψ(s, i)  +  variance of d(1) … d(R) / R,
 *
 * the first term at least 0, for k rows of the rarer label. A column that changes no score has the interval [0, 0].
 * @throws InputError as `rocAuc` does, and for fewer than two permutations or two rows of a label.
 */
export function aucDrop(scored: Scored, permuted: readonly Permuted[], confidence?: number): Estimate {
  const { labels, probabilities } = scored;
  const weights = weightsOf(scored);
  const before = weightedPlacements(labels, probabilities, weights);
  const compared = permuted.map(({ order, probabilities: after }) => {
    const placements = weightedPlacements(labels, after, weights);
    return { order, differences: before.map((v, row) => v - placements[row]!) };
  });
  const total = [0, 0];
  const rows = [0, 0];
  for (const [row, weight] of weights.entries()) {
    total[labels[row]!]! += weight;
    if (weight > 0) rows[labels[row]!]!++;
  }
  const shares = weights.map((weight, row) => weight / total[labels[row]!]!);
  const { value, standardError, interval } = combined(compared, shares, Math.min(...rows), confidence);
  return { value, standardError, interval: [Math.max(-1, interval[0]), Math.min(1, interval[1])] };
}

/**
 * How much log loss rises when a column is permuted, in nats: the mean of R ≥ 2 independent permutations, minus log loss
 * before. The standard error is that of {@link aucDrop} for d(r, i) = rise of the loss of row i, weights of all rows in the
 * place of those of its label, and k rows in all.
 * @throws InputError as `logLoss` does, and for fewer than two permutations or two rows.
 */
export function logLossRise(scored: Scored, permuted: readonly Permuted[], confidence?: number): Estimate {
  const { labels, probabilities } = scored;
  const weights = weightsOf(scored);
  const losses = (of: ArrayLike<number>) => {
    requireRows(labels, of, { low: 0, high: 1, weights });
    return Float64Array.from(labels, (label, row) => lossOf(label, of[row]!));
  };
  const before = losses(probabilities);
  const compared = permuted.map(({ order, probabilities: after }) => ({
    order,
    differences: losses(after).map((loss, row) => loss - before[row]!),
  }));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  return combined(compared, shares, weights.filter((weight) => weight > 0).length, confidence);
}

const weightsOf = ({ labels, weights }: Scored): Float64Array =>
  Float64Array.from(labels, (_, row) => weights?.[row] ?? 1);

/** The formula of {@link aucDrop}; `shares` are c, `rarer` is k. */
function combined(
  compared: readonly Compared[],
  shares: Float64Array,
  rarer: number,
  confidence = 0.95,
): Estimate {
  const R = compared.length;
  check(R >= 2, () => `An interval needs two permutations or more, but there are ${R}.`);
  check(rarer >= 2, () => "An interval needs two rows that count of each label; give more rows.");
  const all = shares.reduce((sum, share) => sum + share, 0);
  const sums = new Float64Array(shares.length);
  const squares = new Float64Array(shares.length);
  const values = compared.map(({ order, differences }) => {
    const mean = differences.reduce((sum, d, row) => sum + shares[row]! * d, 0) / all;
    const own = differences.map((d, row) => shares[row]! * (d - mean));
    const influences = own.slice();
    for (const [row, lender] of order.entries()) influences[lender]! += own[row]!;
    for (const [row, influence] of influences.entries()) {
      sums[row]! += influence;
      squares[row]! += influence ** 2;
    }
    return mean;
  });
  const value = values.reduce((sum, v) => sum + v, 0) / R;
  const products = sums.reduce((sum, s, row) => sum + s ** 2 - squares[row]!, 0) / (R * (R - 1));
  const ofRows = (Math.max(0, products) * rarer) / (rarer - 1);
  const ofPermutations = values.reduce((sum, v) => sum + (v - value) ** 2, 0) / (R - 1) / R;
  const standardError = Math.sqrt(ofRows + ofPermutations);
  const half = quantile(confidence) * standardError;
  return { value, standardError, interval: [value - half, value + half] };
}
