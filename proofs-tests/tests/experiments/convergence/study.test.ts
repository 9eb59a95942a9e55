import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { convergenceReport } from "../../../../cli/report/convergence.ts";
import { iterationsToQuality, median, withRatios } from "../../../experiments/convergence/iterations.ts";
import { interferences } from "../../../experiments/convergence/linear.ts";
import {
  growsFrom,
  isAsPredicted,
  largestStable,
  type StableStep,
} from "../../../experiments/convergence/stable-step.ts";
import {
  type ConvergenceStudy,
  describeConvergence,
  isConfirmed,
} from "../../../experiments/convergence/study.ts";
import { figuresOf, stretch } from "../../cli/report/figures.ts";

describe("the median of steps", () => {
  it("is the middle one, of numbers and not of words", () => {
    expect(median([900, 1000, 50])).toBe(900);
    expect(median([7])).toBe(7);
  });
  it("counts those that never arrived as latest", () => {
    expect(median([30, null, 10])).toBe(30);
    expect(median([null, 25, null])).toBeNull();
  });
});

describe("the ratio of iterations", () => {
  const of = (load: number, steps: readonly (number | null)[]) => ({ load, memory: 800 / load, steps });
  it("is a median over the full table's", () => {
    const found = withRatios([of(1, [20, 40, 10]), of(4, [null, 30, 25]), of(8, [null, null, 10])]);
    expect(found.map(({ ratio }) => ratio)).toEqual([1, 1.5, null]);
    expect(found[1]).toMatchObject({ load: 4, memory: 200, steps: [null, 30, 25] });
  });
  it("is none where the full table itself did not arrive", () =>
    expect(withRatios([of(1, [null]), of(2, [10])]).map(({ ratio }) => ratio)).toEqual([null, null]));
});

it("each seed has the full table of its own seed to reach, which reaches it when it was looked at", async () => {
  const options = { loads: [1, 16], seeds: [2, 1], target: 20, most: 40, every: 20 };
  const [full, shared] = await iterationsToQuality(options);
  expect(full).toMatchObject({ load: 1, memory: 2600 * 8, steps: [20, 20], ratio: 1 });
  expect(shared).toMatchObject({ load: 16, memory: 1300 });
});

it("stable steps hold to a hundredth, and to their bound less a hundredth", () => {
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 1.0099 })).toBe(true);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 1.0101 })).toBe(false);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 0.9901 })).toBe(true);
  expect(isAsPredicted({ bound: 1, predicted: 1, measured: 0.9899 })).toBe(false);
  expect(isAsPredicted({ bound: 1.02, predicted: 1, measured: 1 })).toBe(false);
});

describe("the search for the largest stable step", () => {
  /** What it was asked, and what it found, where all steps above the edge grow. */
  const search = async (edge: number, stable: number) => {
    const asked: number[] = [];
    const found = await largestStable((step) => asked.push(step) > 0 && step > edge, stable);
    return { asked, found };
  };

  it("doubles a stable step until it grows, and halves what lies between in ratio", async () => {
    const { asked, found } = await search(5, 1);
    expect(asked.slice(0, 3)).toEqual([2, 4, 8]);
    expect(asked[3]).toBeCloseTo(Math.sqrt(4 * 8), 12);
    expect(asked[4]).toBeCloseTo(Math.sqrt(4 * Math.sqrt(4 * 8)), 12);
    expect(Math.abs(found / 5 - 1)).toBeLessThan(0.001);
    expect(Math.max(...asked)).toBe(8);
    expect((await search(5, 3)).asked[0]).toBe(6);
  });

  it("ends where the step is known to a five-hundredth: a factor of two is halved nine times", async () => {
    for (const edge of [1.1, 1.5, 1.99]) {
      const { asked, found } = await search(edge, 1);
      expect(asked).toHaveLength(1 + 9); // 2^(1/2⁹) is 1.00135, but 2^(1/2⁸) is 1.0027
      expect(Math.abs(Math.log(found / edge))).toBeLessThanOrEqual(Math.log(2) / 2 ** 10 + 1e-12);
    }
  });
});

describe("growth", () => {
  /** The gradients' sizes that a descent sees one after another; the last one stays. */
  const grows = async (...sizes: number[]): Promise<{ grown: boolean; looked: number }> => {
    let looked = 0;
    const gradientAt = () => Float64Array.of(sizes[Math.min(looked++, sizes.length - 1)]!);
    return { grown: await growsFrom(Float64Array.of(0), gradientAt, 1), looked };
  };

  it("is told after 600 steps, against the first gradient", async () => {
    expect(await grows(1, 5, 1.001)).toEqual({ grown: true, looked: 601 });
    expect(await grows(1, 5, 0.999)).toEqual({ grown: false, looked: 601 });
    expect(await grows(1, 5, 1)).toEqual({ grown: false, looked: 601 });
  });

  it("is told at once where a gradient is more than a hundred times the first, or is no number", async () => {
    expect(await grows(1, 2, 101, 0)).toEqual({ grown: true, looked: 3 });
    expect(await grows(1, 100, 0)).toEqual({ grown: false, looked: 601 });
    expect(await grows(3, 299, 0)).toEqual({ grown: false, looked: 601 });
    expect(await grows(1, NaN, 0)).toEqual({ grown: true, looked: 2 });
    expect(await grows(0, 0)).toEqual({ grown: false, looked: 601 });
  });

  it("goes down the gradient, by the step that is asked for", async () => {
    const places: number[][] = [];
    const gradientAt = (M: Float64Array) => {
      places.push([...M]);
      return Float64Array.of(2 * M[0]!, 0.5 * M[1]!);
    };
    expect(await growsFrom(Float64Array.of(8, -4), gradientAt, 0.25)).toBe(false);
    expect(places.slice(0, 3)).toEqual([
      [8, -4],
      [4, -3.5],
      [2, -3.0625],
    ]);
  });
});

it("interference of samples that share nothing is predicted as 0.05 · √3 · √3/√m", async () => {
  // A step of 0.1 on a residual of ½; two samples of three ids each.
  const found = await interferences(200);
  expect(found.map(({ memory }) => memory)).toEqual([90, 45, 22, 11]);
  expect(found[0]).toMatchObject({ measured: 0, predicted: 0, notRejected: true });
  for (const { memory, predicted, measured, interval } of found.slice(1)) {
    expect(predicted).toBeCloseTo(0.15 / Math.sqrt(memory), 12);
    expect(measured).toBeGreaterThan(interval[0]);
    expect(measured).toBeLessThan(interval[1]);
    expect(Math.abs(measured / predicted - 1)).toBeLessThan(0.5);
  }
});

const step = (change: Partial<StableStep>): StableStep => ({
  memory: 96,
  load: 1,
  largestLoad: 1,
  bound: 0.5,
  predicted: 0.625,
  measured: 0.626,
  notRejected: true,
  ...change,
});

const study: ConvergenceStudy = {
  quadratic: [step({}), step({ load: 2, largestLoad: 5, bound: 0.1, predicted: 0.25, measured: 0.249 })],
  linear: [step({ load: 8.1818, largestLoad: 13, bound: 3.75, predicted: 17.8, measured: 17.7 })],
  interference: [
    { memory: 90, measured: 0, predicted: 0, interval: [0, 0], notRejected: true },
    { memory: 11, measured: 0.0452, predicted: 0.0461, interval: [0.044, 0.047], notRejected: true },
  ],
  iterations: withRatios([
    { load: 1, memory: 800, steps: [40, 20, 10] },
    { load: 4, memory: 200, steps: [20, 40, null] },
    { load: 8, memory: 100, steps: [30, null, null] },
  ]),
  options: { loads: [1, 4, 8], seeds: [1, 2, 3], target: 20, most: 100, every: 10 },
  seed: 0,
};

describe("a study", () => {
  it("is confirmed where all that is predicted was measured, in each of its parts", () => {
    expect(isConfirmed(study)).toBe(true);
    const { quadratic, linear, interference } = study;
    const last = <One>(all: readonly One[]) => [...all.slice(0, -1), { ...all.at(-1)!, notRejected: false }];
    expect(isConfirmed({ ...study, quadratic: last(quadratic) })).toBe(false);
    expect(isConfirmed({ ...study, linear: last(linear) })).toBe(false);
    expect(isConfirmed({ ...study, interference: last(interference) })).toBe(false);
  });

  /** Lines with one blank between cells. */
  const linesOf = (of: ConvergenceStudy): string[] =>
    describeConvergence(of)
      .split("\n")
      .map((line) => line.trim().replaceAll(/ +/g, " "));

  it("is told line by line: numbers under their names, and whether they hold", () => {
    const lines = linesOf(study);
    expect(lines.slice(1, 4)).toEqual([
      "load largest bound predicted measured",
      "1× 1 0.5 0.625 0.626 not rejected",
      "2× 5 0.1 0.25 0.249 not rejected",
    ]);
    expect(lines).toContain("8.182× 13 3.75 17.8 17.7 not rejected");
    const interference = lines.indexOf("slots predicted measured");
    expect(lines[interference + 2]).toBe("11 0.0461 0.0452 not rejected");
    expect(lines.slice(interference + 4, interference + 9)).toEqual([
      "A DLRM on synthetic clicks: steps to the validation loss that full tables have after 20",
      "load floats median over full steps of each seed",
      "1× 800 20 1× 40, 20, 10",
      "4× 200 40 2× 20, 40, > 100",
      "8× 100 > 100 – 30, > 100, > 100",
    ]);
  });

  it("has every line under its heading set in by two blanks, with none at its end", () => {
    const lines = describeConvergence(study).split("\n");
    expect(lines.filter((line) => line.endsWith(" "))).toEqual([]);
    const set = lines.filter((line) => /^ *(load|slots|[\d.]+×|\d+ )/.test(line));
    expect(set).toHaveLength(12);
    for (const line of set) expect(line).toMatch(/^ {2}\S/);
  });

  it("says what is refuted, there and only there", () => {
    const [first, second] = study.quadratic as [StableStep, StableStep];
    const lines = linesOf({ ...study, quadratic: [first, { ...second, notRejected: false }] });
    expect(lines.filter((line) => line.endsWith("REFUTED"))).toEqual(["2× 5 0.1 0.25 0.249 REFUTED"]);
    expect(lines.filter((line) => line.endsWith("not rejected"))).toHaveLength(4);
  });
});

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
