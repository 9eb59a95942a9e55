import type { Outcome, Point, Protocol } from "../../models/tradeoff/protocol.ts";

/** A protocol with every number small, and what a test changes. */
export const protocolOf = (change: Partial<Protocol>): Protocol => ({
  setting: {
    data: { data: "synthetic", rows: "3000" },
    dim: 4,
    bottom: [8, 4],
    top: [8, 1],
    batch: 64,
    epochs: 1,
    every: 5,
    patience: 8,
    optimizer: "adagrad",
  },
  methods: ["full", "robe"],
  compressions: [4],
  rates: [1],
  skipped: [],
  seeds: [0, 1],
  ...change,
});

/** A trained outcome with these points of the curve (step, AUC) and this AUC on the test rows. */
export function trained(points: readonly (readonly [step: number, auc: number])[], test = 0.7): Outcome {
  const curve = points.map(([step, auc]): Point => ({ step, auc, logLoss: 0.5 }));
  return {
    kind: "trained",
    bytes: 400,
    modelBytes: 1000,
    optimizer: "adagrad",
    learningRate: 0.05,
    steps: curve.at(-1)!.step,
    curve,
    test: { step: curve.at(-1)!.step, auc: test, logLoss: 0.5 },
  };
}
