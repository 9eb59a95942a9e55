import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Comparison } from "../../golden/check.ts";
import { conform } from "../../golden/file.ts";
import { run } from "../cli/command.ts";

vi.mock(import("../../golden/file.ts"), async (original) => ({ ...(await original()), conform: vi.fn() }));

const near: Comparison = { array: "loss", precision: "f64", by: "cpu64", difference: 0, allowed: 1e-10 };
const far: Comparison = { ...near, array: "weights", difference: 0.5, where: "[3]" };
const counted: Comparison = { ...near, array: "slots", precision: "exact", difference: 2, allowed: 0 };

/** Comparisons of one file after another. */
const found = (...files: readonly Comparison[][]) => {
  for (const comparisons of files) vi.mocked(conform).mockResolvedValueOnce(comparisons);
};

beforeEach(() => void vi.mocked(conform).mockReset());
afterEach(() => vi.unstubAllEnvs());

describe("golden", () => {
  it("says of each file what holds and what does not, of arrays by how much, and how many do not in all", async () => {
    found([near], [near, far, counted], [near, far]);
    const { code, out } = await run("golden", "a.json", "b.json", "c.json");
    expect(code).toBe(1);
    expect(out.trim().split("\n")).toEqual([
      "a.json: its comparison holds",
      "  ok   loss (cpu64): off by 0.0e+0, allowed 1.0e-10",
      "b.json: 2 of 3 comparisons FAIL",
      "  ok   loss (cpu64): off by 0.0e+0, allowed 1.0e-10",
      "  FAIL weights (cpu64): off by 5.0e-1, allowed 1.0e-10; worst at [3]",
      "  FAIL slots (cpu64): 2 numbers differ",
      "c.json: 1 of 2 comparisons FAILS",
      "  ok   loss (cpu64): off by 0.0e+0, allowed 1.0e-10",
      "  FAIL weights (cpu64): off by 5.0e-1, allowed 1.0e-10; worst at [3]",
      "3 arrays do not conform.",
    ]);
  });

  it("names only what fails where that is asked for, and exits with 0 where nothing does", async () => {
    found([near], [near]);
    const { code, out } = await run("golden", "--failures", "a.json", "b.json");
    expect([code, out.trim().split("\n")]).toEqual([
      0,
      ["a.json: its comparison holds", "b.json: its comparison holds", "2 files conform."],
    ]);
  });

  it("prints of each file whether it passed, in JSON", async () => {
    found([near], [far]);
    const { code, out } = await run("golden", "--json", "a.json", "b.json");
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect([code, lines]).toEqual([
      1,
      [
        { file: "a.json", passed: true, comparisons: [near] },
        { file: "b.json", passed: false, comparisons: [far] },
      ],
    ]);
  });

  it.each([
    ["nothing else", [], "", []],
    ["a backend that is named", ["--backend", "cpu"], "", ["cpu"]],
    ["the reference, where its forms are validated", [], "1", ["agreed cpu"]],
  ])("computes by %s besides doubles", async (_, words, validate, expected) => {
    vi.stubEnv("VALIDATE", validate);
    found([near]);
    await run("golden", ...words, "a.json");
    const [[file, also]] = vi.mocked(conform).mock.calls as unknown as [[string, { name: string }[]]];
    expect([file, also.map(({ name }) => name)]).toEqual(["a.json", expected]);
  });
});
