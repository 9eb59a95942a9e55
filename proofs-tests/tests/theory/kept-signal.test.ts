import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dot, orthonormal } from "../../../core/numeric/matrix.ts";
import { random } from "../../../core/numeric/random.ts";
import type { Instance, MomentCheck } from "../../../theory/theorem.ts";
import { keptAtMost, keptBySketch, keptSignal } from "../../../theory/theorems/r19-kept-signal.ts";
import { stuck } from "./all-draws.ts";

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

describe("what a fixed memory keeps", () => {
  const instance: Instance = {
    ...{ rows: 6, dim: 1, block: 1, memory: 3, epsilon: 0.5 },
    x: Float64Array.of(1, 0.5, 2, 0, 1, 3),
    y: Float64Array.of(1, 2, 0.5, 1, 3, 1),
  };
  const sketch = {
    ...{ memory: 3, places: 1 },
    slots: Uint32Array.of(0, 1, 2, 0, 1, 0),
    signs: Int8Array.of(1, -1, 1, -1, 1, 1),
  };
  const check = keptSignal.checks.find(({ kind }) => kind === "moment") as MomentCheck;
  /** The number of each pattern of signs, with a stream that draws it. */
  const values = Array.from({ length: 64 }, (_, pattern) => {
    let drawn = 0;
    const stream = { ...stuck, integer: () => (pattern >> drawn++) & 1 };
    return check.statistic(instance, { sketch, stream });
  });

  it("is what its leverages say on average over all signs, and not for each of them", () => {
    expect(values.reduce((a, b) => a + b) / 64).toBeCloseTo(check.mean(instance), 12);
    expect(Math.max(...values)).toBeGreaterThan(1.1);
    expect(Math.min(...values)).toBeLessThan(0.9);
  });

  it("is the square of each slot's weighted sum over its weights", () => {
    const weights = instance.x.map((x) => 0.1 + Math.abs(x));
    const all = weights.reduce((sum, w, k) => sum + w * instance.y[k]! ** 2, 0);
    const slotsOf = [0, 1, 2].map((slot) => [0, 1, 2, 3, 4, 5].filter((k) => sketch.slots[k] === slot));
    const over = (ks: readonly number[], of: (k: number) => number) => ks.reduce((sum, k) => sum + of(k), 0);
    const kept = (sign: (k: number) => number) =>
      slotsOf.reduce((sum, ks) => {
        const dot = over(ks, (k) => sketch.signs[k]! * sign(k) * weights[k]! * instance.y[k]!);
        return sum + dot ** 2 / over(ks, (k) => weights[k]!);
      }, 0);
    const average = slotsOf.reduce(
      (sum, ks) => sum + over(ks, (k) => (weights[k]! * instance.y[k]!) ** 2) / over(ks, (k) => weights[k]!),
      0,
    );
    for (const [pattern, value] of values.entries()) {
      const own = kept((k) => ((pattern >> k) & 1 ? 1 : -1));
      expect(value).toBeCloseTo(1 + (own - average) / all, 12);
    }
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
