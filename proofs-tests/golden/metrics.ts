import { averagePrecision, rocAuc } from "../../models/metrics/auc.ts";
import { accuracy, brier, calibration, logLoss, normalizedEntropy } from "../../models/metrics/metrics.ts";
import type { Recomputed } from "./compare.ts";
import type { Golden } from "./golden.ts";

const definitions = {
  auc: (y: readonly number[], p: readonly number[]) => rocAuc(y, p).value,
  logloss: logLoss,
  ne: normalizedEntropy,
  average_precision: averagePrecision,
  brier,
  accuracy_at_half: accuracy,
  calibration,
};

/** Format metrics-1: scikit-learn's metrics, in doubles. */
export function recomputeMetrics(golden: Golden): Recomputed[] {
  return golden.cases("cases").flatMap((one) => {
    const y = one.numbers("y");
    const p = one.numbers("p", y.shape);
    return Object.entries(definitions).map(
      ([name, metric]): Recomputed => ({
        array: `${one.path}.${name}`,
        shape: [],
        values: [metric(y.values, p.values)],
        precision: "f64",
        by: "metrics",
        allowed: 1e-10,
      }),
    );
  });
}
