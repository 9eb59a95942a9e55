import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { describeTrained, describeVerdicts } from "../../../../cli/prove.ts";
import { reportOf } from "../../../../cli/report/prove.ts";
import { roundedUp } from "../../../../core/format.ts";
import type { Curves } from "../../../experiments/prove/curves.ts";
import type { Verdict } from "../../../experiments/prove/prove.ts";
import { type Figure, figuresOf, stretch } from "./figures.ts";

const event = {
  what: "probability",
  observed: 0.0625,
  predicted: 0.0525,
  draws: 100,
  familyWiseErrorRate: 1e-8,
};
const moment = { what: "variance", observed: 219.46, predicted: -7, draws: 4000, familyWiseErrorRate: 1e-8 };

const verdict = (change: Partial<Verdict>): Verdict => ({
  theorem: "R1",
  check: "the first and the last weight meet, in different blocks",
  scheme: "robe:mixer",
  backend: "cpu",
  notRejected: true,
  finding: { ...event, notRejected: true, interval: [0.05, 0.075] },
  experiments: 3,
  draws: 300,
  familyWiseErrorRate: 3e-8,
  ...change,
});

const refuted = verdict({
  theorem: "R2",
  check: "‖Rx‖²",
  scheme: "broken:unsigned",
  backend: "fast",
  notRejected: false,
  finding: { ...moment, notRejected: false, interval: [-1.5, 3] },
  experiments: 5,
  draws: 20_000,
  witness: { rows: 2, tables: 1, dim: 1, block: 1, memory: 6, x: "ones", y: "two", epsilon: 0.3, seed: 9 },
});
const exact = verdict({
  theorem: "R2",
  check: "V_Z ≤ V₁, and no more when blocks are merged",
  scheme: "any",
  finding: { what: "error", observed: 0, predicted: 0, draws: 50, familyWiseErrorRate: 0, notRejected: true },
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
const pageOf = (of: readonly Verdict[], familyWiseErrorRate: number) =>
  reportOf({ verdicts: of, familyWiseErrorRate, repeat: "again", curves, machine: "here" });

/** The cells of every table, row by row: a table's heads first. */
const tablesOf = (page: string): string[][][] =>
  [...parseHTML(page).document.querySelectorAll("table")].map((table) =>
    [...table.querySelectorAll("tr")].map((row) => [...row.children].map((cell) => cell.textContent ?? "")),
  );

describe("the page of a proof", () => {
  const page = pageOf(verdicts, 1.12e-7);

  it("says at its head how many checks not rejected, how many are refuted, and how often it would be wrong", () => {
    expect(page).toContain(
      "2 of 3 checks not rejected; 1 refuted. A run rejects something true with probability below 2e-7.",
    );
    expect(pageOf([verdict({})], 3e-8)).toContain("1 of 1 check not rejected. A run rejects something true");
  });

  it("has a line a theorem that was tried: its verdict, of how many, after how many draws", () => {
    const [heads, ...rows] = tablesOf(page)[0]!;
    expect(heads).toEqual(["Theorem", "Verdict", "Verdicts", "Draws"]);
    expect(rows.map(([name, ...cells]) => [name!.slice(0, 3).trim(), ...cells])).toEqual([
      ["R1", "not rejected", "1", "300"],
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
      ["robe:mixer", "cpu", "probability 0.0625", "0.0525", "0.05 … 0.075", "not rejected"],
      ["broken:unsigned", "fast", "variance 219.5", "−7", "−1.5 … 3", "refuted"],
      ["any", "cpu", "error 0", "0", "exact", "not rejected"],
    ]);
    expect(tablesOf(page)).toHaveLength(3); // theorems that were not tried have none
  });

  it("has no verdict under a theorem that is not its own, were their checks of one name", () => {
    const others = pageOf([verdict({}), verdict({ theorem: "R3", scheme: "another" })], 1e-8);
    expect(tablesOf(others).slice(1)).toHaveLength(1);
    expect(
      tablesOf(others)[1]!
        .slice(1)
        .map(([, scheme]) => scheme),
    ).toEqual(["robe:mixer"]);
  });

  it("says what its pictures are of", () => {
    expect(page).toContain(
      "64 rows of 16, heavy ones first; robe on cpu; 2,000 draws of the hashes a point.",
    );
    expect(page).toContain("Slope of the measured points −0.491; predicted −1/2 (R2).");
    expect(page).toContain("m = 128, Z = 16.");
  });
});

describe("the pictures of a proof", () => {
  const falling = [0.4, 0.2, 0.1];
  const curve = (ats: readonly number[], observed: readonly number[]) =>
    ats.map((at, i) => {
      const seen = observed[i]!;
      return { at, observed: seen, interval: [seen / 1.5, seen * 1.5] as const, predicted: seen };
    });
  const own: Curves = {
    ...curves,
    tail: curve([1, 2, 4], falling),
    byBlock: curve([1, 2, 4, 8], [...falling, 0.3]),
    byMemory: curve([16, 32, 64, 128, 256], [...falling, 0.3, 0.2]),
  };
  const of = () =>
    figuresOf(reportOf({ verdicts, familyWiseErrorRate: 1, repeat: "again", curves: own, machine: "here" }));

  it("are the three curves, on axes where what is predicted is straight", () => {
    const found = of();
    expect(found.map(({ dots }) => dots.length)).toEqual([3, 4, 5]);
    const stretched = found.map(({ dots }) => [
      stretch(dots.map(({ x }) => x)),
      stretch(dots.map(({ y }) => y)),
    ]);
    expect(stretched).toEqual([
      [2, 1], // P on a logarithmic axis, ε on an even one
      [1, 0.5],
      [1, 1],
    ]);
  });

  it("say what they show: a title, a sentence, the axes, and whose marks are whose", () => {
    const [tail, byBlock, byMemory] = of() as [Figure, Figure, Figure];
    for (const { heading, about } of [tail, byBlock, byMemory])
      expect(Math.min(heading.length, about.length)).toBeGreaterThan(10);
    expect(new Set(of().map(({ about }) => about)).size).toBe(3);
    const axesOf = ({ texts }: Figure) => texts.filter((text) => /[↑→]/.test(text));
    expect(axesOf(tail)).toEqual(["↑ P(|⟨Rx, Ry⟩ − ⟨x, y⟩| > ε‖x‖‖y‖)", "ε →"]);
    expect(axesOf(byBlock)).toEqual(["↑ variance of ⟨Rx, Ry⟩ / ‖x‖²‖y‖²", "Z →"]);
    expect(axesOf(byMemory)).toEqual(["↑ root mean square error / ‖x‖‖y‖", "m, slots →"]);
    expect(tail.legend).toEqual(["measured, with its interval", "bound (R4, Chebyshev)"]);
    for (const { legend } of [byBlock, byMemory])
      expect(legend).toEqual(["measured, with its interval", "predicted"]);
    expect(byBlock.caption).toContain("m = 128.");
    expect(byMemory.caption).toContain("Z = 16.");
  });
});

it("the page of a proof says how to repeat it, on what it ran, and the hypotheses of each check that has some", () => {
  const page = pageOf(verdicts, 1e-8);
  const { document } = parseHTML(page);
  const facts = [...document.querySelectorAll("dl div")].map(({ children }) =>
    [...children].map(({ textContent }) => textContent),
  );
  expect(facts.slice(0, 2)).toEqual([
    ["Command", "again"],
    ["Machine", "here"],
  ]);
  expect(facts[2]![0]).toBe("Theorems");
  const supposed = [...document.querySelectorAll("tbody th small")].map(({ textContent }) => textContent);
  expect(supposed.slice(2)).toEqual([
    "pairwise circular starts",
    "pairwise circular starts, four-wise signs",
    "",
  ]);
});

describe("the text of a proof", () => {
  const lines = describeVerdicts(verdicts, 1.12e-7, "again").split("\n");

  it("has a line a verdict under its check: what was seen, where, and the instance of a refutation", () => {
    expect(lines).toContain(
      "    not rejected robe:mixer: probability 0.0625 (0.05 … 0.075), predicted 0.0525",
    );
    const at = lines.indexOf("  ‖Rx‖² (if pairwise circular starts, four-wise signs)");
    expect(lines.slice(at + 1, at + 3)).toEqual([
      "    REFUTED      broken:unsigned on fast: variance 219.5 (-1.5 … 3), predicted -7",
      '            in {"rows":2,"tables":1,"dim":1,"block":1,"memory":6,"x":"ones","y":"two","epsilon":0.3,"seed":9}',
    ]);
    expect(lines).toContain("    not rejected any: error 0, predicted 0");
    expect(lines).toContain("  V_Z ≤ V₁, and no more when blocks are merged"); // it supposes nothing
    expect(lines.filter((line) => /^R\d+ /.test(line)).map((line) => line.split(" ")[0])).toEqual([
      "R1",
      "R2",
    ]);
  });

  it("has no verdict under a theorem that is not its own, were their checks of one name", () => {
    const of = [verdict({}), verdict({ theorem: "R3", scheme: "another" })];
    const text = describeVerdicts(of, 1e-8, "again");
    expect(text).toContain(" robe:mixer: ");
    expect(text).not.toContain("another");
  });

  it("has no other lines: a theorem and a check that were not tried have none", () =>
    // Two theorems, three checks, three verdicts, an instance, and three lines at the end.
    expect(lines).toHaveLength(2 + 3 + 3 + 1 + 3));

  it("ends with how many hold and how often it would be wrong", () => {
    expect(lines.slice(-2)).toEqual([
      "2 of 3 checks not rejected. P(a run rejects something true) < 2e-7.",
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
  const of = (measured: number, predicted: number, notRejected = true) => ({
    measured,
    predicted,
    interval: [0, 9] as const,
    notRejected,
  });
  const text = describeTrained([
    {
      memory: 80,
      compression: 100,
      query: of(0.1021, 0.1119),
      subspace: of(0.94, 0.95, false),
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
