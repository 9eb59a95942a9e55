import { afterEach, describe, expect, it, vi } from "vitest";
import { proveVerbOf } from "../../../cli/prove.ts";
import { plan, type Wanted } from "../../../theory/plan.ts";
import { measures } from "../../experiments/plan-check/measures.ts";
import { brokenFamilies } from "../../mutants/sketches.ts";
import { argsOf, only, run, runFlags, runOf } from "./command.ts";

afterEach(() => vi.restoreAllMocks());

describe("prove", () => {
  const few = { seed: "3", samples: "60", instances: "2" };

  it("adds up the false alarms of its verdicts, and exits with 0 where all hold", async () => {
    const { code, out } = await runFlags("prove", { ...few, theorem: "R4", json: true });
    const { verdicts, familyWiseErrorRate, repeat } = JSON.parse(out);
    expect([code, verdicts.length]).toEqual([0, 4]);
    expect(familyWiseErrorRate).toBeCloseTo(8e-8, 20); // 4 schemes in 2 instances
    expect(repeat).toBe("npx pss-dlrm prove --theorem R4 --seed 3 --samples 60 --instances 2");
  });

  it("exits with 1 where one is refuted, and counts it", async () => {
    const flags = argsOf({ ...few, theorem: "R14", scheme: "broken:averaged-backward" });
    const { code, out } = await runOf(only(proveVerbOf(brokenFamilies)), "prove", ...flags);
    expect(code).toBe(1);
    expect(out).toContain("\n0 of 2 checks not rejected. ");
  });
});

describe("plan", () => {
  const size = { rows: "3000", dim: "4", epsilon: "0.4" };

  it("takes δ = 0.01 where none is given, and tells sizes in words", async () => {
    const { code, out } = await runFlags("plan", { ...size, keep: "norm,distances" });
    expect(code).toBe(0);
    expect(out.split("\n").slice(0, 4)).toEqual([
      "the table itself: 12,000 floats, 48.0 KB",
      "R3  the norm of any one vector of weights: ε = 0.4 from 1,250 floats, 5.00 KB (9.6× smaller)", // 2/(0.16 · 0.01)
      "    needs pairwise independent circular starts, 4-wise independent signs",
      // 3000 rows of ln(9e6/0.01)/(0.04 − 0.064/6) = 20.618/0.029333 = 702.9
      "R11 all distances between rows: ε = 0.4 from 2.109 million floats, 8.44 MB (larger than the table)",
    ]);
  });

  it("tells what is as large as the table by its ratio, and what is larger by no ratio", async () => {
    // 2/(0.25 · 0.01) = 800
    const size = async (rows: string) => (await run("plan", ...norm, "--rows", rows, "--dim", "4")).out;
    const norm = ["--epsilon", "0.5", "--keep", "norm"];
    expect(await size("200")).toContain("800 floats, 3.20 KB (1× smaller)");
    expect(await size("199")).toContain("800 floats, 3.20 KB (larger than the table)");
  });

  it.each(["--rows 5", "--dim 5"])("asks for the size of the table: %s is half of it", async (half) => {
    const { code, err } = await run("plan", ...half.split(" "), "--epsilon", "0.4");
    expect([code, err]).toEqual([
      2,
      expect.stringContaining("plan needs the size of the table: --rows N --dim D."),
    ]);
  });

  it("has every flag in its numbers", async () => {
    const size = { rows: 3000, dim: 4, epsilon: 0.4, delta: 0.01 };
    const said = async (flags: string) => {
      const { code, out } = await run("plan", "--rows", "3000", "--dim", "4", ...flags.split(" "), "--json");
      return [code, JSON.parse(out)];
    };
    const planned = (wanted: Wanted) => JSON.parse(JSON.stringify(plan(wanted)));
    expect(await said("--epsilon 0.4")).toEqual([0, planned(size)]);
    const { epsilon: _, ...rest } = size;
    expect(await said("--memory-size 500")).toEqual([0, planned({ ...rest, memorySize: 500 })]);
    for (const [flags, wanted] of [
      ["--delta 0.2", { delta: 0.2 }],
      ["--queries 9", { queries: 9 }],
      ["--rank 2", { rank: 2 }],
      ["--stable-rank 1.5", { stableRank: 1.5 }],
      ["--keep norm,distances", { keep: ["norm", "distances"] }],
    ] as const) {
      const found = await said(`--epsilon 0.4 ${flags}`);
      expect(found, flags).toEqual([0, planned({ ...size, ...wanted })]);
      expect(found[1], flags).not.toEqual(planned(size));
    }
  });

  it("says what cannot be kept and why, what needs no training, and how to repeat it", async () => {
    const args = [...["plan", "--rows", "3000", "--dim", "4", "--epsilon", "0.4"]];
    const lines = (await run(...args)).out.trimEnd().split("\n");
    const { promised, refused } = plan({ rows: 3000, dim: 4, epsilon: 0.4, delta: 0.01 });
    expect(refused.length).toBeGreaterThan(0);
    for (const { what, why } of refused) expect(lines).toContain(`refused: ${what}: ${why}.`);
    for (const { theorem, needs, trainable } of promised) {
      const at = lines.findIndex((line) => line.startsWith(theorem.padEnd(4)));
      const more = trainable ? "" : "; a way to read a table, no layer to train";
      expect(lines[at + 1]).toBe(`    needs ${needs}${more}`);
    }
    expect(new Set(promised.map(({ trainable }) => trainable)).size).toBe(2);
    expect(lines.at(-1)).toBe(`repeat: npx pss-dlrm ${args.join(" ")}`);
  });

  it("--check draws as many times as it is told, by the seed that it is told, or 20 times by 0", async () => {
    const error = vi.spyOn(measures.R3!, "error").mockReturnValue(0.1);
    const args = "plan --rows 400 --dim 4 --epsilon 0.4 --delta 0.1 --keep norm --check".split(" ");
    const seeds = () => error.mock.calls.splice(0).map(([, , seed]) => seed);
    const upFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
    await run(...args, "--draws", "3", "--seed", "5");
    expect(seeds()).toEqual([...upFrom(5, 3), ...upFrom(5, 3)]); // on two tables
    const { code, out } = await run(...args);
    expect(seeds()).toEqual([...upFrom(0, 20), ...upFrom(0, 20)]);
    expect(code).toBe(0);
    const tables = out.split("\n").filter((line) => line.startsWith("measured on a table: "));
    expect(tables).toHaveLength(2);
    const json = await run(...args, "--json");
    expect(JSON.parse(json.out).checked).toMatchObject([
      { theorem: "R3", median: 0.1, above: 0, draws: 20, notRejected: true },
      { theorem: "R3", median: 0.1, above: 0, draws: 20, notRejected: true },
    ]);
  });

  it("--check names a table once, above all that was measured on it, and says what was not measured", async () => {
    const args = "plan --rows 12 --dim 2 --epsilon 0.9 --delta 0.5 --check --draws 1".split(" ");
    const lines = (await run(...args)).out.split("\n");
    expect(lines.filter((line) => line.startsWith("measured on a table"))).toHaveLength(2);
    expect(lines).toContain("  R11 not measured: the table itself is smaller");
  });

  it("exits with 1 where what was asked for is refused, and with 0 where it merely stands among all", async () => {
    expect((await runFlags("plan", { ...size, keep: "table" })).code).toBe(1);
    expect((await runFlags("plan", size)).code).toBe(0);
  });

  it("--check tells the errors that were measured, and exits with 1 where a promise is broken", async () => {
    const errors = vi
      .spyOn(measures.R3!, "error")
      .mockImplementation((_, __, seed) => [0.41, 0.2, 0.3][seed % 3]!);
    const flags = { ...size, rows: "400", delta: "0.1", keep: "norm", check: true, draws: "3" };
    const kept = await runFlags("plan", flags);
    expect(kept.code).toBe(0);
    expect(kept.out.split("\n").filter((line) => line.startsWith("  R3"))).toEqual([
      "  R3  not rejected error 0.3 in the middle, 0.41 at most; above ε = 0.4 in 1 of 3 draws",
      "  R3  not rejected error 0.3 in the middle, 0.41 at most; above ε = 0.4 in 1 of 3 draws",
    ]);
    expect(kept.out).toContain("measured on a table: structured, rank 4, first rows heavy\n  R3");
    errors.mockReturnValue(0.5);
    const broken = await runFlags("plan", { ...flags, draws: "20" });
    expect(broken.code).toBe(1);
    expect(broken.out).toContain(
      "  R3  REFUTED      error 0.5 in the middle, 0.5 at most; above ε = 0.4 in 20 of 20 draws",
    );
  });
});
