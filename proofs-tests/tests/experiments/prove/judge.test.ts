import { describe, expect, it } from "vitest";
import type { Check, EventCheck, IdentityCheck, Instance, MomentCheck } from "../../../../theory/theorem.ts";
import type { Draws } from "../../../experiments/prove/draws.ts";
import { drawsFor, type Finding, judge } from "../../../experiments/prove/judge.ts";

const x = Float64Array.of(1);
const instance: Instance = { rows: 1, dim: 1, block: 1, memory: 1, x, y: x, epsilon: 0.5 };

/** Draws that are their own numbers: draw i has i for its slot, so that a check can say what it finds there. */
const numbered: Draws = {
  sketch: (i) => ({ memory: 1, places: 1, slots: Uint32Array.of(i), signs: Int8Array.of(1) }),
  recover: () => expect.fail("not needed"),
  project: () => expect.fail("not needed"),
};

/** What is found of draws 0, 1, 2 … */
const found = (check: Check, draws: number, alpha: number): Promise<Finding[]> =>
  judge(check, instance, numbered, { draws, seed: 3, alpha });

/** P(X = k), X ~ Bin(n, p). */
function binomial(k: number, n: number, p: number): number {
  let mass = (1 - p) ** n;
  for (let i = 1; i <= k; i++) mass *= ((n - i + 1) / i) * (p / (1 - p));
  return mass;
}

describe("an event is judged so that something true is rejected no more often than it says, and nearly so often", () => {
  const [n, p, alpha] = [60, 0.3, 0.02];

  /** Every count of events in 60 draws that refutes a probability of 0.3, and whether counts below or above do. */
  async function refuting(kind: EventCheck["kind"]): Promise<{ few: number[]; many: number[] }> {
    const [few, many]: [number[], number[]] = [[], []];
    for (let count = 0; count <= n; count++) {
      const event: EventCheck["event"] = (_, { sketch }) => sketch.slots[0]! < count;
      const [finding] = await found({ kind, name: "made", event, probability: () => p }, n, alpha);
      expect(finding).toMatchObject({
        observed: count / n,
        predicted: p,
        draws: n,
        familyWiseErrorRate: alpha,
      });
      if (!finding!.notRejected) (count < n * p ? few : many).push(count);
    }
    return { few, many };
  }
  const mass = (counts: readonly number[]): number => counts.reduce((sum, k) => sum + binomial(k, n, p), 0);

  it("exactly: half of alpha below, and half above", async () => {
    const { few, many } = await refuting("exactly");
    expect(mass(few)).toBeLessThanOrEqual(alpha / 2);
    expect(mass([...few, few.length])).toBeGreaterThan(alpha / 2);
    expect(mass(many)).toBeLessThanOrEqual(alpha / 2);
    expect(mass([n - many.length, ...many])).toBeGreaterThan(alpha / 2);
  });

  it("at most: all of alpha above, and nothing below", async () => {
    const { few, many } = await refuting("at most");
    expect(few).toEqual([]);
    expect(mass(many)).toBeLessThanOrEqual(alpha);
    expect(mass([n - many.length, ...many])).toBeGreaterThan(alpha);
  });

  it("with an interval of that confidence: no event in 60 leaves what is rarer than once in 100 to do so", async () => {
    const never: EventCheck = { kind: "at most", name: "never", event: () => false, probability: () => p };
    const [finding] = await found(never, n, alpha);
    expect(finding!.what).toBe("probability");
    expect(finding!.interval![0]).toBe(0);
    expect(finding!.interval![1]).toBeCloseTo(1 - (alpha / 2) ** (1 / n), 9);
  });

  it("what is just as rare as alpha is not rejected: of no event, at alpha = 1", async () => {
    const never: EventCheck = { kind: "at most", name: "never", event: () => false, probability: () => p };
    expect((await found(never, n, 1))[0]!.notRejected).toBe(true);
  });

  it("what is certain may always happen, and what is impossible never", async () => {
    const certain = (probability: number): EventCheck => ({
      kind: "exactly",
      name: "certain",
      event: () => probability === 1,
      probability: () => probability,
    });
    expect((await found(certain(1), n, alpha))[0]).toMatchObject({ notRejected: true, observed: 1 });
    expect((await found(certain(0), n, alpha))[0]).toMatchObject({ notRejected: true, observed: 0 });
  });
});

describe("a mean and a variance are judged by Student's t of 40 groups", () => {
  /** Of 4000 draws: the even hundreds are 1, the odd ones −1. The means of the groups spread by 1/√39. */
  const waves = (mean: number, variance?: number): MomentCheck => ({
    kind: "moment",
    name: "waves",
    statistic: (_, { sketch }) => (Math.floor(sketch.slots[0]! / 100) % 2 === 0 ? 1 : -1),
    mean: () => mean,
    ...(variance !== undefined && { variance: () => variance }),
  });

  it.each([
    [0.05, 2.02269], // t of 39 degrees of freedom, from tables
    [0.01, 2.70791],
  ])("alpha = %d", async (alpha, t) => {
    const reach = t / Math.sqrt(39);
    for (const side of [-1, 1]) {
      const [inside] = await found(waves(side * reach * 0.9999), 4000, alpha);
      const [outside] = await found(waves(side * reach * 1.0001), 4000, alpha);
      expect([inside!.notRejected, outside!.notRejected]).toEqual([true, false]);
      expect(inside).toMatchObject({ what: "mean", observed: 0, draws: 4000, familyWiseErrorRate: alpha });
      expect(inside!.interval![0]).toBeCloseTo(-reach, 5);
      expect(inside!.interval![1]).toBeCloseTo(reach, 5);
    }
  });

  it("the variance is that around the mean that is predicted", async () => {
    const [, variance] = await found(waves(0.1, 1), 4000, 0.05);
    // Squares of 0.9 and −1.1 are 0.81 and 1.21: 1.01 ± 0.2 · t/√39.
    expect(variance).toMatchObject({
      what: "variance",
      predicted: 1,
      draws: 4000,
      familyWiseErrorRate: 0.05,
      notRejected: true,
    });
    expect(variance!.observed).toBeCloseTo(1.01, 12);
    expect(variance!.interval![1]).toBeCloseTo(1.01 + (0.2 * 2.02269) / Math.sqrt(39), 5);
    const [, wrong] = await found(waves(0.1, 1.2), 4000, 0.05);
    expect(wrong!.notRejected).toBe(false);
    const [, small] = await found(waves(0, 1.001), 4000, 0.05); // all squares are 1
    expect(small!.notRejected).toBe(false);
  });

  it("of numbers that are all above 0 too", async () => {
    const high: MomentCheck = {
      kind: "moment",
      name: "2 and 4 in turn",
      statistic: (_, { sketch }) => (sketch.slots[0]! % 2 === 0 ? 2 : 4),
      mean: () => 3,
      variance: () => 1,
    };
    const [mean, variance] = await found(high, 4000, 0.05);
    expect(mean).toMatchObject({ notRejected: true, observed: 3 });
    expect(variance).toMatchObject({ notRejected: true, observed: 1 });
  });

  it("what never varies is held to rounding", async () => {
    const constant = (mean: number): MomentCheck => ({
      kind: "moment",
      name: "five",
      statistic: () => 5,
      mean: () => mean,
    });
    expect((await found(constant(5 + 4e-10), 4000, 0.05))[0]!.notRejected).toBe(true);
    expect((await found(constant(5 + 6e-10), 4000, 0.05))[0]!.notRejected).toBe(false);
  });

  it("and what is always 0 is 0", async () => {
    const zero: MomentCheck = {
      kind: "moment",
      name: "",
      statistic: () => 0,
      mean: () => 0,
      variance: () => 0,
    };
    expect((await found(zero, 4000, 0.05)).map(({ notRejected }) => notRejected)).toEqual([true, true]);
  });

  it("rounding is relative to the largest number in the sums, and to its square in a variance", async () => {
    const thousands = (mean: number, variance: number): MomentCheck => ({
      kind: "moment",
      name: "a thousand and its negative in turn",
      statistic: (_, { sketch }) => (sketch.slots[0]! % 2 === 0 ? 1000 : -1000),
      mean: () => mean,
      variance: () => variance,
    });
    const held = async (mean: number, variance: number) =>
      (await found(thousands(mean, variance), 4000, 0.05)).map(({ notRejected }) => notRejected);
    for (const side of [-1, 1]) {
      expect(await held(side * 0.9e-7, 1e6)).toEqual([true, true]);
      expect(await held(side * 1.1e-7, 1e6)).toEqual([false, true]);
      expect(await held(0, 1e6 + side * 0.9e-4)).toEqual([true, true]);
      expect(await held(0, 1e6 + side * 1.1e-4)).toEqual([true, false]);
    }
  });
});

describe("an identity", () => {
  const off = (error: (i: number) => number): IdentityCheck => ({
    kind: "always",
    name: "off",
    error: (_, { sketch }) => error(sketch.slots[0]!),
  });

  it("is as wrong as in its worst draw, wherever that is, and held to 10⁻¹⁰", async () => {
    const [right] = await found(
      off((i) => (i === 7 ? 0.9e-10 : 1e-12)),
      50,
      0.01,
    );
    expect(right).toMatchObject({
      notRejected: true,
      what: "error",
      observed: 0.9e-10,
      draws: 50,
      familyWiseErrorRate: 0,
    });
    const [wrong] = await found(
      off((i) => (i === 49 ? 1.1e-10 : 0)),
      50,
      0.01,
    );
    expect(wrong).toMatchObject({ notRejected: false, observed: 1.1e-10 });
    expect(
      (
        await found(
          off(() => 1e-10),
          50,
          0.01,
        )
      )[0]!.notRejected,
    ).toBe(true);
  });

  it("has what the backend makes of its own draw", async () => {
    const asked: unknown[] = [];
    const telling: Draws = {
      sketch: numbered.sketch,
      recover: async (i, memory) => [asked.push(["recover", i, ...memory])],
      project: async (i, gradient) => [asked.push(["project", i, ...gradient])],
    };
    const check: IdentityCheck = {
      kind: "always",
      name: "asks both",
      async error(_, draw) {
        const [first] = Array.from(await draw.recover(Float64Array.of(7)));
        const [second] = Array.from(await draw.project(Float64Array.of(8)));
        return second! - first! - 1;
      },
    };
    const [finding] = await judge(check, instance, telling, { draws: 2, seed: 3, alpha: 0.01 });
    expect(asked).toEqual([
      ["recover", 0, 7],
      ["project", 0, 8],
      ["recover", 1, 7],
      ["project", 1, 8],
    ]);
    expect(finding!.observed).toBe(0);
  });
});

it("a check takes the draws that were asked for; an identity 50, a costly one fewer, a mean at least 4000", () => {
  const event = { kind: "exactly", name: "", event: () => true, probability: () => 1 } as const;
  const moment = { kind: "moment", name: "", statistic: () => 1, mean: () => 1 } as const;
  const always = { kind: "always", name: "", error: () => 0 } as const;
  expect([drawsFor(event, 20_000), drawsFor({ ...event, cost: 40 }, 20_000)]).toEqual([20_000, 500]);
  expect([drawsFor(event, 60), drawsFor({ ...event, cost: 40 }, 60)]).toEqual([60, 50]);
  expect([drawsFor(moment, 20_000), drawsFor(moment, 100)]).toEqual([20_000, 4000]);
  expect([drawsFor(always, 20_000), drawsFor(always, 20)]).toEqual([50, 20]);
});

it("each draw has random numbers of its own, the same ones again at its seed", async () => {
  const drawn = async (seed: number): Promise<number[]> => {
    const numbers: number[] = [];
    const check: EventCheck = {
      kind: "exactly",
      name: "uniform",
      event: (_, { stream }) => numbers.push(stream.uniform()) > 0,
      probability: () => 1,
    };
    await judge(check, instance, numbered, { draws: 50, seed, alpha: 0.01 });
    return numbers;
  };
  const first = await drawn(3);
  expect(new Set(first).size).toBe(50);
  expect(await drawn(3)).toEqual(first);
  expect((await drawn(4)).slice(0, 49)).toEqual(first.slice(1)); // draw i has the seed and i
});
