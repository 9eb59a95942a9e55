import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { prepare, trainVerb } from "../../../../cli/train.ts";
import { type Schedule, type Surroundings, trainFrom } from "../../../../cli/training/run.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { progressOf } from "../../../../models/dlrm/saved.ts";
import { rows } from "../../models/data/rows.ts";
import { labels, made, one, saysThreeQuarters, zero } from "../../models/dlrm/made-model.ts";
import { bitsOf } from "../../models/dlrm/tiny-model.ts";
import { temporaryFolder } from "../../temporary.ts";
import { given, type Written } from "../command.ts";
import { screen } from "../screen.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** What a walk over the rows of {@link setup} finds. */
const madeSurvey = {
  parts: {
    train: { rows: 5, ones: 3 },
    validation: { rows: 10, ones: 5 },
    test: { rows: 8, ones: 2 },
  },
  stretches: [{ rows: 23, ones: 10 }],
};

/** A model that says ¾ of everything and does not learn, its three parts of other rows each, and a clock. */
function setup(step = 0, isTTY = false) {
  const { pass, look, ...shown } = screen(isTTY);
  /** Each batch of training takes `milliseconds`; what is measured takes long. */
  const part = (batches: readonly (readonly number[])[], milliseconds: number) =>
    made({ batches: () => batches, before: () => pass(milliseconds) });
  const source = {
    train: part([[1, 1], [0, 0], [1]], 250),
    validation: part([labels(10, 5)], 10_000),
    test: part([labels(8, 2)], 10_000),
    survey: madeSurvey,
  };
  const model = saysThreeQuarters();
  return {
    made: { source, model, optimizer: sgd(0), batch: 2, from: { step, worse: 0 }, settings: {} },
    shown,
    look,
    source,
  };
}

/** What came of a training that nobody stopped. */
async function trained(...given: [Parameters<typeof trainFrom>[0], Schedule, Surroundings?]) {
  const result = await trainFrom(...given);
  return "stopped" in result ? expect.fail("it was stopped") : result;
}

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
      lastLoss: near(0.99 * (0.99 * one + 0.01 * zero) + 0.01 * one),
    });
  });

  it("counts all steps where it goes on, but rows and losses of its own alone", async () => {
    const { made, shown } = setup(1);
    expect(await trained(made, { json: true }, { screen: shown })).toMatchObject({
      steps: 3,
      rowsPerSecond: 3 / 0.75,
      firstLoss: near(zero),
      lastLoss: near(0.99 * zero + 0.01 * one),
    });
  });
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

  it("knows the end where the data says its length, and else where --steps says it", async () => {
    const first = async (change: object, flags: Parameters<typeof trainFrom>[1]) => {
      const { made, shown, look, source } = setup(0, true);
      const train = { ...source.train, ...change };
      await trainFrom({ ...made, source: { ...source, train } }, flags, { screen: shown });
      return look()[0]!.split(",")[0];
    };
    expect(await first({}, {})).toBe("step 1 of 3"); // 5 rows in batches of 2
    expect(await first({}, { epochs: 4, steps: 7 })).toBe("step 1 of 7");
    expect(await first({ rows: undefined }, { steps: 2 })).toBe("step 1 of 2");
    expect(await first({ rows: undefined }, {})).toBe("step 1");
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
    expect([source.validation.walks.length, source.test.walks.length]).toEqual([0, 1]);
  });

  it("set when the validation rows are measured, and how many worse ones end it", async () => {
    const { made, shown, source } = setup();
    const flags = { json: true, epochs: 9, evalEvery: 2, patience: 2 };
    const { steps } = await trained(made, flags, { screen: shown });
    // Steps 2, 4, 6: the first is the best, two are no better.
    expect([steps, source.validation.walks.length, source.test.walks.length]).toEqual([6, 3, 1]);
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

describe("a training that was broken off", () => {
  it("goes on to the bits of one that was not, counting its steps", async () => {
    const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
    const run = async (flags: Written) => {
      const { values, texts } = given(trainVerb, { ...small, ...flags });
      const setup = await prepare(values, texts, cpu);
      const { steps } = await trained(setup, values);
      return { done: setup.from.step, steps, bits: await bitsOf(setup.model) };
    };
    const once = await run({ checkpoint: whole, epochs: "2" }); // of 160 rows, 5 steps each
    expect([once.done, once.steps]).toEqual([0, 10]);
    expect(await run({ checkpoint: parts, steps: "3" })).toMatchObject({ done: 0, steps: 3 });
    expect(await run({ checkpoint: parts, epochs: "2", resume: true })).toEqual({ ...once, done: 3 });
    expect((await progressOf(parts)).step).toBe(10);
    await expect(run({ checkpoint: parts, epochs: "3", lr: "0.03", resume: true })).rejects.toThrow(
      "was trained with --lr 0.02, but now it is 0.03; give the same flags to go on.",
    );
    for (const [flag, value] of Object.entries({
      seed: "8",
      batch: "16",
      rows: "100",
      storage: "f16",
      top: "1",
    }))
      await expect(run({ checkpoint: parts, [flag]: value, resume: true }), flag).rejects.toThrow(
        `with --${flag}`,
      );
    await expect(run({ checkpoint: parts })).rejects.toThrow("add --resume");
  });

  it("was saved when a minute had passed since the last time", async () => {
    const { pass, out, now } = screen(false);
    let batch = 0;
    const place = join(folder, "minutes");
    const source = {
      ...setup().source,
      // Before the batch of step t + 1 is there, step t is not taken: after steps 1, 2, 3 it is 62, 93, 124 s.
      train: made({
        batches: () => [[1], [0], [1], [0], [1], [0]],
        before: () => {
          pass(31_000);
          if (++batch > 4) throw new Error("broken off");
        },
      }),
    };
    const training = trainFrom({ ...setup().made, source }, { json: true, checkpoint: place }, { out, now });
    await expect(training).rejects.toThrow("broken off");
    expect((await progressOf(place)).step).toBe(3);
  });
});
