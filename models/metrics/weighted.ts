import { check } from "../../core/errors.ts";
import { requireRows } from "./rows.ts";

/**
 * [rows] The weighted share of the rows of the other label that each row is ordered rightly against, ties half; 0 where a row
 * weighs nothing. Throws as `rocAuc` does.
 */
export function weightedPlacements(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
): Float64Array {
  const order = rising(labels, scores, weights);
  const total = [weightOf(labels, weights, 0), weightOf(labels, weights, 1)];
  const passed = [0, 0];
  const placements = new Float64Array(labels.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    const own = [0, 0];
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++)
      own[labels[order[to]!]!]! += weights[order[to]!]!;
    const below = own.map((weight, label) => (passed[label]! + weight / 2) / total[label]!);
    for (const row of order.subarray(from, to))
      placements[row] = labels[row] === 1 ? below[0]! : 1 - below[1]!;
    for (const label of [0, 1]) passed[label]! += own[label]!;
  }
  return placements;
}

/** Weighted mean placement, its standard error to first order, and how many rows that count the rarer label has. */
export function weightedMean(
  labels: ArrayLike<number>,
  placements: Float64Array,
  weights: ArrayLike<number>,
) {
  const total = [weightOf(labels, weights, 0), weightOf(labels, weights, 1)];
  const value =
    placements.reduce((sum, v, row) => sum + (labels[row] === 1 ? weights[row]! * v : 0), 0) / total[1]!;
  const rows = [0, 0];
  let variance = 0;
  for (const [row, v] of placements.entries()) {
    const label = labels[row]!;
    variance += ((weights[row]! * (v - value)) / total[label]!) ** 2;
    if (weights[row]! > 0) rows[label]!++;
  }
  return { value, standardError: Math.sqrt(variance), rarer: Math.min(...rows) };
}

/** `averagePrecision` of rows that have weights. */
export function weightedPrecision(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
): number {
  const order = rising(labels, scores, weights);
  let [hits, all, sum] = [0, 0, 0];
  for (let from = order.length, to = from; to > 0; to = from) {
    let found = 0;
    for (; from > 0 && scores[order[from - 1]!] === scores[order[to - 1]!]; from--) {
      const row = order[from - 1]!;
      all += weights[row]!;
      if (labels[row] === 1) found += weights[row]!;
    }
    hits += found;
    if (found > 0) sum += (found * hits) / all;
  }
  return sum / hits;
}

/** The rows of positive weight by ascending score. */
function rising(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
): Uint32Array {
  requireRows(labels, scores, { weights });
  const rows = Uint32Array.from(labels, (_, row) => row).filter((row) => weights[row]! > 0);
  check(rows.some((row) => labels[row] === 1) && rows.some((row) => labels[row] === 0), () => {
    const only = `${rows.length} rows of positive weight, all of them labeled ${labels[rows[0]!]}`;
    return `AUC and average precision compare rows labeled 1 with rows labeled 0, but there are ${only}; give rows of both.`;
  });
  return rows.sort((a, b) => scores[a]! - scores[b]!);
}

/** What the rows of a label weigh together. */
function weightOf(labels: ArrayLike<number>, weights: ArrayLike<number>, label: number): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] === label) sum += weights[row]!;
  return sum;
}
