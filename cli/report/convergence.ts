import { median } from "../../proofs-tests/experiments/convergence/iterations.ts";
import type { StableStep } from "../../proofs-tests/experiments/convergence/stable-step.ts";
import {
  type ConvergenceStudy,
  describeConvergence,
  isConfirmed,
  noTheorem,
} from "../../proofs-tests/experiments/convergence/study.ts";
import type { Seen } from "../../proofs-tests/experiments/prove/curves.ts";
import { escapeHtml, facts, figure, page, section } from "./page.ts";
import { seenPlot } from "./prove-plots.ts";

/** The study as a page: stable steps, interference and iterations, against load. */
export function convergenceReport(
  study: ConvergenceStudy,
  made: { readonly repeat: string; readonly machine: string },
): string {
  return page({
    title: "What sharing does to training",
    headline: isConfirmed(study)
      ? "The stable step and the interference of samples are what R16 and R17 predict; the number of iterations is measured."
      : "What was measured is not what R16 and R17 predict.",
    sections: [
      stepFigure("The largest stable step of a quadratic (R16)", study.quadratic),
      stepFigure("The largest stable step of a linear click model (R16)", study.linear),
      interferenceFigure(study),
      iterationsFigure(study),
      section(
        "All numbers",
        `<div class="scroll"><pre>${escapeHtml(describeConvergence(study))}</pre></div>`,
      ),
      section(
        "How this was made",
        facts({
          Command: `<code>${escapeHtml(made.repeat)}</code>`,
          Machine: escapeHtml(made.machine),
        }),
      ),
    ],
    data: { id: "convergence", value: study },
  });
}

function stepFigure(heading: string, steps: readonly StableStep[]): string {
  const seen = steps.map(
    ({ load, measured, predicted, bound }): Seen => ({
      at: load,
      observed: measured,
      interval: [measured, measured],
      predicted,
      bound,
    }),
  );
  const axes = {
    about: "Largest stable step against mean load",
    x: "load N/m",
    y: "step",
    logX: true,
    logY: true,
  };
  return figure(heading, (frame) => seenPlot(seen, axes, frame), {
    legend: ["measured by bisection", "2/(largest eigenvalue of RHRᵀ)", "bound 2/(L · largest load)"],
    caption:
      "Gradient descent on shared memory: above this step it diverges. The bound needs only L and the largest load; the eigenvalue needs the Hessian.",
  });
}

function interferenceFigure({ interference }: ConvergenceStudy): string {
  const shared = interference.filter(({ predicted }) => predicted > 0);
  const seen = shared.map(
    ({ memory, measured, interval, predicted }): Seen => ({
      at: memory,
      observed: measured,
      interval,
      predicted,
    }),
  );
  const axes = {
    about: "Root mean square change of another sample's logit against memory",
    x: "m, slots",
    y: "change of the logit",
    logX: true,
  };
  return figure(
    "Interference of two samples that share nothing (R17)",
    (frame) => seenPlot(seen, axes, frame),
    {
      legend: ["measured, with its interval", "predicted"],
      caption:
        "One SGD step on a sample moves the prediction of another through shared slots. With a full table it moves by exactly 0.",
    },
  );
}

function iterationsFigure({ iterations, options }: ConvergenceStudy): string {
  const usual = median(iterations[0]!.steps)!;
  const arrived = iterations.filter(({ ratio }) => ratio !== null);
  const seen = arrived.map(({ load, steps, ratio }): Seen => {
    const ratios = steps.map((step) => (step ?? options.most) / usual);
    return { at: load, observed: ratio!, interval: [Math.min(...ratios), Math.max(...ratios)] };
  });
  const late = iterations.filter(({ ratio }) => ratio === null).map(({ load }) => `${load}×`);
  const axes = {
    about: "Iterations to the full table's quality, over those of the full table, against load",
    x: "load N/m",
    y: "iterations over the full table's",
    logX: true,
  };
  return figure("Iterations to quality of a DLRM", (frame) => seenPlot(seen, axes, frame), {
    legend: [`median of ${options.seeds.length} seeds, with their range`],
    caption: `Synthetic clicks, Adagrad, to the validation loss that full tables have after ${options.target} steps. ${late.length > 0 ? `Not there after ${options.most} steps at ${late.join(", ")}. ` : ""}${noTheorem}`,
  });
}
