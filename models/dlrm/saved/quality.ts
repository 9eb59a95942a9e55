import { check } from "../../../core/errors.ts";
import { numberOption, wholeOption } from "../../../core/options.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { isRecord } from "./json.ts";

/** How good a model was on the rows of one part when it was saved; null what these rows leave undefined. */
export type PartQuality = {
  readonly rows: number;
  /** Share of the rows labeled 1, by weight. */
  readonly baseRate: number;
  /** With its interval of 95 % over rows. */
  readonly auc: { readonly value: number; readonly interval: readonly [low: number, high: number] } | null;
  /** In nats. */
  readonly logLoss: number;
  readonly normalizedEntropy: number | null;
  /** Sum of the probabilities over the sum of the labels. */
  readonly calibration: number | null;
};

/** How good the very model of a file was: on the rows that it was chosen and calibrated by, and on those to test on. */
export type SavedQuality = { readonly validation: PartQuality; readonly test: PartQuality };

const defined = (x: number): number | null => (Number.isNaN(x) ? null : x);

/** What a file keeps of these metrics. */
export const partQuality = ({
  rows,
  baseRate,
  auc,
  logLoss,
  normalizedEntropy,
  calibration,
}: Metrics): PartQuality => ({
  ...{ rows, baseRate },
  auc: Number.isNaN(auc.value) ? null : { value: auc.value, interval: auc.interval },
  logLoss,
  normalizedEntropy: defined(normalizedEntropy),
  calibration: defined(calibration),
});

/** Throws an InputError unless `value` could be what {@link partQuality} keeps of either part. */
export function checkQuality(value: unknown): asserts value is SavedQuality {
  const where = "its quality";
  const { validation, test } = fieldsOf(value, ["validation", "test"], where);
  checkPart(validation, `${where} on the rows to choose by`);
  checkPart(test, `${where} on the test rows`);
}

const share = numberOption({ from: 0, to: 1, help: "" });
const positive = numberOption({ from: 0, help: "" });

function checkPart(value: unknown, where: string): void {
  const names = ["rows", "baseRate", "auc", "logLoss", "normalizedEntropy", "calibration"];
  const { rows, baseRate, auc, logLoss, normalizedEntropy, calibration } = fieldsOf(value, names, where);
  wholeOption({ from: 1, help: "" }).accept(rows, `the number of rows of ${where}`);
  share.accept(baseRate, `the base rate of ${where}`);
  positive.accept(logLoss, `the log loss of ${where}`);
  if (normalizedEntropy !== null) positive.accept(normalizedEntropy, `the normalized entropy of ${where}`);
  if (calibration !== null) positive.accept(calibration, `the calibration of ${where}`);
  if (auc === null) return;
  const { value: middle, interval } = fieldsOf(auc, ["value", "interval"], `the AUC of ${where}`);
  share.accept(middle, `the AUC of ${where}`);
  check(Array.isArray(interval) && interval.length === 2, () => `the AUC of ${where} has no interval`);
  for (const bound of interval) share.accept(bound, `an end of the interval of the AUC of ${where}`);
  // The ends are rounded each for itself, so that an interval of no width may lie an ulp beside what it is of.
  const [low, high] = interval as [number, number];
  check(
    low <= (middle as number) + 1e-9 && high >= (middle as number) - 1e-9,
    () => `the AUC of ${where} is not in its interval`,
  );
}

/** The fields of an object that has all of `names` and no other. */
function fieldsOf(
  value: unknown,
  names: readonly string[],
  where: string,
): Readonly<Record<string, unknown>> {
  check(
    isRecord(value) && `${Object.keys(value).toSorted()}` === `${names.toSorted()}`,
    () => `${where} must have ${names.join(", ")} and nothing else`,
  );
  return value as Readonly<Record<string, unknown>>;
}
