import * as Plot from "@observablehq/plot";
import type { Seen } from "../../proofs-tests/experiments/prove/curves.ts";
import { draw, type Frame, logTicks, look, margin } from "./plot.ts";

/** How a curve's plot is labeled and scaled. */
interface Axes {
  /** A sentence for those who cannot see it. */
  readonly about: string;
  readonly x: string;
  readonly y: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
}

/** Series in the order in which a legend names them: what was seen, and what is predicted. */
export const seenAndPredicted = ["measured, with its interval", "predicted"];

/** What was seen as points with intervals, what is predicted as a line, what bounds it as a dashed one. */
export function seenPlot(seen: readonly Seen[], axes: Axes, frame: Frame): string {
  const measured = look(0, frame.palette);
  const xs = seen.map(({ at }) => at);
  const low = axes.logY ? lowest(seen) : 0;
  const ys = seen.flatMap(({ interval, predicted = 0, bound = 0 }) => [interval[1], predicted, bound]);
  const x = axes.logX ? logScale(xs, [margin.left, frame.width - margin.right]) : {};
  const y = axes.logY
    ? { type: "log" as const, domain: [low, Math.max(...ys) * 1.2] }
    : { domain: [0, Math.max(...ys) * 1.05] };
  const shown = seen.map((one) => ({
    ...one,
    low: Math.max(one.interval[0], low),
    high: Math.max(one.interval[1], low),
  }));
  return draw(frame, axes.about, {
    x: { ...x, label: axes.x },
    y: { ...y, label: axes.y, grid: true, ...(axes.logY ? { tickFormat: "~g" } : {}), ticks: 6 },
    marks: [
      axes.logX ? Plot.axisX(logTicks(spanOf(xs), frame.width), { text: (v: number) => String(v) }) : null,
      (["predicted", "bound"] as const).map((name, i) =>
        Plot.line(
          seen.filter((one) => (one[name] ?? -1) >= low),
          {
            x: "at",
            y: name,
            stroke: look(i + 1, frame.palette).color,
            strokeWidth: 2,
            ...(name === "bound" && { strokeDasharray: "6 4" }),
          },
        ),
      ),
      Plot.ruleX(shown, { x: "at", y1: "low", y2: "high", stroke: measured.color, marker: "tick" }),
      Plot.dot(
        shown.filter(({ observed }) => observed >= low),
        {
          x: "at",
          y: "observed",
          symbol: measured.symbol,
          r: 4,
          fill: measured.color,
          stroke: measured.surface,
        },
      ),
    ],
  });
}

/** The end of a logarithmic axis: a little below the smallest number that was seen. Intervals may go on beyond it. */
const lowest = (seen: readonly Seen[]): number =>
  Math.min(...seen.map(({ observed, bound = observed }) => Math.min(observed, bound)).filter((v) => v > 0)) /
  2;

const spanOf = (values: readonly number[]): [number, number] => [
  Math.min(...values) / 1.2,
  Math.max(...values) * 1.2,
];

const logScale = (values: readonly number[], range: [number, number]) => ({
  type: "log" as const,
  domain: spanOf(values),
  range,
});
