import type { Report } from "../../../../cli/inspecting/report.ts";

/** A report in which no two numbers are alike, so that each can stand in one place only. */
export const told: Report = {
  ...{ file: "m.safetensors", bytes: 123_456, changed: "2031-02-03T04:05:06.789Z", version: "0.7.1" },
  label: "clicked",
  data: {
    name: "days.csv",
    rows: {
      train: { rows: 8000, ones: 1600 },
      validation: { rows: 1000, ones: 310 },
      test: { rows: 900, ones: 387 },
    },
    identity: "00c0ffee",
  },
  samplingRate: 0.25,
  columns: {
    dense: [
      { column: "price", scaling: { kind: "standard", numbers: [3.5, 1.25] }, range: [0.5, 77] },
      { column: "none", scaling: { kind: "quantile", numbers: [] }, range: null },
    ],
    categorical: [
      { column: "user", rows: 2048, distinct: 301, separator: null, exact: false },
      { column: "tags", rows: 56, distinct: 55, separator: "|", exact: true },
    ],
  },
  embedding: {
    ...{ family: "robe", options: { memorySize: 430, storage: "f16" }, seed: 13, tables: 2, dim: 16 },
    ...{ rows: 2104, floats: 430, bytes: 860, storage: ["F16"], ids: 356 },
    compression: { ofTables: 156.58, ofIds: 26.49 },
    guarantee: "norms",
    load: {
      ...{ counted: 33_664, exact: true, mean: 78.29, largest: 111, largestBound: 131.72, unused: 4 },
      ...{ collision: 0.0024, expectedCollision: 0.0023 },
    },
  },
  layers: {
    ...{ bottom: [2, 64, 16], top: [19, 32, 1], interaction: "dot", itself: true, loss: "bce" },
    ...{ clamp: 0.01, seed: 13, floats: 1905, bytes: 7620 },
  },
  optimizer: {
    ...{ name: "adam", learningRate: 0.002, options: { beta1: 0.8 } },
    state: { arrays: 2, floats: 4670, bytes: 18_680 },
  },
  model: { floats: 2335, bytes: 8480 },
  training: {
    ...{ step: 150, priorSteps: 60, best: { step: 150, judge: "logLoss", value: 0.4512 } },
    ended: { step: 210, early: true, shift: -0.0371 },
  },
  history: [
    {
      ...{ data: "day1.csv", rows: 5000, model: null, from: 0, to: 60, epochs: 1.5 },
      ...{ learningRate: 0.004, batch: 128 },
    },
    {
      ...{ data: "days.csv", rows: 8000, model: "one.safetensors", from: 60, to: 200, epochs: 2.25 },
      ...{ learningRate: 0.003, batch: 129 },
    },
    {
      ...{ data: "days.csv", rows: 8000, model: null, from: 200, to: 270, epochs: 1 },
      ...{ learningRate: 0.002, batch: 129 },
    },
  ],
  quality: {
    validation: {
      ...{ rows: 1000, baseRate: 0.31, auc: { value: 0.7654, interval: [0.7432, 0.7876] } },
      ...{ logLoss: 0.4512, normalizedEntropy: 0.81, calibration: 1.002 },
    },
    test: {
      ...{ rows: 900, baseRate: 0.43, auc: { value: 0.7123, interval: [0.6987, 0.7265] } },
      ...{ logLoss: 0.4698, normalizedEntropy: 0.85, calibration: 1.084 },
    },
  },
  next: "npx pss-dlrm predict --model m.safetensors",
};

/** The same of a file that says nothing it need not say. */
export const untold: Report = {
  ...told,
  ...{ version: null, label: null, data: null, samplingRate: 1, columns: null, optimizer: null },
  embedding: {
    ...told.embedding,
    ...{ ids: null, compression: { ofTables: 0.5, ofIds: null }, guarantee: null, load: null },
  },
  ...{ training: null, history: [], quality: null },
};
