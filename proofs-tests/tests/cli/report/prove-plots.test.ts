import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { palettes } from "../../../../cli/report/plot.ts";
import { seenPlot } from "../../../../cli/report/prove-plots.ts";
import type { Seen } from "../../../experiments/prove/curves.ts";
import { drawnIn } from "./svg.ts";

const seen: readonly Seen[] = [
  { at: 1, observed: 4, interval: [2, 8], predicted: 4, bound: 1 },
  { at: 4, observed: 2, interval: [1, 4], predicted: 8, bound: 2 },
  { at: 16, observed: 1, interval: [0, 2], predicted: 2, bound: 0.5 },
];

/** Height and place of every mark, in pixels: y grows downwards. */
function marksOf(logged: boolean) {
  const frame = { width: 400, height: 300, palette: palettes.light };
  const svg = seenPlot(seen, { about: "a plot", x: "x", y: "y", logX: logged, logY: logged }, frame);
  const group = (label: string): string[] =>
    [...svg.matchAll(new RegExp(`<g [^>]*aria-label="${label}">.*?</g>`, "gs"))].map(([text]) => text);
  const numbers = (text: string, pattern: RegExp): number[][] =>
    [...text.matchAll(pattern)].map((match) => match.slice(1).map(Number));
  const line = (text: string): number[][] => numbers(/ d="([^"]*)"/.exec(text)![1]!, /([\d.]+),([\d.]+)/g);
  const [predicted, bound] = group("line") as [string, string];
  return {
    dots: numbers(group("dot")[0]!, /<circle [^>]*cy="([\d.]+)" cx="([\d.]+)"/g).map(([y, x]) => [x!, y!]),
    intervals: numbers(group("rule")[0]!, /<line [^>]*y2="([\d.]+)" y1="([\d.]+)"/g),
    predicted: line(predicted),
    bound: line(bound),
    dashed: [predicted, bound].map((text) => text.includes("stroke-dasharray")),
  };
}

describe("what was seen, on even axes", () => {
  const { dots, intervals, predicted, bound, dashed } = marksOf(false);
  const heights = (ys: readonly number[]) => ys.map((y) => (256 - y) / (256 - dots[2]![1]!)); // of 1

  it("is a point as high as what was observed, on an interval from its low end to its high one", () => {
    for (const [i, height] of heights(dots.map(([, y]) => y!)).entries())
      expect(height).toBeCloseTo(seen[i]!.observed, 2);
    for (const [i, [high, low]] of intervals.entries()) {
      expect(heights([low!])[0]).toBeCloseTo(seen[i]!.interval[0], 2);
      expect(heights([high!])[0]).toBeCloseTo(seen[i]!.interval[1], 2);
    }
  });

  it("is beside the line of what is predicted, and the dashed one of what bounds it", () => {
    for (const [i, height] of heights(predicted.map(([, y]) => y!)).entries())
      expect(height).toBeCloseTo(seen[i]!.predicted!, 2);
    for (const [i, height] of heights(bound.map(([, y]) => y!)).entries())
      expect(height).toBeCloseTo(seen[i]!.bound!, 2);
    expect(dashed).toEqual([false, true]);
    expect(dots.map(([x]) => x)).toEqual(predicted.map(([x]) => x));
  });
});

it("on logarithmic axes equal ratios are equal lengths", () => {
  const { dots, predicted, bound } = marksOf(true);
  const [octave] = [dots[1]![1]! - dots[0]![1]!]; // from 4 to 2
  expect(octave).toBeGreaterThan(10);
  expect(dots[2]![1]! - dots[1]![1]!).toBeCloseTo(octave, 2);
  expect(predicted[0]![1]).toBeCloseTo(dots[0]![1]!, 2);
  expect(predicted[1]![1]).toBeCloseTo(dots[0]![1]! - octave, 2);
  expect(bound[2]![1]).toBeCloseTo(dots[2]![1]! + octave, 2);
  expect(dots[2]![0]! - dots[1]![0]!).toBeCloseTo(dots[1]![0]! - dots[0]![0]!, 2);
});

/** A plot of 400 by 300 pixels; its axes lie at 58 and at 256, and end at 380 and at 34. */
function plotted(shown: readonly Seen[], logs: { readonly logX?: boolean; readonly logY?: boolean } = {}) {
  const frame = { width: 400, height: 300, palette: palettes.light };
  const svg = seenPlot(shown, { about: "a plot", x: "ex", y: "why", ...logs }, frame);
  const { document } = parseHTML(svg);
  const texts = (label: string) =>
    [...document.querySelectorAll(`[aria-label="${label}"] text`)]
      .map((text) => text.textContent ?? "")
      .filter((text) => text !== "");
  return {
    ...drawnIn(svg),
    grid: document.querySelectorAll('[aria-label="y-grid"] line').length,
    names: [...texts("x-axis label"), ...texts("y-axis label")],
    ticks: { x: texts("x-axis tick label"), y: texts("y-axis tick label") },
    paths: [...document.querySelectorAll('[aria-label="line"] path')].map((path) =>
      [...path.getAttribute("d")!.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]),
    ),
    colors: [...document.querySelectorAll('[aria-label="line"]')].map((line) => line.getAttribute("stroke")),
  };
}

const at = (place: number, observed: number, more: Partial<Seen> = {}): Seen => ({
  at: place,
  observed,
  interval: [observed, observed],
  ...more,
});

describe("an even axis", () => {
  it.each([
    ["an interval", at(2, 1, { interval: [0, 8] })],
    ["what is predicted", at(2, 1, { predicted: 8 })],
    ["what bounds it", at(2, 1, { bound: 8 })],
    ["what was seen", at(2, 8)],
  ])("starts at 0 and ends a twentieth above the greatest: %s", (_, greatest) => {
    const { dots } = plotted([at(1, 1), greatest, at(3, 2)]);
    const heightOf = (v: number) => 256 - (222 * v) / (8 * 1.05);
    expect(dots[0]!.y).toBeCloseTo(heightOf(1), 6);
    expect(dots[2]!.y).toBeCloseTo(heightOf(2), 6);
  });

  it("has a line where 0 is predicted, and none where nothing is", () => {
    const { paths } = plotted([at(1, 1, { predicted: 0 }), at(2, 1, { predicted: 1 }), at(3, 1)]);
    expect(paths[0]).toHaveLength(2);
    expect(paths[0]![0]![1]).toBe(256);
    expect(paths.slice(1).flat()).toEqual([]);
    const through = plotted([at(1, 1, { predicted: 3 }), at(2, 1), at(3, 1, { predicted: 2 })]);
    expect(through.paths[0]).toHaveLength(2); // one line, and no gap in it
  });

  it("has a dot where 0 was seen", () => {
    const { dots } = plotted([at(1, 0), at(2, 1)]);
    expect(dots.map(({ y }) => y)[0]).toBe(256);
    expect(dots).toHaveLength(2);
  });

  it("has its name, a grid, and numbers", () => {
    const { names, grid, ticks } = plotted([at(1, 1), at(3, 2)]);
    expect(names).toEqual(["ex →", "↑ why"]);
    expect(grid).toBeGreaterThan(2);
    expect(ticks.y[0]).toBe("0.0");
    expect(ticks.x).toContain("1.5");
  });
});

describe("a logarithmic axis", () => {
  const share = (value: number, low: number, high: number) => Math.log(value / low) / Math.log(high / low);

  it("across goes from a fifth before the first to a fifth beyond the last", () => {
    const { dots, ticks } = plotted([at(3, 1), at(12, 1), at(48, 1)], { logX: true });
    for (const [i, place] of [3, 12, 48].entries())
      expect(dots[i]!.x).toBeCloseTo(58 + 322 * share(place, 3 / 1.2, 48 * 1.2), 6);
    expect(ticks.x).toEqual(["5", "10", "20", "50"]);
    expect(plotted([at(800, 1), at(9000, 1)], { logX: true }).ticks.x).toEqual([
      "1000",
      "2000",
      "5000",
      "10000",
    ]);
  });

  it("upwards goes from half the smallest that was seen, or that bounds it, to a fifth above the greatest", () => {
    const logs = { logY: true };
    const heightOf = (v: number, low: number, high: number) => 256 - 222 * share(v, low, high);
    const seenOnly = plotted([at(1, 0.02), at(2, 0.3), at(3, 0)], logs);
    expect(seenOnly.dots.map(({ y }) => y)[1]).toBeCloseTo(heightOf(0.3, 0.01, 0.36), 6);
    expect(seenOnly.dots).toHaveLength(2); // 0 is nowhere
    const bounded = plotted([at(1, 0.02), at(2, 0.3, { bound: 0.002 })], logs);
    expect(bounded.dots[0]!.y).toBeCloseTo(heightOf(0.02, 0.001, 0.36), 6);
    expect(bounded.ticks.y).toContain("0.002");
    expect(plotted([at(1, 1e-5), at(2, 1e-3)], logs).ticks.y).toContain("0.0001");
  });

  it("ends what goes on beyond it, and leaves out what lies there", () => {
    const { lines, paths, dots } = plotted(
      [
        at(1, 0.4, { interval: [0.01, 0.6], predicted: 0.5, bound: 0.1 }), // half of 0.1 is its end
        at(2, 0, { interval: [0, 0.01], predicted: 0.2, bound: 1 }),
        at(3, 0.04, { predicted: 0.02, bound: 0 }),
        at(4, 0.05, { predicted: 0.05, bound: 0 }),
      ],
      { logY: true },
    );
    const places = [1, 2, 3, 4].map((place) => 58 + (322 * (place - 1)) / 3);
    const near = (xs: readonly (number | undefined)[]) => xs.map((x) => Math.round(100 * x!) / 100);
    const [first, second, , last] = places;
    expect(near(dots.map(({ x }) => x))).toEqual(near([first, last]));
    expect(near(lines.slice(0, 2).flatMap(({ from, to }) => [from[1], to[1]]))).toEqual(
      near([256, 256 - 222 * share(0.6, 0.05, 1.2), 256, 256]),
    );
    const [predicted, bound] = paths.map((path) => near(path.map(([x]) => x)));
    expect(predicted).toEqual(near([first, second, last]));
    expect(bound).toEqual(near([first, second]));
    expect(paths[0]!.at(-1)![1]).toBe(256);
  });
});

it("each of the three kinds of mark has a color of its own", () => {
  const { colors, lines, dots } = plotted([at(1, 1, { predicted: 1, bound: 1 }), at(2, 2, { predicted: 1 })]);
  expect(new Set([...colors, dots[0]!.fill]).size).toBe(3);
  expect(lines[0]!.stroke).toBe(dots[0]!.fill);
});
