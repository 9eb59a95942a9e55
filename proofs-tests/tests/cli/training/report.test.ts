import { describe, expect, it } from "vitest";
import { describeTraining, type Trained, trainingReport } from "../../../../cli/training/report.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { dhe } from "../../../../models/embeddings/families/dhe.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { data, model } from "../../models/dlrm/tiny-model.ts";

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
  notes: {},
};
const { train, validation, test, strengths } = data;
const survey = {
  parts: {
    train: { rows: 9000, ones: 2250 },
    validation: { rows: 1111, ones: 311 },
    test: { rows: 1234, ones: 305 },
  },
  stretches: [{ rows: 11_345, ones: 2866 }],
};
const source = {
  ...{ train, validation, test, strengths, survey },
  best: { auc: 0.81234, logLoss: 0.40123 },
  realized: { auc: 0.81999, logLoss: 0.39456 },
};

const trained = (embedding = robe({ compression: 4 })): Trained => ({
  source,
  model: model({ embedding }),
  optimizer: sgd(0.25),
  batch: 64,
  quality,
  reliability: [
    { rows: 617, predicted: 0.0123, observed: 0.0098 },
    { rows: 617, predicted: 0.4567, observed: 0.4444 },
  ],
  steps: 12,
  shift: 0,
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
      "rows        9,000 (25.0 %) to train on, 1,111 (28.0 %) to choose by, 1,234 (24.7 %) to test on; in brackets those labeled 1",
      "quality     AUC 0.7512 (95 % interval 0.7312 … 0.7699), log loss 0.4321, on 1,234 test rows",
      "            normalized entropy 0.8765, calibration 1.043",
      "reliability said 0.012  0.46",
      "            true 0.0098 0.44",
      "best        AUC 0.8123, log loss 0.4012: what the true probabilities reach on average; on these labels 0.8200, 0.3946",
      "embedding   robe: 75 floats, 300 B (1.20 KB with full tables, 4 times as much)",
      // 248 · 4 bytes of 473 · 4
      "whole model 248 floats, 992 B (1.89 KB with full tables, 1.907 times as much)",
    ]);
  });

  it("has what the model was on the same rows before it went on, and what it gained", () => {
    const before = { ...quality, auc: { ...quality.auc, value: 0.70124 }, logLoss: 0.50212 };
    const gain = { value: 0.05, standardError: 0.005, interval: [0.04, -0.06] as const };
    const start = { file: "old.safetensors" } as NonNullable<Trained["start"]>;
    const lines = (of: Partial<Trained>) =>
      describeTraining({ ...trained(), ...of })
        .split("\n")
        .filter((line) => /^(before|gained)/.test(line));
    expect(lines({})).toEqual([]);
    expect(lines({ before, start, gain })).toEqual([
      "before      AUC 0.7012, log loss 0.5021: old.safetensors on the same test rows, as it came",
      "gained      AUC +0.0500 (95 % interval +0.0400 … −0.0600), log loss −0.0700",
    ]);
    expect(lines({ before })).toEqual(["gained      AUC +0.0500, log loss −0.0700"]);
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
    expect(lines.split("\n")).toHaveLength(9);
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
    rows: survey.parts,
    quality,
    reliability: trained().reliability,
    notes: [],
    steps: 12,
    shift: 0,
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

describe("what train prints of its rows and its model", () => {
  const told = (change: Partial<Trained>) => describeTraining({ ...trained(), ...change });
  const off = (calibration: number, baseRate = 0.2468) => ({ ...quality, calibration, baseRate });

  it("lists columns and what became of them, twelve lines at most", () => {
    const columns = Array.from({ length: 14 }, (_, i) => `c${i}: as it is`);
    const lines = told({ source: { ...source, columns } }).split("\n");
    const first = lines.indexOf("columns     c0: as it is");
    expect(lines.slice(first + 10, first + 13)).toEqual([
      "            c10: as it is",
      "            and 3 more, which --json lists",
      expect.stringMatching(/^quality/),
    ]);
    expect(told({ source: { ...source, columns: columns.slice(0, 12) } })).toContain(
      "            c11: as it is",
    );
  });

  it("says which model was kept, and that no step was left", () => {
    expect(told({ kept: { step: 7, value: 0.41234 } })).toContain(
      "kept        the model of step 7 of 12: its validation log loss, 0.4123, is the best",
    );
    for (const [shift, shown] of [
      [0.25, "+0.2500"],
      [-0.0312, "−0.0312"],
    ] as const)
      expect(told({ shift })).toContain(
        `calibrated  the logit moved by ${shown}, to say as many ones as there are among the rows to choose by`,
      );
    expect(told({ firstLoss: Number.NaN })).toMatch(
      /no step was left to take after 12 steps: --steps, --epochs or --patience had ended the training\n/,
    );
  });

  it("has a dash for what is undefined, and says why", () => {
    const auc = { value: Number.NaN, standardError: Number.NaN, interval: [Number.NaN, Number.NaN] as const };
    const notes = { auc: "All labels are 0.", calibration: "All labels are 0." };
    const lines = told({
      quality: { ...quality, auc, calibration: Number.NaN, normalizedEntropy: Number.NaN, notes },
    });
    expect(lines).toContain("AUC –, log loss 0.4321, on 1,234 test rows");
    expect(lines).toContain("normalized entropy –, calibration –");
    expect(lines.match(/note {8}All labels are 0\./g)).toHaveLength(1);
  });

  it("says that probabilities are off where they are by more than a quarter and by more than chance", () => {
    const sentence = "times as many ones as there are among the test rows";
    expect(told({ quality: off(1.3) })).toContain(`note        The model says 1.30 ${sentence}`);
    expect(told({ quality: off(0.7) })).toContain(`The model says 0.700 ${sentence}`);
    for (const fine of [off(1.24), off(0.81), off(1.3, 0.1)])
      expect(told({ quality: fine })).not.toContain(sentence);
  });

  it("says that a model is worse than saying the share of ones, and that there was nothing to learn", () => {
    expect(told({ quality: { ...quality, normalizedEntropy: 1.0001 } })).toContain(
      "would be better than this model",
    );
    expect(told({})).not.toContain("would be better");
    const none = { ...survey, parts: { ...survey.parts, train: { rows: 9, ones: 0 } } };
    expect(told({ source: { ...source, survey: none } })).toContain("All rows to train on are labeled 0");
  });

  it("says that labels change along the data", () => {
    const stretches = [
      { rows: 5000, ones: 500 },
      { rows: 5000, ones: 2500 },
    ];
    expect(told({ source: { ...source, survey: { ...survey, stretches } } })).toContain(
      "note        The share of rows labeled 1 changes along the data, between 10.0 % and 50.0 %",
    );
  });

  it("says AUC within groups where rows have them", () => {
    const withinGroups = { value: 0.61234, groups: 40, rows: 900, of: 55 };
    expect(told({ withinGroups })).toContain(
      "AUC within groups 0.6123, of 40 groups with both labels among 55",
    );
    expect(trainingReport({ ...trained(), withinGroups }).withinGroups).toEqual(withinGroups);
  });
});
