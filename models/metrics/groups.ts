import { requireRows } from "./rows.ts";

/** AUC within groups: how well each user's own rows are ranked, whatever differs between users. */
export interface GroupAuc {
  /** Mean of the groups' AUCs, weighted by their rows; NaN where no group has both labels. */
  readonly value: number;
  /** Groups that have rows of both labels; the others say nothing of ranking. */
  readonly groups: number;
  readonly rows: number;
  /** All groups. */
  readonly of: number;
}

/**
 * The impression-weighted AUC within groups (GAUC; Zhu et al., KDD 2017). Ties count half; rows that have weights count by
 * them, those of weight 0 not at all. Throws an InputError for unequal lengths, another label than 0 and 1, a score that is
 * not finite, and weights as `rocAuc` does.
 */
export function groupAuc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  groups: ArrayLike<number>,
  weights?: ArrayLike<number>,
): GroupAuc {
  requireRows(labels, scores, { weights });
  requireRows(labels, groups);
  const weightOf = (row: number) => weights?.[row] ?? 1;
  const order = Uint32Array.from(labels, (_, i) => i)
    .filter((row) => weightOf(row) > 0)
    .sort((a, b) => groups[a]! - groups[b]! || scores[a]! - scores[b]!);
  let [sum, total, rows, ranked, all] = [0, 0, 0, 0, 0];
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && groups[order[to]!] === groups[order[from]!]) to++;
    all++;
    const { value, weight } = aucOfSorted(order.subarray(from, to), labels, scores, weightOf);
    if (Number.isNaN(value)) continue;
    ranked++;
    rows += to - from;
    sum += weight * value;
    total += weight;
  }
  return { value: total > 0 ? sum / total : Number.NaN, groups: ranked, rows, of: all };
}

/** AUC of rows in ascending order of their scores, NaN where they are of one label; and what they weigh. */
function aucOfSorted(
  order: Uint32Array,
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weightOf: (row: number) => number,
): { value: number; weight: number } {
  let [ones, zeros, wins] = [0, 0, 0];
  for (let from = 0, to = 0; from < order.length; from = to) {
    let [tiedOnes, tiedZeros] = [0, 0];
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++)
      if (labels[order[to]!] === 1) tiedOnes += weightOf(order[to]!);
      else tiedZeros += weightOf(order[to]!);
    wins += tiedOnes * (zeros + tiedZeros / 2);
    ones += tiedOnes;
    zeros += tiedZeros;
  }
  return { value: wins / (ones * zeros), weight: ones + zeros };
}
