import { short } from "../../../core/numeric/number.ts";
import { type Iterations, type IterationsOptions, iterationsToQuality, median } from "./iterations.ts";
import { type Interference, interferences, linearSteps } from "./linear.ts";
import { quadraticSteps } from "./quadratic.ts";
import type { StableStep } from "./stable-step.ts";

/** What sharing does to training: two theorems held against what is measured, and one measurement that has none. */
export interface ConvergenceStudy {
  /** R16. */
  readonly quadratic: readonly StableStep[];
  readonly linear: readonly StableStep[];
  /** R17. */
  readonly interference: readonly Interference[];
  readonly iterations: readonly Iterations[];
  readonly options: IterationsOptions;
  readonly seed: number;
}

export interface ConvergenceOptions {
  readonly seed: number;
  /** Draws of the hashes for R17. */
  readonly draws: number;
  readonly iterations: IterationsOptions;
}

export async function convergenceStudy(
  { seed, draws, iterations }: ConvergenceOptions,
  say: (line: string) => void = () => {},
): Promise<ConvergenceStudy> {
  say("the stable step of a quadratic");
  const quadratic = await quadraticSteps(seed);
  say("the stable step of a linear click model");
  const linear = await linearSteps(seed);
  say("the interference of two samples");
  const interference = await interferences(draws);
  say("the iterations of a DLRM, load by load");
  const measured = await iterationsToQuality(iterations);
  return { quadratic, linear, interference, iterations: measured, options: iterations, seed };
}

/** Whether all that is predicted was measured. */
export const isConfirmed = ({ quadratic, linear, interference }: ConvergenceStudy): boolean =>
  [...quadratic, ...linear, ...interference].every(({ notRejected }) => notRejected);

/** Said wherever iterations are shown. */
export const noTheorem =
  "No theorem predicts these ratios, nor the paper's 4.5: R16 and R17 say what sharing does to a step, not how many steps it takes.";

export function describeConvergence(study: ConvergenceStudy): string {
  const { quadratic, linear, interference, iterations, options } = study;
  return [
    "R16 on a quadratic: the largest stable step of gradient descent",
    ...stepLines(quadratic),
    "",
    "R16 on a linear click model, at its optimum",
    ...stepLines(linear),
    "",
    "R17 on the same model: how far one step on a sample moves the logit of one that shares no id with it",
    columns("slots", "predicted", "measured"),
    ...interference.map(({ memory, predicted, measured, notRejected }) =>
      columns(memory, short(predicted), short(measured), verdict(notRejected)),
    ),
    "",
    `A DLRM on synthetic clicks: steps to the validation loss that full tables have after ${options.target}`,
    columns("load", "floats", "median", "over full", "steps of each seed"),
    ...iterations.map(({ load, memory, steps, ratio }) =>
      columns(
        `${load}×`,
        memory,
        median(steps) ?? `> ${options.most}`,
        ratio === null ? "–" : `${short(ratio)}×`,
        steps.map((step) => step ?? `> ${options.most}`).join(", "),
      ),
    ),
    noTheorem,
  ].join("\n");
}

const stepLines = (steps: readonly StableStep[]): string[] => [
  columns("load", "largest", "bound", "predicted", "measured"),
  ...steps.map(({ load, largestLoad, bound, predicted, measured, notRejected }) =>
    columns(
      `${short(load)}×`,
      largestLoad,
      short(bound),
      short(predicted),
      short(measured),
      verdict(notRejected),
    ),
  ),
];

const verdict = (notRejected: boolean): string => (notRejected ? "not rejected" : "REFUTED");
const columns = (...cells: readonly (string | number)[]): string =>
  `  ${cells.map((cell) => String(cell).padEnd(10)).join("")}`.trimEnd();
