import { describe, expect, it } from "vitest";
import { describeTraining, type Trained, trainingReport } from "../../../cli/trained.ts";
import { sgd } from "../../../core/optimizers/sgd.ts";
import { dhe } from "../../../models/embeddings/families/dhe.ts";
import { full } from "../../../models/embeddings/families/full.ts";
import { robe } from "../../../models/embeddings/families/robe.ts";
import { data, model } from "../models/dlrm/tiny-model.ts";

/** Every number is another one. */
const quality = {
  rows: 1234,
  baseRate: 0.2468,
  auc: { value: 0.75124, standardError: 0.01357, interval: [0.73121, 0.76994] as const },
  logLoss: 0.43212,
  normalizedEntropy: 0.87654,
  calibration: 1.0432,
  accuracy: 0.80123,
  averagePrecision: 0.33321,
  brier: 0.15678,
};
const { train, validation, test, strengths } = data;
const source = {
  ...{ train, validation, test, strengths },
  best: { auc: 0.81234, logLoss: 0.40123 },
  realized: { auc: 0.81999, logLoss: 0.39456 },
};

const trained = (embedding = robe({ compression: 4 })): Trained => ({
  source,
  model: model({ embedding }),
  optimizer: sgd(0.25),
  batch: 64,
  quality,
  steps: 12,
  rowsPerSecond: 4321.4,
  seconds: 3.46,
  firstLoss: 0.69112,
  lastLoss: 0.51234,
});

/**
 * Tables of 75 rows of 4 floats: 300 whole, 75 at a quarter. The MLPs: 4·8 + 8 and 8·4 + 4; from 4 and the 6 pairs of 4
 * vectors, 10·8 + 8 and 8·1 + 1: 173 in all.
 */
const rest = 173;

describe("what train prints", () => {
  it("has each number in its place", () => {
    expect(describeTraining(trained()).split("\n").slice(0, -1)).toEqual([
      "synthetic clicks (seed 3): 12 steps in 3.5 s, 4,321 rows/s; loss 0.6911 at first, 0.5123 at the end",
      "quality     AUC 0.7512 (95 % interval 0.7312 … 0.7699), log loss 0.4321, on 1,234 test rows",
      "            normalized entropy 0.8765, calibration 1.043",
      "best        AUC 0.8123, log loss 0.4012: what the true probabilities reach on average; on these labels 0.8200, 0.3946",
      "embedding   robe: 75 floats, 300 B (1.20 KB with full tables, 4 times as much)",
      // 248 · 4 bytes of 473 · 4
      "whole model 248 floats, 992 B (1.89 KB with full tables, 1.907 times as much)",
    ]);
  });

  it("counts bytes as they are stored: halves of the tables' memory, floats of the rest", () => {
    const lines = describeTraining(trained(robe({ compression: 4, storage: "f16" })));
    expect(lines).toContain("robe: 75 floats, 150 B (1.20 KB with full tables, 8 times as much)");
    // 150 + 4 · 173 bytes of 1892
    expect(lines).toContain("whole model 248 floats, 842 B (1.89 KB with full tables, 2.247 times as much)");
  });

  it("says of full tables that nothing is shared, and of the best nothing where it is not known", () => {
    const { best: _, realized: __, ...unknown } = source;
    const lines = describeTraining({ ...trained(full()), source: unknown });
    expect(lines).toContain("full: 300 floats, 1.20 KB (nothing is shared)");
    expect(lines).toContain("whole model 473 floats, 1.89 KB (nothing is shared)");
    expect(lines).not.toContain("best");
  });
});

it("the best is told where both it and what was reached on these labels are known", () => {
  const { best, realized, ...unknown } = source;
  for (const part of [{ best }, { realized }, {}]) {
    const lines = describeTraining({ ...trained(), source: { ...unknown, ...part } });
    expect(lines).not.toContain("best");
    expect(lines.split("\n")).toHaveLength(6);
  }
  const report = trainingReport({ ...trained(), source: unknown });
  for (const key of ["best", "realized", "strengths"]) expect(report).not.toHaveProperty(key);
});

it("what repeats a training is its words on the command line", () => {
  const { argv } = process;
  process.argv = ["node", "cli/index.ts", "train", "--rows", "5"];
  try {
    expect(describeTraining(trained())).toMatch(/\nrepeat {6}npx pss-dlrm train --rows 5$/);
    expect(trainingReport(trained()).command).toBe("npx pss-dlrm train --rows 5");
  } finally {
    process.argv = argv;
  }
});

it("of an embedding that is no sum of slots, no guarantee is told", () => {
  expect(trainingReport(trained(dhe({ width: 2 }))).embedding.guarantee).toBeNull();
});

it("what train prints as JSON has the same numbers, not rounded", () => {
  const { command, ...report } = trainingReport(trained());
  expect(report).toEqual({
    data: "synthetic clicks (seed 3)",
    quality,
    steps: 12,
    rowsPerSecond: 4321.4,
    seconds: 3.46,
    firstLoss: 0.69112,
    lastLoss: 0.51234,
    best: source.best,
    realized: source.realized,
    strengths,
    embedding: {
      name: "robe",
      floats: 75,
      bytes: 300,
      fullFloats: 300,
      guarantee: trained().model.embedding.scheme!.guarantee,
    },
    model: { floats: 75 + rest, bytes: 4 * (75 + rest), fullFloats: 300 + rest },
    optimizer: { name: "sgd", rate: 0.25, batch: 64 },
  });
  expect(command).toMatch(/^npx pss-dlrm/);
});
