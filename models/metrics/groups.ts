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
 * The impression-weighted AUC within groups (GAUC; Zhu et al., KDD 2017). Ties count half. Throws an InputError for unequal
 * lengths, another label than 0 and 1, and a score that is not finite.
 */
export function groupAuc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  groups: ArrayLike<number>,
): GroupAuc {
  requireRows(labels, scores);
  requireRows(labels, groups);
  const order = Uint32Array.from(labels, (_, i) => i).sort(
    (a, b) => groups[a]! - groups[b]! || scores[a]! - scores[b]!,
  );
  let [sum, rows, ranked, all] = [0, 0, 0, 0];
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && groups[order[to]!] === groups[order[from]!]) to++;
    all++;
    const value = aucOfSorted(order.subarray(from, to), labels, scores);
    if (value === undefined) continue;
    ranked++;
    rows += to - from;
    sum += (to - from) * value;
  }
  return { value: rows > 0 ? sum / rows : Number.NaN, groups: ranked, rows, of: all };
}

/** AUC of rows in ascending order of their scores; undefined where they are of one label. */
function aucOfSorted(
  order: Uint32Array,
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
): number | undefined {
  let [ones, zeros, wins] = [0, 0, 0];
  for (let from = 0, to = 0; from < order.length; from = to) {
    let [tiedOnes, tiedZeros] = [0, 0];
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++)
      if (labels[order[to]!] === 1) tiedOnes++;
      else tiedZeros++;
    wins += tiedOnes * (zeros + tiedZeros / 2);
    ones += tiedOnes;
    zeros += tiedZeros;
  }
  return ones === 0 || zeros === 0 ? undefined : wins / (ones * zeros);
}
