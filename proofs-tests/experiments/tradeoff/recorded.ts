import type { Judge } from "../../../models/dlrm/early-stopping.ts";
import { type Latency, type Outcome, type Point, qualityOf, type Trial } from "./protocol.ts";

/** A trial and what came of it, as a file keeps them. */
export interface Recorded {
  readonly trial: Trial;
  readonly outcome: Outcome;
}

type Fields = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): boolean => Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === "string";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether `value` is an object whose fields are as they should be; others that it may have are not looked at. */
const hasFields = (value: unknown, fields: Readonly<Record<string, (value: unknown) => boolean>>): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.entries(fields).every(([name, is]) => Object.hasOwn(value, name) && is((value as Fields)[name]));

const isListOf =
  (is: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(is);

const point = {
  step: isCount,
  auc: (value: unknown) => value === null || isNumber(value),
  logLoss: isNumber,
};
const isPointBy =
  (judge: Judge) =>
  (value: unknown): boolean =>
    hasFields(value, point) && !Number.isNaN(qualityOf(value as Point, judge));
const cell = { method: isText, compression: isNumber };

function isOutcome(value: unknown, judge: Judge): boolean {
  if (!hasFields(value, { kind: isText })) return false;
  const { kind } = value as Fields;
  if (kind === "refused" || kind === "diverged") return hasFields(value, { reason: isText });
  const trained = { bytes: isCount, modelBytes: isCount, optimizer: isText, learningRate: isNumber };
  const isPoint = isPointBy(judge);
  const course = { steps: isCount, curve: isListOf(isPoint), test: isPoint };
  return (
    kind === "trained" &&
    hasFields(value, { ...trained, ...course }) &&
    (value as { curve: unknown[] }).curve.length > 0
  );
}

/** Whether what a file holds is a trial with its outcome, of a study with this judge, whoever wrote it. */
export const isRecorded = (value: unknown, judge: Judge): value is Recorded =>
  hasFields(value, {
    trial: (trial) => hasFields(trial, { ...cell, rate: isNumber, seed: Number.isSafeInteger }),
    outcome: (outcome) => isOutcome(outcome, judge),
  });

/** Whether what a file holds is a list of times of steps. */
export const isLatencies = (value: unknown): value is readonly Latency[] =>
  isListOf((latency) =>
    hasFields(latency, {
      ...cell,
      step: isNumber,
      quartiles: (all) => isListOf(isNumber)(all) && (all as unknown[]).length === 2,
      speedup: isNumber,
      predicted: isNumber,
    }),
  )(value);
