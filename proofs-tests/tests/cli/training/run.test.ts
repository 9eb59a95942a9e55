import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { prepare, trainVerb } from "../../../../cli/train.ts";
import { trainFrom } from "../../../../cli/training/run.ts";
import { rows } from "../../models/data/rows.ts";
import { labels, made, one, zero } from "../../models/dlrm/made-model.ts";
import { given, type Written } from "../command.ts";
import { setup, trained } from "./made-training.ts";

const near = (x: number) => expect.closeTo(x, 6);

describe("what a training reports", () => {
  it("is the quality on the test rows, neither those trained on nor those validated on", async () => {
    const { made, shown } = setup();
    const { quality } = await trained(made, { json: true }, { screen: shown });
    expect(quality).toMatchObject({
      rows: 8,
      baseRate: 0.25,
      calibration: near(3), // says ¾ where ¼ is so
      logLoss: near((2 * one + 6 * zero) / 8),
    });
  });

  it("is the steps, rows a second and seconds of the training alone, its first loss, and the running mean", async () => {
    const { made, shown } = setup();
    expect(await trained(made, { json: true }, { screen: shown })).toMatchObject({
      steps: 3,
      seconds: 0.75,
      rowsPerSecond: 5 / 0.75,
      firstLoss: near(one),
      lastLoss: near((0.99 ** 2 * one + 0.99 * zero + one) / (0.99 ** 2 + 0.99 + 1)),
    });
  });

  it("counts all steps where it goes on, but rows and losses of its own alone", async () => {
    const { made, shown } = setup(1);
    expect(await trained(made, { json: true }, { screen: shown })).toMatchObject({
      steps: 3,
      rowsPerSecond: 3 / 0.75,
      firstLoss: near(zero),
      lastLoss: near((0.99 * zero + one) / 1.99),
    });
  });
});

it("of rows that were sampled, quality is that on all rows: probabilities and rows labeled 0 are scaled", async () => {
  const { made, shown } = setup();
  const { quality, reliability } = await trained(
    { ...made, samplingRate: 0.5 },
    { json: true },
    { screen: shown },
  );
  const p = 0.75 / (0.75 + 0.25 / 0.5); // of all rows, twice as many of which are labeled 0
  // Two rows labeled 1, and six labeled 0 that stand for twelve.
  expect(quality).toMatchObject({
    rows: 8,
    baseRate: near(2 / 14),
    calibration: near(p / (2 / 14)),
    logLoss: near((-2 * Math.log(p) - 12 * Math.log(1 - p)) / 14),
  });
  expect(reliability).toEqual([{ rows: 8, predicted: near(p), observed: near(2 / 14) }]);
});

describe("the progress of a training", () => {
  it("is told in steps of the whole run, of which a checkpoint may have done some", async () => {
    const { made, shown, look } = setup(1, true);
    await trained(made, { evalEvery: 2, epochs: 2 }, { screen: shown });
    // Two batches of 250 ms have been read when step 2 is taken, and a third one that waits. Measuring takes 10 s.
    const told = look().filter((text) => text !== "");
    expect(told.slice(0, 2)).toEqual([
      expect.stringMatching(/^step 2: validation log loss/),
      expect.stringMatching(/^step 2 of 6, loss 1\.3863, 0 rows\/s, 43 s left$/),
    ]);
    const validated = told.filter((text) => text.includes("validation"));
    expect(validated.map((text) => text.slice(0, 7))).toEqual(["step 2:", "step 4:", "step 6:"]);
  });

  it("knows its end: the rows were counted, or --steps says it", async () => {
    const first = async (flags: Parameters<typeof trainFrom>[1]) => {
      const { made, shown, look } = setup(0, true);
      await trainFrom(made, flags, { screen: shown });
      return look()[0]!.split(",")[0];
    };
    expect(await first({})).toBe("step 1 of 3"); // 5 rows in batches of 2
    expect(await first({ epochs: 4, steps: 7 })).toBe("step 1 of 7");
    expect(await first({ steps: 100 })).toBe("step 1 of 3");
  });
});

describe("the kept model", () => {
  it("says as many ones as there are among the validation rows; the last one says what it says", async () => {
    for (const [keep, shift, calibration] of [
      ["best", -1.0986, 2],
      ["last", 0, 3],
    ] as const) {
      const { made: ready, shown, source } = setup();
      const halves = { ...source, validation: made({ batches: () => [labels(12, 6)] }) };
      const result = await trained({ ...ready, source: halves }, { json: true, keep }, { screen: shown });
      expect(result.shift).toBe(shift);
      expect(result.quality.calibration).toBeCloseTo(calibration, 4);
    }
  });
});

describe("the flags of a training", () => {
  it("set its batch, seed of the shuffle, epochs and steps", async () => {
    const { made, shown, source } = setup();
    const { steps } = await trained(
      { ...made, batch: 7 },
      { json: true, seed: 5, epochs: 3, steps: 5 },
      { screen: shown },
    );
    expect(steps).toBe(5);
    expect(source.train.walks).toEqual([0, 1].map((epoch) => ({ size: 7, shuffle: { seed: 5, epoch } })));
    // Of several epochs each is measured at its end, and the whole at its own; then the model is calibrated.
    expect([source.validation.walks.length, source.test.walks.length]).toEqual([3, 1]);
  });

  it("set when the validation rows are measured, and how many worse ones end it", async () => {
    const { made, shown, source } = setup();
    const flags = { json: true, epochs: 9, evalEvery: 2, patience: 2 };
    const { steps } = await trained(made, flags, { screen: shown });
    // Steps 2, 4, 6: the first is the best, two are no better. A fourth walk is for calibration.
    expect([steps, source.validation.walks.length, source.test.walks.length]).toEqual([6, 4, 1]);
  });
});

const small = {
  ...{ data: "synthetic", rows: "200", tables: "50,20", embedding: "robe", compression: "2", seed: "7" },
  ...{ dim: "4", bottom: "8-4", top: "8-1", optimizer: "sgd", lr: "0.02", batch: "32", json: true },
};

/** All that is ready before a training with these flags. */
const ready = (flags: Written) => {
  const { values, texts } = given(trainVerb, flags);
  return prepare(values, texts, cpu);
};

describe("the flags of a model", () => {
  it("set its layers, tables, seed, optimizer and batch, and what its rows are drawn by", async () => {
    const { source, model, optimizer, batch, from } = await ready(small);
    const { tables, dim, bottom, top, seed } = model.config;
    expect({ tables, dim, bottom, top, seed }).toEqual({
      tables: [50, 20],
      dim: 4,
      bottom: [8, 4],
      top: [8, 1],
      seed: 7,
    });
    expect(model.backend).toBe(cpu);
    expect([model.embedding.name, model.embedding.memorySize]).toEqual(["robe", (70 * 4) / 2]);
    expect(optimizer).toMatchObject({ name: "sgd", learningRate: 0.02 });
    expect([batch, from.step, source.train.name]).toEqual([32, 0, "synthetic clicks (seed 7)"]);
    const { seed: _, batch: __, ...unsaid } = small;
    const usual = await ready(unsaid);
    expect([usual.model.config.seed, usual.batch, usual.source.train.name]).toEqual([
      0,
      256,
      "synthetic clicks (seed 0)",
    ]);
  });

  it("take layers, optimizer and batch of a config", async () => {
    const flags = { data: "synthetic", rows: "50", embedding: "robe", compression: "10000" };
    const { model, optimizer, batch } = await ready({ ...flags, config: "criteo-kaggle" });
    const { dense, dim, bottom, tables } = model.config;
    expect([dense, dim, bottom, tables.length]).toEqual([13, 16, [512, 256, 64, 16], 26]);
    expect(optimizer).toMatchObject({ name: "sgd", learningRate: 0.1 });
    expect(batch).toBe(128);
  });

  it("keep with --lazy-rows the rows of tables that any of the three parts looks up", async () => {
    const { embedding: _, compression: __, ...flags } = { ...small, tables: "5000,20", "lazy-rows": true };
    const { source, model } = await ready(flags);
    const parts = await Promise.all([source.train, source.validation, source.test].map((part) => rows(part)));
    const kept = [0, 1].map((t) => new Set(parts.flat().flatMap(({ bags }) => bags[t]!)).size);
    expect(model.embedding.memorySize).toBe(4 * (kept[0]! + kept[1]!));
  });
});
