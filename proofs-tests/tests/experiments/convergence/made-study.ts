import { withRatios } from "../../../experiments/convergence/iterations.ts";
import type { StableStep } from "../../../experiments/convergence/stable-step.ts";
import type { ConvergenceStudy } from "../../../experiments/convergence/study.ts";

/** A step that was as predicted. */
export const step = (change: Partial<StableStep>): StableStep => ({
  memory: 96,
  load: 1,
  largestLoad: 1,
  bound: 0.5,
  predicted: 0.625,
  measured: 0.626,
  notRejected: true,
  ...change,
});

/** A study all of whose numbers are made up. */
export const study: ConvergenceStudy = {
  quadratic: [step({}), step({ load: 2, largestLoad: 5, bound: 0.1, predicted: 0.25, measured: 0.249 })],
  linear: [step({ load: 8.1818, largestLoad: 13, bound: 3.75, predicted: 17.8, measured: 17.7 })],
  interference: [
    { memory: 90, measured: 0, predicted: 0, interval: [0, 0], notRejected: true },
    { memory: 11, measured: 0.0452, predicted: 0.0461, interval: [0.044, 0.047], notRejected: true },
  ],
  iterations: withRatios([
    { load: 1, memory: 800, steps: [40, 20, 10] },
    { load: 4, memory: 200, steps: [20, 40, null] },
    { load: 8, memory: 100, steps: [30, null, null] },
  ]),
  options: { loads: [1, 4, 8], seeds: [1, 2, 3], target: 20, most: 100, every: 10 },
  seed: 0,
};
