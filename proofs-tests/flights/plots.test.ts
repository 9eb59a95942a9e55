import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { lossPlot, qualityPlot } from "../../examples/flights/plots.ts";
import { palettes } from "../../models/report/plot.ts";
import { drawnIn } from "../report/svg.ts";
import { loses, runOf } from "./made.ts";

const frame = { width: 720, height: 400, palette: palettes.light };

describe("the plot of quality", () => {
  const runs = [
    runOf({
      name: "full",
      embeddingFloats: 100_000,
      auc: { value: 0.8, standardError: 0, interval: [0.78, 0.81] },
    }),
    runOf({
      name: "robe",
      compression: 10,
      embeddingFloats: 10_000,
      auc: { value: 0.7, standardError: 0, interval: [0.66, 0.73] },
      difference: loses,
    }),
    runOf({
      name: "rowHash",
      compression: 10,
      embeddingFloats: 10_000,
      auc: { value: 0.75, standardError: 0, interval: [0.71, 0.76] },
      difference: loses,
    }),
  ];
  const svg = qualityPlot(runs, frame);
  const { dots, lines, texts } = drawnIn(svg);
  const [full, robe, rowHash] = dots;
  /** Where an AUC is: two marks give the axis. */
  const height = (auc: number) => full!.y + ((auc - 0.8) * (robe!.y - full!.y)) / (0.7 - 0.8);

  it("places each AUC on one axis, higher is better", () => {
    expect(dots).toHaveLength(3);
    expect(robe!.y - full!.y).toBeGreaterThan(100);
    expect(rowHash!.y).toBeCloseTo(height(0.75), 3);
  });

  it("draws each model's own interval around its AUC, in its colour", () => {
    const bars = lines.filter(({ from, to }) => from[0] === to[0] && Math.abs(to[1] - from[1]) > 5);
    expect(bars).toHaveLength(3);
    for (const [i, { auc }] of runs.entries()) {
      const bar = bars[i]!;
      expect(bar.stroke).toBe(dots[i]!.fill);
      expect(Math.abs(bar.from[0] - dots[i]!.x)).toBeLessThan(1);
      const ends = [bar.from[1], bar.to[1]].sort((a, b) => b - a);
      // Lines lie half a pixel beside dots, for sharpness.
      expect(Math.abs(ends[0]! - height(auc.interval[0]))).toBeLessThan(0.6);
      expect(Math.abs(ends[1]! - height(auc.interval[1]))).toBeLessThan(0.6);
    }
  });

  it("has more memory further right, and models of equal memory side by side", () => {
    expect(full!.x - robe!.x).toBeGreaterThan(100);
    expect(rowHash!.x - robe!.x).toBeCloseTo(16, 6);
    // A tenth of the memory: the middle of both is a power of ten to the left. The domain is 1.6 times wider each way.
    const decade = (frame.width - 58 - 20) / (1 + 2 * Math.log10(1.6));
    expect(full!.x - (robe!.x + rowHash!.x) / 2).toBeCloseTo(decade, 3);
  });

  it("has a band for the interval of the full tables, and names for all", () => {
    const { document } = parseHTML(svg);
    const band = document.querySelector('[aria-label="rect"] rect')!;
    const top = Number(band.getAttribute("y"));
    expect(top).toBeCloseTo(height(0.81), 3);
    expect(top + Number(band.getAttribute("height"))).toBeCloseTo(height(0.78), 3);
    expect(texts).toEqual(expect.arrayContaining(["full", "robe", "rowHash", "10K", "100K"]));
  });
});

describe("the plot of losses", () => {
  const runs = [
    runOf({
      name: "full",
      // Steps 10, 20, … 400; of 20 stretches each averages two neighbours.
      curve: Array.from({ length: 40 }, (_, i) => ({ step: 10 * (i + 1), loss: i % 2 === 0 ? 0.5 : 0.6 })),
      validation: [
        { step: 100, logLoss: 0.6, auc: 0.6 },
        { step: 400, logLoss: 0.5, auc: 0.7 },
      ],
    }),
    runOf({
      name: "robe",
      curve: [{ step: 10, loss: 0.55 }],
      validation: [{ step: 250, logLoss: 0.53, auc: 0.6 }],
    }),
  ];
  const svg = lossPlot(runs, { ...frame, width: 120 });
  const [early, late, robe] = drawnIn(svg).dots;
  const place = (step: number, loss: number): [number, number] => [
    early!.x + ((step - 100) * (late!.x - early!.x)) / 300,
    early!.y + ((loss - 0.6) * (late!.y - early!.y)) / (0.5 - 0.6),
  ];

  it("marks log losses on validation rows at their steps", () => {
    const [x, y] = place(250, 0.53);
    expect(robe!.x).toBeCloseTo(x, 3);
    expect(robe!.y).toBeCloseTo(y, 3);
    expect(late!.x).toBeGreaterThan(early!.x);
    expect(late!.y).toBeGreaterThan(early!.y); // lower is lower
    expect([early!.fill, robe!.fill]).toEqual(palettes.light.series.slice(0, 2));
  });

  it("averages the training loss over equal stretches, each at its last step", () => {
    const { document } = parseHTML(svg);
    const paths = [...document.querySelectorAll('[aria-label="line"] path')].map((path) =>
      [...path.getAttribute("d")!.matchAll(/([\d.]+),([\d.]+)/g)].map(
        ([, x, y]) => [Number(x), Number(y)] as const,
      ),
    );
    const curve = paths.find((points) => points.length > 2)!;
    expect(curve).toHaveLength(20);
    for (const [i, [x, y]] of curve.entries()) {
      const [px, py] = place(20 * (i + 1), 0.55);
      expect(x).toBeCloseTo(px, 2);
      expect(y).toBeCloseTo(py, 2);
    }
  });
});
