import { describe, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { overSeeds } from "../../../experiments/tradeoff/over-seeds.ts";
import { cellsOf } from "../../../experiments/tradeoff/protocol.ts";
import { type Loss, seedsNeeded, smallEnough } from "../../../experiments/tradeoff/small-enough.ts";
import { protocolOf } from "./made.ts";

/** What is small enough where methods lose so much at compressions 10 and 100, seed by seed, for a tolerance of 1. */
function found(
  losses: Readonly<Record<string, readonly (readonly number[] | undefined)[]>>,
  bytes?: number[],
) {
  const compressions = [100, 10]; // in no order
  const protocol = protocolOf({
    methods: ["full", ...Object.keys(losses)],
    ...{ compressions, seeds: [0, 1, 2], tolerance: 1 },
  });
  const rows = Object.entries(losses).flatMap(([method, own]) =>
    own.flatMap((values, i) => {
      if (values === undefined) return [];
      const difference = overSeeds(values.map((x) => -x));
      return [{ method, compression: [10, 100][i]!, bytes: bytes?.[i] ?? [1000, 100][i]!, difference }];
    }),
  );
  return smallEnough(protocol, rows);
}

const name = ({ method, compression }: Loss) => `${method} ${compression}`;
const shown = (...args: Parameters<typeof found>) => found(...args).shown.map(name);

// Student's t of two degrees of freedom is 2.919986 at 5 % on one side, 4.302653 at 2.5 %. Losses 0.1 apart have deviation 0.1,
// and a mean of three that share rows 0.1 · √(1/3 + 1/8) = 0.0677003: limits are 0.197685 away from the mean, or 0.291291.
describe("what is small enough", () => {
  it("has an upper limit below the tolerance, on one side, at 5 % over the methods", () => {
    const around = (mean: number) => [mean - 0.1, mean, mean + 0.1];
    const [loss] = found({ a: [around(0.8)] }).shown;
    expect(loss!.mean).toBeCloseTo(0.8, 12);
    expect(loss!.most).toBeCloseTo(0.8 + 0.197685, 5);
    expect(loss!.least).toBeCloseTo(0.8 - 0.197685, 5);
    expect(loss!.seeds).toBe(3);
    expect(shown({ a: [around(0.802)] })).toEqual(["a 10"]);
    expect(shown({ a: [around(0.803)] })).toEqual([]);
    const two = { a: [around(0.708)], b: [around(5)] };
    expect(found(two).level).toBe(0.025);
    expect(shown(two)).toEqual(["a 10"]);
    expect(shown({ ...two, a: [around(0.709)] })).toEqual([]);
  });

  const [small, large] = [
    [0, 0.01, 0.02],
    [3, 3.01, 3.02],
  ];
  it("is tested from the largest memory down, and no further once one fails, is missing or lacks a seed", () => {
    expect(shown({ a: [small, small] })).toEqual(["a 10", "a 100"]);
    expect(shown({ a: [large, small] })).toEqual([]);
    expect(shown({ a: [undefined, small] })).toEqual([]);
    expect(shown({ a: [[0, 0.01], small] })).toEqual([]);
    expect(shown({ a: [large, small], b: [small, small] })).toEqual(["b 10", "b 100"]);
  });

  it("is named by the fewest bytes, and of equals by the least loss", () => {
    const smallest = (...args: Parameters<typeof found>) => name(found(...args).smallest!);
    expect(smallest({ a: [small, large], b: [small, small] })).toBe("b 100");
    expect(smallest({ a: [small, small], b: [[-0.1, -0.11, -0.12], small] })).toBe("a 100");
    expect(smallest({ a: [small, small], b: [small, [0.001, 0.008, 0.02]] })).toBe("b 100");
    expect(smallest({ a: [small, small] }, [50, 60])).toBe("a 10"); // whatever the compressions
  });

  it("where nothing is, has the nearest: the least loss of those at which a method failed first", () => {
    const { nearest, smallest } = found({ a: [large, [2, 2.01, 2.02]], b: [[2.9, 2.92, 2.91], large] });
    expect([name(nearest!), smallest]).toEqual(["b 10", undefined]);
    expect(found({ a: [small, large] }).nearest).toBeUndefined();
    expect(found({ a: [[0.5]] }).nearest).toBeUndefined();
  });

  it("needs more seeds, so many that a loss of this spread would be shown", () => {
    const needed = (...losses: number[]) => {
      const all = found({ a: [losses] });
      return seedsNeeded(all.nearest!, all);
    };
    // Deviation 0.1, mean 0.1 below the tolerance: t · √(1/n + 1/8) < 1. Of seven seeds it is 1.943180 · 0.517549 = 1.0057, of
    // eight 1.894579 · 0.5 = 0.947.
    expect(needed(0.8, 0.9, 1)).toBe(8);
    // Of three times that deviation it is never below 3 · 1.645 · √(1/8) = 1.74.
    expect(needed(0.6, 0.9, 1.2)).toBeUndefined();
    expect(needed(0.9, 1.2, 1.5)).toBeUndefined();
  });
});

describe("of thousands of made-up studies", () => {
  const methods = ["full", "a", "b"];
  const protocol = protocolOf({
    methods,
    ...{ compressions: [10, 100, 1000, 10_000], seeds: [0, 1, 2, 3], tolerance: 1 },
  });
  /**
   * Share of studies that call something small enough, where every method loses this much at every compression. What a study's
   * rows add is the same at every seed, and its variance an eighth of what a seed adds.
   */
  const share = (loss: number, studies: number) => {
    const stream = random(7, `studies/${loss}`);
    let claims = 0;
    for (let study = 0; study < studies; study++) {
      const rows = cellsOf(protocol).map((cell) => {
        const own = loss + 0.2 * Math.sqrt(1 / 8) * stream.normal();
        const difference = overSeeds(protocol.seeds.map(() => -own + 0.2 * stream.normal()));
        return { ...cell, bytes: 1, difference };
      });
      if (smallEnough(protocol, rows).shown.length > 0) claims++;
    }
    return claims / studies;
  };

  it("5 in 100 claim falsely where every loss is just the tolerance, the worst case", () => {
    // Two methods at 2.5 % each: 4.94 %, with a standard error of 0.48 %. Two-sided limits would claim in 2.5 %, methods at 5 %
    // each in 9.8 %, seeds taken as independent in 7.9 %, and tests that go on after a failure in more than that.
    const claims = share(1, 2000);
    expect(claims).toBeGreaterThan(0.036);
    expect(claims).toBeLessThan(0.063);
  });

  it("fewer where the loss is more, and nearly all where there is none", () => {
    expect(share(2, 300)).toBeLessThan(0.01);
    expect(share(0, 300)).toBeGreaterThan(0.95);
  });
});
