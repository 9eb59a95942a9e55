import { grouped } from "../../../core/format.ts";
import type { Judge } from "../../../models/dlrm/early-stopping.ts";
import type { OverSeeds, Share } from "./over-seeds.ts";
import { type Cell, floor, full, type Point, type StudyOptimizer } from "./protocol.ts";
import type { Ranked } from "./ranking.ts";
import type { Iterations, Row, Summary } from "./summary.ts";

// How numbers of a study read, in a terminal and on a page alike.

const minus = (text: string) => text.replaceAll("-", "−");
export const inDigits = (x: number, digits: number): string => minus(x.toFixed(digits));
export const fixed = (x: number): string => inDigits(x, 4);
export const signed = (x: number): string => (x > 0 ? "+" : "") + fixed(x);
export const times = (x: number): string => `${grouped(x, 3)}×`;

/** How a study speaks of what it judges by. */
interface JudgeWords {
  readonly name: string;
  /** Heads of the columns of steps to full tables' best, and to 99.9 % and 99 % of it, or 0.1 % and 1 % beside it. */
  readonly steps: readonly [string, string, string];
  readonly goals: readonly [string, string, string];
  /** Head of the column of seconds to the second of those. */
  readonly time: string;
  readonly changes: (loss: number) => string;
  readonly loss: string;
  readonly losesLess: (tolerance: number) => string;
  readonly signal: (difference: string) => string;
}

export const judgeWords: Readonly<Record<Judge, JudgeWords>> = {
  auc: {
    name: "AUC",
    steps: ["steps to full's AUC", "to 99.9 % of it", "to 99 %"],
    goals: [
      "100 % of the full tables' AUC",
      "99.9 % of the full tables' AUC",
      "99 % of the full tables' AUC",
    ],
    time: "time to 99.9 %",
    changes: (loss) => `${loss < 0 ? "gains" : "loses"} ${fixed(Math.abs(loss))} AUC`,
    loss: "its loss",
    losesLess: (tolerance) => `to lose less than ${tolerance} AUC`,
    signal: (difference) => `full tables are ${difference} AUC above the floor`,
  },
  logLoss: {
    name: "log loss",
    steps: ["steps to full's log loss", "to 0.1 % above it", "to 1 % above"],
    goals: [
      "the full tables' log loss",
      "0.1 % above the full tables' log loss",
      "1 % above the full tables' log loss",
    ],
    time: "time to 0.1 % above",
    changes: (loss) => `${loss < 0 ? "lowers" : "raises"} log loss by ${fixed(Math.abs(loss))}`,
    loss: "the rise",
    losesLess: (tolerance) => `to raise log loss by less than ${tolerance}`,
    signal: (difference) => `the log loss of full tables is lower by ${difference} than that of the floor`,
  },
};

/** AUC 0.8752, log loss 0.4512; a dash where AUC is undefined. */
export const qualityInWords = ({ auc, logLoss }: Point): string =>
  `AUC ${auc === null ? "–" : fixed(auc)}, log loss ${fixed(logLoss)}`;

/** A difference of qualities as readers expect it: of log loss what is worse is positive. */
export const differenceInWords = ({ difference }: Row, judge: Judge): string =>
  overSeedsInWords(judge === "auc" ? difference : negated(difference), signed);

const negated = ({ mean, interval, values }: OverSeeds): OverSeeds => ({
  mean: -mean,
  ...(interval && { interval: [-interval[1], -interval[0]] }),
  values: values.map((value) => -value),
});

/** 0.8752 (0.8701 … 0.8803); of one seed the number alone. */
export const overSeedsInWords = ({ mean, interval }: OverSeeds, show: (x: number) => string): string =>
  interval ? `${show(mean)} (${show(interval[0])} … ${show(interval[1])})` : show(mean);

/** Whether a difference to the full tables is shown to be one. */
export function verdictOf({ interval }: OverSeeds): "loses" | "gains" | "not told apart" | "one seed" {
  if (!interval) return "one seed";
  if (interval[1] < 0) return "loses";
  return interval[0] > 0 ? "gains" : "not told apart";
}

/** 1,200 (1.5×), at how many seeds where not at all; a dash where never. */
export function iterationsInWords({ steps, ratio, reached }: Iterations, seeds: number): string {
  if (steps === undefined) return "not reached";
  const at = reached < seeds ? `, ${reached} of ${seeds} seeds` : "";
  return `${grouped(steps, 4)} (${times(ratio!)}${at})`;
}

const percent = (x: number): string => minus((100 * x).toFixed(1));

/** 97.3 % (96.1 … 98.4): what is kept of the ids' signal. */
export const shareInWords = ({ value, interval: [low, high] }: Share): string =>
  `${percent(value)} % (${percent(low)} … ${percent(high)})`;

/** Share of the ids' signal: by definition all of full tables and none of the floor; a dash where the signal is not shown. */
export function keptInWords({ method, kept }: Row): string {
  if (kept === undefined) return "–";
  if (method === full.method) return "100 %";
  return method === floor.method ? "0 %" : shareInWords(kept);
}

/** How far full tables are above the floor, and whether that bears shares of it. */
export function signalInWords({ signal, judge }: Pick<Summary, "signal" | "judge">): string {
  if (signal === undefined) return "The ids' signal is not measured: full tables or the floor did not train.";
  const said = `The ids' signal: ${judgeWords[judge].signal(overSeedsInWords(signal, fixed))}, which is the same model without ids`;
  if (signal.interval === undefined) return `${said}; one seed shows no share of it.`;
  return signal.interval[0] > 0
    ? `${said}.`
    : `${said}; that is not shown to be above 0, so no share of it is said.`;
}

/** Milliseconds, and the same over full tables' in the same minute. */
export const latencyInWords = ({ latency }: Row): string =>
  latency ? `${latency.step.toPrecision(3)} ms (${times(1 / latency.speedup)} full's)` : "–";

export const secondsInWords = (seconds: number | undefined): string =>
  seconds === undefined ? "–" : `${seconds.toPrecision(3)} s`;

/** 1 robe, 1 multiHash, 3 rowHash: methods that share a number are not told apart. */
export const rankingInWords = (ranked: readonly Ranked[]): string =>
  ranked.map(({ place, row }) => `${place} ${row.method}`).join(", ");

/** The study's optimizer, with its options: "sgd (momentum 0.9)". */
export function optimizerInWords({ optimizer, optimizerOptions = {} }: StudyOptimizer): string {
  const options = Object.entries(optimizerOptions).map(([name, value]) => `${name} ${value}`);
  return options.length === 0 ? optimizer : `${optimizer} (${options.join(", ")})`;
}

/** adagrad 0.0500 (lowest): the rate that was best, and whether it was at the edge of those tried. */
export const rateInWords = ({ optimizer, learningRate, edge }: Row): string =>
  `${optimizer} ${learningRate.toPrecision(3)}${edge ? ` (${edge})` : ""}`;

/** robe at 10×; full tables and the floor, which are not compressed, by their name. */
export const cellInWords = ({ method, compression }: Cell): string =>
  compression === 1 ? method : `${method} at ${times(compression)}`;

/** What could not be done, and why, a line each. */
export const missingInWords = ({ missing }: Pick<Summary, "missing">): string[] =>
  missing.map(({ reason, ...cell }) => `${cellInWords(cell)}: ${reason}`);
