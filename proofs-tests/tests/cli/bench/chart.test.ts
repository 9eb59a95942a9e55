import { describe, expect, it } from "vitest";
import { chart } from "../../../../cli/bench/chart.ts";
import { drawnIn } from "../report/svg.ts";
import { timingOf } from "./made.ts";

// In the order of drawing: one backend after the other.
const timings = [
  timingOf({ name: "a", backend: "cpu", median: 10, quartiles: [1, 100] }),
  timingOf({ name: "b", backend: "cpu", median: 1, quartiles: [0.5, 20] }),
  timingOf({ name: "a", backend: "fast", median: 2, quartiles: [1.5, 3] }),
  timingOf({ name: "b", backend: "fast", median: 5, quartiles: [4, 30] }),
];

describe("a chart of timings", () => {
  const svg = chart(timings);
  const { dots, lines, texts, words } = drawnIn(svg);
  const spreads = lines.filter(({ from, to }) => from[0] !== to[0]); // the grid's lines stand upright

  it("has a mark a timing, which says the numbers", () => {
    expect(dots.map(({ title }) => title)).toEqual([
      "cpu: 10.0 (1.00 … 100) ms",
      "cpu: 1.00 (0.500 … 20.0) ms",
      "fast: 2.00 (1.50 … 3.00) ms",
      "fast: 5.00 (4.00 … 30.0) ms",
    ]);
  });

  it("has a case on a line of its own and both backends on it, in the colors that the legend names", () => {
    const [cpuA, cpuB, fastA, fastB] = dots;
    expect([fastA!.y, fastB!.y]).toEqual([cpuA!.y, cpuB!.y]);
    expect(cpuA!.y).toBeLessThan(cpuB!.y);
    expect(cpuA!.fill).toBe(cpuB!.fill);
    expect(cpuA!.fill).not.toBe(fastA!.fill);
    expect(texts).toEqual(expect.arrayContaining(["● cpu", "■ fast", "a, 100", "b, 100"]));
    expect(words.map(({ text }) => text)).toEqual(["● cpu", "■ fast"]);
    expect([words[1]!.x - words[0]!.x, words[1]!.y - words[0]!.y]).toEqual([120, 0]);
  });

  it("is 26 pixels higher with each case, and leaves some air beside the outermost quartiles", () => {
    expect(svg).toContain('viewBox="0 0 860 130"'); // 34 above, 44 below, and two cases
    // The first has the highest, the second the lowest. From 330 to 840 pixels, from 0.5 / 1.2 to 100 · 1.2 ms.
    const air = (510 * Math.log(1.2)) / Math.log((100 * 1.2) / (0.5 / 1.2));
    expect(Math.abs(spreads[1]!.from[0] - (330 + air))).toBeLessThan(0.6);
    expect(Math.abs(spreads[0]!.to[0] - (840 - air))).toBeLessThan(0.6);
  });

  it("places medians, and lines from quartile to quartile, on one logarithmic axis", () => {
    // Two marks give the axis: 1 ms and 10 ms are a power of ten apart.
    const [one, decade] = [dots[1]!.x, dots[0]!.x - dots[1]!.x];
    expect(decade).toBeGreaterThan(50);
    const place = (ms: number) => one + decade * Math.log10(ms);
    expect(spreads).toHaveLength(4);
    for (const [i, { median, quartiles }] of timings.entries()) {
      const { from, to, stroke } = spreads[i]!;
      expect(dots[i]!.x).toBeCloseTo(place(median), 3);
      expect(from[0]).toBeCloseTo(place(quartiles[0]), 3);
      expect(to[0]).toBeCloseTo(place(quartiles[1]), 3);
      expect(Math.abs(from[1] - dots[i]!.y)).toBeLessThan(1);
      expect(stroke).toBe(dots[i]!.fill);
    }
  });
});
