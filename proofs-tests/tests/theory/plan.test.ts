import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepable, plan } from "../../../theory/plan.ts";
import { said } from "../models/dlrm/tiny-model.ts";

const of = (wanted: Parameters<typeof plan>[0]) =>
  new Map(plan(wanted).promised.map((promised) => [promised.theorem, promised]));

describe("plan", () => {
  it("gives the sizes of the theorems, worked out by hand", () => {
    const found = of({ rows: 204_184_588, dim: 128, epsilon: 0.1, delta: 0.01 });
    expect(found.get("R3")!.floats).toBe(20_000); // 2/(0.01 · 0.01)
    expect(found.get("R5")!.floats).toBe(20_000_000);
    expect(found.get("R7")!.floats).toBe(128 * 128 * 129 * 10_000);
    // ⌈2 · ln(2 · 2.6e10 / 0.01) / 0.01⌉ rows of 128.
    expect(found.get("R9")!.floats).toBe(128 * Math.ceil(200 * Math.log(200 * 204_184_588 * 128)));
    expect(found.get("R9")!.compression).toBeGreaterThan(30_000);
  });

  it("gives every size of a small table, its bytes, and how much smaller it is", () => {
    const wanted = { rows: 50, dim: 4, epsilon: 0.5, delta: 0.1, queries: 7, rank: 3, stableRank: 1.5 };
    const sizes = plan(wanted).promised.map(({ theorem, floats }) => [theorem, floats]);
    expect(sizes).toEqual([
      ["R3", 80], // 2/(0.25 · 0.1)
      ["R4", 80],
      ["R5", 560], // 7 times that
      ["R7", 4 * 480], // 4 columns of (9 + 3)/(0.1 · 0.25)
      ["R8", 4 * 180], // of 2 · 2.25/(0.25 · 0.1)
      ["R9", 4 * 67], // of 2 ln(2 · 200/0.1)/0.25 = 8 · 8.29405 = 66.35
      ["R10", 4 * 13 * 32], // 200 P(Bin(13, 1/8) ≥ 7) = 0.098, but of 11 rows 0.20; 8/0.25 places
      ["R11", 50 * 244], // 50 rows of ln(2500/0.1)/(1/16 − 1/48) = 10.12663 · 24 = 243.04
    ]);
    for (const { floats, bytes, compression, epsilon } of plan(wanted).promised)
      expect({ bytes, compression, epsilon }).toEqual({
        bytes: 4 * floats,
        compression: 200 / floats,
        epsilon: 0.5,
      });
    expect(plan(wanted)).toMatchObject({ memorySize: 80, tableFloats: 200 });
  });

  it("says what each theorem keeps, for the numbers asked for, and what can be trained", () => {
    const wanted = { rows: 50, dim: 4, epsilon: 0.5, delta: 0.1, queries: 7000, rank: 3, stableRank: 1.5 };
    const { promised } = plan(wanted);
    for (const { keeps, needs } of promised)
      for (const words of [keeps, needs]) expect(words).toMatch(/\w+ \w+/);
    const found = of(wanted);
    expect(found.get("R5")!.keeps).toContain("7,000");
    expect(found.get("R7")!.keeps).toContain("rank 3");
    expect(found.get("R8")!.keeps).toContain("rank 1.5");
    const untrained = promised.filter(({ trainable }) => !trainable);
    expect(untrained.map(({ theorem }) => theorem)).toEqual(["R10", "R11"]);
  });

  it("counts as many weights as can be counted", () => {
    const most = { ...fine, dim: 1, keep: ["norm"] as const };
    expect(plan({ ...most, rows: Number.MAX_SAFE_INTEGER }).tableFloats).toBe(2 ** 53 - 1);
    expect(said(() => plan({ ...most, rows: 2 ** 52, dim: 2 }))).toContain("more than 2⁵³ weights");
  });

  it("takes full rank, a stable rank as large, and 1000 queries where nothing else is said", () => {
    const sizes = of({ rows: 50, dim: 4, epsilon: 0.5, delta: 0.1 });
    expect(sizes.get("R5")!.floats).toBe(80_000);
    expect(sizes.get("R7")!.floats).toBe(4 * 800); // (16 + 4)/(0.1 · 0.25)
    expect(sizes.get("R8")!.floats).toBe(4 * 1280); // 2 · 16/(0.25 · 0.1)
    expect(of({ rows: 3, dim: 4, epsilon: 0.5, delta: 0.1 }).get("R7")!.floats).toBe(4 * 480); // rank 3
    const ranked = of({ rows: 50, dim: 4, epsilon: 0.5, delta: 0.1, rank: 3 });
    expect(ranked.get("R8")!.floats).toBe(4 * 720); // 2 · 9/(0.25 · 0.1)
  });

  it("backwards: √(2/(mδ)) for a norm, and nothing where even ε = 1 takes more memory", () => {
    const back = of({ rows: 50, dim: 4, delta: 0.1, memorySize: 80, queries: 7 });
    expect(back.get("R3")!.epsilon).toBeCloseTo(0.5, 12);
    expect(back.get("R4")!.epsilon).toBeCloseTo(0.5, 12);
    expect(back.has("R5")).toBe(false); // 140 floats at ε = 1
    expect(of({ rows: 50, dim: 4, delta: 0.1, memorySize: 141, queries: 7 }).get("R5")!.epsilon).toBeCloseTo(
      Math.sqrt(140 / 141),
      9,
    );
    expect(plan({ rows: 50, dim: 4, delta: 0.1, memorySize: 77 }).memorySize).toBe(77);
  });

  it("backwards: the smallest ε below 1 whose size the memory has", () => {
    const back = (memory: number) =>
      of({ rows: 50, dim: 4, delta: 0.3, memorySize: memory, rank: 1 }).get("R7")?.epsilon;
    // 4 columns of ⌈2/(0.3ε²)⌉: 7 from √(2/2.1) on, and never 6.
    expect(back(28)).toBeCloseTo(Math.sqrt(2 / 2.1), 12);
    expect(back(27)).toBeUndefined();
    const norms = (memory: number) =>
      of({ rows: 50, dim: 4, delta: 0.1, memorySize: memory }).get("R3")?.epsilon;
    expect(norms(20)).toBeUndefined(); // ε = 1
    expect(norms(21)).toBeCloseTo(Math.sqrt(20 / 21), 12);
  });

  it("has no number of rows in R3, R4 and R7, and only its logarithm in R9", () => {
    const [small, large] = [of({ ...fine, rows: 1e4 }), of({ ...fine, rows: 1e10 })];
    for (const id of ["R3", "R4", "R7"]) expect(large.get(id)!.floats).toBe(small.get(id)!.floats);
    const logarithms = Math.log((2e10 * 4) / 0.01) / Math.log((2e4 * 4) / 0.01);
    expect(large.get("R9")!.floats / small.get("R9")!.floats).toBeCloseTo(logarithms, 2);
  });

  it("backwards: the memory that it gives for an ε gives that ε", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 0.9, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (epsilon, delta, rows) => {
          for (const promised of plan({ rows, dim: 8, epsilon, delta }).promised) {
            const back = of({ rows, dim: 8, delta, memorySize: promised.floats }).get(promised.theorem)!;
            expect(back.epsilon).toBeLessThanOrEqual(epsilon * (1 + 1e-9));
            expect(back.floats).toBeLessThanOrEqual(promised.floats);
            // And no smaller ε: just below it, another float is needed.
            const below = of({ rows, dim: 8, delta, epsilon: back.epsilon * (1 - 1e-9) });
            expect(below.get(promised.theorem)!.floats).toBeGreaterThan(promised.floats);
            // Memories of whole rows, or of a projection of each row.
            const unit = { R7: 8, R8: 8, R9: 8, R10: 8, R11: rows }[promised.theorem] ?? 1;
            expect(promised.floats % unit).toBe(0);
          }
        },
      ),
    );
  });

  it("refuses what cannot be had, and says why", () => {
    const { refused } = plan(fine);
    expect(refused.map(({ why }) => /\(R\d+\)/.exec(why)![0])).toEqual(["(R6)", "(R12)"]);
  });

  it("plans for what is to be kept, and nothing else", () => {
    const { promised, refused } = plan({ ...fine, keep: ["entries", "table"] });
    expect(promised.map(({ theorem }) => theorem)).toEqual(["R9", "R10"]);
    expect(refused.map(({ kind }) => kind)).toEqual(["table"]);
    const kinds = [...plan(fine).promised, ...plan(fine).refused].map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(keepable));
  });

  it.each([
    [{ epsilon: 0 }, "epsilon must be above 0 and below 1, but it is 0."],
    [{ delta: 1 }, "delta must be above 0 and below 1, but it is 1."],
    [{ rows: 2 ** 53 - 1, dim: 2 }, "more than 2⁵³ weights"],
    [{ memorySize: 5 }, "needs either epsilon, for a memory, or memory, for an epsilon."],
    [{ rank: 5 }, "Rank must be a whole number from 1 to 4, but it is 5."],
  ])("%o is refused", (wrong, sentence) => {
    expect(said(() => plan({ ...fine, ...wrong }))).toContain(sentence);
  });

  it("neither an ε nor a memory is refused", () =>
    expect(said(() => plan({ rows: 10, dim: 4, delta: 0.1 }))).toContain("needs either epsilon"));

  it("a memory of 0 is refused", () => {
    expect(said(() => plan({ rows: 10, dim: 4, delta: 0.1, memorySize: 0 }))).toContain(
      "Memory must be a whole number from 1 up, but it is 0.",
    );
  });
});

const fine = { rows: 1000, dim: 4, epsilon: 0.1, delta: 0.01 };
