import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { prepare, trainVerb } from "../../../../cli/train.ts";
import { checkPatience, checkUsed, measurementsOf } from "../../../../cli/training/unused.ts";
import { said } from "../../models/dlrm/tiny-model.ts";
import { given, run, type Written } from "../command.ts";

const check = (flags: Written) => () => checkUsed(given(trainVerb, flags).values);
const table = { data: "csv:x", label: "y", categorical: "u" };

describe("a flag that could change nothing is refused before rows are read", () => {
  it.each<[Written, string]>([
    [{ resume: true }, "--resume needs --checkpoint DIR"],
    [{ "save-every": "5" }, "--save-every needs --checkpoint DIR"],
    [
      { patience: "1" },
      "--patience 1 needs 3 measurements to end a training early, but there is 1 measurement at most;",
    ],
    [
      { patience: "2", epochs: "3" },
      "--patience 2 needs 4 measurements to end a training early, but there are 3",
    ],
    [{ "eval-every": "5", keep: "last", json: true }, "nothing is made of what --eval-every measures"],
    [{ pooling: "mean" }, "each field of this data is one id"],
  ])("%o", (flags, sentence) => {
    expect(said(check({ ...table, ...flags }))).toContain(sentence);
  });

  it.each<Written>([
    { patience: "2", epochs: "4" },
    { patience: "9", epochs: "2", "eval-every": "3" },
    { patience: "9", epochs: "2", resume: true, checkpoint: "x" }, // what was measured before counts
    { "eval-every": "5", keep: "last" }, // it is shown
    { "eval-every": "5", keep: "last", json: true, epochs: "2", patience: "1" },
    { "eval-every": "5", keep: "last", json: true, checkpoint: "x" },
    { "eval-every": "5", json: true },
    { pooling: "mean", multi: "u:|" },
    { pooling: "learned" },
  ])("but not %o", (flags) => {
    expect(check({ ...table, ...flags })).not.toThrow();
  });

  it("but not the mean of rows that the program makes itself", () =>
    expect(check({ pooling: "mean" })).not.toThrow());
});

it.each([
  [{ epochs: 3 }, 7, 3],
  [{ epochs: 3, steps: 15 }, 7, 3],
  [{ epochs: 3, steps: 14 }, 7, 2],
  [{ epochs: 1, evalEvery: 2 }, 7, 4],
  [{ epochs: 2, evalEvery: 7 }, 7, 2],
  [{ epochs: 9, evalEvery: 5, steps: 11 }, 7, 3],
])("with %o and epochs of %i steps the validation rows are measured %i times", (flags, steps, times) => {
  expect(measurementsOf({ steps: undefined, evalEvery: undefined, ...flags }, steps)).toBe(times);
  expect(said(() => checkPatience({ patience: times - 1 }, times))).toContain(
    `needs ${times + 1} measurements`,
  );
  expect(() => checkPatience({ patience: times - 2 }, times)).not.toThrow();
});

it("patience that so few rows leave nothing to end is refused once they are counted", async () => {
  const flags = {
    data: "synthetic",
    rows: "100",
    tables: "9",
    batch: "16",
    "eval-every": "2",
    patience: "2",
  };
  const { values, texts } = given(trainVerb, flags);
  await expect(prepare(values, texts, cpu)).rejects.toThrow(
    "there are 3 measurements at most; raise --epochs",
  );
});

it("--steps that the epochs do not have are a note", async () => {
  const small = [
    "train",
    "--data",
    "synthetic",
    "--rows",
    "100",
    "--tables",
    "9",
    "--backend",
    "cpu",
    "--json",
  ];
  const notes = async (...steps: string[]) =>
    JSON.parse((await run(...small, "--batch", "16", ...steps)).out).notes.join();
  expect(await notes("--steps", "6")).toContain("The epochs have 5 steps, fewer than --steps 6");
  expect(await notes("--steps", "5")).not.toContain("--steps");
});

it("a study refuses compressions of nothing, and groups that it does not cut by", async () => {
  const refused = async (...words: string[]) => (await run("tradeoff", ...words)).err;
  const compressed = ["--data", "synthetic", "--compressions", "4", "--methods"];
  expect(await refused(...compressed, "full")).toContain("--compressions is of methods that compress");
  const table = ["--data", "csv:no file", "--label", "y", "--dense", "a", "--group", "g"];
  expect(await refused(...table)).toContain("--group is used by --split group alone");
  expect(await refused(...table, "--split", "group")).toContain("There is no file no file");
});
