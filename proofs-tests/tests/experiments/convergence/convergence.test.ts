import { describe, expect, it } from "vitest";
import { convergenceReport } from "../../../../cli/report/convergence.ts";
import { iterationsToQuality } from "../../../experiments/convergence/iterations.ts";
import { interferences, linearSteps } from "../../../experiments/convergence/linear.ts";
import { quadraticSteps } from "../../../experiments/convergence/quadratic.ts";
import {
  growsFrom,
  isAsPredicted,
  largestStable,
  type StableStep,
} from "../../../experiments/convergence/stable-step.ts";
import {
  type ConvergenceStudy,
  describeConvergence,
  isConfirmed,
} from "../../../experiments/convergence/study.ts";

const quadratic = await quadraticSteps(1);

describe("the largest stable step", () => {
  it("is found where it is known: 2/λ for one dimension", async () => {
    for (const curvature of [0.01, 2, 300]) {
      const gradientAt = (M: Float64Array) => M.map((v) => curvature * v);
      const found = await largestStable(
        (step) => growsFrom(Float64Array.of(1), gradientAt, step),
        1 / (1000 * curvature),
      );
      expect(Math.abs((found * curvature) / 2 - 1)).toBeLessThan(0.003);
    }
  });

  it("counts as predicted within a hundredth only, and never below its bound", () => {
    expect(isAsPredicted({ bound: 1, predicted: 2, measured: 2.015 })).toBe(true);
    expect(isAsPredicted({ bound: 1, predicted: 2, measured: 2.03 })).toBe(false);
    expect(isAsPredicted({ bound: 1, predicted: 2, measured: 1.97 })).toBe(false);
    expect(isAsPredicted({ bound: 2.1, predicted: 2, measured: 2 })).toBe(false);
  });

  it("of a quadratic is 2/λ(RHRᵀ) at every load, and shrinks", async () => {
    expect(quadratic.map(({ notRejected }) => notRejected)).toEqual(quadratic.map(() => true));
    expect(quadratic.at(-1)!.measured).toBeLessThan(0.7 * quadratic[0]!.measured);
  });

  it("of a quadratic has the bound 2/(L · largest load), which a full table attains", () => {
    const [full, ...others] = quadratic as [StableStep, ...StableStep[]];
    expect(full).toMatchObject({ memory: 96, load: 1, largestLoad: 1 });
    expect(full.bound / full.predicted).toBeCloseTo(1, 9);
    expect(full.predicted).toBeLessThan(2); // along a steep direction; 2/0.1 along all others
    for (const { memory, load, largestLoad, bound, predicted } of others) {
      expect(load).toBe(96 / memory);
      expect(largestLoad).toBeGreaterThanOrEqual(load); // some slot has as many readers as the mean
      expect(bound).toBeCloseTo(full.bound / largestLoad, 12);
      expect(predicted).toBeGreaterThanOrEqual(bound);
    }
  });

  it("of a linear click model, by the framework's own gradients, is the same at its optimum", async () => {
    const [full, shared] = await linearSteps(2, [90, 11], 100);
    expect([full!.notRejected, shared!.notRejected]).toEqual([true, true]);
    expect(shared!.measured).toBeLessThan(0.8 * full!.measured);
    expect(full).toMatchObject({ load: 1, largestLoad: 1 });
    expect(full!.bound / full!.predicted).toBeCloseTo(1, 9);
    expect(shared!.load).toBe(90 / 11);
    // The curvature at the two optima differs somewhat; the largest load is what tells the bounds apart.
    expect((shared!.bound * shared!.largestLoad) / full!.bound).toBeCloseTo(1, 0);
  });
});

it("interference is that of R17, and not that of another memory", async () => {
  const found = await interferences(4000);
  expect(found.map(({ notRejected }) => notRejected)).toEqual([true, true, true, true]);
  expect(found[0]!.measured).toBe(0);
  for (const { interval, predicted } of found.slice(1)) {
    const [half, twice] = [predicted * Math.SQRT2, predicted / Math.SQRT2]; // of half and of twice the memory
    expect(interval[0]).toBeGreaterThan(twice);
    expect(interval[1]).toBeLessThan(half);
  }
});

const few = { loads: [1, 20], seeds: [1], target: 60, most: 120, every: 20 };
const iterations = await iterationsToQuality(few);

describe("iterations to quality", () => {
  it("are those of the full table at load 1, and counted, not predicted, at others", () => {
    const [full, shared] = iterations as [(typeof iterations)[0], (typeof iterations)[0]];
    expect(full.steps).toEqual([60]);
    expect(full.ratio).toBe(1);
    expect(shared.memory).toBe(1040);
    for (const step of shared.steps) expect(step === null || (step > 0 && step <= 120)).toBe(true);
  });

  it("stand in the text and on the page beside a sentence that no theorem gives them", async () => {
    const study: ConvergenceStudy = {
      quadratic,
      linear: [],
      interference: await interferences(400),
      iterations,
      options: few,
      seed: 1,
    };
    expect(isConfirmed(study)).toBe(true);
    const [broken] = study.quadratic;
    expect(isConfirmed({ ...study, linear: [{ ...broken!, notRejected: false }] })).toBe(false);
    const text = describeConvergence(study);
    expect(text).toMatch(/ {2}1× +20800 +60 +1× +60\n/);
    const page = convergenceReport({ ...study, linear: study.quadratic }, { repeat: "x", machine: "y" });
    expect(page.match(/<svg /g)).toHaveLength(8);
    for (const written of [text, page]) expect(written).toContain("No theorem predicts these ratios");
  });
});
