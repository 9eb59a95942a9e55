import { describe, expect, it } from "vitest";
import type { StableStep } from "../../../experiments/convergence/stable-step.ts";
import {
  type ConvergenceStudy,
  describeConvergence,
  isConfirmed,
} from "../../../experiments/convergence/study.ts";
import { study } from "./made-study.ts";

describe("a study", () => {
  it("is confirmed where all that is predicted was measured, in each of its parts", () => {
    expect(isConfirmed(study)).toBe(true);
    const { quadratic, linear, interference } = study;
    const last = <One>(all: readonly One[]) => [...all.slice(0, -1), { ...all.at(-1)!, notRejected: false }];
    expect(isConfirmed({ ...study, quadratic: last(quadratic) })).toBe(false);
    expect(isConfirmed({ ...study, linear: last(linear) })).toBe(false);
    expect(isConfirmed({ ...study, interference: last(interference) })).toBe(false);
  });

  /** Lines with one blank between cells. */
  const linesOf = (of: ConvergenceStudy): string[] =>
    describeConvergence(of)
      .split("\n")
      .map((line) => line.trim().replaceAll(/ +/g, " "));

  it("is told line by line: numbers under their names, and whether they hold", () => {
    const lines = linesOf(study);
    expect(lines.slice(1, 4)).toEqual([
      "load largest bound predicted measured",
      "1× 1 0.5 0.625 0.626 not rejected",
      "2× 5 0.1 0.25 0.249 not rejected",
    ]);
    expect(lines).toContain("8.182× 13 3.75 17.8 17.7 not rejected");
    const interference = lines.indexOf("slots predicted measured");
    expect(lines[interference + 2]).toBe("11 0.0461 0.0452 not rejected");
    expect(lines.slice(interference + 4, interference + 9)).toEqual([
      "A DLRM on synthetic clicks: steps to the validation loss that full tables have after 20",
      "load floats median over full steps of each seed",
      "1× 800 20 1× 40, 20, 10",
      "4× 200 40 2× 20, 40, > 100",
      "8× 100 > 100 – 30, > 100, > 100",
    ]);
  });

  it("has every line under its heading set in by two blanks, with none at its end", () => {
    const lines = describeConvergence(study).split("\n");
    expect(lines.filter((line) => line.endsWith(" "))).toEqual([]);
    const set = lines.filter((line) => /^ *(load|slots|[\d.]+×|\d+ )/.test(line));
    expect(set).toHaveLength(12);
    for (const line of set) expect(line).toMatch(/^ {2}\S/);
  });

  it("says what is refuted, there and only there", () => {
    const [first, second] = study.quadratic as [StableStep, StableStep];
    const lines = linesOf({ ...study, quadratic: [first, { ...second, notRejected: false }] });
    expect(lines.filter((line) => line.endsWith("REFUTED"))).toEqual(["2× 5 0.1 0.25 0.249 REFUTED"]);
    expect(lines.filter((line) => line.endsWith("not rejected"))).toHaveLength(4);
  });
});
