import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { backendsHere } from "../../../backends/index.ts";
import { adagrad } from "../../../core/optimizers/adagrad.ts";
import { adam } from "../../../core/optimizers/adam.ts";
import { optimizers } from "../../../core/optimizers/index.ts";
import { optimizerStep } from "../../../core/optimizers/optimizer.ts";
import { rowWiseAdagrad } from "../../../core/optimizers/row-wise-adagrad.ts";
import { constant, warmupAndDecay } from "../../../core/optimizers/schedule.ts";
import { sgd } from "../../../core/optimizers/sgd.ts";
import { Parameter } from "../../../core/parameter.ts";
import { tensor } from "../../../core/tensor.ts";
import { claimsOf } from "../../laws/claims.ts";
import { claimsAsTests } from "../../laws/verify.ts";
import { seed } from "../seed.ts";

for (const backend of (await backendsHere()).opened) {
  const tries = { examples: backend.peek ? 9 : 3, seed }; // of each of the rules, one or more an option
  claimsAsTests({ describe, it }, [...claimsOf({ optimizers, backends: [backend] })], tries);
}

describe("learning rates", () => {
  /** The reference program's scheduler, step after step, as it remembers the rate it set last. */
  function slowRates(base: number, warmup: number, start: number, decay: number, steps: number): number[] {
    let last = base;
    return Array.from({ length: steps }, (_, i) => {
      const t = i + 1;
      if (t < warmup) {
        last = base * (1 - (warmup - t) / warmup);
        return last;
      }
      if (start <= t && t < start + decay) {
        last = Math.max(1e-7, base * ((decay - (t - start)) / decay) ** 2);
        return last;
      }
      return decay > 0 ? last : base;
    });
  }

  it("warm up and decay as the reference program's, and stay positive", () => {
    const steps = fc.integer({ min: 0, max: 30 });
    fc.assert(
      fc.property(steps, steps, steps, fc.double({ min: 1e-3, max: 10, noNaN: true }), (W, hold, D, base) => {
        const schedule = warmupAndDecay({ warmup: W, decayStart: W + hold, decaySteps: D }, base);
        for (const [i, expected] of slowRates(base, W, W + hold, D, W + hold + D + 5).entries()) {
          const rate = base * schedule(i + 1);
          expect(rate).toBeGreaterThan(0);
          // 1 − (W − t)/W is off by u, t/W and the decay's square by less.
          expect(Math.abs(rate - expected)).toBeLessThanOrEqual(8 * 2 ** -53 * base);
        }
      }),
    );
  });

  it("do not change without a schedule, nor where nothing is asked of it", () => {
    expect([1, 7, 1000].map(constant)).toEqual([1, 1, 1]);
    expect([1, 7, 1000].map(warmupAndDecay({}, 0.1))).toEqual([1, 1, 1]);
  });

  it.each([
    [{ warmup: -1 }, "Warm-up steps must be a whole number from 0 up, but it is -1."],
    [{ decaySteps: 1.5 }, "Decay steps must be a whole number from 0 up, but it is 1.5."],
    [
      { warmup: 10, decayStart: 9, decaySteps: 5 },
      "First step of the decay must be a whole number from 10 up",
    ],
  ])("%o is refused", (wrong, sentence) => {
    expect(() => warmupAndDecay(wrong, 0.1)).toThrow(sentence);
  });

  it.each([-1, NaN, Infinity])("%d is refused", (rate) => {
    expect(() => sgd(rate)).toThrow("Learning rate must be a finite number from 0");
    expect(() => adagrad(rate)).toThrow(`but it is ${rate}.`);
  });
});

it("what would change nothing without momentum or weight decay is refused", () => {
  expect(() => sgd(0.1, { nesterov: true })).toThrow("sgd uses nesterov with momentum alone");
  expect(() => sgd(0.1, { dampening: 0.5 })).toThrow("sgd uses dampening with momentum alone");
  expect(() => adam(0.1, { decoupled: true })).toThrow("adam uses decoupled with weightDecay alone");
});

it("one state a row needs memory made of rows", () => {
  const memory = new Parameter("embedding.memory", tensor(cpu, [4], [1, 2, 3, 4]), "none");
  const gradient = tensor(cpu, [4], [1, 1, 1, 1]);
  expect(() => optimizerStep(rowWiseAdagrad(0.1), memory, gradient, 1, 0.1)).toThrow(
    "has no rows; use adagrad",
  );
});
