import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import type { Bags } from "../../../../models/data/dataset.ts";
import { lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import { configByName } from "../../../../models/dlrm/configs.ts";
import type { Embedding, EmbeddingMaker } from "../../../../models/embeddings/embedding.ts";
import { cafe } from "../../../../models/embeddings/families/cafe.ts";
import { dhe, dheFamily } from "../../../../models/embeddings/families/dhe.ts";
import { full, fullFamily } from "../../../../models/embeddings/families/full.ts";
import { hashEmbedding } from "../../../../models/embeddings/families/hash-embedding.ts";
import { memcom } from "../../../../models/embeddings/families/memcom.ts";
import { mixedDimension } from "../../../../models/embeddings/families/mixed-dimension.ts";
import { quotientRemainder } from "../../../../models/embeddings/families/quotient-remainder.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { multiHash, rowHash } from "../../../../models/embeddings/families/row-hash.ts";
import { tensorTrain, tensorTrainFamily } from "../../../../models/embeddings/families/tensor-train.ts";
import { pooledRows } from "../../../../models/embeddings/pooling.ts";
import { families, familyByName } from "../../../../models/embeddings/registry.ts";
import { everyRow } from "../../../../models/embeddings/scheme.ts";
import { said } from "../dlrm/tiny-model.ts";

const setting = { tables: [3, 2], dim: 2, backend: cpu64, seed: 4 };

it("a name is one of those there are", () => {
  expect(familyByName("robe").name).toBe("robe");
  expect(said(() => familyByName("rope"))).toContain(
    'There is no embedding "rope"; choose one of full, robe',
  );
  expect(said(() => configByName("criteo"))).toContain("choose one of criteo-kaggle, criteo-tb");
});

describe("families", () => {
  const large = { tables: [40, 25], dim: 4 };
  const made = (maker: EmbeddingMaker) => maker({ ...large, backend: cpu64, seed: 4 });

  /** All numbers that an embedding reads. */
  const read = async (embedding: Embedding) => [...(await embedding.forward(everyRow(large)).data())];

  it.each<[string, object, EmbeddingMaker]>([
    ["full", { pooling: "mean" }, full({ pooling: "mean" })],
    ["robe", { memorySize: 50 }, robe({ memorySize: 50 })],
    [
      "robe",
      { compression: 4, index: "noWrap", hash: "mixer", sign: "none", block: 2 },
      robe({ compression: 4, index: "noWrap", hash: "mixer", sign: "none", block: 2 }),
    ],
    ["rowHash", { memorySize: 50 }, rowHash({ memorySize: 50 })],
    [
      "rowHash",
      { memorySize: 50, hash: "mixer", sign: "row" },
      rowHash({ memorySize: 50, hash: "mixer", sign: "row" }),
    ],
    ["multiHash", { memorySize: 50 }, multiHash({ memorySize: 50, hashes: 2 })],
    ["multiHash", { memorySize: 50, hashes: 3 }, multiHash({ memorySize: 50, hashes: 3 })],
    ["quotientRemainder", { collisions: 3 }, quotientRemainder({ collisions: 3, operation: "add" })],
    [
      "quotientRemainder",
      { collisions: 3, operation: "mult", threshold: 30 },
      quotientRemainder({ collisions: 3, operation: "mult", threshold: 30 }),
    ],
    ["cafe", { memorySize: 90 }, cafe({ memorySize: 90 })],
    [
      "cafe",
      { memorySize: 90, hash: "mixer", hotShare: 0.2 },
      cafe({ memorySize: 90, hash: "mixer", hotShare: 0.2 }),
    ],
    ["hashEmbedding", { memorySize: 90 }, hashEmbedding({ memorySize: 90 })],
    [
      "hashEmbedding",
      { memorySize: 90, hashes: 3, hash: "mixer" },
      hashEmbedding({ memorySize: 90, hashes: 3, hash: "mixer" }),
    ],
    ["memcom", { memorySize: 90 }, memcom({ memorySize: 90 })],
    [
      "memcom",
      { memorySize: 150, bias: true, hash: "mixer" },
      memcom({ memorySize: 150, bias: true, hash: "mixer" }),
    ],
    ["mixedDimension", { memorySize: 200 }, mixedDimension({ memorySize: 200 })],
    [
      "mixedDimension",
      { memorySize: 150, temperature: 0.9 },
      mixedDimension({ memorySize: 150, temperature: 0.9 }),
    ],
    ["tensorTrain", { rank: 2 }, tensorTrain({ rank: 2 })],
    ["tensorTrain", { memorySize: 200 }, tensorTrain({ memorySize: 200 })],
    ["dhe", { width: 3 }, dhe({ width: 3, hashes: 256 })],
    ["dhe", { memorySize: 200, hashes: 5 }, dhe({ memorySize: 200, hashes: 5 })],
  ])("%s of %o is what its function makes of the same", async (name, options, maker) => {
    const [byName, byFunction] = [made(familyByName(name).make(options)), made(maker)];
    for (const part of ["name", "memorySize", "bytes", "virtualSize", "tables", "dim"] as const)
      expect(byName[part]).toEqual(byFunction[part]);
    expect([byName.virtualSize, byName.name]).toEqual([260, name]);
    expect(await read(byName)).toEqual(await read(byFunction));
  });

  it.each([
    ["robe", { memorySize: 50, index: "odd" }, "index of robe must be one of"],
    ["robe", { memorySize: 50, hash: "odd" }, "hash of robe must be one of"],
    ["robe", { memorySize: 50, sign: "odd" }, "sign of robe must be one of"],
    ["rowHash", { memorySize: 50, sign: "odd" }, "sign of rowHash must be one of"],
    ["multiHash", { memorySize: 50, hash: "odd" }, "hash of multiHash must be one of"],
    [
      "quotientRemainder",
      { collisions: 2, operation: "odd" },
      "operation of quotientRemainder must be one of",
    ],
    ["quotientRemainder", {}, "quotientRemainder needs --collisions C"],
    ["cafe", { memorySize: 90, hash: "odd" }, "hash of cafe must be one of"],
    ["hashEmbedding", { memorySize: 90, hash: "odd" }, "hash of hashEmbedding must be one of"],
    ["memcom", { memorySize: 90, hash: "odd" }, "hash of memcom must be one of"],
    [
      "memcom",
      { memorySize: 90, pooling: "mean" },
      "memcom has no option pooling; it has memorySize, compression, bias, hash.",
    ],
    ["memcom", { memorySize: 90, tableScale: true }, "memcom has no option tableScale"],
    ["memcom", { memorySize: 90, storage: "f16" }, "memcom has no option storage"],
    ["dhe", { width: 2, compression: 2 }, "leave out width"],
    ["tensorTrain", { rank: 2, memorySize: 100 }, "leave out rank"],
  ] as const)("%s of %o is refused", (name, options, words) => {
    expect(() => made(familyByName(name).make(options))).toThrow(words);
  });

  it.each(
    families.filter(({ name }) => !["full", "quotientRemainder"].includes(name)).map(({ name }) => name),
  )("%s needs a size", (name) =>
    expect(said(() => familyByName(name).make({}))).toContain(`${name} needs a size`),
  );

  // 65 rows of 4 floats.
  it.each([
    ["full", {}, 260],
    ["robe", {}, 1],
    ["robe", { block: 7 }, 7],
    ["rowHash", {}, 4],
    ["multiHash", { hashes: 3 }, 4],
    ["cafe", {}, 17],
    ["hashEmbedding", {}, 4 + 2],
    ["hashEmbedding", { hashes: 5 }, 4 + 5],
    ["memcom", {}, 65 + 4],
    ["memcom", { bias: true }, 130 + 4],
    ["mixedDimension", {}, 65 + 8],
    ["dhe", {}, 2 + 2 + 8],
  ] as const)("%s of %o takes %d floats at least, and what it may", (name, options, least) => {
    const within = (bytes: number) => made(familyByName(name).fitTo(bytes, large, options));
    expect(within(4 * least).bytes).toBeLessThanOrEqual(4 * least);
    expect(said(() => within(4 * least - 1))).toBe(
      `${name} needs at least ${4 * least} bytes for these tables, but may take ${4 * least - 1}.`,
    );
    const { bytes } = within(1200);
    expect(bytes).toBeLessThanOrEqual(1200);
    expect(bytes).toBeGreaterThan(800);
  });

  it("of touched rows counts them, and where they are", () => {
    const touched = lazyRowsOf(large.tables, { ids: Uint32Array.of(3, 7), offsets: Uint32Array.of(0, 1, 2) });
    const least = 4 * (2 * 4) + touched.bytes;
    const within = (bytes: number) => made(fullFamily.fitTo(bytes, large, {}, { rows: touched }));
    expect(within(least).bytes).toBe(least);
    expect(() => within(least - 1)).toThrow(`full needs at least ${least} bytes`);
  });

  it("grow with their tables where they say so: a hundredth of a large table does not fit", () => {
    const huge = { tables: [3_000_000, 2_000_000], dim: 4 };
    const grows = families.filter(({ fitTo }) => {
      try {
        fitTo(40_000, huge, {})({ ...huge, backend: cpu64, seed: 4 });
        return false;
      } catch {
        return true;
      }
    });
    const named = families.filter(({ growsWithTables }) => growsWithTables);
    expect(grows.map(({ name }) => name)).toEqual(named.map(({ name }) => name));
  });

  it("refuse within so many bytes what they do not do", () => {
    for (const family of [dheFamily, tensorTrainFamily])
      expect(said(() => family.fitTo(1200, large, { pooling: "mean" } as object))).toContain(
        "has no option pooling",
      );
  });

  it("compute no rows where no ids are given", () => {
    const none: Bags = { ids: new Uint32Array(0), offsets: new Uint32Array(5) };
    const sums = pooledRows(setting, none, () => {
      throw new Error("asked for rows");
    });
    expect(sums.shape).toEqual([2, 4]);
  });

  it("sum no ids to 0, of each table", async () => {
    const none: Bags = { ids: new Uint32Array(0), offsets: new Uint32Array(5) };
    for (const maker of [memcom({ memorySize: 90 }), hashEmbedding({ memorySize: 90 }), dhe({ width: 2 })]) {
      const output = made(maker).forward(none);
      expect(output.shape).toEqual([2, 8]);
      expect([...(await output.data())]).toEqual(new Array(16).fill(0));
    }
  });
});
