import { describe, expect, it } from "vitest";
import { allFamilies } from "./prove.ts";
import { measureTable, trainedTable } from "./trained.ts";

const shape = { rows: 300, dim: 4 };
const table = await trainedTable(shape.rows, shape.dim);

describe("a trained table", () => {
  it("is not what it started as, and spans all its columns", () => {
    expect(table.length).toBe(1200);
    expect(new Set(table).size).toBeGreaterThan(1000);
    expect(Math.max(...table.map(Math.abs))).toBeGreaterThan(2 / Math.sqrt(shape.rows)); // starts within 1/√n
  });

  it("errs under sketches as R2, R6 and R7 predict", async () => {
    for (const { readOut, spectrum, entry } of await measureTable(table, shape, [120, 12], 1000))
      expect([readOut.holds, spectrum.holds, entry.holds]).toEqual([true, true, true]);
  });

  it.each(["broken:unsigned", "broken:low-entropy"])("has power: %s is seen", async (name) => {
    const family = allFamilies.find((f) => f.name === name)!;
    const [found] = await measureTable(table, shape, [12], 1000, family);
    const { readOut, spectrum, entry } = found!;
    expect([readOut.holds, spectrum.holds, entry.holds]).toContain(false);
  });
});
