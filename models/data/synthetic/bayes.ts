/** The quality of scores against labels. */
export interface Quality {
  /** Area under the ROC curve. */
  readonly auc: number;
  /** Mean binary cross entropy, in nats. */
  readonly logLoss: number;
}

/**
 * The quality of the probabilities `scores` on rows whose label is 1 with probability `truth` (a label, 0 or 1, is such a
 * probability). With `scores` = `truth` this is the best that any model can expect on these rows.
 *
 * The AUC is the ratio of expectations Σ p_i (1 − p_j) [s_i > s_j] / Σ p_i (1 − p_j) over i ≠ j, ties counting ½, by
 * sorting in O(n log n); NaN where all rows have the same certain label.
 */
export function expectedQuality(scores: Float64Array, truth: ArrayLike<number>): Quality {
  return { auc: expectedAuc(scores, truth), logLoss: expectedLogLoss(scores, truth) };
}

function expectedAuc(scores: Float64Array, truth: ArrayLike<number>): number {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  let clicks = 0;
  let others = 0; // Σ (1 − p) of the rows below
  let right = 0;
  let self = 0; // Σ p (1 − p), the pairs of a row with itself
  for (let first = 0; first < order.length; ) {
    const score = scores[order[first]!]!;
    let ones = 0;
    let zeros = 0;
    let next = first;
    for (; next < order.length && scores[order[next]!] === score; next++) {
      const p = truth[order[next]!]!;
      ones += p;
      zeros += 1 - p;
      self += p * (1 - p);
    }
    right += ones * (others + zeros / 2);
    clicks += ones;
    others += zeros;
    first = next;
  }
  return (right - self / 2) / (clicks * others - self);
}

function expectedLogLoss(scores: Float64Array, truth: ArrayLike<number>): number {
  let sum = 0;
  // log1p(−s) keeps its digits for a small s; 0 · log 0 is 0: a certain label that is foreseen costs nothing.
  scores.forEach((s, i) => {
    const p = truth[i]!;
    if (p > 0) sum -= p * Math.log(s);
    if (p < 1) sum -= (1 - p) * Math.log1p(-s);
  });
  return sum / scores.length;
}
