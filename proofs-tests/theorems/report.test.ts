import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { roundedUp } from "../../models/in-words.ts";
import { describeTrained, describeVerdicts } from "./command.ts";
import type { Curves } from "./curves.ts";
import type { Verdict } from "./prove.ts";
import { reportOf } from "./report.ts";

const event = { what: "probability", observed: 0.0625, predicted: 0.0525, draws: 100, falseAlarm: 1e-8 };
const moment = { what: "variance", observed: 219.46, predicted: -7, draws: 4000, falseAlarm: 1e-8 };

const verdict = (change: Partial<Verdict>): Verdict => ({
  statement: "R1",
  check: "the first and the last weight meet, in different blocks",
  scheme: "robe:mixer",
  backend: "cpu",
  holds: true,
  finding: { ...event, holds: true, interval: [0.05, 0.075] },
  experiments: 3,
  draws: 300,
  falseAlarm: 3e-8,
  ...change,
});

const refuted = verdict({
  statement: "R2",
  check: "‖Rx‖²",
  scheme: "broken:unsigned",
  backend: "fast",
  holds: false,
  finding: { ...moment, holds: false, interval: [-1.5, 3] },
  experiments: 5,
  draws: 20_000,
  witness: { rows: 2, tables: 1, dim: 1, block: 1, memory: 6, x: "ones", y: "two", epsilon: 0.3, seed: 9 },
});
const exact = verdict({
  statement: "R2",
  check: "V_Z ≤ V₁, and no more when blocks are merged",
  scheme: "any",
  finding: { what: "error", observed: 0, predicted: 0, draws: 50, falseAlarm: 0, holds: true },
  draws: 1150,
});
const verdicts = [verdict({}), refuted, exact];

const seen = [1, 4].map((at) => ({ at, observed: 0.5, interval: [0.4, 0.6] as const, predicted: 0.55 }));
const curves: Curves = {
  rows: 64,
  dim: 16,
  memory: 128,
  draws: 2000,
  scheme: "robe",
  backend: "cpu",
  tail: seen,
  byBlock: seen,
  byMemory: seen,
  slope: -0.4912,
};
const pageOf = (of: readonly Verdict[], falseAlarm: number) =>
  reportOf({ verdicts: of, falseAlarm, repeat: "again", curves, machine: "here" });

/** The cells of every table, row by row: a table's heads first. */
const tablesOf = (page: string): string[][][] =>
  [...parseHTML(page).document.querySelectorAll("table")].map((table) =>
    [...table.querySelectorAll("tr")].map((row) => [...row.children].map((cell) => cell.textContent ?? "")),
  );

describe("the page of a proof", () => {
  const page = pageOf(verdicts, 1.12e-7);

  it("says at its head how many verdicts hold, how many are refuted, and how often it would be wrong", () => {
    expect(page).toContain(
      "2 of 3 verdicts hold; 1 refuted. A run rejects something true with probability below 2e-7.",
    );
    expect(pageOf([verdict({})], 3e-8)).toContain("1 of 1 verdicts hold. A run rejects something true");
  });

  it("has a line a statement that was tried: its verdict, of how many, after how many draws", () => {
    const [heads, ...rows] = tablesOf(page)[0]!;
    expect(heads).toEqual(["Statement", "Verdict", "Verdicts", "Draws"]);
    expect(rows.map(([name, ...cells]) => [name!.slice(0, 3).trim(), ...cells])).toEqual([
      ["R1", "holds", "1", "300"],
      ["R2", "1 refuted", "2", "21,150"],
    ]);
  });

  it("has a line a verdict: what was observed, what was predicted, the interval", () => {
    const [first, second] = tablesOf(page).slice(1) as [string[][], string[][]];
    expect(first[0]).toEqual([
      "Check, and hypotheses",
      "Scheme",
      "Backend",
      "Observed",
      "Predicted",
      "Interval",
      "Verdict",
    ]);
    const cells = [...first.slice(1), ...second.slice(1)].map(([, ...rest]) => rest);
    expect(cells).toEqual([
      ["robe:mixer", "cpu", "probability 0.0625", "0.0525", "0.05 … 0.075", "holds"],
      ["broken:unsigned", "fast", "variance 219.5", "−7", "−1.5 … 3", "refuted"],
      ["any", "cpu", "error 0", "0", "exact", "holds"],
    ]);
    expect(tablesOf(page)).toHaveLength(3); // statements that were not tried have none
  });

  it("says what its pictures are of", () => {
    expect(page).toContain(
      "64 rows of 16, heavy ones first; robe on cpu; 2,000 draws of the hashes a point.",
    );
    expect(page).toContain("Slope of the measured points −0.491; predicted −1/2 (R2).");
    expect(page).toContain("m = 128, Z = 16.");
  });
});

describe("the text of a proof", () => {
  const lines = describeVerdicts(verdicts, 1.12e-7, "again").split("\n");

  it("has a line a verdict under its check: what was seen, where, and the world of a refutation", () => {
    expect(lines).toContain("    holds   robe:mixer: probability 0.0625 (0.05 … 0.075), predicted 0.0525");
    const at = lines.indexOf("  ‖Rx‖² (if pairwise circular starts, four-wise signs)");
    expect(lines.slice(at + 1, at + 3)).toEqual([
      "    REFUTED broken:unsigned on fast: variance 219.5 (-1.5 … 3), predicted -7",
      '            in {"rows":2,"tables":1,"dim":1,"block":1,"memory":6,"x":"ones","y":"two","epsilon":0.3,"seed":9}',
    ]);
    expect(lines).toContain("    holds   any: error 0, predicted 0");
    expect(lines.filter((line) => /^R\d+ /.test(line)).map((line) => line.split(" ")[0])).toEqual([
      "R1",
      "R2",
    ]);
  });

  it("ends with how many hold and how often it would be wrong", () => {
    expect(lines.slice(-2)).toEqual([
      "2 of 3 verdicts hold. P(a run rejects something true) < 2e-7.",
      "repeat: again",
    ]);
  });
});

it("a bound on a probability is never rounded down", () => {
  expect([2.4e-7, 2.6e-7, 4.800000000000001e-7, 9.3e-7, 1.01e-4].map(roundedUp)).toEqual([
    "3e-7",
    "3e-7",
    "5e-7",
    "1e-6",
    "2e-4",
  ]);
  expect([3.0000000000000004e-8, 5e-7, 0].map(roundedUp)).toEqual(["3e-8", "5e-7", "0e+0"]);
});

it("a trained table's text has what is measured before what is predicted, and says what is refuted", () => {
  const of = (measured: number, predicted: number, holds = true) => ({
    measured,
    predicted,
    interval: [0, 9] as const,
    holds,
  });
  const text = describeTrained([
    {
      memory: 80,
      compression: 100,
      readOut: of(0.1021, 0.1119),
      spectrum: of(0.94, 0.95, false),
      entry: of(1.75, 1.77),
    },
  ]);
  expect(text.split("\n").at(-1)!.split(/ {2,}/)).toEqual([
    "80",
    "100×",
    "0.102 (0.112)",
    "0.940 (0.950) REFUTED1.75 (1.77)",
  ]);
});
