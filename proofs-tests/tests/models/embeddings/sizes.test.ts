import { describe, expect, it } from "vitest";
import { floatsWithin, memoryFloats } from "../../../../models/embeddings/embedding.ts";
import { cafe } from "../../../../models/embeddings/families/cafe.ts";
import { dhe } from "../../../../models/embeddings/families/dhe.ts";
import { hashEmbedding, hashEmbeddingSize } from "../../../../models/embeddings/families/hash-embedding.ts";
import { memcom } from "../../../../models/embeddings/families/memcom.ts";
import { mixedDimension } from "../../../../models/embeddings/families/mixed-dimension.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { multiHash, rowHash } from "../../../../models/embeddings/families/row-hash.ts";
import { tensorTrain } from "../../../../models/embeddings/families/tensor-train.ts";
import { sizeFrom } from "../../../../models/embeddings/family.ts";
import { halvesFrom } from "../../../../models/embeddings/storage.ts";
import { said } from "../dlrm/tiny-model.ts";

const shape = { tables: [3, 2], dim: 2 };

describe("a size", () => {
  it("is the memory that is given, or so many times less than the full tables", () => {
    for (const memory of [1, 7, 2 ** 32 - 1])
      expect(memoryFloats({ memorySize: memory }, shape)).toBe(memory);
    expect([1, 3, 4, 10, 1000].map((compression) => memoryFloats({ compression }, shape))).toEqual([
      10, 3, 2, 1, 1,
    ]);
  });

  it.each([0, -1, 2.5, 2 ** 32, Number.NaN])("of %d floats is refused", (memory) => {
    expect(said(() => memoryFloats({ memorySize: memory }, shape))).toContain(
      `Embedding memory must be a whole number of floats from 1 to 2³² − 1, but it is ${memory}`,
    );
  });

  it.each([0.99, 0, Infinity, Number.NaN])("at compression %d is refused", (compression) => {
    expect(said(() => memoryFloats({ compression }, shape))).toContain(
      "Compression must be a number from 1 up",
    );
  });

  it("of 2³² floats is refused at any compression, and the least one that does is told", () => {
    const rows = (n: number) => ({ tables: [n], dim: 1 });
    expect(memoryFloats({ compression: 1 }, rows(2 ** 32 - 1))).toBe(2 ** 32 - 1);
    expect(said(() => memoryFloats({ compression: 1 }, rows(2 ** 32)))).toContain(
      "ask for compression 2 or more",
    );
    const large = { tables: [2 ** 32, 2 ** 32], dim: 4 };
    expect(said(() => memoryFloats({ compression: 2 }, large))).toContain("ask for compression 9 or more");
    expect(memoryFloats({ compression: 9 }, large)).toBeLessThan(2 ** 32);
  });

  it("within so many bytes is whole floats, as they are stored, and as many as are needed", () => {
    expect([39, 40, 43].map((bytes) => floatsWithin(bytes, "it", 9))).toEqual([9, 10, 10]);
    expect(floatsWithin(41, "it", 20, { storage: "f16" })).toBe(20);
    expect(said(() => floatsWithin(39, "it", 10))).toBe(
      "it needs at least 40 bytes for these tables, but may take 39.",
    );
    expect(said(() => floatsWithin(39, "it", 20, { storage: "f16" }))).toContain("at least 40 bytes");
  });

  it("is the one that was asked for, and no more than one", () => {
    const two = { memorySize: 5, compression: 3 };
    const words = "has one size, but memory size 5 and compression 3 are given; leave one out";
    expect(said(() => sizeFrom(two, "it"))).toBe(`it ${words}.`);
    for (const make of [
      robe,
      rowHash,
      multiHash,
      hashEmbedding,
      memcom,
      mixedDimension,
      cafe,
      dhe,
      tensorTrain,
    ])
      expect(
        said(() => make(two)),
        make.name,
      ).toContain(words);
    expect(sizeFrom({ memorySize: 5 }, "it")).toEqual({ memorySize: 5 });
    expect(sizeFrom({ compression: 3 }, "it")).toEqual({ compression: 3 });
    expect(said(() => sizeFrom({}, "it"))).toContain("it needs a size");
  });

  it("of halves asks for halves before it asks how they are rounded", () => {
    expect(said(() => halvesFrom({ rounding: "nearest" }, 1))).toContain("ask for that too");
    expect(said(() => halvesFrom({ rounding: "stochastic", storage: "f32" }, 1))).toContain("stored as f32");
  });
});

it("hashEmbedding leaves a component row its floats: two weights of 7 floats, and 5", () => {
  expect(hashEmbeddingSize(7, { tables: [10, 6], dim: 5 }, 1)).toEqual({
    componentRows: 1,
    weightRows: 2,
    floats: 7,
  });
});
