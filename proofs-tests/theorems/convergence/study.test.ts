import { describe, expect, it } from "vitest";
import { iterationsToQuality, median, withRatios } from "./iterations.ts";
import { interferences } from "./linear.ts";
import { convergenceReport } from "./report.ts";
import { isAsPredicted, type StableStep } from "./stable-step.ts";
import { type ConvergenceStudy, describeConvergence, isConfirmed } from "./study.ts";

describe("the median of steps", () => {
  it("is the middle one, of numbers and not of words", () => {
    expect(median([900, 1000, 50])).toBe(900);
    expect(median([7])).toBe(7);
  });
  it("counts those that never arrived as latest", () => {
    expect(median([30, null, 10])).toBe(30);
    expect(median([null, 25, null])).toBeNull();
  });
});

describe("the ratio of iterations", () => {
  const of = (load: number, steps: readonly (number | null)[]) => ({ load, memory: 800 / load, steps });
  it("is a median over the full table's", () => {
    const found = withRatios([of(1, [20, 40, 10]), of(4, [null, 30, 25]), of(8, [null, null, 10])]);
    expect(found.map(({ ratio }) => ratio)).toEqual([1, 1.5, null]);
    expect(found[1]).toMatchObject({ load: 4, memory: 200, steps: [null, 30, 25] });
  });
  it("is none where the full table itself did not arrive", () =>
    expect(withRatios([of(1, [null]), of(2, [10])]).map(({ ratio }) => ratio)).toEqual([null, null]));
});

it("each seed has the full table of its own seed to reach, which reaches it when it was looked at", async () => {
  const options = { loads: [1, 16], seeds: [2, 1], target: 20, most: 40, every: 20 };
  const [full, shared] = await iterationsToQuality(options);
  expect(full).toMatchObject({ load: 1, memory: 2600 * 8, steps: [20, 20], ratio: 1 });
  expect(shared).toMatchObject({ load: 16, memory: 1300 });
});

it("stable steps hold to a hundredth, and to their bound less a hundredth", () => {
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 1.0099 })).toBe(true);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 1.0101 })).toBe(false);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 0.9901 })).toBe(true);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 0.9899 })).toBe(false);
  expect(isAsPredicted({ bound: 1.02, predicted: 1, measured: 1 })).toBe(false);
});

it("interference of samples that share nothing is predicted as 0.05 · √3 · √3/√m", async () => {
  // A step of 0.1 on a residual of ½; two samples of three ids each.
  const found = await interferences(200);
  expect(found.map(({ memory }) => memory)).toEqual([90, 45, 22, 11]);
  expect(found[0]).toMatchObject({ measured: 0, predicted: 0, holds: true });
  for (const { memory, predicted, measured, interval } of found.slice(1)) {
    expect(predicted).toBeCloseTo(0.15 / Math.sqrt(memory), 12);
    expect(measured).toBeGreaterThan(interval[0]);
    expect(measured).toBeLessThan(interval[1]);
    expect(Math.abs(measured / predicted - 1)).toBeLessThan(0.5);
  }
});

const step = (change: Partial<StableStep>): StableStep => ({
  memory: 96,
  load: 1,
  largestLoad: 1,
  bound: 0.5,
  predicted: 0.625,
  measured: 0.626,
  holds: true,
  ...change,
});

const study: ConvergenceStudy = {
  quadratic: [step({}), step({ load: 2, largestLoad: 5, bound: 0.1, predicted: 0.25, measured: 0.249 })],
  linear: [step({ load: 8.1818, largestLoad: 13, bound: 3.75, predicted: 17.8, measured: 17.7 })],
  interference: [
    { memory: 90, measured: 0, predicted: 0, interval: [0, 0], holds: true },
    { memory: 11, measured: 0.0452, predicted: 0.0461, interval: [0.044, 0.047], holds: true },
  ],
  iterations: withRatios([
    { load: 1, memory: 800, steps: [40, 20, 10] },
    { load: 4, memory: 200, steps: [20, 40, null] },
    { load: 8, memory: 100, steps: [30, null, null] },
  ]),
  options: { loads: [1, 4, 8], seeds: [1, 2, 3], target: 20, most: 100, every: 10 },
  seed: 0,
};

describe("a study", () => {
  it("is confirmed where all that is predicted was measured, in each of its parts", () => {
    expect(isConfirmed(study)).toBe(true);
    const { quadratic, linear, interference } = study;
    const last = <One>(all: readonly One[]) => [...all.slice(0, -1), { ...all.at(-1)!, holds: false }];
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
      "1× 1 0.5 0.625 0.626 holds",
      "2× 5 0.1 0.25 0.249 holds",
    ]);
    expect(lines).toContain("8.182× 13 3.75 17.8 17.7 holds");
    const interference = lines.indexOf("slots predicted measured");
    expect(lines[interference + 2]).toBe("11 0.0461 0.0452 holds");
    expect(lines.slice(interference + 4, interference + 9)).toEqual([
      "A DLRM on synthetic clicks: steps to the validation loss that full tables have after 20",
      "load floats median over full steps of each seed",
      "1× 800 20 1× 40, 20, 10",
      "4× 200 40 2× 20, 40, > 100",
      "8× 100 > 100 – 30, > 100, > 100",
    ]);
  });

  it("says what is refuted, there and only there", () => {
    const [first, second] = study.quadratic as [StableStep, StableStep];
    const lines = linesOf({ ...study, quadratic: [first, { ...second, holds: false }] });
    expect(lines.filter((line) => line.endsWith("REFUTED"))).toEqual(["2× 5 0.1 0.25 0.249 REFUTED"]);
    expect(lines.filter((line) => line.endsWith("holds"))).toHaveLength(4);
  });
});

describe("the page of a study", () => {
  const pageOf = (of: ConvergenceStudy) => convergenceReport(of, { repeat: "again", machine: "here" });
  const page = pageOf(study);

  it("has the headline that its numbers bear", () => {
    expect(page).toContain("are what R16 and R17 predict");
    const refuted = pageOf({ ...study, linear: [step({ holds: false })] });
    expect(refuted).toContain("What was measured is not what R16 and R17 predict.");
    expect(refuted).not.toContain("are what R16 and R17 predict");
  });

  it("says how many seeds, which load did not arrive, and after how many steps", () => {
    expect(page).toContain("median of 3 seeds, with their range");
    expect(page).toContain("Not there after 100 steps at 8×.");
    expect(page).toContain("full tables have after 20 steps");
  });

  it("draws medians over the full table's, with the range of all seeds; who never arrived is at the most steps", () => {
    const drawn = page.slice(page.indexOf("Iterations to quality of a DLRM"));
    const plot = drawn.slice(drawn.indexOf("<svg"), drawn.indexOf("</svg>"));
    const numbers = (tag: string, name: string) =>
      [...plot.matchAll(new RegExp(`<${tag} [^>]*${name}="([\\d.]+)"`, "g"))].map((match) =>
        Number(match[1]),
      );
    const rules = plot.slice(plot.indexOf('aria-label="rule"'));
    const ends = [...rules.matchAll(/<line [^>]*y2="([\d.]+)" y1="([\d.]+)"/g)];
    const dots = numbers("circle", "cy");
    // Heights above the axis, which starts at 0 and lies 44 above the lower edge of 440, over the full table's.
    const heightOf = (y: number | string | undefined) => (396 - Number(y)) / (396 - dots[0]!);
    const near = (ys: readonly number[]) => ys.map((y) => Math.round(1000 * y) / 1000);
    expect(near(dots.map(heightOf))).toEqual([1, 2]);
    expect(ends.map(([, high, low]) => near([heightOf(low), heightOf(high)]))).toEqual([
      [0.5, 2],
      [1, 5],
    ]);
  });
});
