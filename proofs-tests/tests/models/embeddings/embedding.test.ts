import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { gradients } from "../../../../core/backward.ts";
import { random } from "../../../../core/numeric/random.ts";
import { add } from "../../../../core/ops/arithmetic.ts";
import { sumAll } from "../../../../core/ops/sum.ts";
import { tensor } from "../../../../core/tensor.ts";
import type { Bags } from "../../../../models/data/dataset.ts";
import { lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import { configByName } from "../../../../models/dlrm/configs.ts";
import {
  type Embedding,
  type EmbeddingMaker,
  floatsWithin,
  memoryFloats,
} from "../../../../models/embeddings/embedding.ts";
import { cafe } from "../../../../models/embeddings/families/cafe.ts";
import { dhe, dheFamily } from "../../../../models/embeddings/families/dhe.ts";
import { full, fullFamily } from "../../../../models/embeddings/families/full.ts";
import { hashEmbedding, hashEmbeddingSize } from "../../../../models/embeddings/families/hash-embedding.ts";
import { rowNumbers } from "../../../../models/embeddings/families/hot-sketch.ts";
import { memcom } from "../../../../models/embeddings/families/memcom.ts";
import { mixedDimension } from "../../../../models/embeddings/families/mixed-dimension.ts";
import {
  quotientRemainder,
  quotientRemainderFamily,
} from "../../../../models/embeddings/families/quotient-remainder.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { multiHash, rowHash, rowHashScheme } from "../../../../models/embeddings/families/row-hash.ts";
import { tensorTrain, tensorTrainFamily } from "../../../../models/embeddings/families/tensor-train.ts";
import { sizeFrom } from "../../../../models/embeddings/family.ts";
import { type PoolingOptions, pooledRows, shares } from "../../../../models/embeddings/pooling.ts";
import { families, familyByName } from "../../../../models/embeddings/registry.ts";
import { everyRow, tableOffsets } from "../../../../models/embeddings/scheme.ts";
import { halvesFrom } from "../../../../models/embeddings/storage.ts";
import { said } from "../dlrm/tiny-model.ts";

const shape = { tables: [3, 2], dim: 2 };
const setting = { ...shape, backend: cpu64, seed: 4 };

/** Two samples: of the first table rows 2 and 0, then none; of the second row 1, then rows 0 and 1. */
const bags: Bags = { ids: Uint32Array.of(2, 0, 1, 0, 1), offsets: Uint32Array.of(0, 2, 3, 3, 5) };

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
    expect(said(() => halvesFrom({ rounding: "nearest" }, 1))).toContain("ask for storage f16 too");
    expect(said(() => halvesFrom({ rounding: "stochastic", storage: "f32" }, 1))).toContain("f16 too");
  });
});

describe("pooling", () => {
  /** Full tables whose weights are 1 … 10, and their learned weights 1 … 5. */
  const pooled = async (options: PoolingOptions): Promise<number[]> => {
    const { parameters, forward } = full(options)(setting);
    for (const { tensor: x, size } of parameters)
      x.write(Float64Array.from({ length: size }, (_, i) => i + 1));
    const output = forward(bags);
    expect(output.shape).toEqual([2, 4]);
    return [...(await output.data())];
  };

  it("is a sum, a mean, or a sum by learned weights; of no ids it is 0", async () => {
    expect(await pooled({})).toEqual([6, 8, 9, 10, 0, 0, 16, 18]);
    expect(await pooled({ pooling: "sum" })).toEqual([6, 8, 9, 10, 0, 0, 16, 18]);
    expect(await pooled({ pooling: "mean" })).toEqual([3, 4, 9, 10, 0, 0, 8, 9]);
    // 3 times row (5, 6) and once (1, 2); 5 times (9, 10); 4 times (7, 8) and 5 times (9, 10).
    expect(await pooled({ pooling: "learned" })).toEqual([16, 20, 45, 50, 0, 0, 73, 82]);
  });

  it("scales each table by √(n_max/n) where that is asked for", async () => {
    const s = Math.sqrt(3 / 2);
    const scaled = [6, 8, 9 * s, 10 * s, 0, 0, 16 * s, 18 * s].map((x) => expect.closeTo(x, 12));
    expect(await pooled({ tableScale: true })).toEqual(scaled);
    expect(await pooled({ tableScale: false })).toEqual(await pooled({}));
  });

  it("takes a float a row where it is learned, 1 at first, and none elsewhere", async () => {
    const [sum, learned] = (["sum", "learned"] as const).map((pooling) => full({ pooling })(setting));
    expect([sum!.memorySize, sum!.bytes, sum!.virtualSize]).toEqual([10, 40, 10]);
    expect(sum!.parameters.map(({ name }) => name)).toEqual(["embedding.memory"]);
    expect([learned!.memorySize, learned!.bytes, learned!.virtualSize]).toEqual([15, 60, 10]);
    expect(learned!.parameters.map(({ name }) => name)).toEqual(["embedding.memory", "embedding.pooling"]);
    expect([...(await learned!.parameters[1]!.tensor.data())]).toEqual([1, 1, 1, 1, 1]);
  });

  it("has for each id of a bag an equal share", () => {
    expect([...shares(bags)]).toEqual([1 / 2, 1, 0, 1 / 2]);
  });
});

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

describe("quotientRemainder, multiplied", () => {
  it("is quotient row times remainder row of bag sums, and a whole table as it is", async () => {
    const maker = quotientRemainder({ collisions: 2, threshold: 2, operation: "mult" });
    const { parameters, forward, memorySize, bytes, virtualSize, scheme } = maker(setting);
    expect([memorySize, bytes, virtualSize, scheme]).toEqual([12, 48, 10, undefined]);
    parameters[0]!.tensor.write(Float64Array.from({ length: 12 }, (_, i) => i + 1));
    // Quotients (1, 2), (3, 4) and remainders (5, 6), (7, 8); whole rows (9, 10), (11, 12).
    // Rows 2 and 0 have quotients 1 and 0, and remainder 0 twice: (4, 6) times (10, 12).
    expect([...(await forward(bags).data())]).toEqual([40, 72, 11, 12, 0, 0, 20, 22]);
  });

  it("pools and scales nothing", () => {
    const mult = { collisions: 2, operation: "mult" } as const;
    for (const options of [{ pooling: "mean" }, { pooling: "learned" }, { tableScale: true }] as const) {
      expect(said(() => quotientRemainder({ ...mult, ...options }))).toContain("do not apply to it");
      expect(quotientRemainder({ collisions: 2, ...options })(setting).scheme).toBeDefined();
    }
    expect(quotientRemainder({ ...mult, pooling: "sum", tableScale: false })(setting).memorySize).toBe(14);
  });

  it("within so many bytes has the fewest collisions that fit, and whole tables that they would not make smaller", () => {
    const large = { tables: [100, 9], dim: 2 };
    const floatsAt = (c: number) =>
      large.tables.reduce((sum, n) => sum + 2 * (n <= c + 1 ? n : Math.ceil(n / c) + c), 0);
    const sizes = Array.from({ length: 10 }, (_, i) => floatsAt(i + 1)); // √100 collisions at most
    for (let floats = Math.min(...sizes); floats < 240; floats++) {
      const expected = sizes.find((size) => size <= floats);
      const { memorySize } = quotientRemainderFamily.fitTo(4 * floats, large, {})({ ...setting, ...large });
      expect(memorySize, `${floats}`).toBe(expected);
    }
    const least = 4 * Math.min(...sizes);
    expect(said(() => quotientRemainderFamily.fitTo(least - 1, large, {}))).toContain(
      `at least ${least} bytes`,
    );
    const halves = quotientRemainderFamily.fitTo(least / 2, large, { storage: "f16" });
    expect(halves({ ...setting, ...large }).bytes).toBe(least / 2);
  });
});

it("hashEmbedding leaves a component row its floats: two weights of 7 floats, and 5", () => {
  expect(hashEmbeddingSize(7, { tables: [10, 6], dim: 5 }, 1)).toEqual({
    componentRows: 1,
    weightRows: 2,
    floats: 7,
  });
});

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

describe("examples of a family", () => {
  const large = { tables: [40, 25], dim: 4 };
  const examples = (name: string): Embedding[] =>
    Array.from({ length: 100 }, (_, seed) =>
      familyByName(name).example(large, random(seed, "example"))({ ...large, backend: cpu, seed }),
    );

  /** What some of a family's examples are, and others are not. */
  const kinds: Readonly<Record<string, readonly ((embedding: Embedding) => boolean)[]>> = {
    full: [({ memorySize, bytes }) => bytes > 4 * memorySize], // touched rows alone
    robe: [
      ({ memorySize, bytes }) => bytes === 2 * memorySize,
      ({ memorySize }) => memorySize <= 4 + 1 + 40, // as blocks within a row have it
    ],
    rowHash: [({ scheme }) => scheme!.signs !== undefined],
    multiHash: [({ scheme }) => scheme!.copies!(0) > 2],
    quotientRemainder: [({ scheme }) => scheme === undefined], // products
    cafe: [({ memorySize }) => memorySize < 300],
    hashEmbedding: [({ memorySize }) => memorySize < 70],
    memcom: [({ parameters }) => parameters.length === 3], // a bias
    mixedDimension: [({ parameters }) => parameters.length === 4], // shorter rows in both tables
    tensorTrain: [({ memorySize }) => memorySize < 110],
    dhe: [({ parameters }) => parameters[0]!.tensor.shape[1]! < 7],
  };

  it.each(families.map(({ name }) => name))("%s are of every kind, and can be read", (name) => {
    const all = examples(name);
    expect(new Set(all.map(({ bytes }) => bytes)).size).toBeGreaterThan(1);
    for (const { forward } of all.slice(0, 5)) expect(forward(everyRow(large)).shape).toEqual([1, 8]);
    for (const is of kinds[name]!) {
      const some = all.filter(is).length;
      expect(some).toBeGreaterThan(15);
      expect(some).toBeLessThan(85);
    }
  });

  it("cafe have hot ids: the last of each table, and others", () => {
    const offsets = tableOffsets(large.tables);
    const hot = examples("cafe").map(({ adaptation }) => [...adaptation!.arrays.get("embedding.hot")!]);
    for (const ids of hot) {
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(ids.filter((id) => id < 65).length).toBeGreaterThan(0);
      if (ids.length > 30)
        expect(ids).toEqual(expect.arrayContaining(offsets.slice(1).map((end) => end - 1)));
    }
    const all = new Set(hot.flat());
    for (const id of [0, 1, 39, 40, 64]) expect(all).toContain(id);
  });

  it("cafe have all parts of hot rows", () => {
    const parts = examples("cafe").map(({ adaptation, memorySize }) => {
      const hot = adaptation!.arrays.get("embedding.hot")!.length;
      return (4 * hot) / memorySize;
    });
    expect(Math.min(...parts)).toBeLessThan(0.15);
    expect(Math.max(...parts)).toBeGreaterThan(0.5);
  });
});
