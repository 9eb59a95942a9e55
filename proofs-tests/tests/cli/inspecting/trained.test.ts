import { statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { version } from "../../../../cli/common/machine.ts";
import { modelIn } from "../../../../cli/training/checkpoint.ts";
import { describe as described, load } from "../../../../models/dlrm/saved/load.ts";
import { checkpointIn } from "../../../../models/dlrm/saved/save.ts";
import { files, inspected, listOf, place, rows, told, words } from "./trained.ts";

const robe = ["--embedding", "robe", "--memory-size", "500", "--storage", "f16", "--seed", "3"];

/** A training whose best model is not its last, ended by patience. */
const early = [...words, ...robe, "--optimizer", "adam", "--lr", "0.1", "--epochs", "9", "--patience", "2"];

const tenths = (part: readonly { readonly label: number }[]) => ({
  rows: part.length,
  ones: part.filter(({ label }) => label === 1).length,
});

describe("what inspect says of a model that was trained here", () => {
  const at = place();
  const trained = told("train", ...early, "--checkpoint", at);
  const found = trained.then(() => inspected(at));

  it("is of the model that was kept, in a file of so many bytes", async () => {
    const { file, bytes, changed, version: by, label } = await found;
    const { size, mtime } = statSync(modelIn(at));
    expect({ file, bytes, changed }).toEqual({
      file: modelIn(at),
      bytes: size,
      changed: mtime.toISOString(),
    });
    expect({ by, label }).toEqual({ by: version(), label: "label" });
    expect(await inspected(modelIn(at))).toEqual(await found);
  });

  it("has the rows of each part and those labeled 1", async () => {
    const { data, samplingRate } = await found;
    expect(data!.rows).toEqual({
      train: tenths(rows.train),
      validation: tenths(rows.validation),
      test: tenths(rows.test),
    });
    expect(samplingRate).toBe(1);
    expect(data!.name).toBe((await trained).data);
  });

  it("has every column, as it is scaled, and as many ids as occur", async () => {
    const { columns } = await found;
    const different = (values: readonly string[]) => new Set(values).size;
    const mean = rows.train.reduce((sum, { price }) => sum + price, 0) / rows.train.length;
    const [price] = columns!.dense;
    expect(columns!.dense.map(({ column }) => column)).toEqual(["price", "age"]);
    expect(price!.scaling.numbers[0]).toBeCloseTo(mean, 5);
    expect(price!.range![1]).toBeCloseTo(Math.max(...rows.train.map(({ price }) => price)), 5);
    const { features } = await trained;
    expect(columns!.categorical).toEqual([
      {
        ...{ column: "user", rows: features.categorical[0].rows, separator: null, exact: false },
        distinct: different(rows.train.map(({ user }) => user)),
      },
      {
        ...{ column: "list", rows: features.categorical[1].rows, separator: "|", exact: false },
        distinct: different(rows.train.flatMap(listOf)),
      },
    ]);
  });

  it("has its memory and compression, against the tables and against the ids that occur", async () => {
    const { embedding, columns } = await found;
    const { embedding: said } = await trained;
    const [user, list] = columns!.categorical;
    expect(embedding).toMatchObject({
      ...{ family: "robe", options: { memorySize: 500, storage: "f16" }, seed: 3, storage: ["F16"] },
      ...{ tables: 2, dim: 4, rows: user!.rows + list!.rows, floats: 500, bytes: 1000 },
      ids: user!.distinct + list!.distinct,
      guarantee: said.guarantee,
    });
    expect([embedding.floats, embedding.bytes]).toEqual([said.floats, said.bytes]);
    const { ofTables, ofIds } = embedding.compression;
    expect(ofTables).toBeCloseTo((4 * said.fullFloats) / 1000, 9);
    expect(ofIds).toBeCloseTo((4 * 4 * (user!.distinct + list!.distinct)) / 1000, 9);
    const { load: loads } = embedding;
    expect(loads).toEqual((await told("inspect", ...flagsOf([user!.rows, list!.rows], robe))).load);
  });

  it("has layers, optimizer and the floats of all of it", async () => {
    const { layers, optimizer, model } = await found;
    const floats = 2 * 8 + 8 + 8 * 4 + 4 + (4 + 3) * 6 + 6 + 6 * 1 + 1;
    expect(layers).toMatchObject({ bottom: [2, 8, 4], top: [7, 6, 1], interaction: "dot", loss: "bce" });
    expect([layers.floats, layers.bytes]).toEqual([floats, 4 * floats]);
    expect(optimizer).toMatchObject({ name: "adam", learningRate: 0.1 });
    expect(optimizer!.state).toEqual({ arrays: 2, floats: 2 * (500 + floats), bytes: 8 * (500 + floats) });
    const { model: said } = await trained;
    expect(model).toEqual({ floats: said.floats, bytes: said.bytes });
    expect(model).toEqual({ floats: 500 + floats, bytes: 1000 + 4 * floats });
  });

  it("has the step that was kept, how the training ended, and how far the logit was moved", async () => {
    const { training, history } = await found;
    const { kept, steps, shift, rows: parts } = await trained;
    expect(kept.step).toBeLessThan(steps);
    expect(shift).not.toBe(0);
    expect(training).toEqual({
      ...{ step: kept.step, priorSteps: 0, ended: { step: steps, early: true, shift } },
      best: { step: kept.step, judge: "logLoss", value: kept.value },
    });
    expect(history).toEqual([
      {
        ...{ data: (await found).data!.name, rows: parts.train.rows, model: null, from: 0, to: steps },
        ...{ epochs: steps / Math.ceil(parts.train.rows / 100), learningRate: 0.1, batch: 100 },
      },
    ]);
  });

  it("has its quality on either part: what the file itself comes to on their rows", async () => {
    const { quality } = await found;
    for (const part of ["validation", "test"] as const) {
      const words = ["--model", modelIn(at), "--data", `csv:${files[part]}`, "--evaluate"];
      const { quality: of } = await told("predict", ...words);
      expect(quality![part]).toEqual({
        ...{ rows: of.rows, baseRate: of.baseRate, logLoss: of.logLoss, calibration: of.calibration },
        ...{
          normalizedEntropy: of.normalizedEntropy,
          auc: { value: of.auc.value, interval: of.auc.interval },
        },
      });
    }
    expect(quality!.test.auc!.value).toBe((await trained).quality.auc.value);
    expect(quality!.validation.logLoss).not.toBe(quality!.test.logLoss);
    // Of the model that was the best, which calibration by these rows can only make better.
    expect(quality!.validation.logLoss).toBeLessThan((await trained).kept.value + 1e-6);
  });

  it("stays when the training is resumed though it had ended, to the last bit", async () => {
    await found;
    const before = await described(modelIn(at));
    const again = await told("train", ...early, "--checkpoint", at, "--resume");
    expect(await described(modelIn(at))).toEqual(before);
    expect([again.shift, again.kept]).toEqual([(await trained).shift, (await trained).kept]);
    expect((await load(modelIn(at))).about.quality).toEqual(before.quality);
  });
});

/** Flags of an embedding of dim 4 for tables of these rows. */
const flagsOf = (tables: readonly number[], own: readonly string[]) => [
  ...["--tables", tables.join(), "--dim", "4"],
  ...own,
];

describe("what inspect says of a training of several stretches", () => {
  it("has each: where it went on, at which rate; and of the last one alone the quality", async () => {
    const [first, next] = [place(), place()];
    const own = [...words, "--embedding", "full", "--keep", "last"];
    await told("train", ...own, "--steps", "4", "--lr", "0.05", "--checkpoint", first);
    const before = await inspected(first);
    const more = ["--steps", "9", "--epochs", "2", "--lr", "0.02", "--resume"];
    await told("train", ...own, ...more, "--checkpoint", first);
    const resumed = await inspected(first);
    const stretch = { data: before.data!.name, rows: rows.train.length, batch: 100, model: null };
    const steps = (from: number, to: number) => ({ from, to, epochs: (to - from) / 7 });
    const history = [
      { ...stretch, ...steps(0, 4), learningRate: 0.05 },
      { ...stretch, ...steps(4, 9), learningRate: 0.02 },
    ];
    expect(resumed.history).toEqual(history);
    expect(resumed.training!.ended).toEqual({ step: 9, early: false, shift: 0 });
    expect(resumed.quality).not.toEqual(before.quality);
    const onward = ["--from", modelIn(first), ...words.slice(0, 8), "--batch", "100", "--steps", "3"];
    await told("train", ...onward, "--checkpoint", next);
    const warm = await inspected(next);
    expect(warm.history).toEqual([
      ...history,
      { ...stretch, ...steps(9, 12), learningRate: 0.02, model: modelIn(first) },
    ]);
    expect(warm.training).toMatchObject({ step: 3, priorSteps: 9 });
    expect(warm.quality).not.toEqual(resumed.quality);
    const { quality } = await told(
      "predict",
      "--model",
      modelIn(next),
      "--data",
      `csv:${files.test}`,
      "--evaluate",
    );
    expect(warm.quality!.test.logLoss).toBe(quality.logLoss);
    // Where a training stands is no model that was measured.
    const { quality: none, training } = await inspected(checkpointIn(first));
    expect([none, training!.ended]).toEqual([null, null]);
  });

  it("counts rows that full tables keep, and their loads, where rows are lazy", async () => {
    const at = place();
    const lazy = ["--embedding", "full", "--lazy-rows", "--steps", "1", "--sampling-rate", "0.5"];
    await told("train", ...words, ...lazy, "--checkpoint", at);
    const { embedding, samplingRate } = await inspected(at);
    const { model } = await load(modelIn(at));
    const kept = model.embedding.origin!.rows!.count;
    expect(embedding).toMatchObject({ floats: 4 * kept, bytes: model.embedding.bytes });
    expect(embedding.load).toMatchObject({ exact: true, counted: 4 * kept, mean: 1, largest: 1, unused: 0 });
    expect(embedding.load).toMatchObject({ collision: 0, expectedCollision: 1 / (4 * kept) });
    expect(samplingRate).toBe(0.5);
  });
});
