import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { random } from "../../../../core/numeric/random.ts";
import { lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import type { EmbeddingMaker } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { hashEmbedding } from "../../../../models/embeddings/families/hash-embedding.ts";
import { memcom } from "../../../../models/embeddings/families/memcom.ts";
import { quotientRemainder } from "../../../../models/embeddings/families/quotient-remainder.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { rowHash } from "../../../../models/embeddings/families/row-hash.ts";

describe("a memory at first", () => {
  const wide = { tables: [40, 10], dim: 50, seed: 4 };
  const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
  const memoryOf = async (maker: EmbeddingMaker, backend = cpu64) =>
    maker({ ...wide, backend }).parameters[0]!.tensor.data();
  const expectWithin = (values: ArrayLike<number>, limit: number) => {
    expect(largest(values)).toBeLessThanOrEqual(limit);
    expect(largest(values)).toBeGreaterThan(0.95 * limit);
    const signs = Array.from(values, Math.sign).reduce((a, b) => a + b);
    expect(Math.abs(signs)).toBeLessThan(5 * Math.sqrt(values.length));
  };

  it("that all tables share is uniform on ±1/√n of the largest", async () => {
    expectWithin(await memoryOf(robe({ memorySize: 500 })), 1 / Math.sqrt(40));
    expectWithin(await memoryOf(hashEmbedding({ memorySize: 1000 })), 1 / Math.sqrt(40));
    expectWithin(await memoryOf(memcom({ memorySize: 1000 })), 1 / Math.sqrt(40));
  });

  it("that is cut by tables is uniform on ±1/√n of each", async () => {
    const values = await memoryOf(full());
    expectWithin(values.subarray(0, 2000), 1 / Math.sqrt(40));
    expectWithin(values.subarray(2000), 1 / Math.sqrt(10));
    // 20 quotients and 2 remainders; 5 and 2.
    const split = await memoryOf(quotientRemainder({ collisions: 2 }));
    expectWithin(split.subarray(0, 50 * 22), 1 / Math.sqrt(40));
    expectWithin(split.subarray(50 * 22), 1 / Math.sqrt(10));
  });

  it("whose rows are multiplied is uniform on ±n^(−1/4), and on ±n^(−1/2) where a table is whole", async () => {
    const values = await memoryOf(quotientRemainder({ collisions: 2, threshold: 10, operation: "mult" }));
    expectWithin(values.subarray(0, 50 * 22), 40 ** (-1 / 4));
    expectWithin(values.subarray(50 * 22), 10 ** (-1 / 2));
  });

  it("takes the numbers of its stream in their order", async () => {
    const stream = random(4, "embedding.memory");
    const numbers = Array.from({ length: 2500 }, () => 2 * stream.uniform() - 1);
    const limits = (first: number, length: number) =>
      numbers.slice(0, length).map((x, i) => x / Math.sqrt(i < first ? 40 : 10));
    const close = (x: number) => expect.closeTo(x, 12);
    expect([...(await memoryOf(full()))]).toEqual(limits(2000, 2500).map(close));
    expect([...(await memoryOf(quotientRemainder({ collisions: 2 })))]).toEqual(
      limits(50 * 22, 50 * 29).map(close),
    );
    expect([...(await memoryOf(robe({ memorySize: 70 })))]).toEqual(limits(70, 70).map(close));
  });

  it("says which of its floats share a row, where there are rows, and how halves are rounded", () => {
    const first = (maker: EmbeddingMaker) => maker({ ...wide, backend: cpu64 }).parameters[0]!;
    expect(
      [full(), rowHash({ memorySize: 100 }), robe({ memorySize: 100 })].map((x) => first(x).rowLength),
    ).toEqual([50, 50, "none"]);
    expect(first(robe({ memorySize: 100, storage: "f16" })).halves).toEqual({ mode: "nearest", seed: 4 });
    const touched = lazyRowsOf(wide.tables, { ids: Uint32Array.of(3, 7), offsets: Uint32Array.of(0, 1, 2) });
    expect([full(), full({ rows: touched })].map((x) => first(x).whole)).toEqual([2500, 2500]);
  });

  it("is not rounded to f32 where the backend has f64", async () => {
    for (const maker of [robe({ memorySize: 500 }), hashEmbedding({ memorySize: 500 })]) {
      const values = [...(await memoryOf(maker))];
      expect(values.filter((x) => Math.fround(x) === x).length).toBeLessThan(10);
      expect([...(await memoryOf(maker, cpu))]).toEqual(values.map(Math.fround));
    }
  });
});
