import { count, counted } from "../../core/format.ts";
import type { Predictions } from "../../models/dlrm/evaluate.ts";
import { type GroupAuc, groupAuc } from "../../models/metrics/groups.ts";
import { type Metrics, metrics } from "../../models/metrics/metrics.ts";
import { type ReliabilityBin, recalibrated, reliability } from "../../models/metrics/reliability.ts";

/** How good a model is on some rows. */
export interface Quality {
  readonly quality: Metrics;
  readonly reliability: readonly ReliabilityBin[];
  /** Where the rows have groups. */
  readonly withinGroups?: GroupAuc;
}

/**
 * Quality of what was predicted. Where only a share of the rows labeled 0 was kept, probabilities are made those of all rows,
 * and each of these rows counts for as many as it stands for.
 */
export function qualityOf({ labels, probabilities, weights, groups }: Predictions, rate = 1): Quality {
  const p = rate === 1 ? probabilities : probabilities.map((each) => recalibrated(each, rate));
  const w =
    rate === 1 ? weights : labels.map((label, i) => (weights?.[i] ?? 1) * (label === 1 ? 1 : 1 / rate));
  return {
    quality: metrics(labels, p, w),
    reliability: reliability(labels, p, { weights: w }),
    ...(groups && { withinGroups: groupAuc(labels, p, groups, w) }),
  };
}

/** Lines under a label that stands before the first. */
export const labeled = (label: string, lines: readonly string[]): string[] =>
  lines.map((line, i) => `${(i === 0 ? label : "").padEnd(12)}${line}`);

/** A number, or a dash where it is undefined. */
export const digits = (x: number, places: number): string => (Number.isNaN(x) ? "–" : x.toFixed(places));

/** Lines about what was measured on rows of this name. */
export function qualityInWords({ quality, reliability, withinGroups }: Quality, row: string): string[] {
  const { auc, logLoss, normalizedEntropy, calibration, rows } = quality;
  const interval = Number.isNaN(auc.value)
    ? ""
    : ` (95 % interval ${auc.interval.map((x) => x.toFixed(4)).join(" … ")})`;
  const bins = (of: (bin: ReliabilityBin) => number) =>
    reliability
      .map((bin) => String(Number(of(bin).toPrecision(2))).padEnd(6))
      .join(" ")
      .trimEnd();
  return [
    `quality     AUC ${digits(auc.value, 4)}${interval}, log loss ${logLoss.toFixed(4)}, on ${counted(rows, row)}`,
    `            normalized entropy ${digits(normalizedEntropy, 4)}, calibration ${digits(calibration, 3)}`,
    ...(withinGroups
      ? [
          `            AUC within groups ${digits(withinGroups.value, 4)}, of ${counted(withinGroups.groups, "group")} with both labels among ${count(withinGroups.of)}`,
        ]
      : []),
    `reliability said ${bins(({ predicted }) => predicted)}`,
    `            true ${bins(({ observed }) => observed)}`,
  ];
}

/** What to think of before trusting what was measured on these rows. */
export function notesOfQuality(quality: Metrics, rowsInWords: string): string[] {
  const { calibration, baseRate, rows, notes } = quality;
  const ones = baseRate * rows;
  const isOff =
    Math.abs(Math.log(calibration)) > Math.log(1.25) && Math.abs(calibration - 1) > 4 / Math.sqrt(ones);
  return [
    ...new Set(Object.values(notes)),
    ...(quality.normalizedEntropy > 1
      ? [
          "Saying the same probability of every row, the share of those labeled 1, would be better than this model.",
        ]
      : []),
    ...(isOff
      ? [
          `The model says ${calibration.toPrecision(3)} times as many ones as there are among the ${rowsInWords}: its probabilities are not to be taken as they are.`,
        ]
      : []),
  ];
}
