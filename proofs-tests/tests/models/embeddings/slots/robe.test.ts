import { describe, expect, it } from "vitest";
import { hashByName, hashNames } from "../../../../../core/numeric/hash-by-name.ts";
import { drawnPermutation } from "../../../../../core/numeric/permutation.ts";
import { type RobeOptions, robeScheme } from "../../../../../models/embeddings/families/robe.ts";
import { blockByBlock, type TableShape } from "../../../../../models/embeddings/scheme.ts";
import { said } from "../../dlrm/tiny-model.ts";
import { defined, expectReads, explained, firstRow, key, shape } from "./reads.ts";

describe("robe", () => {
  const seed = 8;
  const options = { memorySize: 23, seed, sign: "none" } as const;
  const of = (more: RobeOptions & { memorySize?: number }, of: TableShape = shape) =>
    robeScheme(of, { ...options, ...more });

  /** h of the block of two that a column lies in, by the hash of the seed. */
  const h = (table: number, row: number, column: number, numberedFrom = 0) =>
    hashByName("mersenne61", seed).exact(
      key(table, row, Math.floor(column / 2) + numberedFrom, 3 + numberedFrom),
    );

  it.each<[string, RobeOptions, (table: number, row: number, column: number) => number]>([
    ["(h + s) mod m", {}, (...at) => (Number(h(...at) % 23n) + (at[2] % 2)) % 23],
    ["(h + s) mod m", { index: "circular" }, (...at) => (Number(h(...at) % 23n) + (at[2] % 2)) % 23],
    ["h mod (m − Z + 1) + s", { index: "noWrap" }, (...at) => Number(h(...at) % 22n) + (at[2] % 2)],
    ["h mod (m − Z) + s", { index: "noWrapShort" }, (...at) => Number(h(...at, 1) % 21n) + (at[2] % 2)],
    ["Z · (h mod ⌊m/Z⌋) + s", { index: "aligned" }, (...at) => 2 * Number(h(...at) % 11n) + (at[2] % 2)],
  ])("blocks of two lie at %s: %o", (_, index, slot) => {
    const scheme = of({ block: 2, ...index });
    expectReads(scheme, shape, (...at) => [[slot(...at), 1]]);
    expect([scheme.memorySize, scheme.block]).toEqual([23, 2]);
  });

  it("balanced, blocks are permuted, and lie on places of Z in turn", () => {
    const scheme = of({ block: 2, index: "balanced" });
    const permuted = drawnPermutation(30, 11, seed);
    expectReads(scheme, shape, (table, row, column) => [
      [2 * (Number(permuted.exact(key(table, row, Math.floor(column / 2), 3))) % 11) + (column % 2), 1],
    ]);
    const flat = of({ block: 6, index: "balanced" }, { tables: [7, 3], dim: 4 }); // 40 floats in 7 blocks, on 3 places
    expectReads(flat, { tables: [7, 3], dim: 4 }, (table, row, column) => {
      const at = 4 * (firstRow[table]! + row) + column;
      const block = { table: 0, row: Math.floor(at / 6), first: 0, block: 0, blocks: 1 };
      return [[6 * (Number(drawnPermutation(7, 3, seed).exact(block)) % 3) + (at % 6), 1]];
    });
  });

  it("balanced, no slot is read much more than another, and none twice where memory holds all blocks", () => {
    const loads = (memorySize: number, block: number, tables: number[], dim: number) => {
      const scheme = of({ memorySize, block, index: "balanced" }, { tables, dim });
      const counts = new Array<number>(memorySize).fill(0);
      for (const reads of defined({ tables, dim }, explained(scheme)).flat())
        for (const [slot] of reads) counts[slot]!++;
      return counts;
    };
    expect(new Set(loads(20, 4, [90, 11], 4))).toEqual(new Set([20, 21])); // 101 is prime
    for (const memory of [96, 97, 200]) {
      const counts = loads(memory, 4, [20, 4], 4);
      expect([Math.max(...counts), counts.slice(0, 96).every((n) => n === 1)]).toEqual([1, true]);
    }
    expect(Math.max(...loads(95, 4, [20, 4], 4))).toBe(2);
  });

  it("balanced, takes no hash", () => {
    const sentence =
      "Index law balanced permutes the blocks and takes no hash; leave hash and coefficients out.";
    expect(said(() => of({ index: "balanced", hash: "mixer" }))).toBe(sentence);
    const coefficients = { prime: 101, r1: 3, r2: 7, r3: 20 };
    expect(said(() => of({ index: "balanced", coefficients }))).toBe(sentence);
  });

  it("within the hash, each element lies at (h + s) mod P mod m", () => {
    const hash = hashByName("affine", seed);
    const scheme = of({ block: 2, index: "withinHash", hash: "affine" });
    expectReads(scheme, shape, (table, row, column) => [
      [Number(hash.exact(key(table, row, Math.floor(column / 2), 3), column % 2) % 23n), 1],
    ]);
    expect(scheme.block).toBe(1);
  });

  it("blocks longer than a row are cut from the tables laid flat, read as far as both are whole", () => {
    const even = { tables: [7, 3], dim: 4 };
    const scheme = of({ block: 6 }, even);
    const hash = hashByName("mersenne61", seed);
    expectReads(scheme, even, (table, row, column) => {
      const flat = 4 * (firstRow[table]! + row) + column;
      const block = { table: 0, row: Math.floor(flat / 6), first: 0, block: 0, blocks: 1 };
      return [[(Number(hash.exact(block) % 23n) + (flat % 6)) % 23, 1]];
    });
    expect(scheme.block).toBe(2);
    expect(of({ block: 12 }, even).block).toBe(4);
  });

  const shapes: readonly TableShape[] = [shape, { tables: [2, 3], dim: 42 }];
  const blocks = [2, 5, 7, 33, 70];
  it.each(["none", "affine", "independent"] as const)(
    "one by one is as by the definition, sign %s",
    (sign) => {
      for (const index of [
        "circular",
        "noWrap",
        "noWrapShort",
        "aligned",
        "withinHash",
        "balanced",
      ] as const) {
        for (const each of shapes) {
          for (const block of blocks) {
            const scheme = of({ memorySize: 90, block, index, sign }, each);
            expectReads(scheme, each, explained(scheme));
          }
        }
      }
    },
  );

  it("has the sign bit of an element in the word of its block: 4-wise independent", () => {
    const wide = { tables: [7, 3], dim: 40 };
    const scheme = of({ memorySize: 90, block: 36, sign: "independent" }, wide);
    const signs = defined(wide, explained(scheme)).map((row) => row.map(([read]) => read![1]));
    expect(new Set(signs.map((row) => row.join())).size).toBe(10);
    // Of 400 signs half are negative, give or take 10, in the first words of blocks, in the second ones, in each row.
    const negative = (from: number, to: number) =>
      signs.flatMap((row) => row.slice(from, to)).filter((sign) => sign === -1).length / (10 * (to - from));
    for (const [from, to] of [
      [0, 32],
      [32, 36],
      [36, 40],
    ] as const)
      expect(Math.abs(negative(from, to) - 0.5)).toBeLessThan(3 / Math.sqrt(10 * (to - from)));
    const bits = (row: readonly number[], from: number) => row.slice(from, from + 4).join();
    expect(signs.some((row) => bits(row, 0) !== bits(row, 32))).toBe(true);
    expect(signs.some((row) => bits(row, 32) !== bits(row, 36))).toBe(true);
  });

  it("has affine signs by the parity of a hash of row and column: odd is +1", () => {
    const coefficients = { prime: 101, r1: 3, r2: 7, r3: 20 };
    const scheme = of({ block: 2, sign: "affine", signCoefficients: coefficients });
    expect(defined(shape, explained(scheme)).map((row) => row.map(([read]) => read![1]))).toEqual(
      defined(shape, (table, row, column) => {
        const sum = ((firstRow[table]! + row) * 20 + column * 7 + 3) % 101;
        return [[0, sum % 2 === 1 ? 1 : -1]];
      }).map((row) => row.map(([read]) => read![1])),
    );
    const own = of({ block: 2, sign: "affine" });
    const hash = hashByName("affine", seed + 1);
    expectReads(own, shape, (table, row, column) => [
      [
        explained(own)(table, row, column)[0]![0],
        hash.exact(key(table, row, column, 5)) % 2n === 1n ? 1 : -1,
      ],
    ]);
  });

  it("takes coefficients in place of those of the seed", () => {
    const scheme = of({ block: 5, coefficients: { prime: 101, r1: 3, r2: 7, r3: 20 } });
    expectReads(scheme, shape, (table, row, column) => [
      [(((((firstRow[table]! + row) * 20 + 3) % 101) % 23) + column) % 23, 1],
    ]);
  });

  it.each(hashNames)("a whole row lies where %s of its table and number says", (name) => {
    const hash = hashByName(name, seed);
    expectReads(of({ hash: name }), shape, (table, row, column) => [
      [(Number(hash.exact(key(table, row)) % 23n) + column) % 23, 1],
    ]);
  });

  it("is the same block by block, without what locates all at once", () => {
    const { locateBatch: locate, ...rest } = of({ sign: "independent" });
    expect(locate).toBeDefined();
    expect(Object.keys(blockByBlock({ ...rest, locateBatch: locate! }))).toEqual(Object.keys(rest));
  });

  it("has blocks of a whole row unless it is told, or of all the memory where that is less", () => {
    expect(of({}).block).toBe(5);
    expect(of({ memorySize: 3 }).block).toBe(3);
  });

  it("locates all blocks at once where both hashes know a block by its number", () => {
    const located = (more: RobeOptions) => of(more).locateBatch !== undefined;
    expect(located({ sign: "independent" })).toBe(true);
    expect(located({ sign: "none" })).toBe(true);
    expect(located({ sign: "affine" })).toBe(false);
    expect(located({ hash: "affine" })).toBe(false);
    expect(located({ index: "balanced", sign: "independent" })).toBe(true);
    expect(located({ index: "noWrap" })).toBe(false);
    expect(located({ block: 6 })).toBe(false);
  });

  it("carries its guarantee with circular places, independent signs and a polynomial hash", () => {
    const promised = (more: RobeOptions) =>
      !of({ sign: "independent", ...more }).guarantee.startsWith("none");
    expect(hashNames.filter((hash) => promised({ hash }))).toEqual(["mersenne61", "polynomial4"]);
    expect((["none", "affine"] as const).some((sign) => promised({ sign }))).toBe(false);
    for (const index of ["noWrap", "noWrapShort", "aligned", "withinHash"] as const)
      expect(promised({ index })).toBe(false);
    expect(promised({ index: "balanced" })).toBe(true);
    expect(promised({ index: "balanced", sign: "none" })).toBe(false);
    expect(of({ sign: "none" }).guarantee).not.toBe(of({ sign: "affine" }).guarantee);
  });

  it("says what does not fit", () => {
    expect(of({ memorySize: 6, block: 6 }).memorySize).toBe(6);
    expect(said(() => of({ memorySize: 5, block: 6 }))).toContain("A block of Z = 6 floats does not fit");
    expect(of({ memorySize: 6, block: 6, index: "noWrap" }).memorySize).toBe(6);
    expect(of({ memorySize: 7, block: 6, index: "noWrapShort" }).memorySize).toBe(7);
    expect(said(() => of({ memorySize: 6, block: 6, index: "noWrapShort" }))).toContain(
      "needs a memory larger than Z = 6, but it is 6",
    );
    expect(said(() => of({ block: 0 }))).toContain("Block length Z must be a whole number from 1");
    expect(said(() => of({ sign: "odd" as "none" }))).toContain('There is no sign "odd"');
    expect(said(() => of({ index: "odd" as "noWrap" }))).toContain('There is no index law "odd"');
    expect(said(() => of({ hash: "odd" as "mixer" }))).toContain('There is no hash "odd"');
  });
});
