import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { inMemory } from "../../../../models/data/memory.ts";
import { partOf, split } from "../../../../models/data/split.ts";
import { drift, piecesOf, type Survey, survey } from "../../../../models/data/survey.ts";

/** Rows with these labels, numbered. */
const labeled = (labels: readonly number[]) =>
  inMemory({
    name: "labeled",
    dense: 0,
    tables: [2 ** 32],
    columns: {
      dense: new Float32Array(0),
      ids: Uint32Array.from(labels, (_, i) => i),
      labels: Float32Array.from(labels),
    },
  });

const labels = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 100, maxLength: 300 });

describe("a survey", () => {
  it("counts rows and labels of each part in one walk, as walks over the parts do, and shows each row its part", async () => {
    await fc.assert(
      fc.asyncProperty(labels, fc.constantFrom("random", "order"), fc.nat(99), async (all, by, seed) => {
        const data = labeled(all);
        const shown: Record<string, number[]> = { train: [], validation: [], test: [] };
        const told: number[] = [];
        const found = await survey([{ data, part: await partOf(data, { by, seed }) }], {
          watch: (rows) => told.push(rows),
          see: ({ bags }, parts) => {
            for (const [i, part] of parts.entries()) shown[part]!.push(bags.ids[i]!);
          },
        });
        expect(told.at(-1)).toBe(all.length);
        const parts = await split(data, { by, seed });
        expect((await survey(piecesOf(parts))).parts).toEqual(found.parts);
        for (const name of ["train", "validation", "test"] as const) {
          const ids: number[] = [];
          for await (const { bags } of parts[name].batches(50)) ids.push(...bags.ids);
          expect(shown[name]).toEqual(ids);
          expect(found.parts[name]).toEqual({
            rows: ids.length,
            ones: ids.reduce((sum, row) => sum + all[row]!, 0),
          });
        }
      }),
      { numRuns: 20 },
    );
  });

  it("has at most 64 stretches of like length, which are all rows in their order", async () => {
    for (const n of [300, 16_384, 16_385, 40_000]) {
      const all = Array.from({ length: n }, (_, i) => Number(i < n / 2));
      const { stretches } = await survey([{ data: labeled(all), part: partOfThird }]);
      expect(stretches.length).toBeLessThanOrEqual(64);
      let from = 0;
      for (const { rows, ones } of stretches) {
        expect(ones).toBe(all.slice(from, from + rows).reduce((a, b) => a + b));
        from += rows;
      }
      expect(from).toBe(n);
      expect(new Set(stretches.slice(0, -1).map(({ rows }) => rows)).size).toBe(1);
    }
  });

  it("refuses a part that no row falls into", async () => {
    await expect(survey([{ data: labeled([0, 1]), part: () => "train" }])).rejects.toThrow(
      'Of 2 rows of "labeled" none falls into the validation part',
    );
  });
});

const partOfThird = (row: number) => (["train", "validation", "test"] as const)[row % 3]!;

describe("drift", () => {
  const of = (rates: readonly number[], rows: number, seed = 1): string | undefined => {
    const stream = random(seed, "drift");
    const stretches = rates.map((rate) => ({
      rows,
      ones: Array.from({ length: rows }, () => Number(stream.uniform() < rate)).reduce((a, b) => a + b, 0),
    }));
    return drift({ stretches } as unknown as Survey);
  };

  it("is said where rows are sorted by their label, with the rates", () => {
    const sorted = [...new Array<number>(45).fill(0), 0.5, ...new Array<number>(18).fill(1)];
    expect(of(sorted, 1000)).toMatch(/between 0 % and 100 %/);
    expect(of([0.05, 0.1, 0.2, 0.4], 1000)).toBeDefined();
  });

  it("is not seen in chance, nor in small waves of real data", () => {
    for (let seed = 0; seed < 200; seed++)
      expect(of(new Array<number>(64).fill(0.1), 256, seed)).toBeUndefined();
    expect(of([0.2, 0.22, 0.18, 0.21], 100_000)).toBeUndefined();
    expect(of(new Array<number>(64).fill(0), 256)).toBeUndefined();
  });
});
