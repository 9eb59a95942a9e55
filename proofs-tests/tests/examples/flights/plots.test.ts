import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { palettes } from "../../../../cli/report/plot.ts";
import { lossPlot, qualityFigure, qualityPlot, type Run } from "../../../../examples/flights/plots.ts";
import { drawnIn } from "../../cli/report/svg.ts";
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

  it("draws each model's own interval around its AUC, in its color", () => {
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

describe("names in the plot of quality", () => {
  const at = (name: string, embeddingFloats: number, auc: number): Run =>
    runOf({
      name,
      embeddingFloats,
      auc: { value: auc, standardError: 0, interval: [auc - 0.05, auc + 0.05] },
    });
  const orderings = (runs: readonly Run[]) => [runs, runs.toReversed()];
  const namesOf = (runs: readonly Run[], { width = 720 } = {}) => {
    const { dots, words } = drawnIn(qualityPlot(runs, { ...frame, width }));
    return words.map(({ text, x, y, anchor }, i) => {
      const wide = 7 * text.length; // a letter is about seven pixels wide
      const left = anchor === "start" ? x : x - wide;
      return { text, x, y, anchor, left, right: left + wide, dot: dots[i]! };
    });
  };

  it("do not overprint each other, wherever the points are", () => {
    const crowd = [
      at("full tables", 1000, 0.8),
      at("robe 10×", 100, 0.7),
      at("rowHash 10×", 100, 0.701),
      at("hashes 10×", 100, 0.702),
      at("another 10×", 95, 0.699),
    ];
    for (const runs of orderings(crowd)) {
      const names = namesOf(runs);
      expect(names.map(({ text }) => text)).toEqual(runs.map(({ name }) => name));
      for (const [i, one] of names.entries())
        for (const other of names.slice(0, i))
          if (one.left < other.right && other.left < one.right)
            expect(Math.abs(one.y - other.y), `${one.text}, ${other.text}`).toBeGreaterThan(14.9);
    }
  });

  it("stay inside the picture, ten pixels from their points, on the wider side", () => {
    const runs = [at("full tables of all ids", 100_000, 0.8), at("a small memory", 100, 0.7)];
    const [full, small] = namesOf(runs);
    for (const { left, right } of [full!, small!]) {
      expect(left).toBeGreaterThan(0);
      expect(right).toBeLessThan(720);
    }
    expect([full!.anchor, full!.dot.x - full!.x]).toEqual(["end", 10]);
    expect([small!.anchor, small!.x - small!.dot.x]).toEqual(["start", 10]);
  });

  it("stand at their points' height where nothing is in the way, and else right below what is", () => {
    for (const runs of orderings([at("left", 100, 0.7), at("right", 100_000, 0.7)]))
      for (const { y, dot } of namesOf(runs)) expect(y).toBeCloseTo(dot.y, 6);
    const far = [at("lower", 100, 0.7), at("higher", 100, 0.75)];
    for (const { y, dot } of namesOf(far)) expect(y).toBeCloseTo(dot.y, 6);
    const [first, second, third] = namesOf([at("one", 100, 0.7), at("two", 100, 0.7), at("three", 100, 0.7)]);
    expect([first!.y - first!.dot.y, second!.y - first!.y, third!.y - second!.y]).toEqual([0, 15, 15]);
    // The middle of three models of equal memory is where the memory is.
    expect([second!.dot.x - first!.dot.x, third!.dot.x - second!.dot.x]).toEqual([16, 16]);
  });

  it("are left to the legend where they do not fit", () => {
    const runs = [at("one", 100, 0.7), at("two", 1000, 0.8)];
    expect(namesOf(runs, { width: 559 })).toEqual([]);
    expect(namesOf(runs, { width: 560 })).toHaveLength(2);
  });
});

describe("the axes of the plot of quality", () => {
  it("leave a little air above and below the intervals, and beside the points", () => {
    const runs = [
      runOf({ embeddingFloats: 100, auc: { value: 0.7, standardError: 0, interval: [0.6, 0.75] } }),
      runOf({ embeddingFloats: 1000, auc: { value: 0.8, standardError: 0, interval: [0.78, 0.9] } }),
    ];
    const { lines, dots } = drawnIn(qualityPlot(runs, frame));
    const bars = lines.filter(({ from, to }) => from[0] === to[0] && Math.abs(to[1] - from[1]) > 5);
    const ends = bars.flatMap(({ from, to }) => [from[1], to[1]]);
    // From 34 to 356 pixels; 0.3 of AUC take 1 of 1.16 parts.
    const air = ((356 - 34) * 0.08) / 1.16;
    expect(Math.abs(Math.min(...ends) - (34 + air))).toBeLessThan(0.6);
    expect(Math.abs(Math.max(...ends) - (356 - air))).toBeLessThan(0.6);
    expect(Math.min(...dots.map(({ x }) => x))).toBeGreaterThan(58 + 20);
    expect(Math.max(...dots.map(({ x }) => x))).toBeLessThan(700 - 20);
  });

  it("place a lone model whose interval has no width in the middle", () => {
    const alone = runOf({ compression: 10, auc: { value: 0.7, standardError: 0, interval: [0.7, 0.7] } });
    const [dot] = drawnIn(qualityPlot([alone], frame)).dots;
    expect(dot!.x).toBeCloseTo((58 + 700) / 2, 6);
    expect(dot!.y).toBeCloseTo((34 + 356) / 2, 6);
  });

  it("have a band only where there are full tables", () => {
    const robe = runOf({ name: "robe", compression: 10 });
    const bandsOf = (runs: readonly Run[]) =>
      parseHTML(qualityPlot(runs, frame)).document.querySelectorAll('[aria-label="rect"] rect').length;
    const dashesOf = (runs: readonly Run[]) =>
      qualityPlot(runs, frame).match(/stroke-dasharray/g)?.length ?? 0;
    expect([bandsOf([robe]), dashesOf([robe])]).toEqual([0, 0]);
    expect([bandsOf([robe, runOf({})]), dashesOf([robe, runOf({})])]).toEqual([1, 1]);
  });
});

it("the README's picture stands alone, in its theme's colors", () => {
  for (const theme of ["light", "dark"] as const) {
    const svg = qualityFigure([runOf({})], theme);
    expect(svg).toMatch(/^<svg xmlns=/);
    expect(svg).toContain('viewBox="0 0 720 400"');
    expect(svg).toContain(`color:${palettes[theme].ink}`);
    expect(svg).toContain(`background:${palettes[theme].surface}`);
    expect(drawnIn(svg).dots[0]!.fill).toBe(palettes[theme].series[0]);
  }
});

describe("the plot of losses", () => {
  const runs = [
    runOf({
      name: "full",
      // Steps 10, 20, … 400; of 20 stretches each averages two neighbors.
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

  const curveOf = (losses: readonly number[]) => losses.map((loss, i) => ({ step: 10 * (i + 1), loss }));
  const lossTicks = (plotted: readonly Run[], width = 720): number[] => {
    const { document } = parseHTML(lossPlot(plotted, { ...frame, width }));
    const ticks = [...document.querySelectorAll('[aria-label="y-axis tick label"] text')];
    return ticks.map((tick) => Number(tick.textContent));
  };

  it("has an axis for all but the first tenth of each training curve, which falls from far above", () => {
    const steep = [9, 9, ...new Array<number>(16).fill(0.5), 0.4, 0.6];
    const ticks = lossTicks([runOf({ curve: curveOf(steep) }), runOf({})]);
    expect(Math.max(...ticks)).toBeCloseTo(0.6, 6);
    expect(Math.min(...ticks)).toBeCloseTo(0.4, 6);
    // Of nineteen the first alone is left out.
    const short = [9, 1, ...new Array<number>(17).fill(0.5)];
    expect(Math.max(...lossTicks([runOf({ curve: curveOf(short) })]))).toBeCloseTo(1, 6);
  });

  it("has an axis for the log losses on validation rows too", () => {
    const validation = [{ step: 10, logLoss: 0.1, auc: 0.5 }];
    const ticks = lossTicks([runOf({ curve: curveOf([0.5, 0.6]), validation })]);
    expect(Math.min(...ticks)).toBeCloseTo(0.1, 6);
    expect(Math.max(...ticks)).toBeCloseTo(0.6, 6);
  });

  it("draws training thin only where validation is drawn over it", () => {
    const widths = (run: Run) => {
      const { document } = parseHTML(lossPlot([run], frame));
      const drawn = [...document.querySelectorAll('[aria-label="line"] path')];
      return drawn.map((path) => path.closest("[stroke-width]")?.getAttribute("stroke-width") ?? "1");
    };
    const validation = [
      { step: 10, logLoss: 0.5, auc: 0.5 },
      { step: 20, logLoss: 0.6, auc: 0.5 },
    ];
    expect(widths(runOf({ curve: curveOf([0.5, 0.6]) }))).toEqual(["2"]);
    expect(widths(runOf({ curve: curveOf([0.5, 0.6]), validation }))).toEqual(["1", "2.5"]);
  });
});
