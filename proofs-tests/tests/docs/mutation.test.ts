import { expect, it } from "vitest";
import { killsTable, scoresTable, survivorsTable, todayTable } from "../../../config/docs/mutation.ts";
import type { Planted } from "../mutation/planted.ts";
import { type Report, reportOf, type Verdict } from "../mutation/score.ts";
import { cellsOf } from "./cells.ts";

const fault = (file: string, was: string): Planted => ({
  file,
  was,
  becomes: "b",
  tells: `Of ${was} | more.`,
  seenBy: "x.test.ts",
});
const report = (...statuses: Verdict["status"][]): Report =>
  reportOf(
    statuses.map((status, line) => ({
      file: "theory/load.ts",
      line,
      at: "if (a < b | c) return;",
      was: "a < b | c",
      becomes: "a",
      status,
    })),
    { command: "npm run mutate", machine: "a machine", files: ["theory/load.ts"] },
    () => "hash",
  );

it("planted faults are counted by folder, and seen only if the very fault was", () => {
  const faults = [fault("models/auc.ts", "z"), fault("models/auc.ts", "y"), fault("theory/load.ts", "z")];
  const kills = [
    { file: "models/auc.ts", was: "z", becomes: "b", test: "intervals | are wide" },
    { file: "theory/load.ts", was: "z", becomes: "c", test: "another" },
  ];
  expect(killsTable(faults, kills).split("\n").slice(2)).toEqual([
    "| `models` | 2 | 1 | Of z \\| more. | intervals \\| are wide |",
    "| `theory` | 1 | 0 | Of z \\| more. | none |",
    "",
    "1 of 3 planted faults are seen. By `npm run planted -- --record`.",
  ]);
});

it("scores stand beside those of before, folder by folder; a dash where there were none", () => {
  const [before, now] = [report("killed", "survived"), report("killed", "killed", "killed", "uncovered")];
  expect(scoresTable(before, now)).toContain("| `theory` | 50.0 % | 75.0 % | 3 | 1 | 0 |");
  expect(scoresTable(report(), now)).toContain("| `theory` | – | 75.0 % | 3 | 1 | 0 |");
});

it("scores of the project as it is stand by folder, before what survived and what made them", () => {
  const markdown = todayTable(report("killed", "killed", "killed", "survived"));
  expect(cellsOf(markdown.split("\n\n")[0]!)[1]).toEqual(["`theory`", "75.0 %", "3", "1", "0"]);
  expect(markdown).toContain("| theory/load.ts:3 |");
  expect(markdown).toMatch(/\n\nBy `npm run mutate`; a machine\.$/);
});

it("survivors are listed with their line, in marks that a table bears", () =>
  expect(survivorsTable(report("killed", "survived")).split("\n").slice(2)).toEqual([
    "| theory/load.ts:1 | <code>a &lt; b &#124; c</code> → <code>a</code> |  |",
  ]));
