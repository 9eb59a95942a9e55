import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { overSeeds, ratioOverSeeds } from "../../../experiments/tradeoff/over-seeds.ts";

describe("an interval over seeds", () => {
  it("is Student's t, worked out by hand", () => {
    // Mean 2, deviation 1, t = 4.302653 for two degrees of freedom: 2 ± 4.302653/√3.
    const { mean, interval } = overSeeds([1, 2, 3]);
    expect(mean).toBe(2);
    expect(interval![0]).toBeCloseTo(2 - 2.484138, 5);
    expect(interval![1]).toBeCloseTo(2 + 2.484138, 5);
  });

  it("is not there for one seed", () => expect(overSeeds([0.7]).interval).toBeUndefined());

  it("holds the mean of normal numbers in 95 of 100 cases", () => {
    // By hand for three numbers of known spread: scaling and shifting change the interval likewise.
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: -9, max: 9 }),
        (values, by, shift) => {
          const [plain, moved] = [overSeeds(values), overSeeds(values.map((v) => by * v + shift))];
          for (const end of [0, 1]) {
            const expected = by * plain.interval![end]! + shift;
            expect(Math.abs(moved.interval![end]! - expected)).toBeLessThan(1e-9 * (1 + Math.abs(expected)));
          }
        },
      ),
    );
  });
});

describe("a ratio over seeds", () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: -60, max: 90 }), fc.integer({ min: -9, max: 90 })), {
    minLength: 2,
    maxLength: 6,
  });

  it("has in its interval just the ratios r for which part − r · whole is not told from 0", () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const [part, whole] = [all.map(([a]) => a), all.map(([, b]) => b)];
        const found = ratioOverSeeds(part, whole);
        const isShown = overSeeds(whole).interval![0] > 1e-9;
        if (!isShown) return;
        const rest = (r: number) => overSeeds(part.map((a, i) => a - r * whole[i]!)).interval!;
        const [low, high] = found!.interval;
        const size = Math.max(...all.flat().map(Math.abs));
        // At the low end the rest's interval begins at 0, at the high end it ends there.
        expect(Math.abs(rest(low)[0])).toBeLessThan(1e-6 * size * (1 + Math.abs(low)));
        expect(Math.abs(rest(high)[1])).toBeLessThan(1e-6 * size * (1 + Math.abs(high)));
        expect(low <= found!.value && found!.value <= high).toBe(true);
      }),
    );
  });

  it("is of the means, not the mean of ratios", () =>
    expect(ratioOverSeeds([1, 4, 4], [10, 12, 11])!.value).toBeCloseTo(9 / 33, 12));

  it("is not there where the whole is not shown to be above 0, or of one seed", () => {
    expect(ratioOverSeeds([1, 2, 3], [1, 2, 3])).toBeUndefined(); // 2 ± 2.48
    expect(ratioOverSeeds([1, 2, 3], [-10, -10.1, -10.2])).toBeUndefined();
    expect(ratioOverSeeds([1], [2])).toBeUndefined();
    expect(ratioOverSeeds([1, 2, 3], [3, 4, 5])).toBeDefined();
  });

  it("is exact where nothing varies: all of it, none of it", () => {
    const whole = [0.1, 0.12, 0.11];
    const all = ratioOverSeeds(whole, whole)!;
    for (const x of [all.value, ...all.interval]) expect(x).toBeCloseTo(1, 9);
    const none = ratioOverSeeds([0, 0, 0], whole)!;
    for (const x of [none.value, ...none.interval]) expect(x).toBeCloseTo(0, 9);
  });

  it("misses the true ratio in 5 of 100 studies of three seeds, whose noise is shared and a fifth of the whole", () => {
    const stream = random(3, "ratios");
    const studies = 2000;
    let [misses, defined] = [0, 0];
    for (let study = 0; study < studies; study++) {
      const [part, whole]: number[][] = [[], []];
      for (let seed = 0; seed < 3; seed++) {
        const shared = stream.normal();
        whole!.push(1 + 0.05 * shared);
        part!.push(0.8 + 0.03 * shared + 0.05 * stream.normal());
      }
      const found = ratioOverSeeds(part!, whole!);
      if (found === undefined) continue;
      defined++;
      if (found.interval[0] > 0.8 || found.interval[1] < 0.8) misses++;
    }
    expect(defined).toBeGreaterThan(0.99 * studies);
    // The standard error of the share is 0.49 %.
    expect(misses / defined).toBeGreaterThan(0.05 - 0.015);
    expect(misses / defined).toBeLessThan(0.05 + 0.015);
  });
});
