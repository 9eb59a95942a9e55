import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import { gradients } from "../../../../core/backward.ts";
import { add } from "../../../../core/ops/arithmetic.ts";
import { sumAll } from "../../../../core/ops/sum.ts";
import { tensor } from "../../../../core/tensor.ts";
import type { Bags } from "../../../../models/data/dataset.ts";
import type { Embedding } from "../../../../models/embeddings/embedding.ts";
import { cafe } from "../../../../models/embeddings/families/cafe.ts";
import { rowHashScheme } from "../../../../models/embeddings/families/row-hash.ts";
import { everyRow, rowNumbers } from "../../../../models/embeddings/scheme.ts";
import { said } from "../dlrm/tiny-model.ts";

describe("cafe", () => {
  const four = { tables: [30, 20], dim: 4, backend: cpu64, seed: 4 };
  const arrayOf = (embedding: Embedding, name: string) =>
    embedding.adaptation!.arrays.get(`embedding.${name}`)!;

  // A row is 16 bytes; a hot one has an id of 4 bytes and four slots of 8 besides: 52.
  it.each([
    ["7 tenths of 400 bytes", { memorySize: 100 }, four.tables, 5, 8],
    ["hot rows that leave a shared one", { memorySize: 106, hotShare: 0.99 }, four.tables, 7, 3],
    ["a hot row at least", { memorySize: 100, hotShare: 0.01 }, four.tables, 1, 21],
    ["the fewest bytes there are", { memorySize: 17 }, four.tables, 1, 1],
    ["no more rows than the tables have", { memorySize: 10_000 }, [3, 2], 5, 5],
    ["32 bits for ids as far as they reach", { memorySize: 100 }, [2 ** 32 - 1], 5, 8],
  ])("has %s", (_, options, tables, hot, shared) => {
    const embedding = cafe(options)({ ...four, tables });
    expect(embedding.memorySize).toBe(4 * (hot + shared));
    expect(embedding.bytes).toBe(16 * (hot + shared) + 4 * hot + 4 * hot * 8);
    expect(embedding.bytes).toBeLessThanOrEqual(4 * options.memorySize);
    for (const [name, length] of [
      ["hot", hot],
      ["sketch.ids", 4 * hot],
      ["sketch.scores", 4 * hot],
    ] as const)
      expect(arrayOf(embedding, name)).toHaveLength(length);
  });

  it("has 8 bytes for an id where 4 are too few", () => {
    const embedding = cafe({ memorySize: 100 })({ ...four, tables: [2 ** 32] });
    // A hot row takes 16 + 8 + 4 · 12 = 72 bytes: 3 in 280, and 11 shared ones in what is left of 400.
    expect(embedding.memorySize).toBe(4 * (3 + 11));
    expect(embedding.bytes).toBe(16 * 14 + 3 * 8 + 12 * 12);
    expect(arrayOf(embedding, "hot")).toBeInstanceOf(Float64Array);
    expect(rowNumbers(2, 2 ** 32 - 1)).toBeInstanceOf(Uint32Array);
    expect(rowNumbers(2, 2 ** 32)).toBeInstanceOf(Float64Array);
  });

  it("reads the row of a hot id, and of all others a shared one behind them", () => {
    const embedding = cafe({ memorySize: 100, hash: "mixer", seed: 9 })(four);
    const { scheme } = embedding;
    expect(arrayOf(embedding, "hot").every((id) => id === 50)).toBe(true); // which no row has
    arrayOf(embedding, "hot").set([0, 29, 30, 44, 50]);
    const shared = rowHashScheme(four, { memorySize: 32, hashes: 1, seed: 9, hash: "mixer" });
    for (const [table, first] of [0, 30].entries()) {
      for (let row = 0; row < four.tables[table]!; row++) {
        const at = [0, 29, 30, 44].indexOf(first + row);
        for (let column = 0; column < 4; column++) {
          const slot = at < 0 ? 20 + shared.slotsOf(table, row, column)[0]!.slot : 4 * at + column;
          expect(scheme!.slotsOf(table, row, column)).toEqual([{ slot, sign: 1 }]);
        }
        expect(scheme!.blockStart(table, row, 0, 0)).toBe(scheme!.slotsOf(table, row, 0)[0]!.slot);
      }
    }
    expect([scheme!.name, scheme!.memorySize]).toEqual(["cafe", 52]);
  });

  it("fades its scores at each migration, and not between", async () => {
    const embedding = cafe({ memorySize: 100, interval: 3, decay: 0.25 })(four);
    const one: Bags = { ids: Uint32Array.of(7, 3), offsets: Uint32Array.of(0, 1, 2) };
    const scores = () => [...arrayOf(embedding, "sketch.scores")].filter((score) => score > 0).sort();
    const learned: number[][] = [];
    // Norms 1 and 3 are ½ and 1½ of their mean.
    for (let t = 1; t <= 4; t++) {
      await embedding.adaptation!.learn(one, Float64Array.of(1, 9), t);
      learned.push(scores());
    }
    expect(learned).toEqual([
      [0.5, 1.5],
      [1, 3],
      [1.5 / 4, 4.5 / 4],
      [0.875, 2.625],
    ]);
    expect([...arrayOf(embedding, "hot")]).toEqual([7, 33, 50, 50, 50]);
  });

  it("learns of each id of a bag by itself where its weight is learned, of all alike elsewhere", async () => {
    const two: Bags = { ids: Uint32Array.of(7, 8, 3), offsets: Uint32Array.of(0, 2, 3) };
    const learned = async (pooling: "sum" | "learned", squares: number[]) => {
      const embedding = cafe({ memorySize: 100, pooling })(four);
      await embedding.adaptation!.learn(two, Float64Array.from(squares), 1);
      const [ids, scores] = [arrayOf(embedding, "sketch.ids"), arrayOf(embedding, "sketch.scores")];
      return [7, 8, 33].map((id) => scores[ids.indexOf(id)]);
    };
    expect(await learned("learned", [1, 4, 9])).toEqual([0.5, 1, 1.5]);
    expect(await learned("sum", [1, 16])).toEqual([0.5, 0.5, 2]);
  });

  it("a first row of a table that becomes hot reads what it read", async () => {
    const embedding = cafe({ memorySize: 100, interval: 1, hash: "mixer" })(four);
    const { scheme, parameters, adaptation } = embedding;
    const reads = async () => {
      const values = await parameters[0]!.tensor.data();
      return [0, 1, 2, 3].map((column) => values[scheme!.slotsOf(1, 0, column)[0]!.slot]);
    };
    const [before, cold] = [await reads(), scheme!.blockStart(1, 0, 0, 0)];
    await adaptation!.learn(
      { ids: Uint32Array.of(0), offsets: Uint32Array.of(0, 0, 1) },
      Float64Array.of(0, 1),
      1,
    );
    expect([cold >= 20, scheme!.blockStart(1, 0, 0, 0)]).toEqual([true, 0]);
    expect(await reads()).toEqual(before);
  });

  it("learns from one lookup a step", () => {
    const { observe } = cafe({ memorySize: 100 })(four).adaptation!;
    expect(observe([null])).toBeNull();
    expect(observe([])).toBeNull();
    expect(said(() => observe([tensor(cpu64, [2], [1, 2])]))).toContain("call forward once");
    const embedding = cafe({ memorySize: 100 })(four);
    const found = (times: number) => {
      const passes = Array.from({ length: times }, () => sumAll(embedding.forward(everyRow(four))));
      const memory = embedding.parameters[0]!.tensor;
      return gradients(
        passes.reduce((a, b) => add(a, b)),
        [memory],
      );
    };
    expect(embedding.adaptation!.observe(found(1))!.shape).toEqual([2, 1]);
    expect(said(() => embedding.adaptation!.observe(found(2)))).toContain("call forward once");
  });

  it.each([
    [{ hotShare: 0 }, "hotShare of cafe must be a number above 0 and below 1, but it is 0."],
    [{ hotShare: 1 }, "hotShare of cafe must be a number above 0 and below 1, but it is 1."],
    [{ hotShare: Number.NaN }, "hotShare of cafe"],
    [{ interval: 0 }, "interval of cafe must be a whole number from 1 up"],
    [{ decay: 0 }, "decay of cafe must be a number above 0 to 1, but it is 0."],
    [{ decay: 1.5 }, "decay of cafe must be a number above 0 to 1, but it is 1.5."],
    [{ storage: "f16" }, "cafe has no option storage"],
    [{ memorySize: 16 }, "cafe needs at least 68 bytes"],
  ])("refuses %o", (options: object, words) => {
    expect(() => cafe({ memorySize: 100, ...options })(four)).toThrow(words);
  });

  it("goes without a fading", () => {
    expect(cafe({ memorySize: 100, decay: 1 })(four).memorySize).toBe(52);
  });
});
