import type { Metrics } from "../metrics/metrics.ts";

/** What measurements may be judged by. */
export const judges = {
  logLoss: { of: (metrics: Metrics) => metrics.logLoss, better: (now: number, best: number) => now < best },
  auc: { of: (metrics: Metrics) => metrics.auc.value, better: (now: number, best: number) => now > best },
} as const;

/** What a measurement is judged by, by its name. */
export type Judge = keyof typeof judges;

/** What early stopping remembers of the measurements so far. */
export interface Remembered {
  /** The first of the best measurements; absent while none was defined. */
  readonly best?: { readonly step: number; readonly value: number };
  /** Measurements since that one, none of them better. */
  readonly worse: number;
}

export const nothingMeasured: Remembered = { worse: 0 };

/** What is remembered after one more measurement. One that is undefined (NaN) says nothing, for better or worse. */
export function remembered(before: Remembered, judge: Judge, step: number, value: number): Remembered {
  if (Number.isNaN(value)) return before;
  const isBest = before.best === undefined || judges[judge].better(value, before.best.value);
  return isBest ? { best: { step, value }, worse: 0 } : { ...before, worse: before.worse + 1 };
}
