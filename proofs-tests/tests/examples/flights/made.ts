import type { Run } from "../../../../examples/flights/plots.ts";

/** A trained model with every number small, and what a test changes. */
export const runOf = (change: Partial<Run>): Run => ({
  name: "full tables",
  compression: 1,
  embeddingFloats: 1000,
  modelFloats: 1500,
  auc: { value: 0.8, standardError: 0.01, interval: [0.78, 0.82] },
  logLoss: 0.4,
  rowsPerSecond: 12_345,
  seconds: 12.3,
  curve: [],
  ...change,
});

/** The AUC of a compressed model minus that of the full tables. */
export const loses = { value: -0.03, interval: [-0.04, -0.02] } as const;
export const keeps = { value: -0.001, interval: [-0.003, 0.001] } as const;
export const gains = { value: 0.02, interval: [0.01, 0.03] } as const;
