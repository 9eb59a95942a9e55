import { describe, expect, it } from "vitest";
import { chart } from "../../models/bench/chart.ts";
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
  const { dots, lines, texts } = drawnIn(chart(timings));
  const spreads = lines.filter(({ from, to }) => from[0] !== to[0]); // the grid's lines stand upright

  it("has a mark a timing, which says the numbers", () => {
    expect(dots.map(({ title }) => title)).toEqual([
      "cpu: 10.0 (1.00 … 100) ms",
      "cpu: 1.00 (0.500 … 20.0) ms",
      "fast: 2.00 (1.50 … 3.00) ms",
      "fast: 5.00 (4.00 … 30.0) ms",
    ]);
  });

  it("has a case on a line of its own and both backends on it, in the colours that the legend names", () => {
    const [cpuA, cpuB, fastA, fastB] = dots;
    expect([fastA!.y, fastB!.y]).toEqual([cpuA!.y, cpuB!.y]);
    expect(cpuA!.y).toBeLessThan(cpuB!.y);
    expect(cpuA!.fill).toBe(cpuB!.fill);
    expect(cpuA!.fill).not.toBe(fastA!.fill);
    expect(texts).toEqual(expect.arrayContaining(["● cpu", "■ fast", "a, 100", "b, 100"]));
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
