import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  eventInterval,
  incompleteBeta,
  logBinomialTail,
  logGamma,
  meanInterval,
  studentQuantile,
} from "../../../../core/numeric/distributions.ts";
import { random } from "../../../../core/numeric/random.ts";

const near = (a: number, b: number, relative: number) =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(relative * Math.max(Math.abs(a), Math.abs(b), 1e-300));

describe("log gamma", () => {
  it("is the logarithm of factorials, and of √π at ½", () => {
    let factorial = 0;
    for (let n = 1; n < 2000; n++) {
      factorial += Math.log(n);
      expect(Math.abs(logGamma(n + 1) - factorial)).toBeLessThanOrEqual(1e-12 * (1 + factorial));
    }
    near(logGamma(0.5), Math.log(Math.PI) / 2, 1e-13);
  });
});

/** P(X ≥ k) by adding up all probabilities, in exact rationals scaled by p's denominator. */
function tailByRationals(k: number, n: number, parts: number, of: number): number {
  let sum = 0n;
  let choose = 1n;
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += choose * BigInt(parts) ** BigInt(i) * BigInt(of - parts) ** BigInt(n - i);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  const scale = 10n ** 400n;
  const ratio = (sum * scale) / BigInt(of) ** BigInt(n);
  const digits = ratio.toString();
  return Number(`0.${digits.slice(0, 17)}e${digits.length - 400}`);
}

describe("the binomial tail", () => {
  it("is the sum of its probabilities, in exact rationals", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 99 }),
        fc.nat(),
        (n, percent, pick) => {
          const k = pick % (n + 1);
          near(Math.exp(logBinomialTail(k, n, percent / 100)), tailByRationals(k, n, percent, 100), 1e-9);
        },
      ),
    );
  });

  it("is an incomplete beta function: P(X ≥ k) = I_p(k, n − k + 1), at n = 10⁶ and p = 10⁻⁹ too", () => {
    for (const [k, n, p] of [
      [1, 1e6, 1e-9],
      [2, 1e6, 1e-9],
      [5, 1e6, 1e-9],
      [1200, 1e6, 1e-3],
      [900, 1e6, 1e-3],
      [27, 200, 0.05],
    ] as const)
      near(Math.exp(logBinomialTail(k, n, p)), incompleteBeta(p, k, n - k + 1), 1e-8);
    near(Math.exp(logBinomialTail(1, 1e6, 1e-9)), -Math.expm1(1e6 * Math.log1p(-1e-9)), 1e-9);
  });

  it("gives the quantiles at 1 − 10⁻⁶ that bounds are judged by", () => {
    const quantile = (n: number, p: number): number => {
      let k = Math.floor(n * p);
      while (logBinomialTail(k + 1, n, p) > Math.log(1e-6)) k++;
      return k;
    };
    const found = [quantile(200, 0.05), quantile(200, 0.1), quantile(1000, 0.05), quantile(1000, 0.01)];
    expect(found).toEqual([27, 43, 86, 28]);
  });

  it("is 1 from 0 on, 0 beyond n", () => {
    expect([logBinomialTail(0, 10, 0.3), logBinomialTail(11, 10, 0.3)]).toEqual([0, -Infinity]);
  });

  it("of what never happens is 0 from 1 on, of what always happens 1 up to n", () => {
    expect([0, 1, 5, 10].map((k) => logBinomialTail(k, 10, 0))).toEqual([0, ...Array(3).fill(-Infinity)]);
    expect([0, 1, 5, 10].map((k) => logBinomialTail(k, 10, 1))).toEqual([0, 0, 0, 0]);
    expect(logBinomialTail(11, 10, 1)).toBe(-Infinity);
  });

  it("is short of 1 by what is below: once in 2¹⁰⁰, a hundred coins fall alike", () =>
    near(logBinomialTail(1, 100, 0.5), -(2 ** -100), 1e-9));
});

describe("the incomplete beta function", () => {
  it("is 0 at 0 and 1 at 1", () => {
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
    expect([incompleteBeta(0, 0.5, 0.5), incompleteBeta(1, 0.5, 0.5)]).toEqual([0, 1]);
  });

  it("has closed forms: xᵃ, 1 − (1 − x)ᵇ, and the arc sine's law, up to both ends", () => {
    for (const x of [1e-9, 0.1, 0.4, 0.5, 0.6, 0.9, 0.99, 1 - 1e-9]) {
      for (const a of [0.5, 1, 3, 40]) {
        near(incompleteBeta(x, a, 1), x ** a, 1e-11);
        near(incompleteBeta(x, 1, a), -Math.expm1(a * Math.log1p(-x)), 1e-11);
      }
      near(incompleteBeta(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x)), 1e-11);
    }
    near(incompleteBeta(0.3, 2, 3), 0.3483, 1e-12); // 6x² − 8x³ + 3x⁴
  });

  it("is a half in the middle where a = b", () => {
    for (const a of [0.5, 1, 2, 30, 1000]) near(incompleteBeta(0.5, a, a), 0.5, 1e-11);
  });
});

describe("Student's t", () => {
  it("has the quantiles of its closed forms: one degree is Cauchy's, two are algebraic", () => {
    for (const alpha of [0.5, 0.05, 1e-3, 1e-6]) {
      near(studentQuantile(alpha, 1), 1 / Math.tan((Math.PI * alpha) / 2), 1e-9);
      near(studentQuantile(alpha, 2), Math.sqrt(2 / (alpha * (2 - alpha)) - 2), 1e-9);
    }
  });
});

describe("tables that everybody has", () => {
  it("Student's t, two-sided", () => {
    for (const [alpha, freedom, t] of [
      [0.05, 10, 2.22814],
      [0.01, 10, 3.16927],
      [0.05, 39, 2.02269],
      [0.001, 39, 3.55812],
      [0.05, 1000, 1.96234],
    ] as const)
      expect(studentQuantile(alpha, freedom)).toBeCloseTo(t, 5);
  });

  it("the 95 % interval of 5 events in 10, and of none in 10", () => {
    const [low, high] = eventInterval(5, 10, 0.05);
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(["0.1871", "0.8129"]);
    expect(eventInterval(0, 10, 0.05)[1].toFixed(4)).toBe("0.3085");
    expect(eventInterval(10, 10, 0.05)[0].toFixed(4)).toBe("0.6915");
  });

  it("a fair coin: 8 or more heads of 10 come up 56 times in 1024", () => {
    expect(Math.exp(logBinomialTail(8, 10, 0.5))).toBeCloseTo(56 / 1024, 14);
    expect(Math.exp(logBinomialTail(3, 10, 0.5))).toBeCloseTo(968 / 1024, 14);
  });
});

describe("intervals", () => {
  it("of a mean are Student's t times the spread of the means of 40 groups of neighbors", () => {
    // Groups of three: all 2, then all 4, and so on; one sample is left over. Their means spread by 1/√39 around 3.
    const samples = Float64Array.from({ length: 121 }, (_, i) =>
      i === 120 ? 1000 : Math.floor(i / 3) % 2 === 0 ? 2 : 4,
    );
    const [low, high] = meanInterval(samples, 0.05);
    expect(low).toBeCloseTo(3 - 2.02269 / Math.sqrt(39), 5);
    expect(high).toBeCloseTo(3 + 2.02269 / Math.sqrt(39), 5);
  });

  it("miss a mean as often as they say, for skewed and heavy-tailed samples", () => {
    const stream = random(1, "intervals");
    // Squares of products of normals: their own fourth moments are 10⁴ times their variance squared.
    const heavy = () => (stream.normal() * stream.normal()) ** 2;
    let missed = 0;
    const trials = 400;
    for (let i = 0; i < trials; i++) {
      const [low, high] = meanInterval(Float64Array.from({ length: 8000 }, heavy), 0.05);
      if (low > 1 || high < 1) missed++;
    }
    expect(Math.exp(logBinomialTail(missed, trials, 0.08))).toBeGreaterThan(1e-6);
    expect(missed).toBeGreaterThan(0);
  });

  it("miss the mean of events as rare as meetings are in the instances of prove no more than half as often again", () => {
    const stream = random(2, "rare events");
    const missed = (draws: number, trials: number) => {
      let count = 0;
      for (let i = 0; i < trials; i++) {
        const met = Float64Array.from({ length: draws }, () => (stream.uniform() < 1 / 32 ? 1 : 0));
        const [low, high] = meanInterval(met, 0.01);
        if (low > 1 / 32 || high < 1 / 32) count++;
      }
      return count;
    };
    expect(Math.exp(logBinomialTail(missed(4000, 2000), 2000, 0.015))).toBeGreaterThan(1e-6);
    expect(missed(400, 2000)).toBeGreaterThan(2 * 0.01 * 2000); // a tenth of the draws are too few
  });

  it("around a count of events end where its tails have half of alpha", () => {
    for (const [count, trials] of [
      [3, 50],
      [0, 20],
      [20, 20],
      [500, 1000],
    ] as const) {
      const [low, high] = eventInterval(count, trials, 0.01);
      if (count > 0) near(Math.exp(logBinomialTail(count, trials, low)), 0.005, 1e-6);
      else expect(low).toBe(0);
      if (count < trials) near(Math.exp(logBinomialTail(trials - count, trials, 1 - high)), 0.005, 1e-6);
      else expect(high).toBe(1);
    }
  });
});
