import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compact,
  draw,
  logTicks,
  look,
  palettes,
  powersIn,
  standalone,
} from "../../../../cli/report/plot.ts";

describe("ticks of a logarithmic axis", () => {
  it.each([
    [[1, 100], 900, [1, 2, 5, 10, 20, 50, 100]],
    [[0.9, 11], 900, [1, 2, 5, 10]],
    [[1, 100], 300, [1, 10, 100]], // seven would crowd on so few pixels
    [[1, 100], 315, [1, 10, 100]], // 45 pixels each are too few
    [[1, 100], 316, [1, 2, 5, 10, 20, 50, 100]],
    [[1, 5], 900, [1, 2, 5]], // three are enough
    [[1, 4], 900, [1, 1.5, 2, 2.5, 3, 3.5, 4]],
    [[30, 36], 900, [30, 31, 32, 33, 34, 35, 36]],
    [[3, 4], 900, [3, 3.2, 3.4, 3.6, 3.8, 4]], // not even one of 1, 2 and 5 inside
    [[0.00099, 0.0011], 900, [0.001, 0.00102, 0.00104, 0.00106, 0.00108, 0.0011]],
  ] as const)("%j on %i pixels", (range, pixels, ticks) => expect(logTicks(range, pixels)).toEqual(ticks));

  it("lie inside, in order, two at least", () => {
    const range = fc.tuple(
      fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
      fc.double({ min: 1.01, max: 1e4, noNaN: true }),
    );
    fc.assert(
      fc.property(range, ([low, by]) => {
        const ticks = logTicks([low, low * by], 1e4);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        for (const [i, tick] of ticks.entries()) {
          expect(tick).toBeGreaterThanOrEqual(low * (1 - 1e-5));
          expect(tick).toBeLessThanOrEqual(low * by * (1 + 1e-5));
          if (i > 0) expect(tick).toBeGreaterThan(ticks[i - 1]!);
        }
      }),
    );
  });

  it("are the powers of ten in a range, its ends too", () => {
    expect(powersIn([1, 1000])).toEqual([1, 10, 100, 1000]);
    expect(powersIn([0.02, 99])).toEqual([0.1, 1, 10]);
  });
});

describe("how a series looks", () => {
  it("is another mark and another color for each of the first, the same in both palettes' order", () => {
    const light = Array.from({ length: 8 }, (_, i) => look(i, palettes.light));
    expect(new Set(light.map(({ color }) => color)).size).toBe(8);
    expect(light.slice(0, 5).map(({ glyph, symbol }) => `${glyph} ${symbol}`)).toEqual([
      "● circle",
      "■ square",
      "▲ triangle",
      "◆ diamond",
      "★ star",
    ]);
    // Colors and shapes start again at different numbers, so that 40 series can be told apart.
    const marks = Array.from({ length: 40 }, (_, i) => look(i, palettes.dark)).map((l) => l.color + l.glyph);
    expect(new Set(marks).size).toBe(40);
  });
});

it("a tick is short: 20K, 1.5M", () => {
  expect([999, 20_000, 1_500_000, 3e9].map(compact)).toEqual(["999", "20K", "1.5M", "3B"]);
});

it("a plot has the size that was asked for, words for those who cannot see it, and can stand alone", () => {
  const inline = draw({ width: 300, height: 200, palette: palettes.light }, "AUC of each model", {
    marks: [],
  });
  expect(inline).toMatch(/^<svg [^>]*viewBox="0 0 300 200" height="200" width="300"/);
  expect(inline).toContain('aria-label="AUC of each model"');
  expect(inline).toContain('role="img"');
  // On its own background, in ink that shows there.
  expect(inline).toMatch(/style="color:#1b2430;background:#ffffff;/);
  expect(standalone(inline)).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
});
