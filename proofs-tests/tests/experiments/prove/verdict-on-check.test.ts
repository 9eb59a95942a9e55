import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { eventInterval } from "../../../../core/numeric/distributions.ts";
import type {
  Check,
  EventCheck,
  IdentityCheck,
  Instance,
  MomentCheck,
  Theorem,
} from "../../../../theory/theorem.ts";
import { instanceOf } from "../../../experiments/prove/instances.ts";
import { type ProveOptions, type Verdict, verdictOn } from "../../../experiments/prove/prove.ts";

/** The verdict on a check of no scheme. */
const verdictOf = (check: Check, options: Partial<ProveOptions> = {}): Promise<Verdict> => {
  const theorem: Theorem = { id: "R0", name: "made", says: "made up", checks: [check] };
  return verdictOn({ theorem, check, backend: cpu }, { seed: 1, samples: 100, instances: 8, ...options });
};

describe("a verdict", () => {
  it("counts every experiment, its draws and its share of false alarms: 10⁻⁸ each", async () => {
    const event: EventCheck = { kind: "at most", name: "never", event: () => false, probability: () => 0.5 };
    expect(await verdictOf(event)).toMatchObject({
      theorem: "R0",
      check: "never",
      scheme: "any",
      backend: "cpu",
      notRejected: true,
      experiments: 8,
      draws: 800,
    });
    expect((await verdictOf(event)).familyWiseErrorRate).toBeCloseTo(8e-8, 20);
    expect((await verdictOf(event)).witness).toBeUndefined();
  });

  it("counts a mean and a variance as two, on the same draws", async () => {
    const both: MomentCheck = {
      kind: "moment",
      name: "one",
      statistic: () => 1,
      mean: () => 1,
      variance: () => 0,
    };
    const { experiments, draws, familyWiseErrorRate } = await verdictOf(both, { instances: 3 });
    expect({ experiments, draws }).toEqual({ experiments: 6, draws: 12_000 });
    expect(familyWiseErrorRate).toBeCloseTo(6e-8, 20);
  });

  it("tries only instances that the check speaks of, as many as were asked for", async () => {
    const rows: number[] = [];
    const even: IdentityCheck = {
      kind: "always",
      name: "even",
      applies: (instance) => instance.rows % 2 === 0,
      error: (instance) => rows.push(instance.rows) * 0,
    };
    expect((await verdictOf(even, { samples: 50 })).experiments).toBe(8);
    expect(rows).toHaveLength(8 * 50);
    expect(rows.every((n) => n % 2 === 0)).toBe(true);
  });

  it("shows the instance that came closest to refuting it", async () => {
    let calls = 0;
    const seen: number[] = [];
    const rare: EventCheck = {
      kind: "exactly",
      name: "rarer with more rows",
      event: ({ rows }) => calls++ % 100 < 50 - rows, // of 100 draws, 50 less the rows
      probability({ rows }) {
        seen.push((50 - rows) / 100);
        return 0.5;
      },
    };
    const { finding, notRejected } = await verdictOf(rare);
    expect(notRejected).toBe(true);
    expect(new Set(seen).size).toBeGreaterThan(3);
    expect(finding.observed).toBe(Math.min(...seen));
  });

  it("shows the worst of identities", async () => {
    const seen: number[] = [];
    const tiny: IdentityCheck = {
      kind: "always",
      name: "tiny",
      error({ rows }) {
        seen.push(rows * 1e-13);
        return rows * 1e-13;
      },
    };
    const { finding, familyWiseErrorRate } = await verdictOf(tiny);
    expect(finding.observed).toBe(Math.max(...seen));
    expect(familyWiseErrorRate).toBe(0);
  });

  it("is a refutation where one instance fails, with the smallest such instance and what was found there", async () => {
    const large: IdentityCheck = {
      kind: "always",
      name: "few rows",
      error: ({ rows }) => (rows >= 5 ? rows : 0),
    };
    const { notRejected, witness, finding } = await verdictOf(large);
    expect(notRejected).toBe(false);
    expect(witness!.rows).toBe(5);
    expect(finding).toMatchObject({ notRejected: false, observed: 5 });
  });

  it("shows what lies nearest to an end of its own interval, however wide that is", async () => {
    /** In instance i, as many events of 100 as `counts[i]` has, where `predicted[i]` are said to happen. */
    const verdictOn100 = async (counts: readonly number[], predicted: readonly number[]) => {
      let [calls, instances] = [0, 0];
      const event: EventCheck = {
        kind: "exactly",
        name: "listed",
        event: () => calls % 100 < counts[Math.floor(calls++ / 100)]!,
        probability: () => predicted[instances++]!,
      };
      const { finding, notRejected } = await verdictOf(event, { instances: counts.length });
      expect([notRejected, instances, calls]).toEqual([true, counts.length, 100 * counts.length]);
      return counts.findIndex((n, i) => n / 100 === finding.observed && predicted[i] === finding.predicted);
    };
    const nearest = (counts: readonly number[], predicted: readonly number[]): number => {
      const strains = counts.map((count, i) => {
        const [low, high] = eventInterval(count, 100, 1e-8);
        return Math.abs(predicted[i]! - (low + high) / 2) / ((high - low) / 2);
      });
      return strains.indexOf(Math.max(...strains));
    };
    for (const [counts, predicted] of [
      [
        [50, 3, 97],
        [0.55, 0.15, 0.85],
      ],
      [
        [3, 50, 97],
        [0.2, 0.7, 0.9],
      ],
      [
        [2, 50, 60],
        [0.15, 0.27, 0.5],
      ],
      [
        [90, 80, 10],
        [0.75, 0.58, 0.3],
      ],
      [
        [10, 20, 30],
        [0.3, 0.05, 0.2],
      ],
      [
        [99, 1, 50],
        [0.9, 0.01, 0.4],
      ],
    ] as const)
      expect(await verdictOn100(counts, predicted), counts.join()).toBe(nearest(counts, predicted));
  });

  it("shows the first of findings as near", async () => {
    const constant: MomentCheck = {
      kind: "moment",
      name: "constant",
      statistic: () => 1,
      mean: () => 1,
      variance: () => 0,
    };
    expect((await verdictOf(constant, { instances: 1 })).finding.what).toBe("mean");
  });

  it("counts what never varies as the furthest from being refuted", async () => {
    let calls = 0;
    const late: MomentCheck = {
      kind: "moment",
      name: "varies from the second instance on",
      statistic: () => (calls++ < 4000 ? 0 : Math.floor(calls / 100) % 2),
      mean: () => (calls > 4000 ? 0.4 : 0),
    };
    const { finding, notRejected } = await verdictOf(late, { instances: 2 });
    expect(notRejected).toBe(true);
    expect(finding.predicted).toBe(0.4);
  });

  /** Every tenth instance refutes it, from the first on; says of which sizes they were, and how many draws each took. */
  function seldom() {
    const tried: { instance: Instance; draws: number }[] = [];
    const check: EventCheck = {
      kind: "at most",
      name: "every tenth instance",
      cost: 40,
      event(instance) {
        if (tried.at(-1)?.instance !== instance) tried.push({ instance, draws: 0 });
        tried.at(-1)!.draws++;
        return tried.length % 10 === 1;
      },
      probability: () => 0.5,
    };
    return { check, tried };
  }

  it("looks for a smaller instance that fails in 40 others, by 4000 draws each, less what one costs", async () => {
    const { check, tried } = seldom();
    const { notRejected, experiments, draws, witness, finding } = await verdictOf(check, { samples: 5000 });
    expect(tried.map((one) => one.draws)).toEqual([125, ...Array.from({ length: 40 }, () => 100)]);
    expect({ notRejected, experiments, draws }).toEqual({ notRejected: false, experiments: 41, draws: 4125 });
    expect(instanceOf(witness!)).toEqual(tried[40]!.instance); // the last that failed
    expect(finding).toMatchObject({ notRejected: false, observed: 1, draws: 100 });
  });

  it("looks for none where none is wanted, and takes no more draws than were asked for", async () => {
    const whole = seldom();
    expect(await verdictOf(whole.check, { shrink: false })).toMatchObject({
      notRejected: false,
      experiments: 1,
    });
    expect(whole.tried).toHaveLength(1);
    const few = seldom();
    await verdictOf(few.check, { samples: 3000 });
    expect(few.tried.map((one) => one.draws)).toEqual(Array.from({ length: 41 }, () => 75));
  });

  it("is none where a check throws, or asks for draws of a scheme that it did not name, or fits no instance", async () => {
    const always = (error: IdentityCheck["error"]): IdentityCheck => ({ kind: "always", name: "", error });
    await expect(
      verdictOf(
        always(() => {
          throw new Error("a slip of the check");
        }),
      ),
    ).rejects.toThrow("a slip of the check");
    await expect(verdictOf(always((_, { sketch }) => sketch.places))).rejects.toThrow("needs: []");
    let left = 3;
    const scarce: IdentityCheck = { ...always(() => 0), applies: () => left-- > 0 };
    await expect(verdictOf(scarce)).rejects.toThrow("too few instances");
  });
});
