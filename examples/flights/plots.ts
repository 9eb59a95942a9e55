import * as Plot from "@observablehq/plot";
import {
  compact,
  draw,
  type Frame,
  logTicks,
  look,
  margin,
  type Palette,
  palettes,
  standalone,
} from "../../cli/report/plot.ts";

/** One trained model of a study. Intervals are at 95 %. */
export interface Run {
  name: string;
  /** Floats of the full embedding tables over those stored; 1 is the uncompressed model. */
  compression: number;
  embeddingFloats: number;
  modelFloats: number;
  auc: { value: number; standardError: number; interval: readonly [number, number] };
  /** AUC of this model minus that of the uncompressed one, on the same rows. */
  difference?: { value: number; interval: readonly [number, number] };
  logLoss: number;
  rowsPerSecond: number;
  seconds: number;
  curve: readonly { step: number; loss: number }[];
  validation?: readonly { step: number; logLoss: number; auc: number }[];
}

/** Below this many pixels, names do not fit beside their points and the page's legend must do. */
const labeledWidth = 560;

/** AUC against embedding memory as inline SVG: one labeled point a model, a band for the uncompressed one. */
export function qualityPlot(runs: readonly Run[], frame: Frame): string {
  const { muted } = frame.palette;
  const scales = qualityScales(runs, frame);
  const places = labelPlaces(runs, frame, scales);
  const labels = frame.width >= labeledWidth;
  const full = runs.find((run) => run.compression === 1);
  const band = full && [
    Plot.rect([full], { y1: full.auc.interval[0], y2: full.auc.interval[1], fill: muted, fillOpacity: 0.15 }),
    Plot.ruleY([full.auc.value], { stroke: muted, strokeDasharray: "4 4" }),
  ];
  return draw(frame, "AUC of each model, with 95 % intervals, against the floats its embeddings store", {
    x: { ...scales.x, label: "Embedding memory (floats, log scale)" },
    y: { ...scales.y, label: "AUC, 95 % interval", grid: true, ticks: 6 },
    marks: [
      Plot.axisX(logTicks(scales.x.domain, scales.x.range[1] - scales.x.range[0]), { text: compact }), // a `tickFormat` would leave out some on a log axis
      band,
      runs.map((run, i) => point(run, look(i, frame.palette), places[i]!)),
      labels ? runs.map((run, i) => label(run, places[i]!, frame.palette)) : null,
    ],
  });
}

function point(run: Run, { color, symbol, surface }: ReturnType<typeof look>, { dx }: Place) {
  const x = run.embeddingFloats;
  const [y1, y2] = run.auc.interval;
  return [
    Plot.ruleX([run], { x, y1, y2, dx, stroke: color, strokeWidth: 2, marker: "tick" }),
    Plot.dot([run], { x, y: run.auc.value, dx, symbol, r: 6, fill: color, stroke: surface }),
  ];
}

function label(run: Run, { labelDx, labelDy, textAnchor }: Place, { ink, surface }: Palette) {
  const at = { x: run.embeddingFloats, y: run.auc.value, dx: labelDx, dy: labelDy, textAnchor };
  return Plot.text([run.name], { ...at, fill: ink, stroke: surface, strokeWidth: 4 });
}

function qualityScales(runs: readonly Run[], { width, height }: Frame) {
  const floats = runs.map((run) => run.embeddingFloats);
  const low = Math.min(...runs.map((run) => run.auc.interval[0]));
  const high = Math.max(...runs.map((run) => run.auc.interval[1]));
  const air = Math.max(high - low, 1e-4) * 0.08;
  return {
    x: {
      type: "log",
      domain: [Math.min(...floats) / 1.6, Math.max(...floats) * 1.6],
      range: [margin.left, width - margin.right],
    },
    y: { domain: [low - air, high + air], range: [height - margin.bottom, margin.top] },
  } as const;
}

/** Where a point and its label go, in pixels from the true place. */
interface Place {
  readonly dx: number;
  readonly labelDx: number;
  readonly labelDy: number;
  readonly textAnchor: "start" | "end";
}

/** Models of equal memory stand side by side; labels face the wider side and move down past those already placed. */
function labelPlaces(
  runs: readonly Run[],
  { width }: Frame,
  scales: ReturnType<typeof qualityScales>,
): Place[] {
  const x = Plot.scale({ x: scales.x })!;
  const y = Plot.scale({ y: scales.y })!;
  const taken: { left: number; right: number; y: number }[] = [];
  return runs.map((run, i) => {
    const equal = runs.filter((other) => other.embeddingFloats === run.embeddingFloats);
    const before = runs.slice(0, i).filter((other) => other.embeddingFloats === run.embeddingFloats);
    const dx = (before.length - (equal.length - 1) / 2) * 16;
    const center = x.apply(run.embeddingFloats) + dx;
    const toRight = center < width / 2;
    const wide = run.name.length * 7;
    const left = toRight ? center + 10 : center - 10 - wide;
    const box = { left, right: left + wide, y: y.apply(run.auc.value) };
    const start = box.y;
    const overprints = (other: typeof box) =>
      other.left < box.right && box.left < other.right && Math.abs(other.y - box.y) < 15;
    for (let hit = taken.find(overprints); hit; hit = taken.find(overprints)) box.y = hit.y + 15;
    taken.push(box);
    return {
      dx,
      labelDx: dx + (toRight ? 10 : -10),
      labelDy: box.y - start,
      textAnchor: toRight ? "start" : "end",
    };
  });
}

/**
 * Loss against training step as inline SVG, one colored line a model: thin, the training loss averaged over
 * equal stretches of steps; thick with marks, the validation log loss where there is one.
 */
export function lossPlot(runs: readonly Run[], frame: Frame): string {
  const training = runs.map((run) => stretches(run.curve, Math.round(frame.width / 6)));
  const validation = runs.map((run) => run.validation ?? []);
  // The first stretches fall from ln 2 and would flatten all that matters, so the axis is made for the others.
  const shown = [
    ...training.flatMap((curve) => curve.slice(Math.floor(curve.length / 10)).map((at) => at.loss)),
    ...validation.flat().map((at) => at.logLoss),
  ];
  return draw(frame, "Loss of each model against training step", {
    x: { label: "Training step", tickFormat: compact, ticks: 6 },
    y: {
      label: "Log loss (nats)",
      domain: [Math.min(...shown), Math.max(...shown)],
      nice: true,
      grid: true,
      ticks: 6,
    },
    marks: runs.map((_, i) => {
      const { color, symbol } = look(i, frame.palette);
      const thick = validation[i]!;
      const thin = thick.length > 0 ? { strokeWidth: 1, strokeOpacity: 0.6 } : { strokeWidth: 2 };
      return [
        Plot.line(training[i]!, { x: "step", y: "loss", stroke: color, clip: true, ...thin }),
        Plot.line(thick, { x: "step", y: "logLoss", stroke: color, strokeWidth: 2.5 }),
        Plot.dot(thick, {
          x: "step",
          y: "logLoss",
          symbol,
          r: 4.5,
          fill: color,
          stroke: frame.palette.surface,
        }),
      ];
    }),
  });
}

/** The curve averaged over at most `count` stretches of equally many points, each placed at its last step. */
function stretches(curve: Run["curve"], count: number): { step: number; loss: number }[] {
  const size = Math.ceil(curve.length / count);
  return Array.from({ length: Math.ceil(curve.length / size) || 0 }, (_, i) => {
    const part = curve.slice(i * size, (i + 1) * size);
    return { step: part.at(-1)!.step, loss: part.reduce((sum, at) => sum + at.loss, 0) / part.length };
  });
}

/** The quality plot as an SVG file that stands alone on its own background, for a README. */
export function qualityFigure(runs: readonly Run[], theme: keyof typeof palettes): string {
  const palette = palettes[theme];
  return standalone(qualityPlot(runs, { width: 720, height: 400, palette }));
}
