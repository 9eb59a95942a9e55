import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import { tensorTrain, tensorTrainFamily } from "../../../../models/embeddings/families/tensor-train.ts";
import {
  columnFactors,
  rowFactors,
  tensorTrainFloats,
} from "../../../../models/embeddings/families/tensor-train-layout.ts";
import { averaging } from "../../../mutants/backends.ts";
import {
  type Definition,
  hasItsDerivatives,
  isItsDefinition,
  isRefuted,
  type Making,
} from "./computed-embedding.ts";

interface Plan {
  readonly tables: readonly number[];
  readonly dim: number;
  readonly rank: number;
}

/** How a definition reads what it is given: as the docs say, or with a fault. */
interface Reading {
  /** i₁, i₂, i₃ of a row. */
  digits(row: number, n: readonly [number, number, number]): readonly [number, number, number];
  /** Where (r, j₂, s) of a middle slice lies. */
  place(r: number, j2: number, s: number, d2: number, rank: number): number;
  /** What a bag sums. */
  items(bag: Uint32Array): Iterable<number>;
}

const asStated: Reading = {
  digits: (row, [, n2, n3]) => [Math.floor(row / (n2 * n3)), Math.floor(row / n3) % n2, row % n3],
  place: (r, j2, s, d2, rank) => (r * d2 + j2) * rank + s,
  items: (bag) => bag,
};

/** Whether a table stays whole, told from the theorem of the rule. */
const isWhole = ({ dim, rank }: Plan, rows: number): boolean => {
  const [[n1, n2, n3], [d1, d2, d3]] = [rowFactors(rows), columnFactors(dim)];
  return n1 * d1 * rank + n2 * rank * d2 * rank + n3 * rank * d3 >= rows * dim;
};

/** Floats of a row as sums of terms: Σ_rs A[i₁][j₁, r] · B[i₂][r, j₂, s] · C[i₃][s, j₃], or the one of a whole table. */
function* termsOf(
  plan: Plan,
  { digits, place }: Reading,
  parameters: readonly ArrayLike<number>[],
  table: number,
  row: number,
) {
  const { tables, dim, rank: R } = plan;
  const [d1, d2, d3] = columnFactors(dim);
  const isTrain = (rows: number) => !isWhole(plan, rows);
  const before = tables.slice(0, table);
  const [A, B, C] = parameters;
  const W = parameters.at(-1)!;
  const first = before.reduce((n, rows) => n + (isTrain(rows) ? 0 : rows), 0);
  const slices = [0, 1, 2].map((k) =>
    before.reduce((n, rows) => n + (isTrain(rows) ? rowFactors(rows)[k]! : 0), 0),
  );
  const [i1, i2, i3] = digits(row, rowFactors(tables[table]!)).map((i, k) => slices[k]! + i) as [
    number,
    number,
    number,
  ];
  for (let j = 0; j < dim; j++) {
    const [j1, j2, j3] = [Math.floor(j / (d2 * d3)), Math.floor(j / d3) % d2, j % d3];
    if (!isTrain(tables[table]!)) yield { j, term: W[(first + row) * dim + j]! };
    else
      for (let r = 0; r < R; r++)
        for (let s = 0; s < R; s++) {
          const b = B![i2 * R * d2 * R + place(r, j2, s, d2, R)]!;
          yield { j, term: A![(i1 * d1 + j1) * R + r]! * b * C![(i3 * d3 + j3) * R + s]! };
        }
  }
}

const definition =
  (plan: Plan, reading: Reading): Definition =>
  (parameters, { ids, offsets }) => {
    const { tables, dim } = plan;
    const values = new Array<number>((offsets.length - 1) * dim).fill(0);
    const sizes = [...values];
    for (let bag = 0; bag + 1 < offsets.length; bag++) {
      for (const row of reading.items(ids.subarray(offsets[bag], offsets[bag + 1]))) {
        for (const { j, term } of termsOf(plan, reading, parameters, bag % tables.length, row)) {
          values[bag * dim + j]! += term;
          sizes[bag * dim + j]! += Math.abs(term);
        }
      }
    }
    return { values, sizes, pattern: "" };
  };

/** Trains of a random rank, and their definition under some reading. */
const trains =
  (reading: Partial<Reading> = {}): Making =>
  (shape, stream, backend, seed) => {
    const rank = 1 + stream.integer(4);
    return {
      embedding: tensorTrain({ rank })({ ...shape, backend, seed }),
      definition: definition({ ...shape, rank }, { ...asStated, ...reading }),
    };
  };

describe("tensorTrain is the formula of its cores", () => {
  it("of small tables", () => fc.assert(isItsDefinition(trains(), 60), { numRuns: 300 }));
  it("of tables of up to 2³¹ rows", () => fc.assert(isItsDefinition(trains()), { numRuns: 60 }));

  it.each<[string, Partial<Reading>]>([
    ["middle slices are transposed", { place: (r, j2, s, d2, rank) => (s * d2 + j2) * rank + r }],
    ["an id that a bag repeats counts once", { items: (bag) => new Set(bag) }],
    [
      "the first digit of a row counts fastest",
      { digits: (row, [n1, n2]) => [row % n1, Math.floor(row / n1) % n2, Math.floor(row / (n1 * n2))] },
    ],
  ])("and not if %s", async (_, reading) => {
    expect(await isRefuted(isItsDefinition(trains(reading), 60))).toBe(true);
  });
});

describe("tensorTrain's gradients are its derivatives, first and second", () => {
  it("by differences", () => fc.assert(hasItsDerivatives(trains()), { numRuns: 100 }));

  it("and not where a slot gets the mean of what its readers send", async () => {
    expect(await isRefuted(hasItsDerivatives(trains(), 300, averaging))).toBe(true);
  });
});

describe("factors", () => {
  it("of rows have a product that holds them, and none can be one less", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (rows) => {
        const [n1, n2, n3] = rowFactors(rows);
        expect(n1 * n2 * n3).toBeGreaterThanOrEqual(rows);
        expect(n1 * (n2 - 1) * n3).toBeLessThan(rows);
        expect((n1 - 1) ** 3).toBeLessThan(rows);
        expect(Math.max(n1, n3)).toBe(n1);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [1, [1, 1, 1]],
    [2, [2, 1, 1]],
    [27, [3, 3, 3]],
    [28, [4, 3, 3]],
    [1000, [10, 10, 10]],
    [10_131_227, [217, 216, 217]],
    [2 ** 31, [1291, 1290, 1290]],
  ])("%d rows", (rows, factors) => expect(rowFactors(rows)).toEqual(factors));

  it.each([
    [1, [1, 1, 1]],
    [7, [1, 1, 7]],
    [9, [3, 1, 3]],
    [12, [2, 2, 3]],
    [16, [2, 2, 4]],
    [24, [3, 2, 4]],
    [64, [4, 4, 4]],
    [128, [4, 4, 8]],
    [360, [8, 5, 9]], // as great a sum as 6, 6 and 10, and found first
  ])("%d columns", (dim, factors) => expect(columnFactors(dim)).toEqual(factors));
});

describe("tensorTrain's memory", () => {
  it.each([
    // 10·2·2 + 10·2·2² + 10·4·2
    ["a train", { tables: [1000], dim: 16 }, 2, 40 + 80 + 80],
    // 10·2·3 + 10·2·3² + 10·4·3; the cores of 3 rows are 2·2·3 + 1·2·3² + 2·4·3 = 54 floats, the rows 48
    ["a train and a whole table", { tables: [1000, 3], dim: 16 }, 3, 60 + 180 + 120 + 48],
    // 2·2·2 + 1·2·2² + 2·4·2 = 32 floats, of 48
    ["a train of three rows", { tables: [3], dim: 16 }, 2, 32],
    // 5·1·1 + 4·1·1 + 5·7·1
    ["a prime dim", { tables: [100], dim: 7 }, 1, 5 + 4 + 35],
  ])("%s", (_, shape, rank, floats) => {
    const { memorySize, bytes, parameters } = tensorTrain({ rank })({ ...shape, backend: cpu64, seed: 1 });
    expect([memorySize, bytes]).toEqual([floats, 4 * floats]);
    expect(tensorTrainFloats(shape, rank)).toBe(floats);
    for (const { size, rowLength } of parameters) expect(size % Number(rowLength)).toBe(0);
  });

  it("within so many bytes has the largest rank that fits", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 20 }), fc.nat(), (tables, dim, draw) => {
        const shape = { tables, dim };
        const [least, most] = [tensorTrainFloats(shape, 1), tables.reduce((a, b) => a + b) * dim];
        const floats = least + (draw % (most - least + 1));
        const { memorySize } = tensorTrainFamily.fitTo(
          4 * floats,
          shape,
          {},
        )({
          ...shape,
          backend: cpu64,
          seed: 1,
        });
        let rank = 1;
        while (rank < 100 && tensorTrainFloats(shape, rank + 1) <= floats) rank++;
        expect(memorySize).toBe(tensorTrainFloats(shape, rank));
      }),
    );
  });

  it("holds all rows where there is room for them", () => {
    const shape = { tables: [50, 1000], dim: 16 };
    const embedding = tensorTrainFamily.fitTo(1e9, shape, {})({ ...shape, backend: cpu64, seed: 1 });
    expect(embedding.memorySize).toBe(1050 * 16);
    expect(embedding.parameters.map(({ name }) => name)).toEqual(["embedding.whole"]);
  });
});

const upTo = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);

/**
 * The mean square of all rows, times 3n, is 1 on average over seeds. Seeds are independent samples of it, so their mean is
 * held to six of its standard errors; those are small enough to see a variance that is half too large.
 */
it.each([1, 2, 3])("a row varies at first as a full table's, by 1/(3n): rank %d", async (rank) => {
  const [rows, seeds] = [1000, 100];
  const shape = { tables: [rows], dim: 16 };
  const bags = { ids: upTo(rows), offsets: upTo(rows + 1) };
  const squares: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const embedding = tensorTrain({ rank })({ ...shape, backend: cpu64, seed });
    const y = await embedding.forward(bags).data();
    squares.push((3 * rows * Float64Array.from(y).reduce((sum, x) => sum + x * x, 0)) / y.length);
  }
  const mean = squares.reduce((a, b) => a + b) / seeds;
  const variance = squares.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (seeds - 1);
  const error = 6 * Math.sqrt(variance / seeds);
  expect(Math.abs(mean - 1)).toBeLessThan(error);
  expect(error).toBeLessThan(0.5);
});

describe("tensorTrain refuses", () => {
  const shape = { tables: [1000, 1000], dim: 16 };
  const making = (options: object) => () =>
    tensorTrainFamily.make(options)({ ...shape, backend: cpu64, seed: 1 });
  it.each([
    [{}, "tensorTrain needs a size: give --compression C or --memory-size FLOATS."],
    [
      { rank: 2, compression: 10 },
      "tensorTrain's rank 2 says how much memory it takes: leave out rank, or compression and memory.",
    ],
    [{ rank: 0 }, "rank of tensorTrain must be a whole number from 1 to 65536, but it is 0."],
    [{ memorySize: 100 }, "tensorTrain needs at least 640 bytes for these tables, but may take 400."],
    [
      { rank: 2, pooling: "mean" },
      "tensorTrain has no option pooling; it has memorySize, compression, rank.",
    ],
  ])("%o", (options, sentence) => expect(making(options)).toThrow(sentence));

  it("a core of 2³² floats and more", () => {
    // 1625 slices of 2¹⁰ · 4 · 2¹⁰ floats
    expect(() =>
      tensorTrain({ rank: 2 ** 10 })({ tables: [2 ** 32], dim: 128, backend: cpu64, seed: 1 }),
    ).toThrow("Core 2 of tensorTrain would take 6815744000 floats at rank 1024");
  });

  it("an id that is no row of its table", () => {
    const embedding = making({ rank: 2 })();
    const bags = { ids: Uint32Array.of(999, 1000), offsets: Uint32Array.of(0, 1, 2) };
    expect(() => embedding.forward(bags)).toThrow("looks up row 1000 of table 1, which has only 1000 rows");
  });
});
