import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import { eachRead } from "../../../../core/lookup.ts";
import type { Hash, Key } from "../../../../core/numeric/hash.ts";
import { hashByName, hashNames } from "../../../../core/numeric/hash-by-name.ts";
import { random } from "../../../../core/numeric/random.ts";
import type { Bags } from "../../../../models/data/dataset.ts";
import { lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import { hashEmbeddingSchemes } from "../../../../models/embeddings/families/hash-embedding.ts";
import { quotientRemainder } from "../../../../models/embeddings/families/quotient-remainder.ts";
import { type RobeOptions, robeScheme } from "../../../../models/embeddings/families/robe.ts";
import { rowHashScheme } from "../../../../models/embeddings/families/row-hash.ts";
import { fullScheme, lazyScheme } from "../../../../models/embeddings/full-scheme.ts";
import {
  blockByBlock,
  checkRows,
  everyRow,
  lookupOf,
  type SharingScheme,
  type TableShape,
  tableOffsets,
  tablesOf,
} from "../../../../models/embeddings/scheme.ts";
import { said } from "../dlrm/tiny-model.ts";

/** A slot with its sign. */
type Read = readonly [slot: number, sign: number];

/** What a scheme says of a weight. */
type Definition = (table: number, row: number, column: number) => readonly Read[];

const explained =
  (scheme: SharingScheme): Definition =>
  (table, row, column) =>
    scheme.slotsOf(table, row, column).map(({ slot, sign }) => [slot, sign]);

/** [rows][columns] what a lookup of every row reads, table by table. */
function looked(scheme: SharingScheme, shape: TableShape): Read[][][] {
  const rows = tableOffsets(shape.tables).at(-1)!;
  const reads: Read[][][] = Array.from({ length: rows }, () => Array.from({ length: shape.dim }, () => []));
  eachRead(lookupOf(scheme, shape, everyRow(shape), true), (row, column, slot, sign) =>
    reads[row]![column]!.push([slot, sign]),
  );
  return reads;
}

/** The same by a definition, weight by weight. */
const defined = ({ tables, dim }: TableShape, definition: Definition): (readonly Read[])[][] =>
  tables.flatMap((rows, table) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: dim }, (_, column) => definition(table, row, column)),
    ),
  );

function expectReads(scheme: SharingScheme, shape: TableShape, definition: Definition): void {
  const expected = defined(shape, definition);
  expect(looked(scheme, shape)).toEqual(expected);
  expect(defined(shape, explained(scheme))).toEqual(expected);
}

const shape = { tables: [7, 3], dim: 5 };
const firstRow = [0, 7];

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
    const { starts, signs, ...rest } = lookupOf(digits, digitShape, bags);
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

const key = (table: number, row: number, block = 0, blocks = 1): Key => ({
  table,
  row,
  first: firstRow[table]!,
  block,
  blocks,
});

describe("rowHash and multiHash", () => {
  it.each(hashNames)("a row is row h mod ⌊memory/dim⌋, h by %s from the seed", (hash) => {
    const scheme = rowHashScheme(shape, { memorySize: 24, hashes: 1, seed: 8, hash });
    const h = hashByName(hash, 8);
    expectReads(scheme, shape, (table, row, column) => [
      [5 * Number(h.exact(key(table, row)) % 4n) + column, 1],
    ]);
    expect([scheme.name, scheme.memorySize, scheme.rowLength]).toEqual(["rowHash", 20, 5]);
  });

  const three = { memorySize: 500, hashes: 3, seed: 8, sign: "row" } as const;

  it("of several hashes each has places and signs of its own, the same for all of a row", () => {
    const signed = rowHashScheme(shape, three);
    expect([signed.name, signed.copies!(1)]).toEqual(["multiHash", 3]);
    expectReads(signed, shape, explained(signed));
    const rows = defined(shape, explained(signed));
    for (const columns of rows) {
      for (const [column, reads] of columns.entries())
        expect(reads).toEqual(columns[0]!.map(([slot, sign]) => [slot + column, sign]));
      for (const [slot] of columns[0]!) expect(slot % 5).toBe(0);
    }
    for (const hash of [0, 1, 2]) {
      for (const other of [0, 1, 2].slice(hash + 1)) {
        expect(rows.map((columns) => columns[0]![hash]![0])).not.toEqual(rows.map((c) => c[0]![other]![0]));
        expect(rows.map((columns) => columns[0]![hash]![1])).not.toEqual(rows.map((c) => c[0]![other]![1]));
      }
      expect(new Set(rows.map((columns) => columns[0]![hash]![1]))).toEqual(new Set([1, -1]));
    }
  });

  it("of one hash is the first of several", () => {
    const signed = rowHashScheme(shape, three);
    const one = rowHashScheme(shape, { memorySize: 500, hashes: 1, seed: 8, sign: "row" });
    expectReads(one, shape, (...weight) => explained(signed)(...weight).slice(0, 1));
    expect(one.signs).toBeDefined();
    expect(rowHashScheme(shape, { memorySize: 500, hashes: 1, seed: 8 })).not.toHaveProperty("signs");
  });

  it("carries a guarantee with one hash that is pairwise independent, and signs", () => {
    const kinds = [1, 2].flatMap((hashes) =>
      (["none", "row"] as const).flatMap((sign) =>
        hashNames
          .filter((hash) => {
            const scheme = rowHashScheme(shape, { memorySize: 50, hashes, seed: 1, sign, hash });
            return !scheme.guarantee.startsWith("none");
          })
          .map((hash) => `${hashes} ${sign} ${hash}`),
      ),
    );
    expect(kinds).toEqual(["1 row mersenne61", "1 row polynomial4"]);
  });

  it("needs memory for a row", () => {
    expect(rowHashScheme(shape, { memorySize: 5, hashes: 1, seed: 1 }).memorySize).toBe(5);
    expect(said(() => rowHashScheme(shape, { memorySize: 4, hashes: 1, seed: 1 }))).toContain(
      "A memory of 4 floats holds no row of 5; give at least 5.",
    );
  });
});

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
      for (const index of ["circular", "noWrap", "noWrapShort", "aligned", "withinHash"] as const) {
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

describe("hashEmbedding", () => {
  const options = { memorySize: 42, hashes: 2, seed: 8 };

  it("has the rows that each hash chooses one after the other", () => {
    const { components } = hashEmbeddingSchemes(shape, options);
    const summed = rowHashScheme(shape, { ...options, memorySize: components.memorySize });
    expectReads(components, { ...shape, dim: 10 }, (table, row, column) => [
      explained(summed)(table, row, column % 5)[Math.floor(column / 5)]!,
    ]);
  });

  it("shares rows of weights by a hash of its own, or has one for each row where half of the memory holds them", () => {
    const { weights } = hashEmbeddingSchemes(shape, { ...options, memorySize: 30 });
    const hashed = rowHashScheme(
      { ...shape, dim: 2 },
      { memorySize: 2 * 7, hashes: 1, seed: random(8, "weights").bits() },
    );
    expectReads(weights, { ...shape, dim: 2 }, explained(hashed));
    const names = [27, 28, 29, 38, 39, 40, 41].map(
      (memory) => hashEmbeddingSchemes(shape, { ...options, memorySize: memory }).weights.name,
    );
    // Ten weight rows of two floats take 20, half of 40.
    expect(names).toEqual(["rowHash", "rowHash", "rowHash", "rowHash", "rowHash", "full", "full"]);
  });
});

describe("a hash by its name", () => {
  const at: Key = { table: 2, row: 5, first: 30, block: 1, blocks: 4 };
  const values = (hash: Hash) => [0, 1, 2, 3].map((row) => hash.exact({ ...at, row }));

  it("is another one at another seed, and under another name", () => {
    const all = hashNames.flatMap((name) => [1001, 1002].map((seed) => `${values(hashByName(name, seed))}`));
    expect(new Set(all).size).toBe(2 * hashNames.length);
  });

  it("sees rows of all tables as one list, but for affineTable, which has a coefficient for the table", () => {
    for (const name of hashNames) {
      const hash = hashByName(name, 1001);
      const alike = hash.exact(at) === hash.exact({ ...at, table: 1, first: 25, row: 10 });
      expect(alike, name).toBe(!["affineTable", "mixer"].includes(name));
    }
  });
});
