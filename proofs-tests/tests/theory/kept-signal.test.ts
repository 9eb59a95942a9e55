import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dot, orthonormal } from "../../../core/numeric/matrix.ts";
import { random } from "../../../core/numeric/random.ts";
import { keptAtMost, keptBySketch } from "../../../theory/theorems/r19-kept-signal.ts";

const numbers = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe("the most that m floats keep", () => {
  it("is the share of the m largest terms, all of them from one float a term on", () =>
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 50 }), (signal, memory) => {
        const all = signal.reduce((a, b) => a + b, 0);
        fc.pre(all > 0);
        const largest = signal.toSorted((a, b) => b - a).slice(0, memory);
        const share = largest.reduce((a, b) => a + b, 0) / all;
        expect(keptAtMost(signal, memory)).toBeCloseTo(share, 12);
        if (memory >= signal.length) expect(keptAtMost(signal, memory)).toBeCloseTo(1, 12);
      }),
    ));

  it("is all of no signal", () => {
    expect(keptAtMost([0, 0], 1)).toBe(1);
    expect(keptBySketch([0, 0], [1, 2], 1)).toBe(1);
  });
});

describe("what a sketch keeps", () => {
  it("is never more than the most, rises with memory, and is m/n where all weigh the same", () =>
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 40 }), (effects, memory) => {
        const weights = effects.map((e, i) => 1e-3 + ((i * 7919) % 31) + e / 1e3);
        const signal = effects.map((e, i) => weights[i]! * e * e);
        const kept = keptBySketch(signal, weights, memory);
        expect(kept).toBeLessThanOrEqual(keptAtMost(signal, memory) + 1e-9);
        expect(kept).toBeLessThanOrEqual(keptBySketch(signal, weights, memory + 1) + 1e-9);
        fc.pre(signal.some((own) => own > 0));
        const even = keptBySketch(signal, weights.fill(3), memory);
        expect(even).toBeCloseTo(Math.min(1, memory / signal.length), 9);
      }),
    ));

  it("is what least squares on independent columns keeps", () => {
    const [effects, memory, draws] = [300, 60, 12];
    for (const exponent of [0, 1, 2]) {
      const stream = random(exponent, "kept signal");
      const weights = Float64Array.from({ length: effects }, (_, i) => (i + 1) ** -exponent);
      const signal = weights.map((w) => w * (1 + stream.uniform()));
      const all = signal.reduce((a, b) => a + b);
      let kept = 0;
      for (let draw = 0; draw < draws; draw++) {
        const columns = Array.from({ length: memory }, () =>
          weights.map((w) => Math.sqrt(w) * stream.normal()),
        );
        const f = signal.map((own) => (stream.integer(2) ? 1 : -1) * Math.sqrt(own));
        for (const u of orthonormal(columns)) kept += dot(u, f) ** 2 / all / draws;
      }
      // A draw of signs and columns keeps 0.2 ± 0.03 of even effects, and less unevenly where few decide.
      expect(Math.abs(kept - keptBySketch(signal, weights, memory))).toBeLessThan(0.03);
    }
  });
});
