import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { proveVerbOf } from "../../../cli/prove.ts";
import { brokenFamilies } from "../../mutants/sketches.ts";
import { temporaryFolder } from "../temporary.ts";
import { only, run, runOf } from "./command.ts";

describe("prove", () => {
  it("gives a verdict for every check and scheme, and repeats itself at its seed", async () => {
    const flags = [
      "prove",
      "--theorem",
      "R7",
      "--samples",
      "500",
      "--instances",
      "2",
      "--seed",
      "3",
      "--json",
    ];
    const [first, again] = [await run(...flags), await run(...flags)];
    expect(first.code).toBe(0);
    expect(again.out).toBe(first.out);
    const { verdicts, familyWiseErrorRate, repeat } = JSON.parse(first.out);
    expect(verdicts).toHaveLength(8);
    expect(familyWiseErrorRate).toBeLessThan(1e-4);
    expect(repeat).toBe("npx pss-dlrm prove --theorem R7 --seed 3 --samples 500 --instances 2");
  });

  it("refutes a scheme that lacks what it claims: exit code 1, witness, and the line that repeats it", async () => {
    const flags = ["--scheme", "broken:blind-hash", "--seed", "6", "--samples", "1000", "--instances", "3"];
    const broken = only(proveVerbOf(brokenFamilies));
    const { code, out } = await runOf(broken, "prove", "--theorem", "R2", ...flags);
    expect(code).toBe(1);
    expect(out).toMatch(
      /‖Rx‖² \(if pairwise circular starts, four-wise signs\)\n +REFUTED +broken:blind-hash: variance .*\n +in \{"rows":\d+,/,
    );
    const [, repeat] = /repeat: npx pss-dlrm (.*)/.exec(out)!;
    expect((await runOf(broken, ...repeat!.split(" "))).out).toBe(out);
  });

  it("measures a trained table, and finds what the theorems predict", async () => {
    const { code, out } = await run("prove", "--trained", "--samples", "200", "--json");
    const { measured } = JSON.parse(out);
    expect(code).toBe(0);
    expect(measured).toHaveLength(4);
    for (const { query, subspace, entry } of measured) {
      for (const { measured: found, predicted, interval, notRejected } of [query, subspace, entry]) {
        expect(notRejected).toBe(true);
        expect(found).toBeGreaterThan(0);
        expect(interval[0]).toBeLessThanOrEqual(predicted);
        expect(interval[1]).toBeGreaterThanOrEqual(predicted);
      }
    }
  });

  it("reads R off the backend that was asked for, and judges that one's gather and scatter", async () => {
    const few = ["--scheme", "robe:mixer", "--samples", "100", "--instances", "1", "--seed", "3"];
    for (const theorem of ["R2", "R14"]) {
      const { code, out } = await run(
        "prove",
        "--theorem",
        theorem,
        "--backend",
        "gpu:webasm,gpu:cpu",
        ...few,
      );
      expect(out).toMatch(/not rejected .* on gpu:webasm: /);
      expect(out).toMatch(/not rejected .* on gpu:cpu: /);
      expect(out).toContain("--backend gpu:webasm,gpu:cpu");
      expect(code).toBe(0);
    }
  });

  it("writes a page of its own: verdicts, and what was seen beside what is predicted", async () => {
    const html = join(temporaryFolder(), "made", "prove.html");
    const few = ["--samples", "200", "--instances", "1", "--seed", "3", "--backend", "fast"];
    const { code } = await run("prove", "--theorem", "R4", ...few, "--html", html);
    expect(code).toBe(0);
    const page = readFileSync(html, "utf8");
    expect(page.match(/<svg /g)).toHaveLength(6); // three pictures, for wide and for narrow windows
    expect(page).not.toMatch(/<script(?! type="application\/json")|https?:\/\/(?!www\.w3\.org)/);
    const { verdicts, curves } = JSON.parse(/id="proof">(.*)<\/script>/.exec(page)![1]!);
    expect(verdicts).toHaveLength(4);
    for (const { observed, interval, predicted } of [...curves.byBlock, ...curves.byMemory]) {
      expect(interval[0]).toBeLessThanOrEqual(predicted);
      expect(interval[1]).toBeGreaterThanOrEqual(predicted);
      expect(observed).toBeGreaterThan(0);
    }
    for (const { interval, predicted } of curves.tail) expect(interval[0]).toBeLessThanOrEqual(predicted);
    expect(curves.byBlock.at(-1).predicted).toBeLessThan(0.8 * curves.byBlock[0].predicted);
    expect(Math.abs(curves.slope + 0.5)).toBeLessThan(0.05);
  });

  it("draws a new seed where none is given", async () => {
    const seeds = await Promise.all(
      [1, 2].map(async () => {
        const { out } = await run("prove", "--theorem", "R14", "--samples", "50", "--instances", "1");
        return /--seed (\d+)/.exec(out)![1];
      }),
    );
    expect(seeds[0]).not.toBe(seeds[1]);
  });
});

describe("plan", () => {
  it("prints what suffices, and the table that it replaces", async () => {
    const flags = ["--rows", "204184588", "--dim", "128", "--epsilon", "0.1", "--delta", "0.01"];
    const { code, out } = await run("plan", ...flags);
    expect(code).toBe(0);
    expect(out).toContain("the table itself: 26.14 billion floats, 105 GB");
    expect(out).toMatch(/R9 .*749,696 floats, 3.00 MB \(34,900× smaller\)/);
    expect(JSON.parse((await run("plan", ...flags, "--json")).out)).toMatchObject({ memorySize: 20_000 });
  });
});

it("plan --keep refuses what no memory keeps, with the reason, and exit code 1", async () => {
  const size = ["--rows", "1000", "--dim", "4", "--epsilon", "0.1"];
  const { code, out } = await run("plan", ...size, "--keep", "relative-entries");
  expect(code).toBe(1);
  expect(out).toMatch(/refused: relative accuracy of single entries: .* \(R6\)/);
  expect(out).not.toMatch(/^R\d/m);
  const kept = await run("plan", ...size, "--keep", "subspace,gram");
  expect(kept.code).toBe(0);
  expect(kept.out.match(/^R\d+/gm)).toEqual(["R7", "R8"]);
});

describe("bad input gives one sentence, exit code 2, and nothing else", () => {
  it.each([
    [["prove", "--theorem", "R99"], "--theorem must be one of R1, "],
    [["prove", "--scheme", "best"], 'There is no scheme "best" to try; choose one of robe:mersenne61; '],
    [["prove", "--theorem", "R12", "--scheme", "aligned"], "it lacks their hypotheses"],
    [
      ["prove", "--trained", "--theorem", "R2"],
      "prove --trained takes only --samples and --json; leave out --theorem.",
    ],
    [["prove", "--convergence", "--trained"], "takes only --samples and --json; leave out --convergence."],
    [["prove", "--backend", "cuda"], "Each of --backend must be one of cpu, "],
    [
      ["plan", "--rows", "1e9", "--dim", "64", "--epsilon", "0.1", "--check"],
      "A check draws the table, at most 16,777,216",
    ],
    [
      ["plan", "--rows", "10", "--dim", "4", "--epsilon", "0.1", "--keep", "all"],
      "Each of --keep must be one of norm, ",
    ],
    [["plan", "--rows", "10"], "--rows N --dim D"],
    [
      ["plan", "--rows", "10", "--dim", "4", "--epsilon", "0"],
      "--epsilon must be a number above 0 and below 1, but it is 0.",
    ],
    [
      ["plan", "--rows", "10", "--dim", "4", "--epsilon", "0.1", "--delta", "1"],
      "--delta must be a number above 0 and below 1, but it is 1.",
    ],
    [
      ["plan", "--rows", "10", "--dim", "4", "--memory-size", "0"],
      "--memory-size must be a whole number from 1 up",
    ],
    [["plan", "--rows", "9e15", "--dim", "4", "--epsilon", "0.1"], "2⁵³"],
  ])("%j", async (args, words) => {
    const { code, out, err } = await run(...args);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(err).toContain(words);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});
