import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { convergenceReport } from "../../../../cli/report/convergence.ts";
import { withRatios } from "../../../experiments/convergence/iterations.ts";
import { type ConvergenceStudy, describeConvergence } from "../../../experiments/convergence/study.ts";
import { figuresOf, stretch } from "../../cli/report/figures.ts";
import { step, study } from "./made-study.ts";

describe("the page of a study", () => {
  const pageOf = (of: ConvergenceStudy) => convergenceReport(of, { repeat: "again", machine: "here" });
  const page = pageOf(study);

  it("has the headline that its numbers bear", () => {
    expect(page).toContain("are what R16 and R17 predict");
    const refuted = pageOf({ ...study, linear: [step({ notRejected: false })] });
    expect(refuted).toContain("What was measured is not what R16 and R17 predict.");
    expect(refuted).not.toContain("are what R16 and R17 predict");
  });

  it("says how many seeds, which load did not arrive, and after how many steps", () => {
    expect(page).toContain("median of 3 seeds, with their range");
    expect(page).toContain("Not there after 100 steps at 8×.");
    expect(page).toContain("full tables have after 20 steps");
  });

  it("draws medians over the full table's, with the range of all seeds; who never arrived is at the most steps", () => {
    const drawn = page.slice(page.indexOf("Iterations to quality of a DLRM"));
    const plot = drawn.slice(drawn.indexOf("<svg"), drawn.indexOf("</svg>"));
    const numbers = (tag: string, name: string) =>
      [...plot.matchAll(new RegExp(`<${tag} [^>]*${name}="([\\d.]+)"`, "g"))].map((match) =>
        Number(match[1]),
      );
    const rules = plot.slice(plot.indexOf('aria-label="rule"'));
    const ends = [...rules.matchAll(/<line [^>]*y2="([\d.]+)" y1="([\d.]+)"/g)];
    const dots = numbers("circle", "cy");
    // Heights above the axis, which starts at 0 and lies 44 above the lower edge of 440, over the full table's.
    const heightOf = (y: number | string | undefined) => (396 - Number(y)) / (396 - dots[0]!);
    const near = (ys: readonly number[]) => ys.map((y) => Math.round(1000 * y) / 1000);
    expect(near(dots.map(heightOf))).toEqual([1, 2]);
    expect(ends.map(([, high, low]) => near([heightOf(low), heightOf(high)]))).toEqual([
      [0.5, 2],
      [1, 5],
    ]);
  });

  it("says how to repeat it and on what it ran", () => {
    const facts = [...parseHTML(page).document.querySelectorAll("dl div")];
    expect(facts.map(({ children }) => [...children].map(({ textContent }) => textContent))).toEqual([
      ["Command", "again"],
      ["Machine", "here"],
    ]);
    expect(parseHTML(page).document.querySelector("pre")!.textContent).toBe(describeConvergence(study));
  });

  it("says of no load that it did not arrive where all did", () => {
    const { iterations } = study;
    expect(pageOf({ ...study, iterations: iterations.slice(0, 2) })).not.toContain("Not there after");
  });

  describe("has four pictures", () => {
    const halving = [0.4, 0.2, 0.1, 0.05];
    const steps = (count: number) =>
      halving
        .slice(0, count)
        .map((measured, i) => step({ load: 2 ** i, measured, predicted: 0.3, bound: 0.2 }));
    const met = (memory: number, measured: number) => ({
      memory,
      measured,
      predicted: measured,
      interval: [measured / 2, 2 * measured] as const,
      notRejected: true,
    });
    const drawn = figuresOf(
      pageOf({
        ...study,
        quadratic: steps(3),
        linear: steps(4),
        interference: [{ ...met(80, 0), predicted: 0 }, met(40, 0.1), met(20, 0.2), met(10, 0.4)],
        iterations: withRatios([10, 20, 40].map((n, i) => ({ load: 2 ** i, memory: 8, steps: [n, n, n] }))),
      }),
    );

    it("of steps, of steps, of interference where there is any, and of iterations", () => {
      expect(drawn.map(({ dots }) => dots.length)).toEqual([3, 4, 3, 3]);
      for (const { heading, about, caption } of drawn)
        expect(Math.min(heading.length, about.length, caption.length)).toBeGreaterThan(10);
    });

    it("on axes that are logarithmic where numbers double: steps upwards too", () => {
      const stretched = drawn.map(({ dots }) => [
        stretch(dots.map(({ x }) => x)),
        stretch(dots.map(({ y }) => y)),
      ]);
      expect(stretched).toEqual([
        [1, 1],
        [1, 1],
        [1, 2],
        [1, 2],
      ]);
    });

    it("with names for its axes and marks", () => {
      expect(drawn.map(({ texts }) => texts.filter((text) => /[↑→]/.test(text)))).toEqual([
        ["↑ step", "load N/m →"],
        ["↑ step", "load N/m →"],
        ["↑ change of the logit", "m, slots →"],
        ["↑ iterations over the full table's", "load N/m →"],
      ]);
      expect(drawn.map(({ legend }) => legend.length)).toEqual([3, 3, 2, 1]);
    });

    it("with an interval where one is known: of a step there is none", () => {
      const long = drawn.map(({ lines }) => lines.map(({ from, to }) => from[1] - to[1] > 1));
      const [quadratic, linear, interference] = long.map((own, i) => own.slice(-drawn[i]!.dots.length));
      expect([...quadratic!, ...linear!]).not.toContain(true);
      expect(interference).not.toContain(false);
    });
  });
});
