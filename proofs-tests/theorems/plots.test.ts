import { describe, expect, it } from "vitest";
import { palettes } from "../../models/report/plot.ts";
import type { Seen } from "./curves.ts";
import { seenPlot } from "./plots.ts";

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
