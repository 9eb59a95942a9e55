import * as Plot from "@observablehq/plot";
import { draw, logTicks, look, margin, palettes, standalone } from "../report/plot.ts";
import { medianAndQuartiles, type Timing } from "./bench.ts";

const palette = palettes.light;
const [width, left, row] = [860, 330, 26];

/** Medians and quartiles on a logarithmic axis, a line a case, as an SVG of its own. */
export function chart(timings: readonly Timing[]): string {
  const cases = [...new Set(timings.map(caseOf))];
  const backends = [...new Set(timings.map((t) => t.backend))];
  const height = margin.top + row * cases.length + margin.bottom;
  const domain: [number, number] = [
    Math.min(...timings.map((t) => t.quartiles[0])) / 1.2,
    Math.max(...timings.map((t) => t.quartiles[1])) * 1.2,
  ];
  const ticks = logTicks(domain, width - left - margin.right);
  const label = "milliseconds a round, median and quartiles; further left is faster";
  const about = "Time of each case by backend, milliseconds, logarithmic";
  const plotted = draw({ width, height, palette }, about, {
    marginLeft: left,
    x: { type: "log", domain },
    y: { domain: cases, label: null },
    marks: [
      Plot.gridX(ticks, { stroke: palette.grid, strokeOpacity: 1 }),
      Plot.axisX(ticks, { text: String, label, labelArrow: "none" }),
      backends.map((backend, i) => [
        named(backend, i),
        marked(
          timings.filter((t) => t.backend === backend),
          i,
        ),
      ]),
    ],
  });
  return standalone(plotted);
}

const caseOf = ({ name, shape }: Timing): string => `${name}, ${shape}`;

/** A backend's name in the legend above the plot. */
function named(backend: string, i: number) {
  const { color, glyph } = look(i, palette);
  const at = { frameAnchor: "top-left", textAnchor: "start", dx: 120 * i, dy: -20 } as const;
  return Plot.text([`${glyph} ${backend}`], { ...at, fill: color });
}

function marked(own: readonly Timing[], i: number) {
  const { color, symbol, surface } = look(i, palette);
  const [x1, x2] = [0, 1].map(
    (q) =>
      ({ quartiles }: Timing) =>
        quartiles[q]!,
  );
  const title = (t: Timing) => `${t.backend}: ${medianAndQuartiles(t)} ms`;
  return [
    Plot.ruleY(own, { y: caseOf, x1: x1!, x2: x2!, stroke: color, strokeWidth: 2 }),
    Plot.dot(own, { y: caseOf, x: "median", symbol, r: 4.5, fill: color, stroke: surface, title }),
  ];
}
