import * as Plot from "@observablehq/plot";
import { bytes } from "../../core/format.ts";
import type { OverSeeds } from "../../proofs-tests/experiments/tradeoff/over-seeds.ts";
import { floor, full } from "../../proofs-tests/experiments/tradeoff/protocol.ts";
import { type Row, type Summary, shares } from "../../proofs-tests/experiments/tradeoff/summary.ts";
import { judgeWords } from "../../proofs-tests/experiments/tradeoff/words.ts";
import { draw, type Frame, logTicks, look, margin, powersIn } from "./plot.ts";

/** A number of each row against the bytes of its embedding: one picture of a study. */
export interface Picture {
  /** Of files. */
  readonly name: string;
  readonly heading: string;
  readonly axis: string;
  readonly scale: "linear" | "from 0" | "log";
  /** What is drawn of a row; undefined where the study does not have it. */
  readonly value: (row: Row) => number | undefined;
  readonly interval?: (row: Row) => OverSeeds["interval"];
  /** Whether the floor's value is drawn, as a dotted rule. */
  readonly hasFloor?: true;
  readonly caption: string;
}

/** The pictures of a study: quality, iterations, time and latency against memory. */
export function picturesOf(summary: Summary): Picture[] {
  const target = targetOf(summary);
  const { name, goals } = judgeWords[summary.judge];
  const goal = goals[target]!;
  const by = summary.judge;
  const all: Picture[] = [
    {
      name: "quality",
      heading: "Quality against memory",
      axis: `${name} on test rows, 95 % interval over seeds`,
      scale: "linear",
      value: (row) => row[by]?.mean,
      interval: (row) => row[by]?.interval,
      hasFloor: true,
      caption:
        "Dashed: full tables. Dotted: the floor, the same model without ids. Methods of equal memory stand side by side. The intervals are each method's own; the paired difference in the table is sharper, since seeds share rows.",
    },
    {
      name: "kept",
      heading: "Signal kept against memory",
      axis: "Share of the ids' signal that is kept",
      scale: "linear",
      value: ({ kept }) => kept?.value,
      interval: ({ kept }) => kept?.interval,
      hasFloor: true,
      caption: `(${name} − floor) / (full tables − floor), of means over seeds, with its 95 % interval: 1 is what full tables add to the same model without ids.`,
    },
    {
      name: "iterations",
      heading: "Iterations against memory",
      axis: `Steps to ${goal}, over theirs`,
      scale: "log",
      value: ({ iterations }) => iterations[target]?.ratio,
      caption: `Median over the seeds that reached it; × where none did before training ended. Of 100, 99.9 and 99 % the largest that some smaller memory reached, or 99 %.`,
    },
    {
      name: "time",
      heading: "Time to quality against memory",
      axis: `Seconds to ${goal}`,
      scale: "log",
      value: ({ iterations }) => iterations[target]?.seconds,
      caption: `Those steps, each as long as the method's median step; × where that ${name} was not reached. Measuring on the way is not counted.`,
    },
    {
      name: "latency",
      heading: "Latency against memory",
      axis: "Milliseconds of a training step",
      scale: "from 0",
      value: ({ latency }) => latency?.step,
      interval: ({ latency }) => latency?.quartiles,
      caption: "Median and quartiles, each step in turn with one of the full tables.",
    },
  ];
  return all.filter(({ value }) => summary.rows.some((row) => value(row) !== undefined));
}

/** The largest share of the full tables' quality that some smaller memory reached; the smallest where none reached any. */
function targetOf({ rows }: Summary): number {
  const reached = (i: number) => rows.some((row) => row.compression > 1 && row.iterations[i]!.reached > 0);
  const first = shares.findIndex((_, i) => reached(i));
  return first < 0 ? shares.length - 1 : first;
}

/** The methods of a study, each a line in every picture; the floor is none, since its memory is no choice. */
export const methodsOf = ({ rows }: Summary): string[] => [
  ...new Set(rows.map(({ method }) => method).filter((method) => method !== floor.method)),
];

/** Names a line above a picture that stands alone, and pixels from one to the next. */
const named = { each: 3, across: 225, down: 17 };

/**
 * One picture as inline SVG: a line a method, the full tables' value a dashed rule. With `legend` the methods' names stand
 * above, for a picture on no page.
 */
export function plotOf(summary: Summary, picture: Picture, frame: Frame, legend = false): string {
  const { value, interval = () => undefined, scale, axis } = picture;
  const logarithmic = scale === "log";
  const own = summary.rows.filter((row) => row.method !== floor.method);
  const bottom = picture.hasFloor ? summary.rows.find((row) => row.method === floor.method) : undefined;
  const rows = own.filter((row) => value(row) !== undefined);
  const ends = rows.flatMap((row) => [value(row)!, ...(interval(row) ?? [])]);
  if (bottom) ends.push(value(bottom)!);
  const domain = padded([Math.min(...ends), Math.max(...ends)], scale);
  const sizes = own.map((row) => row.bytes);
  const x = [Math.min(...sizes) / 1.6, Math.max(...sizes) * 1.6] as const;
  const { muted, grid } = frame.palette;
  const top = rows.find(({ method }) => method === full.method);
  const ticks = logTicks(domain, frame.height);
  const methods = methodsOf(summary);
  const lines = legend ? Math.ceil(methods.length / named.each) : 0;
  const marginTop = margin.top + named.down * lines;
  const size = { ...frame, height: frame.height + named.down * lines };
  return draw(size, `${picture.axis}, against the bytes that stand for the tables`, {
    marginTop,
    x: { type: "log", domain: [...x], label: "Bytes that stand for the tables (log scale)" },
    y: { type: logarithmic ? "log" : "linear", domain, label: axis, grid: !logarithmic, ticks: 6 },
    marks: [
      Plot.axisX(powersIn(x), { text: inBytes }),
      logarithmic
        ? [Plot.gridY(ticks, { stroke: grid }), Plot.axisY(ticks, { text: String, label: axis })]
        : null,
      top && Plot.ruleY([value(top)!], { stroke: muted, strokeDasharray: "4 4" }),
      bottom && [
        Plot.ruleY([value(bottom)!], { stroke: muted, strokeDasharray: "1 4" }),
        Plot.text(["floor: the same model without ids"], {
          y: value(bottom)!,
          ...{ frameAnchor: "left", textAnchor: "start", dx: 6, dy: -7, fontSize: 11, fill: muted },
        }),
      ],
      legend ? methods.map((method, i) => nameOf(method, i, lines, frame)) : null,
      methods.map((method, i) => {
        const ofThis = own.filter((row) => row.method === method).toSorted((a, b) => a.bytes - b.bytes);
        return seriesOf(ofThis, picture, look(i, frame.palette), side(i, methods.length));
      }),
    ],
  });
}

/** A method's mark and name above the frame, in lines of {@link named}. */
function nameOf(method: string, i: number, lines: number, { palette }: Frame) {
  const { color, glyph } = look(i, palette);
  const line = Math.floor(i / named.each);
  return Plot.text([`${glyph} ${method}`], {
    frameAnchor: "top-left",
    textAnchor: "start",
    dx: named.across * (i % named.each) - margin.left + 10,
    dy: named.down * (line - lines) - 4,
    fontSize: 11,
    fill: color,
  });
}

const inBytes = (size: number): string => bytes(size).replace(/\.0+ /, " ");

/** Pixels by which a method's points stand beside their place, so that intervals of equal memory do not cover each other. */
const side = (i: number, count: number) => 3 * (i - (count - 1) / 2);

function seriesOf(
  all: readonly Row[],
  { value, interval }: Picture,
  { color, symbol, surface }: ReturnType<typeof look>,
  dx: number,
) {
  const at = { x: (row: Row) => row.bytes, dx };
  const rows = all.filter((row) => value(row) !== undefined);
  const absent = all.filter((row) => value(row) === undefined);
  const measured = interval ? rows.filter((row) => interval(row)) : [];
  return [
    Plot.line(rows, { ...at, y: value, stroke: color, strokeWidth: 1.5, strokeOpacity: 0.6 }),
    Plot.ruleX(measured, {
      ...at,
      y1: (row: Row) => interval!(row)![0],
      y2: (row: Row) => interval!(row)![1],
      stroke: color,
      strokeWidth: 1.5,
    }),
    Plot.text(absent, { ...at, frameAnchor: "top", text: () => "×", fill: color, fontSize: 14 }),
    Plot.dot(rows, { ...at, y: value, symbol, r: 4.5, fill: color, stroke: surface }),
  ];
}

function padded([low, high]: readonly [number, number], scale: Picture["scale"]): [number, number] {
  if (scale === "log") return [low / 1.3, high * 1.3];
  if (scale === "from 0") return [0, 1.08 * high];
  const air = Math.max(high - low, 1e-4) * 0.08;
  return [low - air, high + air];
}
