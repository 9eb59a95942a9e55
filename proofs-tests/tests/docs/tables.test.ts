import { describe, expect, it } from "vitest";
import { table } from "../../../config/docs/table.ts";
import { benchTable, between, flightsTable, linesTable } from "../../../config/docs/tables.ts";
import { convergenceTable, theoremsTable } from "../../../config/docs/theory.ts";
import { theorems } from "../../../theory/index.ts";
import { timingOf } from "../cli/bench/made.ts";
import { loses, runOf } from "../examples/flights/made.ts";
import { cellsOf } from "./cells.ts";

describe("a table in Markdown", () => {
  it("has columns of numbers on the right", () => {
    expect(
      table(
        ["a", "b"],
        [
          ["x", 1],
          ["2", "y"],
        ],
      ),
    ).toBe("| a | b |\n| --- | --: |\n| x | 1 |\n| 2 | y |");
  });
});

describe("the table of flights", () => {
  it("has each number under its head", () => {
    const markdown = flightsTable({
      title: "a title",
      data: "some rows",
      machine: "a machine",
      command: "npm start",
      seed: 1,
      versions: {},
      runs: [
        runOf({ name: "full tables" }),
        runOf({
          name: "robe 10×",
          embeddingFloats: 292_113,
          modelFloats: 300_322,
          auc: { value: 0.75, standardError: 0.01, interval: [0.74, 0.77] },
          difference: loses,
          logLoss: 0.45678,
        }),
      ],
    });
    expect(cellsOf(markdown)).toEqual([
      ["model", "embedding floats", "all floats", "AUC (95 % interval)", "AUC − full (paired)", "log loss"],
      ["full tables", "1,000", "1,500", "0.8000 (0.7800 … 0.8200)", "–", "0.4000"],
      ["robe 10×", "292,113", "300,322", "0.7500 (0.7400 … 0.7700)", "−0.0300 (−0.0400 … −0.0200)", "0.4568"],
    ]);
    expect(markdown).toMatch(/Data: some rows\.\nMachine: a machine\.$/);
  });
});

describe("the table of benchmarks", () => {
  it("has medians and quartiles, and how many times as fast as each other backend the second is", () => {
    const of = (name: string, backend: string, median: number) =>
      timingOf({ name, backend, median, quartiles: [median / 2, 2 * median] });
    const markdown = benchTable({
      machine: "a machine",
      command: "npx pss-dlrm bench",
      timings: [
        of("gather", "cpu", 30),
        of("gather", "fast", 2),
        of("gather", "gpu:webasm", 1),
        of("step", "cpu", 9),
        of("step", "fast", 3),
        of("step", "gpu:webasm", 6),
      ],
    });
    expect(cellsOf(markdown)).toEqual([
      [
        "milliseconds: median (quartiles)",
        "`cpu`",
        "`fast`",
        "`gpu:webasm`",
        "fast against cpu",
        "fast against gpu:webasm",
      ],
      ["gather, 100", "30.0 (15.0 … 60.0)", "2.00 (1.00 … 4.00)", "1.00 (0.500 … 2.00)", "15×", "0.50×"],
      ["step, 100", "9.00 (4.50 … 18.0)", "3.00 (1.50 … 6.00)", "6.00 (3.00 … 12.0)", "3.0×", "2.0×"],
    ]);
    expect(markdown).toMatch(/Machine: a machine\. Measured by `npx pss-dlrm bench`\.$/);
  });
});

describe("the table of theorems", () => {
  const [first, second] = theorems;
  const verdicts = [first!, second!].flatMap(({ id, checks }) =>
    checks.map((check, i) => ({
      theorem: id,
      check: check.name,
      scheme: "any",
      backend: "cpu",
      notRejected: id === first!.id || i > 0, // the second is refuted in its first check
      finding: {} as never,
      experiments: 1,
      draws: 1000,
      familyWiseErrorRate: 1e-8,
    })),
  );
  const rows = cellsOf(
    theoremsTable({ verdicts, familyWiseErrorRate: 4.2e-6, repeat: "npx pss-dlrm prove" }),
  );
  const saidOf = (id: string) => rows.find(([one]) => one === id)!.at(-1);

  it("says what holds and what is refuted, by how many verdicts and draws", () => {
    const words = (count: number) => `${count} checks, ${(1000 * count).toLocaleString("en-US")} draws`;
    expect(saidOf(first!.id)).toBe(`not rejected: ${words(first!.checks.length)}`);
    expect(saidOf(second!.id)).toBe(`**refuted**: ${words(second!.checks.length)}`);
    expect(saidOf(theorems[2]!.id)).toBe("not tried since it changed");
  });

  it("takes nothing for granted of which one check is missing", () => {
    const fewer = verdicts.filter(({ check }) => check !== first!.checks.at(-1)!.name);
    const [, ...lines] = cellsOf(theoremsTable({ verdicts: fewer, familyWiseErrorRate: 1e-6, repeat: "" }));
    expect(lines[0]!.at(-1)).toBe("not tried since it changed");
  });

  it("says how likely the run is to be wrong, never less", () => {
    expect(theoremsTable({ verdicts, familyWiseErrorRate: 4.2e-6, repeat: "npx pss-dlrm prove" })).toMatch(
      /\n\nBy `npx pss-dlrm prove`; P\(the run rejects something true\) < 5e-6\.$/,
    );
  });
});

describe("the table of convergence", () => {
  it("has what was predicted beside what was measured, of the least and the largest load", () => {
    const step = (load: number) => ({
      memory: 0,
      load,
      largestLoad: 0,
      bound: load / 100,
      predicted: load / 10,
      measured: load / 9,
      notRejected: true,
    });
    const meeting = (memory: number) => ({
      memory,
      measured: 1 / memory,
      predicted: 2 / memory,
      interval: [0, 1] as never,
      notRejected: true,
    });
    const markdown = convergenceTable({
      quadratic: [step(1), step(2), step(4)],
      linear: [step(8), step(16)],
      interference: [meeting(64), meeting(32), meeting(16)],
      iterations: [
        { load: 1, memory: 64, steps: [300, 310], ratio: 1 },
        { load: 32, memory: 2, steps: [450, null], ratio: 1.4567 },
        { load: 64, memory: 1, steps: [null, null], ratio: null },
      ],
      options: { loads: [], seeds: [], target: 300, most: 1500, every: 25 },
      seed: 1,
      repeat: "prove --convergence",
      machine: "a machine",
    });
    const [, ...rows] = cellsOf(markdown);
    const quadratic = "largest stable step, a quadratic (R16), load";
    const linear = "largest stable step, a linear click model (R16), load";
    const stranger = "change of a stranger's logit by a step (R17),";
    const iterations = "iterations of a DLRM over the full table's, load";
    expect(rows).toEqual([
      [`${quadratic} 1`, "0.1, at least 0.01", "0.111"],
      [`${quadratic} 4`, "0.4, at least 0.04", "0.444"],
      [`${linear} 8`, "0.8, at least 0.08", "0.889"],
      [`${linear} 16`, "1.6, at least 0.16", "1.78"],
      [`${stranger} 64 slots`, "0.0313", "0.0156"],
      [`${stranger} 16 slots`, "0.125", "0.0625"],
      [`${iterations} 1`, "no theorem", "1 (steps: 300, 310)"],
      [`${iterations} 32`, "no theorem", "1.46 (steps: 450, > 1500)"],
      [`${iterations} 64`, "no theorem", "not there (steps: > 1500, > 1500)"],
    ]);
  });
});

describe("the table of lines", () => {
  it("has files and lines of code of the folders that it knows, in the order given", () => {
    const sizes = [
      { folder: "models", files: 90, code: 12_345 },
      { folder: "core", files: 30, code: 678 },
      { folder: "unknown", files: 1, code: 1 },
    ];
    expect(cellsOf(linesTable(sizes)).map((cells) => cells.slice(0, 3))).toEqual([
      ["folder", "files", "lines of code"],
      ["`models`", "90", "12,345"],
      ["`core`", "30", "678"],
    ]);
  });
});

describe("what stands between two marks", () => {
  const page = "<!-- a -->\none\n<!-- /a -->\n<!-- b -->\ntwo\nthree\n<!-- /b -->\n";
  it("is of the mark that was named", () => {
    expect([between(page, "a"), between(page, "b")]).toEqual(["one", "two\nthree"]);
    expect(() => between(page, "c")).toThrow("The page has no <!-- c -->");
  });
});
