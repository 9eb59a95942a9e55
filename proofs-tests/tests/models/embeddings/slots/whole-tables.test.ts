import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../../backends/cpu/index.ts";
import { robe, robeScheme } from "../../../../../models/embeddings/families/robe.ts";
import { multiHash, rowHash, rowHashScheme } from "../../../../../models/embeddings/families/row-hash.ts";
import { familyByName } from "../../../../../models/embeddings/registry.ts";
import { blockByBlock, lookupOf } from "../../../../../models/embeddings/scheme.ts";
import { said } from "../../dlrm/tiny-model.ts";

const shape = { tables: [3, 40, 5, 60], dim: 4 };
const setting = { ...shape, backend: cpu64, seed: 7 };
/** What tables 0 and 2 leave to the others. */
const large = { tables: [0, 40, 0, 60], dim: 4 };
const own = (3 + 5) * 4;
const rows = {
  ids: Uint32Array.of(2, 39, 0, 59, 0, 0, 4, 1),
  offsets: Uint32Array.from({ length: 9 }, (_, i) => i),
};

describe("small tables that stay whole", () => {
  it("come first, a slot a weight and no sign; the others share the rest as if there were no small ones", () => {
    const options = { seed: 7, block: 2, index: "noWrap" } as const;
    const scheme = robeScheme(shape, { ...options, threshold: 5, memorySize: own + 50 });
    const others = robeScheme(large, { ...options, memorySize: 50 });
    expect([scheme.memorySize, scheme.block]).toEqual([own + 50, 2]);
    for (const [table, count] of shape.tables.entries())
      for (let row = 0; row < count; row++)
        for (let column = 0; column < 4; column++) {
          const first = table === 0 ? 0 : 3;
          const places =
            table % 2 === 0
              ? [{ slot: (first + row) * 4 + column, sign: 1 }]
              : others.slotsOf(table, row, column).map(({ slot, sign }) => ({ slot: own + slot, sign }));
          expect(scheme.slotsOf(table, row, column)).toEqual(places);
        }
  });

  it("are found the same way block by block and all at once", () => {
    for (const scheme of [
      robeScheme(shape, { seed: 7, block: 3, index: "aligned", threshold: 5, memorySize: own + 50 }),
      robeScheme(shape, { seed: 7, index: "balanced", threshold: 5, memorySize: own + 50 }),
      robeScheme(shape, { seed: 7, block: 9, index: "balanced", threshold: 5, memorySize: own + 50 }),
      rowHashScheme(shape, { seed: 7, hashes: 2, sign: "row", threshold: 5, memorySize: own + 50 }),
    ]) {
      const { starts, signs, bags } = lookupOf(scheme, shape, rows);
      expect([starts, signs, bags]).toEqual(
        ["starts", "signs", "bags"].map(
          (name) => lookupOf(blockByBlock(scheme), shape, rows)[name as "starts" | "signs" | "bags"],
        ),
      );
    }
  });

  it("are one row each where the others are a sum of several", async () => {
    const { parameters, forward } = multiHash({ hashes: 3, threshold: 5, memorySize: own + 20 })(setting);
    const memory = await parameters[0]!.tensor.data();
    const vectors = await forward(rows).data();
    expect(vectors.slice(0, 4)).toEqual(memory.slice(8, 12)); // row 2 of table 0
    expect(vectors.slice(8, 12)).toEqual(memory.slice(12, 16)); // row 0 of table 2
  });

  it("start as full tables do, each on ±1/√(its rows)", async () => {
    const { parameters } = robe({ threshold: 5, block: 1, memorySize: own + 4000 })(setting);
    const memory = [...(await parameters[0]!.tensor.data())];
    const largest = (from: number, to: number) => Math.max(...memory.slice(from, to).map(Math.abs));
    for (const [from, to, n] of [
      [0, 12, 3],
      [12, 32, 5],
      [32, 4032, 60],
    ] as const) {
      expect(largest(from, to)).toBeLessThanOrEqual(1 / Math.sqrt(n));
      expect(largest(from, to)).toBeGreaterThan(0.8 / Math.sqrt(n));
    }
  });

  it("are part of the memory that is asked for; where it does not hold them, a sentence says so", () => {
    expect(rowHash({ compression: 4, threshold: 5 })(setting).memorySize).toBe(108);
    expect(said(() => robe({ memorySize: 90, threshold: 5 })(setting))).toBe(
      "Blocks of index law circular wrap round the end of memory, into tables that stay whole; with a threshold choose index balanced, aligned or noWrap.",
    );
    expect(said(() => robe({ memorySize: 32, threshold: 5 })(setting))).toBe(
      "Tables of at most 5 rows take 32 floats, but the memory has 32, some of them for the other tables; give more memory, or a lower threshold.",
    );
    const fitted = (name: string, bytes: number) =>
      familyByName(name).fitTo(bytes, shape, { threshold: 5, ...(name === "robe" && { block: 1 }) })(setting)
        .bytes;
    expect(fitted("robe", 4 * (own + 1))).toBe(4 * (own + 1));
    expect(said(() => fitted("robe", 4 * own))).toContain("robe needs at least 132 bytes");
    expect(said(() => fitted("multiHash", 4 * (own + 3)))).toContain("multiHash needs at least 144 bytes");
  });

  it("are of the width that rows have in memory", () => {
    const { parameters } = robe({ memorySize: 8 + 30 + 16, threshold: 5, rowFloats: 1 })(setting);
    expect(parameters.map(({ size }) => size)).toEqual([38, 4, 4, 4, 4]);
  });
});
