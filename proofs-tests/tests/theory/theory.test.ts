import { describe, expect, it } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { random } from "../../../core/numeric/random.ts";
import { robe } from "../../../models/embeddings/families/robe.ts";
import { inspect } from "../../../models/embeddings/inspect.ts";
import { theorems } from "../../../theory/index.ts";
import type { EventCheck, IdentityCheck } from "../../../theory/theorem.ts";
import { collisionProbability, unusedProbability } from "../../../theory/theorems/r01-collision.ts";
import { largestLoadBound } from "../../../theory/theorems/r15-load.ts";
import { stableStep } from "../../../theory/theorems/r16-optimization.ts";

/** Binomial tail P(X > k), X ~ Bin(n, p), summed in log space. */
function tailAbove(k: number, n: number, p: number): number {
  let log = n * Math.log1p(-p);
  let below = Math.exp(log);
  for (let i = 1; i <= k; i++) {
    log += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    below += Math.exp(log);
  }
  return 1 - below;
}

const shape = { tables: [40, 25], dim: 8 };
const embeddingAt = (seed: number, block: number, memory: number) =>
  robe({ memorySize: memory, block, seed })({ ...shape, backend: cpu, seed });

describe("collisions of robe", () => {
  it.each([1, 4, 8])(
    "Z = %i: weights of different blocks meet with probability 1/m, of one block never",
    (block) => {
      const memory = 29;
      const draws = 4000;
      const pick = random(1, "collision");
      let met = 0;
      for (let seed = 0; seed < draws; seed++) {
        const { slotsOf } = embeddingAt(seed, block, memory).scheme!;
        const rows = [pick.integer(40), pick.integer(25)] as const;
        if (slotsOf(0, rows[0], 3)[0]!.slot === slotsOf(1, rows[1], 5)[0]!.slot) met++;
        if (block === 8) expect(slotsOf(0, 0, 3)[0]!.slot).not.toBe(slotsOf(0, 0, 5)[0]!.slot);
      }
      const p = collisionProbability(memory, false);
      const deviation = Math.sqrt(draws * p * (1 - p));
      expect(Math.abs(met - draws * p)).toBeLessThan(6 * deviation);
      expect(collisionProbability(memory, true)).toBe(0);
    },
  );

  /** Share of unused slots over many seeds. Pairwise independence (mersenne61) is too little for the formula. */
  const unusedShare = (hash: "mixer" | "mersenne61"): number => {
    let unused = 0;
    for (let seed = 0; seed < 300; seed++) {
      unused += inspect(robe({ memorySize: 200, block: 4, seed, hash })({ ...shape, backend: cpu, seed }))
        .load!.unused;
    }
    return unused / (300 * 200);
  };
  const expected = unusedProbability(200, 4, (65 * 8) / 4);

  it("leaves slots unused as often as independent blocks would, under a mixer", () => {
    // A seed's share has variance below p/50 (a block covers 4 of 200 slots); 6 standard errors over 300 seeds.
    expect(Math.abs(unusedShare("mixer") - expected)).toBeLessThan(6 * Math.sqrt(expected / 50 / 300));
  });

  it("an affine hash, only pairwise independent, leaves another share: the hypothesis matters", () => {
    expect(Math.abs(unusedShare("mersenne61") - expected)).toBeGreaterThan(0.01);
  });
});

describe("the bound on the largest load", () => {
  it("fails at most as often as it says, with the exact binomial tail as judge", () => {
    for (const [weights, memory, delta] of [
      [520, 29, 0.01],
      [10_000, 1000, 1e-3],
      [1000, 1000, 0.05],
    ] as const) {
      const bound = largestLoadBound(weights, memory, delta);
      expect(memory * tailAbove(Math.floor(bound), weights, 1 / memory)).toBeLessThanOrEqual(delta);
    }
  });
  it("has power: half the deviation would be exceeded too often", () => {
    const [weights, memory, delta] = [10_000, 1000, 1e-3];
    const mean = weights / memory;
    const half = mean + (largestLoadBound(weights, memory, delta) - mean) / 2;
    expect(memory * tailAbove(Math.floor(half), weights, 1 / memory)).toBeGreaterThan(delta);
  });
  it("is where Bernstein's inequality, m times over, comes down to δ", () => {
    for (const [weights, memory, delta] of [
      [10_000, 1000, 1e-3],
      [50, 200, 0.2],
    ] as const) {
      const mean = weights / memory;
      const t = largestLoadBound(weights, memory, delta) - mean;
      expect(memory * Math.exp((-t * t) / (2 * mean + (2 * t) / 3))).toBeCloseTo(delta, 12);
    }
  });
  it("is what R15's experiment is held to: one slot that has a weight more than it fails", () => {
    const [check] = theorems.find(({ id }) => id === "R15")!.checks as [EventCheck];
    const instance = {
      rows: 15,
      dim: 2,
      block: 1,
      memory: 6,
      x: new Float64Array(30),
      y: new Float64Array(30),
    };
    // μ = 5 and a = ln 30 = 3.4012: 5 + 1.1337 + √(1.2853 + 34.012) = 12.07.
    const happens = (load: number): boolean => {
      const slots = Uint32Array.from({ length: 30 }, (_, k) => (k < load ? 0 : 1 + (k % 5)));
      const sketch = { memory: 6, places: 1, slots, signs: new Int8Array(30).fill(1) };
      return check.event({ ...instance, epsilon: 0.5 }, { sketch, stream: random(1, "any") });
    };
    expect([happens(12), happens(13)]).toEqual([false, true]);
    expect(check.probability({ ...instance, epsilon: 0.5 })).toBe(0.2);
  });
});

describe("the adjoint (R14)", () => {
  it("is off by what a backward pass adds: twice the gradient is off by all of it", async () => {
    const x = new Float64Array(3);
    const instance = { rows: 3, dim: 1, block: 1, memory: 3, x, y: x, epsilon: 0.5 };
    const sketch = { memory: 3, places: 1, slots: Uint32Array.of(0, 1, 2), signs: Int8Array.of(1, 1, 1) };
    const errorsAt = (factor: number) =>
      Promise.all(
        theorems
          .find(({ id }) => id === "R14")!
          .checks.map((check) =>
            (check as IdentityCheck).error(instance, {
              sketch,
              stream: random(4, "numbers"),
              recover: async (M) => M,
              project: async (G) => G.map((v) => factor * v),
            }),
          ),
      );
    // What each check draws, in order: M, then G or θ, then a direction; 3 whole numbers from −20 to 20 each.
    const stream = random(4, "numbers");
    const [M, G, direction] = Array.from({ length: 3 }, () => [0, 1, 2].map(() => stream.integer(41) - 20));
    const inner = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
    const slope = inner(
      M!.map((v, i) => v - G![i]!),
      direction!,
    );
    expect(await errorsAt(1)).toEqual([0, 0]);
    expect(await errorsAt(2)).toEqual([Math.abs(inner(M!, G!)), Math.abs(slope)]);
    expect(Math.abs(inner(M!, G!)) * Math.abs(slope)).toBeGreaterThan(0);
  });
});

describe("the stable step (R16)", () => {
  it("is 2/L of a full table, and shrinks by the largest load", () => {
    expect(stableStep(4, 1)).toBe(0.5);
    expect(stableStep(4, 5)).toBe(0.1);
  });

  /** A single weight v in a single slot, with the Hessian a + v² that the experiment gives it; read with `sign`. */
  const v = 0.7;
  const a = 0.5 + random(1, "hessian").uniform();
  const errors = (sign: number) =>
    theorems
      .find(({ id }) => id === "R16")!
      .checks.map((check) => {
        const x = Float64Array.of(v);
        const instance = { rows: 1, dim: 1, block: 1, memory: 1, x, y: x, epsilon: 0.5 };
        const sketch = { memory: 1, places: 1, slots: Uint32Array.of(0), signs: Int8Array.of(sign) };
        const absent = (): never => expect.fail("not needed");
        const draw = { sketch, stream: random(2, "start"), recover: absent, project: absent };
        return (check as IdentityCheck).error(instance, draw) as number;
      });

  it("has experiments that end at the largest load's own eigenvalue: a sign of size 2 is beyond it", () => {
    const within = errors(1);
    expect(within[0]).toBeLessThan(1e-12);
    expect(within[1]).toBeLessThan(1e-12);
    const [eigenvalue, loss] = errors(2) as [number, number];
    const [highest, own] = [a + v * v, a + 4 * v * v];
    expect(eigenvalue).toBeCloseTo(own / highest - 1, 12);
    // Each of 20 steps of 2/L takes M to (1 − 2·own/L)M.
    expect(loss / ((1 - (2 * own) / highest) ** 40 - 1)).toBeCloseTo(1, 10);
  });
});
