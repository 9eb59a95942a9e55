import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { palettes } from "../../../../cli/report/plot.ts";
import { methodsOf, type Picture, picturesOf, plotOf } from "../../../../cli/report/tradeoff-plots.ts";
import type { OverSeeds } from "../../../experiments/tradeoff/over-seeds.ts";
import type { Row, Summary } from "../../../experiments/tradeoff/summary.ts";
import { madeRow, summaryWith } from "../../experiments/tradeoff/made.ts";

const reached = (...counts: number[]) => counts.map((reached, i) => ({ ...madeRow.iterations[i]!, reached }));
const picture = (summary: Summary, name: string) => picturesOf(summary).find((one) => one.name === name)!;
const one = summaryWith([madeRow]);

describe("the pictures of a study", () => {
  it("show log loss in place of AUC where methods are judged by it", () => {
    const { auc: _, ...row } = madeRow;
    const quality = picture({ ...one, judge: "logLoss", rows: [row] }, "quality");
    expect([quality.axis, quality.value(row), quality.interval?.(row)]).toEqual([
      "log loss on test rows, 95 % interval over seeds",
      0.45,
      [0.44, 0.47],
    ]);
  });

  it("show of a row its AUC, what it keeps of the ids' signal, its ratio of steps, the seconds of those, and a step's milliseconds", () => {
    const shown = (of: Picture) => [of.name, of.value(madeRow), of.interval?.(madeRow)];
    expect(picturesOf(one).map(shown)).toEqual([
      ["quality", 0.75, [0.74, 0.77]],
      ["kept", 0.9123, [0.888, 0.933]],
      ["iterations", 1.9, undefined],
      ["time", 12.06, undefined],
      ["latency", 13.4, [12, 15]],
    ]);
  });

  it("count steps to the largest share of the full tables' AUC that some smaller memory reached", () => {
    const full = { ...madeRow, method: "full", compression: 1, iterations: reached(3, 3, 3) };
    const to = (iterations: Row["iterations"]) => {
      const summary = summaryWith([full, { ...madeRow, iterations }]);
      const { axis, value } = picture(summary, "iterations");
      return [axis, value(madeRow), picture(summary, "time").axis];
    };
    const share = (percent: string, ratio: number) => [
      `Steps to ${percent} % of the full tables' AUC, over theirs`,
      ratio,
      `Seconds to ${percent} % of the full tables' AUC`,
    ];
    expect(to(reached(1, 2, 3))).toEqual(share("100", 1.9));
    expect(to(reached(0, 2, 3))).toEqual(share("99.9", 1.8));
    expect(to(reached(0, 0, 1))).toEqual(share("99", 1.7));
    expect(to(reached(0, 0, 0))).toEqual(share("99", 1.7));
  });

  it("are left out where no row has their number", () => {
    const {
      latency: _,
      kept: __,
      ...row
    } = {
      ...madeRow,
      iterations: [1, 0.999, 0.99].map((share) => ({ share, reached: 0 })),
    };
    expect(picturesOf(summaryWith([row])).map(({ name }) => name)).toEqual(["quality"]);
  });
});

/** What a reader takes from a picture by its axes: the places of points, of the ends of bars, of the dashed rule and of ×. */
function readFrom(svg: string) {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const round = (text: string | null) => Number(text).toFixed(2);
  const placeOf = (element: Element) => {
    const at = /translate\(([-\d.]+),([-\d.]+)\)/.exec(element.getAttribute("transform") ?? "");
    return [
      round(at?.[1] ?? element.getAttribute("cx")),
      round(at?.[2] ?? element.getAttribute("cy")),
    ] as const;
  };
  const labelsOf = (axis: "x" | "y") =>
    new Map(
      [...document.querySelectorAll(`g[aria-label="${axis}-axis tick label"] text`)].map((text) => [
        placeOf(text)[axis === "x" ? 0 : 1],
        text.textContent,
      ]),
    );
  const [across, up] = [labelsOf("x"), labelsOf("y")];
  const all = (selector: string) => [...document.querySelectorAll(selector)];
  const named = ([x, y]: readonly [string, string]) => `${across.get(x)}: ${up.get(y)}`;
  const lines = all('g[aria-label="rule"] line');
  const ends = (line: Element) =>
    [line.getAttribute("y1"), line.getAttribute("y2")].map((y) => up.get(round(y))).sort();
  const vertical = (line: Element) => line.getAttribute("x1") === line.getAttribute("x2");
  return {
    points: all('g[aria-label="dot"] > *').map((point) => named(placeOf(point))),
    bars: lines
      .filter(vertical)
      .map((line) => `${across.get(round(line.getAttribute("x1")))}: ${ends(line).join(" to ")}`),
    rule: lines.filter((line) => !vertical(line)).map((line) => ends(line)[0]),
    absent: all("text")
      .filter(({ textContent }) => textContent === "×")
      .map((cross) => across.get(placeOf(cross)[0])),
  };
}

describe("a picture, read by its axes,", () => {
  const over = (mean: number, low: number, high: number) => ({
    mean,
    interval: [low, high] as const,
    values: [],
  });
  const rowOf = (method: string, bytes: number, auc: OverSeeds, ratios: (number | undefined)[]): Row => ({
    ...madeRow,
    ...{ method, bytes, auc, compression: 10_000 / bytes },
    iterations: ratios.map((ratio, i) => ({
      share: [1, 0.999, 0.99][i]!,
      reached: ratio === undefined ? 0 : 3,
      ...(ratio !== undefined && { ratio, steps: 100 * ratio }),
    })),
  });
  const summary = summaryWith([
    rowOf("full", 10_000, over(0.8, 0.75, 0.85), [1, 1, 1]),
    rowOf("robe", 1000, over(0.7, 0.6, 0.75), [undefined, 20, 2]),
    rowOf("robe", 100, over(0.6, 0.5, 0.65), [undefined, undefined, 5]),
    rowOf("rowHash", 1000, over(0.65, 0.55, 0.7), [undefined, undefined, 3]),
    rowOf("floor", 8, over(0.55, 0.1, 0.9), [undefined, undefined, undefined]),
  ]);
  const frame = { width: 720, height: 400, palette: palettes.light };
  const read = (name: string) => readFrom(plotOf(summary, picture(summary, name), frame));

  it("has each method's AUC and interval above its bytes, and the full tables' and the floor's as rules", () => {
    expect(methodsOf(summary)).toEqual(["full", "robe", "rowHash"]);
    expect(read("quality")).toEqual({
      points: ["10 KB: 0.80", "100 B: 0.60", "1 KB: 0.70", "1 KB: 0.65"],
      bars: ["10 KB: 0.75 to 0.85", "100 B: 0.50 to 0.65", "1 KB: 0.60 to 0.75", "1 KB: 0.55 to 0.70"],
      rule: ["0.80", "0.55"],
      absent: [],
    });
  });

  it("has methods of equal memory side by side, a few pixels apart", () => {
    const { document } = parseHTML(
      `<html><body>${plotOf(summary, picture(summary, "quality"), frame)}</body></html>`,
    );
    const beside = [...document.querySelectorAll('g[aria-label="dot"]')].map((dots) =>
      dots.getAttribute("transform"),
    );
    expect(beside).toEqual(["translate(-3,0)", null, "translate(3,0)"]);
  });

  it("begins at 0 where it is of milliseconds, for twice the height to be twice the time", () => {
    const rows = [12, 24].map((step, i): Row => {
      const latency = { ...madeRow.latency!, step, quartiles: [step, step] as const };
      return { ...madeRow, method: ["full", "robe"][i]!, compression: [1, 10][i]!, latency };
    });
    const of = summaryWith(rows);
    const { document } = parseHTML(`<html><body>${plotOf(of, picture(of, "latency"), frame)}</body></html>`);
    const heights = [...document.querySelectorAll('g[aria-label="dot"] > *')].map((point) =>
      Number(point.getAttribute("cy") ?? point.getAttribute("transform")!.split(/[,)]/)[1]),
    );
    const bottom = 400 - 44; // under it is the axis of bytes
    expect((bottom - heights[1]!) / (bottom - heights[0]!)).toBeCloseTo(2, 6);
  });

  it("has × where there is no number", () =>
    expect(read("iterations")).toEqual({
      points: ["10 KB: 1", "1 KB: 20"],
      bars: [],
      rule: ["1"],
      absent: ["100 B", "1 KB"],
    }));
});
