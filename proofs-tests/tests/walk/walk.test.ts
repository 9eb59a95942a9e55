import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary.ts";
import { aucOn, bestOf, commandsOfReadme, type Step, walk } from "./walk.ts";

const folder = temporaryFolder();
const rows = 1500; // `npm run walk` has 200,000, where models come near to the best

describe("the walk of the README", () => {
  let steps: Step[];
  beforeAll(() => {
    steps = walk(rows, folder);
  }, 300_000);

  const of = (verb: string) => steps.find(({ command }) => command.startsWith(`npx pss-dlrm ${verb}`))!;
  const lines = (text: string) => text.trimEnd().split("\n");

  it("needs the names of columns and of files, and nothing else", () => {
    const flags = commandsOfReadme().flatMap((command) => command.match(/--[a-z-]+/g) ?? []);
    const ofFiles = ["data", "save", "model", "out", "from", "checkpoint"];
    const ofColumns = ["label", "dense", "categorical", "multi"];
    const allowed = [...ofFiles, ...ofColumns].map((name) => `--${name}`);
    expect(flags.filter((flag) => !allowed.includes(flag))).toEqual([]);
  });

  it("runs to its end", () => {
    for (const { command, code, err } of steps) expect([command, code], err).toEqual([command, 0]);
    expect(steps.map(({ command }) => command.split(" ")[2])).toEqual([
      ...["examples/visits.ts", "examples/visits.ts", "examples/visits.ts"],
      ...["tradeoff", "predict", "train", "importance"],
    ]);
  });

  it("says first what each command does, and last what to do next", () => {
    for (const [verb, first] of [
      ["tradeoff", /^Trains full, floor, robe at 10×, .* on monday\.csv: \d+ models at most, at 5 seeds; /],
      ["predict", /^Scores tuesday\.csv with best\.safetensors: the probability of "clicked", /],
      ["train", /^best\.safetensors goes on with tuesday\.csv: 1 epoch of \d+ steps\.$/],
      [
        "importance",
        /^Permutes each column of tuesday\/model\.safetensors among the rows of wednesday\.csv, /,
      ],
    ] as const) {
      expect(lines(of(verb).err)[0]).toMatch(first);
      expect(lines(of(verb).out).at(-1)).toMatch(/^next +\S/);
    }
  });

  it("tells to do next what it does next", () => {
    const next = (verb: string) => lines(of(verb).out).at(-1)!;
    expect(next("tradeoff")).toContain(
      "predict --model best.safetensors --data csv:NEW_ROWS --out scores.csv",
    );
    expect(next("predict")).toContain("predict --model best.safetensors --data csv:tuesday.csv --evaluate");
    expect(next("train")).toContain("predict --model tuesday/model.safetensors");
    // Without the columns that are not needed, if there are such.
    expect(next("importance")).toMatch(/ (tradeoff|train) --data csv:wednesday\.csv --label clicked /);
  });

  it("writes a probability for each row, and what a reader is told is measured", () => {
    const scores = lines(readFileSync(join(folder, "scores.csv"), "utf8"));
    expect(scores[0]).toBe("row,probability");
    const all = scores.slice(1).map((line) => line.split(",").map(Number));
    expect(all.map(([row]) => row)).toEqual(Array.from({ length: rows }, (_, i) => i + 1));
    for (const [, p] of all) expect(p).toBeGreaterThan(0);
    for (const [, p] of all) expect(p).toBeLessThan(1);
    const best = bestOf(steps[1]!);
    const auc = aucOn("best.safetensors", "tuesday.csv", folder);
    expect(auc).toBeLessThan(best);
    expect(auc).toBeGreaterThan(0.6); // without any learning 0.5; the best is 0.82
  });
});
