import { check } from "../../core/errors.ts";
import { counted } from "../../core/format.ts";
import { requireRows } from "./rows.ts";

/** A row's score, label and weight. */
interface Row {
  readonly score: number;
  readonly label: number;
  readonly weight: number;
}

/** A row's weighted share of the rows of the other label that it is ordered rightly against, ties half. */
interface Placed extends Row {
  readonly placement: number;
}

/** The placement of every row. Throws as `rocAuc` does. */
export function weightedPlacements(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
): Placed[] {
  const groups = tied(labels, scores, weights);
  const total = [0, 1].map((label) => weightOf(groups.flat(), label));
  const passed = [0, 0];
  return groups.flatMap((group) => {
    const own = [weightOf(group, 0), weightOf(group, 1)];
    const below = [0, 1].map((label) => (passed[label]! + own[label]! / 2) / total[label]!);
    passed[0]! += own[0]!;
    passed[1]! += own[1]!;
    return group.map((row) => ({ ...row, placement: row.label === 1 ? below[0]! : 1 - below[1]! }));
  });
}

/** Weighted mean placement, its standard error to first order, and how many rows the rarer label has. */
export function weightedMean(rows: readonly Placed[]) {
  const ones = rows.filter(({ label }) => label === 1);
  const zeros = rows.filter(({ label }) => label === 0);
  const value = ones.reduce((sum, { weight, placement }) => sum + weight * placement, 0) / weightOf(ones, 1);
  const variance = (own: readonly Placed[], label: number) =>
    own.reduce((sum, { weight, placement }) => sum + (weight * (placement - value)) ** 2, 0) /
    weightOf(own, label) ** 2;
  return {
    value,
    standardError: Math.sqrt(variance(ones, 1) + variance(zeros, 0)),
    rarer: Math.min(ones.length, zeros.length),
  };
}

/** `averagePrecision` of rows that have weights. */
export function weightedPrecision(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
): number {
  const groups = tied(labels, scores, weights);
  let [hits, all, sum] = [0, 0, 0];
  for (const group of groups.toReversed()) {
    const found = weightOf(group, 1);
    hits += found;
    all += found + weightOf(group, 0);
    if (found > 0) sum += (found * hits) / all;
  }
  return sum / hits;
}

/** Rows of positive weight by ascending score, those of one score together. */
function tied(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
): readonly Row[][] {
  requireRows(labels, scores, { weights });
  const rows = Array.from(labels, (label, i): Row => ({ label, score: scores[i]!, weight: weights[i]! }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.score - b.score);
  check(rows.some(({ label }) => label === 1) && rows.some(({ label }) => label === 0), () => {
    const all = counted(rows.length, "row of positive weight", "rows of positive weight");
    return `AUC and average precision compare rows labeled 1 with rows labeled 0, but all labels of ${all} are ${rows[0]!.label}; give rows of both.`;
  });
  const groups: Row[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last?.[0]?.score === row.score) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

const weightOf = (rows: readonly Row[], label: number): number =>
  rows.reduce((sum, row) => sum + (row.label === label ? row.weight : 0), 0);
