import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { type Checkpoint, modelIn, openCheckpoint } from "../../../../cli/training/checkpoint.ts";
import { trainFrom } from "../../../../cli/training/run.ts";
import { InputError } from "../../../../core/errors.ts";
import { lock } from "../../../../core/lock.ts";
import { predictions } from "../../../../models/dlrm/evaluate.ts";
import { describe as described, load } from "../../../../models/dlrm/saved/load.ts";
import { checkpointIn } from "../../../../models/dlrm/saved/save.ts";
import { made } from "../../models/dlrm/made-model.ts";
import { bitsOf } from "../../models/dlrm/tiny-model.ts";
import { clicks, columns, fileOf } from "../clicks/clicks.ts";
import { run } from "../command.ts";
import { screen } from "../screen.ts";
import { place, ran } from "./checkpointed.ts";
import { setup } from "./made-training.ts";

describe("a training that was broken off", () => {
  it("goes on to the bits of one that was not, counting its steps", async () => {
    const [whole, parts] = [place(), place()];
    const once = await ran({ checkpoint: whole, epochs: "2" }); // of 160 rows, 5 steps each
    expect([once.from, once.result]).toMatchObject([0, { steps: 10 }]);
    expect(await ran({ checkpoint: parts, steps: "3" })).toMatchObject({ from: 0, result: { steps: 3 } });
    const rest = await ran({ checkpoint: parts, epochs: "2", resume: true });
    expect([rest.from, rest.result]).toMatchObject([3, { steps: 10 }]);
    expect(rest.bits).toEqual(once.bits);
    expect((await described(checkpointIn(parts))).training?.step).toBe(10);
    for (const name of ["checkpoint", "model"])
      expect(existsSync(join(parts, `${name}.safetensors`)), name).toBe(true);
    expect(readdirSync(parts)).toHaveLength(2);
  });

  it("goes on with the same flags and the same rows only, but at any rate, which its file remembers", async () => {
    const at = place();
    await ran({ checkpoint: at, steps: "3" });
    for (const [flag, value] of Object.entries({
      seed: "8",
      batch: "16",
      storage: "f16",
      top: "1",
      keep: "last",
    }))
      await expect(ran({ checkpoint: at, [flag]: value, resume: true }), flag).rejects.toThrow(
        `with --${flag}`,
      );
    await expect(ran({ checkpoint: at })).rejects.toThrow("add --resume");
    await expect(ran({ checkpoint: place(), resume: true })).rejects.toThrow("There is no checkpoint");
    await ran({ checkpoint: at, steps: "5", lr: "0.01", resume: true });
    expect((await described(checkpointIn(at))).history).toEqual([
      { data: "synthetic clicks (seed 7)", rows: 160, from: 0, learningRate: 0.02, batch: 32 },
      { data: "synthetic clicks (seed 7)", rows: 160, from: 3, learningRate: 0.01, batch: 32 },
    ]);
  });

  it("says nothing of a run for which no step was left", async () => {
    const at = place();
    const history = async () => (await described(checkpointIn(at))).history;
    await ran({ checkpoint: at, steps: "3" });
    const once = await history();
    await ran({ checkpoint: at, steps: "3", lr: "0.01", resume: true });
    expect([await history(), once?.length]).toEqual([once, 1]);
  });

  it.each<[string, (rows: string[]) => string[]]>([
    ["in another order", (rows) => rows.toReversed()],
    [
      "with other labels",
      (rows) => rows.map((row) => row.replace(/^[01]/, (label) => `${1 - Number(label)}`)),
    ],
  ])("does not go on with other rows under the same name: %s", async (_, changed) => {
    const at = place();
    const file = fileOf(clicks(400, 1));
    const words = ["--data", `csv:${file}`, ...columns, "--checkpoint", at, "--json"];
    expect((await run("train", ...words, "--steps", "1")).code).toBe(0);
    const [head, ...rows] = readFileSync(file, "utf8").trimEnd().split("\n");
    writeFileSync(file, [head, ...changed(rows)].join("\n"));
    const { code, err } = await run("train", ...words, "--resume");
    expect([code, err]).toEqual([2, expect.stringContaining("are not those that the checkpoint")]);
  });

  it("stays stopped where patience ended it, and its kept model is that of the best measurement", async () => {
    const at = place();
    const file = fileOf(clicks(3000, 2));
    const words = [
      ...[
        "train",
        "--data",
        `csv:${file}`,
        ...columns,
        "--table-rows",
        "100",
        "--optimizer",
        "adam",
        "--lr",
        "0.02",
      ],
      ...["--epochs", "40", "--eval-every", "10", "--patience", "3", "--checkpoint", at, "--json"],
      ...["--sampling-rate", "0.5"],
    ];
    const [first, second, third] = [
      await run(...words),
      await run(...words, "--resume"),
      await run(...words, "--resume"),
    ];
    const reports = [first, second, third].map(({ out }) => JSON.parse(out));
    expect(reports[0].steps).toBe(reports[0].kept.step + 30);
    for (const { steps, kept, quality } of reports.slice(1))
      expect({ steps, kept, quality }).toEqual({
        steps: reports[0].steps,
        kept: reports[0].kept,
        quality: reports[0].quality,
      });
    const { about } = await load(modelIn(at));
    expect(about.training).toMatchObject({ step: reports[0].kept.step, best: reports[0].kept });
    expect(about.features).toMatchObject({
      label: "label",
      categorical: [
        { column: "user", rows: 100 },
        { column: "item", rows: 100 },
      ],
    });
    expect(about.samplingRate).toBe(0.5);
  });
});

describe("the model that is kept", () => {
  it("needs no flag: it is loaded from its file, and says what was reported", async () => {
    const at = place();
    const { model, result } = await ran({ checkpoint: at, epochs: "3" });
    const loaded = await load(modelIn(at), { backend: cpu });
    expect(await bitsOf(loaded.model)).toEqual(await bitsOf(model));
    if ("stopped" in result) return expect.fail();
    const said = await predictions(loaded.model, result.source.test);
    expect(said.probabilities).toEqual((await predictions(model, result.source.test)).probabilities);
  });

  it("is the last one where that is asked for", async () => {
    const { result } = await ran({ checkpoint: place(), epochs: "3", keep: "last" });
    expect(result).not.toHaveProperty("kept");
  });
});

describe("the folder of a training", () => {
  it("belongs to one training at a time", async () => {
    const at = place();
    mkdirSync(at);
    const { claim } = lock(join(at, "training.lock"));
    await expect(ran({ checkpoint: at, steps: "1" })).rejects.toThrow(
      new RegExp(`^Process ${process.pid} on .* has been training in .* since .*; wait for it`),
    );
    claim!.release();
    await ran({ checkpoint: at, steps: "1" });
  });

  const open = async (at: string, warn: (sentence: string) => unknown = expect.fail): Promise<Checkpoint> =>
    openCheckpoint(at, setup().made, { goesOn: false, saveEvery: 60, now: 0, warn });

  it("is saved to when the time has passed since the last time", async () => {
    const { pass, out, now } = screen(false);
    const at = place();
    let batch = 0;
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
    const checkpoint = await openCheckpoint(at, setup().made, {
      ...{ goesOn: false, optimizerOptions: {}, saveEvery: 60, now: now() },
      warn: expect.fail,
    });
    const training = trainFrom(
      { ...setup().made, source },
      { json: true },
      { screen: { out, now }, checkpoint },
    );
    await expect(training).rejects.toThrow("broken off");
    expect((await described(checkpointIn(at))).training?.step).toBe(3);
    checkpoint.end();
  });

  it("that cannot be written is a warning while training goes on, and an error at the end", async () => {
    const at = place();
    const said: string[] = [];
    const checkpoint = await open(at, (sentence) => said.push(sentence));
    mkdirSync(checkpointIn(at)); // a folder where the file should be
    const { model } = setup().made;
    await checkpoint.save(model, { step: 1, worse: 0 }, 0);
    expect(said).toEqual([
      expect.stringMatching(/^Cannot write .* Training goes on, and is saved again in 60 s\.$/),
    ]);
    const last = { isLast: true };
    await expect(checkpoint.save(model, { step: 2, worse: 0 }, 0, last)).rejects.toThrow(InputError);
    mkdirSync(modelIn(at));
    expect(await checkpoint.keep(model, { step: 1, worse: 0 })).toBe(false);
    expect(said[1]).toMatch(
      /^Cannot write .* Training goes on, and holds this model in memory until its end\.$/,
    );
    await expect(checkpoint.keep(model, { step: 2, worse: 0 }, last)).rejects.toThrow(InputError);
    checkpoint.end();
    expect(readdirSync(at)).toEqual(["checkpoint.safetensors", "model.safetensors"]);
  });
});

describe("a training that diverges", () => {
  it("leaves the checkpoint that was good, and says how to go on from it", async () => {
    const at = place();
    await ran({ checkpoint: at, steps: "3" });
    const good = readFileSync(checkpointIn(at));
    const diverging = ran({ checkpoint: at, epochs: "3", lr: "1e30", resume: true });
    await expect(diverging).rejects.toThrow(/diverged.*add --resume and a smaller --lr to go on from it\.$/);
    expect(readFileSync(checkpointIn(at)).equals(good)).toBe(true);
    expect((await ran({ checkpoint: at, epochs: "2", resume: true })).from).toBe(3);
  });

  it("is not saved where its last step left a model without a finite loss", async () => {
    const at = place();
    await expect(ran({ checkpoint: at, steps: "1", lr: "1e30" })).rejects.toThrow("After step 1 the loss is");
    expect(readdirSync(at)).toEqual([]);
  });
});

it("a training that is asked to stop takes its step to the end, is saved, and measures nothing", async () => {
  const at = place();
  const { made: ready, source } = setup();
  const checkpoint = await openCheckpoint(at, ready, {
    ...{ goesOn: false, optimizerOptions: {}, saveEvery: 60, now: 0 },
    warn: expect.fail,
  });
  let breaths = 0;
  const interrupt = {
    get signal() {
      return breaths >= 2 ? ("SIGTERM" as const) : undefined;
    },
    code: 143,
    breathe: async () => void breaths++,
    end: () => {},
  };
  const result = await trainFrom(ready, { json: true }, { checkpoint, interrupt });
  expect(result).toMatchObject({ stopped: true, state: { step: 2 } });
  expect((await described(checkpointIn(at))).training?.step).toBe(2);
  expect(source.test.walks).toEqual([]);
  checkpoint.end();
});

it("a folder that holds a model, but no training to go on from, is not written over", async () => {
  const at = place();
  await ran({ checkpoint: at, epochs: "2" });
  rmSync(checkpointIn(at));
  await expect(ran({ checkpoint: at })).rejects.toThrow(
    /holds a model, but no training to go on from; name another folder/,
  );
  expect(readdirSync(at)).toEqual(["model.safetensors"]);
});
