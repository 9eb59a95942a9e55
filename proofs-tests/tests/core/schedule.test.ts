import { describe, expect, it } from "vitest";
import { constant, warmupAndDecay } from "../../../core/optimizers/schedule.ts";

/** Rates of steps 1, 2, … as multiples of the base. */
const rates = (setting: Parameters<typeof warmupAndDecay>[0], steps: number, base = 0.1) =>
  Array.from({ length: steps }, (_, i) => warmupAndDecay(setting, base)(i + 1));

const near = (numbers: readonly number[]) => numbers.map((x) => expect.closeTo(x, 12));

describe("the learning rate", () => {
  it("is the base at every step where no schedule is given", () => {
    expect([1, 2, 1000].map(constant)).toEqual([1, 1, 1]);
    expect(rates({}, 3)).toEqual([1, 1, 1]);
  });

  it("rises by 1/W a step over W steps, then is the base where nothing decays", () => {
    expect(rates({ warmup: 4 }, 6)).toEqual(near([1 / 4, 2 / 4, 3 / 4, 1, 1, 1]));
  });

  it("that will decay holds the last rate of the warm-up, then falls with the square of the steps left, and stays", () => {
    // Steps 1–3 rise; 4 and 5 hold ¾; decay begins at step 6: (4/4)², (3/4)², (2/4)², (1/4)², and no further.
    const setting = { warmup: 4, decayStart: 6, decaySteps: 4 };
    expect(rates(setting, 11)).toEqual(
      near([1 / 4, 2 / 4, 3 / 4, 3 / 4, 3 / 4, 1, 9 / 16, 4 / 16, 1 / 16, 1 / 16, 1 / 16]),
    );
    expect(rates({ warmup: 1, decayStart: 3, decaySteps: 2 }, 4)).toEqual(near([1, 1, 1, 1 / 4]));
  });

  it("never decays below 1e-7, which is a multiple of the base that depends on the base", () => {
    // 10,000 steps of decay end at 1e-8 of the base: at base 0.1 that is 1e-9, at base 50 it is 5e-7.
    const last = (base: number) => base * warmupAndDecay({ decaySteps: 10_000 }, base)(9_999);
    expect(last(0.1) / 1e-7).toBeCloseTo(1, 9);
    expect(last(50) / 5e-7).toBeCloseTo(1, 6);
  });
});
