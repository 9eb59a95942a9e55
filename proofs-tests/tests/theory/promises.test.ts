import { afterEach, describe, expect, it, vi } from "vitest";
import type { Promised } from "../../../theory/plan.ts";
import { type Checked, checkPlan } from "../../experiments/plan-check/check.ts";
import { measures } from "../../experiments/plan-check/measures.ts";
import { columnsOf, heavyTailedTable, structuredTable } from "../../experiments/plan-check/tables.ts";
import { promised } from "./made-promise.ts";

const wanted = { rows: 4, dim: 2, epsilon: 0.5, delta: 0.1 };

async function checkedOf(
  promises: readonly Promised[],
  draws: number,
  asked: Partial<Parameters<typeof checkPlan>[0]> = {},
): Promise<Checked[]> {
  const all: Checked[] = [];
  for await (const one of checkPlan({ ...wanted, ...asked }, { promised: promises }, { draws, seed: 7 }))
    all.push(one);
  return all;
}

afterEach(() => vi.restoreAllMocks());

describe("a promise that was measured with made-up errors", () => {
  /** The errors of draws whose seeds are 7, 8, … */
  const erring = (errors: readonly number[]) =>
    vi.spyOn(measures.R3!, "error").mockImplementation((_, __, seed) => errors[seed - 7]!);

  it("is told by their middle, their largest, and how many were above ε", async () => {
    erring([0.9, 0.1, 0.5, 0.3, 0.2]); // 0.5 itself is not above
    const [structured, heavy] = await checkedOf([promised], 5);
    const numbers = {
      theorem: "R3",
      floats: 5,
      epsilon: 0.5,
      median: 0.3,
      largest: 0.9,
      above: 1,
      draws: 5,
    };
    expect(structured).toMatchObject({ table: "structured, rank 2, first rows heavy", ...numbers });
    expect(heavy).toMatchObject({ table: "heavy-tailed, full rank", ...numbers });
    erring([2, 10, 1]);
    expect((await checkedOf([promised], 3))[0]).toMatchObject({ median: 2, largest: 10, above: 3 });
  });

  it("holds unless so many above ε come about once in a million: of 20 draws at δ = 0.1, ten do", async () => {
    for (const [above, notRejected] of [
      [0, true],
      [9, true], // P(9 or more of 20) = 6.0e-5
      [10, true], // 7.2e-6
      [11, false], // 7.1e-7
      [20, false],
    ] as const) {
      erring(Array.from({ length: 20 }, (_, i) => (i < above ? 0.51 : 0.4)));
      expect((await checkedOf([promised], 20))[0]).toMatchObject({ above, draws: 20, notRejected });
    }
    erring(Array.from({ length: 20 }, (_, i) => (i < 10 ? 0.51 : 0.4)));
    expect((await checkedOf([promised], 20, { delta: 0.05 }))[0]!.notRejected).toBe(false);
  });

  it("is given the plan's numbers, and full rank and 1000 queries where nothing else was asked", async () => {
    const seen = erring([0, 0]);
    await checkedOf([promised], 1);
    expect(seen.mock.calls[0]![1]).toMatchObject({
      ...promised,
      delta: 0.1,
      queries: 1000,
      rank: 2,
      stableRank: 2,
    });
    await checkedOf([promised], 1, { rank: 1, queries: 3, delta: 0.2 });
    expect(seen.mock.lastCall![1]).toMatchObject({ delta: 0.2, queries: 3, rank: 1, stableRank: 1 });
  });

  it("gets fewer draws where one is costly, and none where it takes too long", async () => {
    erring(Array.from({ length: 50 }, () => 0));
    const drawsAt = async (work: number) => {
      vi.spyOn(measures.R3!, "work").mockReturnValue(work);
      const [found] = await checkedOf([promised], 50);
      return found!.draws ?? found!.skipped;
    };
    expect([await drawsAt(1), await drawsAt(1e7), await drawsAt(3e8)]).toEqual([50, 20, 1]);
    expect(await drawsAt(1.1e9)).toContain("more than half a minute");
  });

  it("is not measured where the table itself is smaller", async () => {
    const seen = erring([0]);
    const [found] = await checkedOf([{ ...promised, compression: 1 }], 5);
    expect(found).toEqual({
      table: "structured, rank 2, first rows heavy",
      theorem: "R3",
      floats: 5,
      epsilon: 0.5,
      skipped: "the table itself is smaller",
    });
    expect(seen).not.toHaveBeenCalled();
  });
});

describe("the tables that are drawn", () => {
  it("have rows that fall as 1/√(1 + i), or weights of variance 3", () => {
    const { weights } = structuredTable(4000, 2, 2, 1);
    const sizes = (from: number, to: number) => {
      let sum = 0;
      for (let i = from; i < to; i++) sum += (weights[2 * i]! ** 2 + weights[2 * i + 1]! ** 2) * (1 + i);
      return sum / (to - from);
    };
    expect(sizes(2000, 4000) / sizes(0, 2000)).toBeCloseTo(1, 0);
    const heavy = heavyTailedTable(4000, 2, 1).weights;
    // Student's t of 3 degrees: |T| is above 0.7649 half of the time, above 3.182 one time in 20.
    const share = (above: number) => heavy.filter((v) => Math.abs(v) > above).length / heavy.length;
    expect(share(0.7649)).toBeCloseTo(0.5, 1);
    expect(share(3.182)).toBeCloseTo(0.05, 2);
  });
  it("are read by columns", () =>
    expect(columnsOf({ name: "", rows: 2, dim: 3, weights: Float64Array.of(1, 2, 3, 4, 5, 6) })).toEqual([
      Float64Array.of(1, 4),
      Float64Array.of(2, 5),
      Float64Array.of(3, 6),
    ]));
});
