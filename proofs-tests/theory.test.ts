import { describe, expect, it } from "vitest";
import { cpu } from "../backends/cpu.ts";
import { random } from "../core/random.ts";
import { inspect } from "../models/inspect.ts";
import { robe } from "../models/robe.ts";
import { collisionProbability, unusedProbability } from "../theory/collision.ts";
import { largestLoadBound } from "../theory/load.ts";

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
  robe({ memory, block, seed })({ ...shape, backend: cpu, seed });

describe("collisions of robe", () => {
  it.each([1, 4, 8])(
    "Z = %i: weights of different blocks meet with probability 1/m, of one block never",
    (block) => {
      const memory = 29;
      const draws = 4000;
      const pick = random(1, "collision");
      let met = 0;
      for (let seed = 0; seed < draws; seed++) {
        const { explain } = embeddingAt(seed, block, memory).scheme!;
        const rows = [pick.integer(40), pick.integer(25)] as const;
        if (explain(0, rows[0], 3)[0]!.slot === explain(1, rows[1], 5)[0]!.slot) met++;
        if (block === 8) expect(explain(0, 0, 3)[0]!.slot).not.toBe(explain(0, 0, 5)[0]!.slot);
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
      unused += inspect(robe({ memory: 200, block: 4, seed, hash })({ ...shape, backend: cpu, seed })).load!
        .unused;
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
});
