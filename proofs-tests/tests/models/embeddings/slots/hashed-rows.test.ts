import { describe, expect, it } from "vitest";
import type { Hash, Key } from "../../../../../core/numeric/hash.ts";
import { hashByName, hashNames } from "../../../../../core/numeric/hash-by-name.ts";
import { random } from "../../../../../core/numeric/random.ts";
import { hashEmbeddingSchemes } from "../../../../../models/embeddings/families/hash-embedding.ts";
import { rowHashScheme } from "../../../../../models/embeddings/families/row-hash.ts";
import { said } from "../../dlrm/tiny-model.ts";
import { defined, expectReads, explained, key, shape } from "./reads.ts";

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
