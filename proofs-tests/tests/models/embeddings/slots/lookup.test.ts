import { describe, expect, it } from "vitest";
import type { Bags } from "../../../../../models/data/dataset.ts";
import {
  checkRows,
  lookupOf,
  type SharingScheme,
  tablesOf,
} from "../../../../../models/embeddings/scheme.ts";
import { said } from "../../dlrm/tiny-model.ts";

describe("a lookup", () => {
  /** Every number that a scheme is asked with is a digit of what it answers. */
  const digits: SharingScheme = {
    name: "digits",
    memorySize: 100_000,
    block: 2,
    copies: (table) => table,
    blockStart: (table, row, block, copy) => 1000 * table + 100 * row + 10 * block + copy,
    signs: (table, row, block, word, copy) => 10_000 * table + 1000 * row + 100 * block + 10 * word + copy,
    slotsOf: () => [],
    guarantee: "none",
  };
  const digitShape = { tables: [4, 4, 4], dim: 3 };
  /** Of two samples: the second table is read at 3, and not at all; the third at 0 and 2, and at 1. */
  const bags: Bags = { ids: Uint32Array.of(1, 3, 0, 2, 3, 1), offsets: Uint32Array.of(0, 1, 2, 4, 5, 5, 6) };

  it("asks for each block of each copy of each id, bag after bag", () => {
    const { starts, signs, source, ...rest } = lookupOf(digits, digitShape, bags);
    // A table that is copied 0, 1 or 2 times has as many items for an id, and a row of three floats has two blocks.
    const third = (row: number) => [0, 10, 1, 11].map((blockAndCopy) => 2000 + 100 * row + blockAndCopy);
    expect([...starts]).toEqual([1300, 1310, ...third(0), ...third(2), ...third(1)]);
    const thirdSigns = (row: number) => [0, 100, 1, 101].map((rest) => 20_000 + 1000 * row + rest);
    expect([...signs!]).toEqual([13_000, 13_100, ...thirdSigns(0), ...thirdSigns(2), ...thirdSigns(1)]);
    expect(rest).toEqual({
      dim: 3,
      block: 2,
      memorySize: 100_000,
      bags: Uint32Array.of(0, 0, 1, 5, 5, 5, 7),
    });
    expect(source!.ids).toBe(bags.ids);
  });

  it("is written anew for other ids in the same array, in the arrays that it has", () => {
    const ids = bags.ids.slice();
    const { starts, signs, source } = lookupOf(digits, digitShape, { ...bags, ids });
    ids.set([0, 2, 3, 1, 0, 3]);
    source!.renew();
    const wanted = lookupOf(digits, digitShape, { ...bags, ids });
    expect(starts).toEqual(wanted.starts);
    expect(signs).toEqual(wanted.signs);
    ids[1] = 4;
    expect(said(source!.renew)).toContain("looks up row 4 of table 1");
  });

  it("has a bag for each id where they are to be separate", () => {
    const { starts, bags: ends } = lookupOf(digits, digitShape, bags, true);
    expect([...starts]).toEqual([...lookupOf(digits, digitShape, bags).starts]);
    expect([...ends]).toEqual([0, 0, 1, 3, 5, 5, 7]);
  });

  it("has a word of signs for 32 floats of a block, and none where the scheme has none", () => {
    const wide = { ...digits, block: 33 };
    const { signs } = lookupOf(
      wide,
      { tables: [4, 4], dim: 33 },
      { ...bags, offsets: Uint32Array.of(0, 0, 1), ids: Uint32Array.of(3) },
    );
    expect([...signs!]).toEqual([13_000, 13_010]);
    const { signs: _, ...unsigned } = digits;
    expect(lookupOf(unsigned, digitShape, bags)).not.toHaveProperty("signs");
  });

  it("copies each row once where a scheme says nothing of copies", () => {
    const { copies: _, ...plain } = digits;
    expect([...lookupOf(plain, digitShape, bags).bags]).toEqual([0, 1, 2, 4, 5, 5, 6]);
  });

  it("knows the table of each id", () => {
    expect([...tablesOf(bags, 3)]).toEqual([0, 1, 2, 2, 0, 2]);
  });

  it("refuses the first row after a table's last, and says of which sample", () => {
    expect(() => checkRows([4, 4, 3], bags)).not.toThrow();
    expect(said(() => checkRows([4, 4, 2], bags))).toContain(
      "Sample 0 of the batch looks up row 2 of table 2, which has only 2 rows (0 … 1)",
    );
    expect(said(() => checkRows([3, 4, 4], bags))).toContain(
      "Sample 1 of the batch looks up row 3 of table 0",
    );
  });
});
