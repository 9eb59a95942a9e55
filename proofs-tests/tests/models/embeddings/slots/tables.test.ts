import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../../backends/cpu/index.ts";
import { lazyRowsOf } from "../../../../../models/data/lazy-rows.ts";
import { quotientRemainder } from "../../../../../models/embeddings/families/quotient-remainder.ts";
import { fullScheme, lazyScheme } from "../../../../../models/embeddings/full-scheme.ts";
import { said } from "../../dlrm/tiny-model.ts";
import { expectReads, explained, firstRow, shape } from "./reads.ts";

describe("full tables", () => {
  it("have a slot for each weight, row after row", () => {
    const scheme = fullScheme(shape);
    expectReads(scheme, shape, (table, row, column) => [[(firstRow[table]! + row) * 5 + column, 1]]);
    expect([scheme.memorySize, scheme.block, scheme.rowLength]).toEqual([50, 5, 5]);
  });

  it("of 2³² floats are one too many", () => {
    expect(fullScheme({ tables: [2 ** 31, 2 ** 31 - 1], dim: 1 }).memorySize).toBe(2 ** 32 - 1);
    expect(said(() => fullScheme({ tables: [2 ** 31, 2 ** 31], dim: 1 }))).toContain(
      "Full tables of 4294967296 floats (17.179869184 GB) do not fit",
    );
  });

  it("of which rows 1, 4 and 6, and 2 are touched, have slots for these side by side", () => {
    const touched = lazyRowsOf(shape.tables, {
      ids: Uint32Array.of(4, 2, 1, 2, 6, 2),
      offsets: Uint32Array.of(0, 1, 2, 3, 4, 5, 6),
    });
    const part = lazyScheme(shape, touched);
    const places: Readonly<Record<string, number>> = { "0 1": 0, "0 4": 1, "0 6": 2, "1 2": 3 };
    for (const [table, rows] of shape.tables.entries()) {
      for (let row = 0; row < rows; row++) {
        const at = places[`${table} ${row}`];
        for (let column = 0; column < 5; column++)
          expect(explained(part)(table, row, column)).toEqual(at === undefined ? [] : [[5 * at + column, 1]]);
        if (at === undefined)
          expect(() => part.blockStart(table, row, 0, 0)).toThrow(`Row ${row} of table ${table}`);
        else expect(part.blockStart(table, row, 0, 0)).toBe(5 * at);
      }
    }
    expect([part.memorySize, part.whole, part.block, part.rowLength]).toEqual([20, 50, 5, 5]);
  });

  it("touched by 2³² floats and more are refused", () => {
    const touched = lazyRowsOf([9], { ids: Uint32Array.of(1, 2), offsets: Uint32Array.of(0, 2) });
    expect(lazyScheme({ tables: [9], dim: 2 ** 31 - 1 }, touched).memorySize).toBe(2 ** 32 - 2);
    expect(said(() => lazyScheme({ tables: [9], dim: 2 ** 31 }, touched))).toContain(
      "2 lazy rows of 2147483648 floats make a memory of 4294967296 floats",
    );
  });
});

describe("quotientRemainder", () => {
  const schemeOf = (options: Parameters<typeof quotientRemainder>[0]) =>
    quotientRemainder(options)({ ...shape, backend: cpu64, seed: 1 }).scheme!;

  it("sums quotient row ⌊row/c⌋ and remainder row row mod c of each table", () => {
    const scheme = schemeOf({ collisions: 3 });
    // Of 7 rows 3 quotients and 3 remainders, of 3 rows 1 quotient and 3 remainders.
    expectReads(scheme, shape, (table, row, column) => {
      const [quotients, remainders] = table === 0 ? [0, 3] : [6, 7];
      return [
        [5 * (quotients! + Math.floor(row / 3)) + column, 1],
        [5 * (remainders! + (row % 3)) + column, 1],
      ];
    });
    expect([scheme.memorySize, scheme.block, scheme.rowLength]).toEqual([5 * 10, 5, 5]);
  });

  it("keeps a table whole whose rows are no more than the threshold", () => {
    const scheme = schemeOf({ collisions: 2, threshold: 3 });
    expectReads(scheme, shape, (table, row, column) =>
      table === 1
        ? [[5 * (6 + row) + column, 1]]
        : [
            [5 * Math.floor(row / 2) + column, 1],
            [5 * (4 + (row % 2)) + column, 1],
          ],
    );
    expect(scheme.memorySize).toBe(5 * (4 + 2 + 3));
    expect(schemeOf({ collisions: 2, threshold: 2 }).memorySize).toBe(5 * (4 + 2 + 2 + 2));
  });

  it("has one collision at least", () => {
    expect(said(() => schemeOf({ collisions: 0 }))).toContain("collisions of quotientRemainder must be");
    expect(schemeOf({ collisions: 1 }).memorySize).toBe(5 * (7 + 1 + 3 + 1));
  });
});
