import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { modelIn } from "../../../../cli/training/checkpoint.ts";
import { describe as described, load } from "../../../../models/dlrm/saved/load.ts";
import { clicks, columns, fileOf } from "../clicks/clicks.ts";
import { run } from "../command.ts";
import { place } from "./checkpointed.ts";

const days = [fileOf(clicks(3000, 1)), fileOf(clicks(3000, 2))];

/** What `train` prints of this day's rows, as JSON. */
async function trained(day: number, ...words: string[]) {
  const { code, out, err } = await run("train", "--data", `csv:${days[day]}`, "--json", ...words);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

/** The folder of a model that the first day trained. */
async function firstDay(...words: string[]): Promise<string> {
  const at = place();
  await trained(0, ...columns, "--optimizer", "adam", "--checkpoint", at, ...words);
  return at;
}

/** The sentence that refuses these words. */
async function refused(...words: string[]): Promise<string> {
  const { code, err } = await run("train", ...words);
  expect(code).toBe(2);
  return err;
}

describe("a saved model goes on with the rows of another day", () => {
  it("from where it stood: its scales, its optimizer's state and steps, with what was before kept in its history", async () => {
    const first = await firstDay();
    const at = place();
    const report = await trained(1, "--from", modelIn(first), "--checkpoint", at);
    const [then, now] = [await described(modelIn(first)), await described(modelIn(at))];
    expect(now.features).toEqual(then.features);
    expect(now.training).toMatchObject({ step: report.steps, priorSteps: then.training!.step });
    expect(now.history).toHaveLength(2);
    expect(now.history![0]).toEqual(then.history![0]);
    const { model } = await load(modelIn(first));
    expect(model.parameters.every(({ state }) => state.length === 2)).toBe(true);
    // A third day counts the steps of both before.
    await trained(0, "--from", modelIn(at), "--checkpoint", `${at}-next`);
    expect((await described(modelIn(`${at}-next`))).training!.priorSteps).toBe(
      then.training!.step + report.steps,
    );
  });

  it("and is measured on the new test rows before and after", async () => {
    const first = await firstDay("--steps", "4");
    const report = await trained(1, "--from", modelIn(first));
    // What it says with no step taken is what it said before.
    const { out } = await run(
      ...["train", "--data", `csv:${days[1]}`, "--json", "--from", modelIn(first)],
      ...["--steps", "1", "--lr", "1e-30", "--keep", "last"],
    );
    const still = JSON.parse(out);
    expect(report.before.auc.value).toBeCloseTo(still.quality.auc.value, 12);
    expect(report.quality.auc.value - report.before.auc.value).toBeCloseTo(report.gain.value, 12);
    expect(report.gain.interval[0]).toBeGreaterThan(0);
    expect(still.gain.value).toBe(0);
  });

  it("to the same bits when it is broken off and resumed", async () => {
    const first = await firstDay("--steps", "4");
    const [whole, broken] = [place(), place()];
    const words = ["--from", modelIn(first), "--checkpoint"];
    await trained(1, ...words, whole);
    await trained(1, ...words, broken, "--steps", "3");
    await trained(1, ...words, broken, "--resume");
    const numbers = async (at: string) => {
      const { model } = await load(modelIn(at));
      return Promise.all(model.parameters.map(async (p) => [...(await p.tensor.data())]));
    };
    expect(await numbers(broken)).toEqual(await numbers(whole));
  });

  it("but not where the model was meanwhile replaced by one that reads rows otherwise", async () => {
    const first = await firstDay("--steps", "4");
    const other = await firstDay("--steps", "4", "--scale", "log");
    const at = place();
    const words = ["--from", modelIn(first), "--checkpoint", at];
    await trained(1, ...words, "--steps", "3");
    copyFileSync(modelIn(other), modelIn(first));
    expect(await refused("--data", `csv:${days[1]}`, ...words, "--resume")).toContain("are not those that");
  });

  it("sampled as its own were", async () => {
    const first = await firstDay("--sampling-rate", "0.5");
    const report = await trained(1, "--from", modelIn(first));
    expect((await trained(1, "--from", modelIn(first), "--sampling-rate", "0.5")).quality).toEqual(
      report.quality,
    );
    const words = ["--data", `csv:${days[1]}`, "--from", modelIn(first), "--sampling-rate", "0.25"];
    expect(await refused(...words)).toMatch(/--sampling-rate is 0.25, but that of .* is 0.5;/);
  });
});

describe("what would make another model is refused in a sentence", () => {
  it("flags of layers, embedding, optimizer and columns", async () => {
    const from = modelIn(await firstDay("--steps", "1"));
    for (const [flag, value] of [
      ["--dim", "4"],
      ["--embedding", "robe"],
      ["--optimizer", "sgd"],
      ["--dense", "price"],
      ["--table-rows", "10"],
    ])
      expect(await refused("--data", `csv:${days[1]}`, "--from", from, flag!, value!)).toContain(
        `${flag} cannot be given beside`,
      );
  });

  it("rows without a column, rows of no columns, a model of lazy rows", async () => {
    const from = modelIn(await firstDay("--steps", "1"));
    const other = fileOf(clicks(300, 3));
    writeFileSync(other, readFileSync(other, "utf8").replace("item", "thing"));
    expect(await refused("--data", `csv:${other}`, "--from", from)).toContain('has no column "item"');
    expect(await refused("--data", "synthetic", "--tables", "9,9", "--from", from)).toContain(
      "--data synthetic has no columns with the names by which",
    );
    const lazy = modelIn(await firstDay("--steps", "1", "--embedding", "full", "--lazy-rows"));
    expect(await refused("--data", `csv:${days[1]}`, "--from", lazy)).toContain(
      "it has rows for the ids of its own data only",
    );
  });
});
