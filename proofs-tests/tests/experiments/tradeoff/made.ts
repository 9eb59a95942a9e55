import { keyOf, type Outcome, type Point, type Protocol } from "../../../experiments/tradeoff/protocol.ts";
import { type Row, type Summary, summarize } from "../../../experiments/tradeoff/summary.ts";

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
  tolerance: 0.001,
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

/** Outcomes by (method, seed) at the one compression of a protocol. */
export function outcomes(protocol: Protocol, given: Readonly<Record<string, readonly Outcome[]>>) {
  const known = new Map<string, Outcome>();
  for (const [method, all] of Object.entries(given)) {
    const compression = ["full", "floor"].includes(method) ? 1 : protocol.compressions[0]!;
    for (const [i, outcome] of all.entries())
      known.set(keyOf({ method, compression, rate: 1, seed: protocol.seeds[i]! }), outcome);
  }
  return known;
}

/**
 * Rows of made-up methods at one compression, by their AUC at seeds 0, 1 and 2 (undefined where training diverged). Full
 * tables have 0.7.
 */
export const rowsOf = (aucs: Readonly<Record<string, readonly (number | undefined)[]>>): Row[] => {
  const protocol = protocolOf({ methods: ["full", ...Object.keys(aucs)], seeds: [0, 1, 2] });
  const made = (auc: number | undefined): Outcome =>
    auc === undefined ? { kind: "diverged", reason: "too fast" } : trained([[1, 0.7]], auc);
  const all = Object.entries(aucs).map(([name, values]) => [name, values.map(made)] as const);
  const full = [0.7, 0.7, 0.7].map(made);
  return [...summarize(protocol, outcomes(protocol, { full, ...Object.fromEntries(all) }), []).rows];
};

/** A row of which every number is another. */
export const madeRow: Row = {
  method: "robe",
  compression: 1000,
  bytes: 12_345,
  modelBytes: 67_890,
  optimizer: "adagrad",
  learningRate: 0.015,
  edge: undefined,
  seeds: [0, 1, 2],
  auc: { mean: 0.75, interval: [0.74, 0.77], values: [0.745, 0.75, 0.755] },
  logLoss: { mean: 0.45, interval: [0.44, 0.47], values: [0.445, 0.45, 0.455] },
  quality: { mean: 0.75, interval: [0.74, 0.77], values: [0.745, 0.75, 0.755] },
  difference: { mean: -0.02, interval: [-0.03, -0.01], values: [-0.021, -0.02, -0.019] },
  kept: { value: 0.9123, interval: [0.888, 0.933] },
  iterations: [
    { share: 1, reached: 1, steps: 900, ratio: 1.9, seconds: 12.06 },
    { share: 0.999, reached: 2, steps: 800, ratio: 1.8, seconds: 10.72 },
    { share: 0.99, reached: 3, steps: 700, ratio: 1.7, seconds: 9.38 },
  ],
  latency: {
    method: "robe",
    compression: 1000,
    step: 13.4,
    quartiles: [12, 15],
    speedup: 1.32,
    predicted: 4321.6,
  },
};

/** A summary of these rows of which nothing is shown. */
export const summaryWith = (rows: readonly Row[], missing: Summary["missing"] = []): Summary => ({
  judge: "auc",
  rows,
  missing,
  small: { tolerance: 0.001, level: 0.05, shown: [] },
});
