import { grouped } from "../../../core/format.ts";
import type { StudyOptimizer } from "./protocol.ts";
import type { Ranked } from "./ranking.ts";
import type { Iterations, OverSeeds, Row, Summary } from "./summary.ts";

// How numbers of a study read, in a terminal and on a page alike.

const minus = (text: string) => text.replaceAll("-", "−");
export const fixed = (x: number): string => minus(x.toFixed(4));
export const signed = (x: number): string => (x > 0 ? "+" : "") + fixed(x);
export const times = (x: number): string => `${grouped(x, 3)}×`;

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

/** Milliseconds, and how many times as fast as the full tables. */
export const latencyInWords = ({ latency }: Row): string =>
  latency ? `${latency.step.toPrecision(3)} ms (${latency.speedup.toPrecision(3)}×)` : "–";

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

/** What could not be done, and why, a line each. */
export const missingInWords = ({ missing }: Summary): string[] =>
  missing.map(({ method, compression, reason }) => `${method} at ${times(compression)}: ${reason}`);
