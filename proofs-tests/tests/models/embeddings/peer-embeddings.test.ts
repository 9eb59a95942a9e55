/** Definitions of embeddings that are no sums of slots, in plain loops. Long: they stand side by side. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import { hashNames } from "../../../../core/numeric/hash-by-name.ts";
import { gamma, unitRoundoff } from "../../../../core/numeric/number.ts";
import { drawnPermutation } from "../../../../core/numeric/permutation.ts";
import { type Random, random } from "../../../../core/numeric/random.ts";
import { lazyRowsFrom, lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import type { EmbeddingMaker } from "../../../../models/embeddings/embedding.ts";
import { byFrequency } from "../../../../models/embeddings/families/by-frequency.ts";
import {
  hashEmbedding,
  hashEmbeddingSchemes,
  hashEmbeddingSize,
} from "../../../../models/embeddings/families/hash-embedding.ts";
import { memcom, memcomFloats } from "../../../../models/embeddings/families/memcom.ts";
import {
  mixedDimension,
  mixedDimensionFloats,
  mixedDimensions,
} from "../../../../models/embeddings/families/mixed-dimension.ts";
import { rowHashScheme } from "../../../../models/embeddings/families/row-hash.ts";
import { byCounts } from "../../../../models/embeddings/own-choice.ts";
import type { OwnRows } from "../../../../models/embeddings/own-rows.ts";
import { type TableShape, tableOffsets } from "../../../../models/embeddings/scheme.ts";
import { assign } from "../../../laws/noise.ts";

/** Numbers of the parameters, by name without "embedding.". */
type Values = ReadonlyMap<string, readonly number[]>;

/** The products whose sum is one element of a row, from the numbers of the parameters. */
type Definition = (values: Values, table: number, row: number, column: number) => number[];

/** An embedding that is no signed sum of slots, and its definition in plain loops. */
interface Peer {
  readonly name: string;
  /** Its memory grows with its tables. */
  readonly grows: boolean;
  /** Of random options. `floats` is about the size that it is to have. */
  draw(shape: TableShape, stream: Random, floats: number): { maker: EmbeddingMaker; definition: Definition };
}

const hashesOf = (stream: Random) => ({
  seed: stream.integer(2000),
  hash: hashNames[stream.integer(hashNames.length)]!,
});

const peers: readonly Peer[] = [
  {
    name: "hashEmbedding",
    grows: false,
    draw(shape, stream, floats) {
      const hashes = 1 + stream.integer(3);
      const options = { ...hashesOf(stream), hashes, memorySize: shape.dim + hashes + floats };
      const { weights } = hashEmbeddingSchemes(shape, options);
      return {
        maker: hashEmbedding(options),
        definition(values, table, row, column) {
          const [pool, importance] = [values.get("memory")!, values.get("weights")!];
          const components = rowHashScheme(shape, { ...options, memorySize: pool.length });
          return components.slotsOf(table, row, column).map(({ slot }, j) => {
            const weight = weights.slotsOf(table, row, j)[0]!.slot;
            return importance[weight]! * pool[slot]!;
          });
        },
      };
    },
  },
  {
    name: "memcom",
    grows: true,
    draw(shape, stream, floats) {
      const bias = stream.integer(2) === 1;
      const options = { ...hashesOf(stream), bias, memorySize: memcomFloats(shape, 1, bias) + floats };
      return {
        maker: memcom(options),
        definition(values, table, row, column) {
          const [shared, own] = [values.get("memory")!, values.get("weights")!];
          const scheme = rowHashScheme(shape, { ...options, memorySize: shared.length, hashes: 1 });
          const number = tableOffsets(shape.tables)[table]! + row;
          const product = own[number]! * shared[scheme.slotsOf(table, row, column)[0]!.slot]!;
          return bias ? [product, values.get("bias")![number]!] : [product];
        },
      };
    },
  },
  {
    name: "mixedDimension",
    grows: true,
    draw(shape, stream, floats) {
      const { tables, dim } = shape;
      const least = mixedDimensionFloats(shape, new Array<number>(tables.length).fill(1));
      return {
        maker: mixedDimension({ temperature: stream.uniform(), memorySize: least + floats }),
        definition(values, table, row, column) {
          const [rows, projection] = [values.get(`memory.${table}`)!, values.get(`projection.${table}`)];
          const d = rows.length / tables[table]!;
          if (projection === undefined) return [rows[row * d + column]!];
          return Array.from({ length: d }, (_, j) => rows[row * d + j]! * projection[j * dim + column]!);
        },
      };
    },
  },
  {
    name: "byFrequency",
    grows: true, // in few rows those that are their own are read
    draw(shape, stream, floats) {
      const { tables, dim } = shape;
      const widths = [1, 2, 4, 8].filter((width) => width < dim).concat(dim);
      const own = ownRowsOf(shape, stream, widths.length);
      const seed = stream.integer(2000);
      // Of each id that has a row, in order: its width's place, and its row among those of this width.
      const places = new Map<string, { width: number; at: number }>();
      const next = widths.map(() => 0);
      for (const [t, rows] of own.rows.rows.entries())
        for (const row of rows) {
          const c = own.classes[places.size]!;
          places.set(`${t} ${row}`, { width: widths[c]!, at: next[c]!++ });
        }
      const matrices = (width: number) => (width === dim ? 0 : width * dim);
      const used = next.reduce((sum, n, c) => sum + (n > 0 ? n * widths[c]! + matrices(widths[c]!) : 0), 0);
      const options = { own, seed, memorySize: used + matrices(1) + 1 + floats };
      const offsets = tableOffsets(tables);
      return {
        maker: byFrequency(options),
        definition(values, table, row, column) {
          const place = places.get(`${table} ${row}`);
          const name = place ? `${place.width}` : "shared";
          const [memory, matrix] = [values.get(`memory.${name}`)!, values.get(`projection.${name}`)];
          const key = { table, first: offsets[table]!, row, block: 0, blocks: 1 };
          const [all, shared] = [offsets.at(-1)!, memory.length];
          const slot = drawnPermutation(all, shared, seed).exact(key) % BigInt(shared);
          const { width, at } = place ?? { width: 1, at: Number(slot) };
          if (matrix === undefined) return [memory[at * width + column]!];
          return Array.from({ length: width }, (_, j) => memory[at * width + j]! * matrix[j * dim + column]!);
        },
      };
    },
  },
];

/** Some ids of each table with rows of their own, of widths at random. */
function ownRowsOf({ tables }: TableShape, stream: Random, widths: number): OwnRows {
  const rows = tables.map((size) =>
    Uint32Array.from(
      new Set(Array.from({ length: stream.integer(1 + size) }, () => stream.integer(size))),
    ).sort(),
  );
  const own = lazyRowsFrom(tables, rows);
  return { rows: own, classes: Uint8Array.from({ length: own.count }, () => stream.integer(widths)) };
}

/** A random embedding of a kind with random bags, its parameters anywhere. */
function caseOf(peer: Peer, seed: number) {
  const stream = random(seed, "case");
  const largest = peer.grows || stream.integer(2) === 0 ? 30 : 2 ** 31;
  const tables = Array.from({ length: 1 + stream.integer(3) }, () => 1 + stream.integer(largest));
  const shape = { tables, dim: 1 + stream.integer(9) };
  const { maker, definition } = peer.draw(shape, stream, stream.integer(300));
  const embedding = maker({ ...shape, backend: cpu64, seed });
  const values = new Map<string, number[]>();
  for (const { name, tensor: x, size } of embedding.parameters) {
    const numbers = Array.from({ length: size }, () => stream.normal());
    assign(x, numbers);
    values.set(name.replace("embedding.", ""), numbers);
  }
  const bags = Array.from({ length: tables.length * (1 + stream.integer(4)) }, (_, bag) =>
    Array.from({ length: stream.integer(4) }, () => stream.integer(tables[bag % tables.length]!)),
  );
  return { shape, embedding, definition, values, bags };
}

/** The first element that is more than rounding away from the definition: γ(k) for k products, on either side. */
async function disagreement(
  { shape, embedding, definition, bags }: ReturnType<typeof caseOf>,
  values: Values,
): Promise<string | undefined> {
  const { tables, dim } = shape;
  const ends = bags.map((_, i) => bags.slice(0, i + 1).reduce((n, ids) => n + ids.length, 0));
  const offsets = Uint32Array.from([0, ...ends]);
  const actual = await embedding.forward({ ids: Uint32Array.from(bags.flat()), offsets }).data();
  for (const [bag, ids] of bags.entries()) {
    for (let column = 0; column < dim; column++) {
      const terms = ids.flatMap((row) => definition(values, bag % tables.length, row, column));
      const [sum, size] = terms.reduce(([s, a], v) => [s + v, a + Math.abs(v)], [0, 0] as [number, number]);
      const given = actual[bag * dim + column]!;
      if (!(Math.abs(given - sum) <= 2 * gamma(terms.length + 1, unitRoundoff.f64) * size))
        return `bag ${bag}, column ${column}: ${given}, by definition ${sum}`;
    }
  }
  return undefined;
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe.each(peers)("$name", (peer) => {
  it("is what its definition says, in plain loops", () =>
    fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const example = caseOf(peer, seed);
        expect(await disagreement(example, example.values)).toBeUndefined();
      }),
      { numRuns: 200 },
    ));

  it("is told from an embedding that reads any one parameter a place further on", async () => {
    const seen = new Set<string>();
    const examples = 250; // a width of which 50 have few rows is read by some of these
    for (let seed = 0; seed < examples; seed++) {
      const example = caseOf(peer, seed);
      for (const [name, [first, ...others]] of example.values) {
        const moved = new Map(example.values).set(name, [...others, first!]);
        if (await disagreement(example, moved)) seen.add(name);
      }
    }
    const names = new Set(
      Array.from({ length: 50 }, (_, seed) => [...caseOf(peer, seed).values.keys()]).flat(),
    );
    expect([...names].filter((name) => !seen.has(name))).toEqual([]);
  });
});

describe("rows start with the variance of a full table's", () => {
  const shape = { tables: [50], dim: 8 };
  const rows = {
    ids: Uint32Array.from({ length: 50 }, (_, i) => i),
    offsets: Uint32Array.from({ length: 51 }, (_, i) => i),
  };
  it.each([
    ["hashEmbedding, weights of its own", hashEmbedding({ memorySize: 300 })],
    ["hashEmbedding, weights hashed", hashEmbedding({ memorySize: 100, hashes: 3 })],
    ["memcom", memcom({ memorySize: 130, bias: true })],
    ["mixedDimension", mixedDimension({ memorySize: 200 })],
    ["byFrequency, shared", byFrequency({ memorySize: 50 })],
    ["byFrequency, some shared", byFrequency({ memorySize: 150, own: byCounts(lazyRowsOf([50], rows)) })],
  ] as const)("%s", async (_, maker) => {
    const squares: number[] = [];
    for (let seed = 0; seed < 400; seed++) {
      const values = await maker({ ...shape, backend: cpu64, seed })
        .forward(rows)
        .data();
      squares.push(Array.from(values).reduce((sum, v) => sum + v * v, 0) / values.length);
    }
    const mean = squares.reduce((a, b) => a + b) / squares.length;
    const variance = squares.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (squares.length - 1);
    const error = 5 * Math.sqrt(variance / squares.length); // independent seeds: beyond it once in a million
    expect(Math.abs(mean - 1 / 150)).toBeLessThan(error);
    expect(error).toBeLessThan(0.15 / 150); // so a factor of 1.2 would be seen
  });
});

describe("floats, by hand", () => {
  const shape = { tables: [10, 6], dim: 4 };
  it.each([
    [100, { componentRows: 17, weightRows: 16, floats: 100 }], // a weight row each: 32 floats of 100
    [40, { componentRows: 5, weightRows: 10, floats: 40 }], // half of 40
    [41, { componentRows: 5, weightRows: 10, floats: 40 }],
    [6, { componentRows: 1, weightRows: 1, floats: 6 }],
  ])("hashEmbedding of %i", (memory, size) => {
    expect(hashEmbeddingSize(memory, shape, 2)).toEqual(size);
    expect(hashEmbedding({ memorySize: memory })({ ...shape, backend: cpu64, seed: 1 }).memorySize).toBe(
      size.floats,
    );
  });

  it.each([
    [40, false, 6, 40], // 6 · 4 + 16
    [43, false, 6, 40],
    [40, true, 2, 40], // 2 · 4 + 2 · 16
    [20, false, 1, 20],
  ])("memcom of %i, bias %s", (memory, bias, rows, floats) => {
    expect(memcomFloats(shape, rows, bias)).toBe(floats);
    expect(memcom({ memorySize: memory, bias })({ ...shape, backend: cpu64, seed: 1 }).memorySize).toBe(
      floats,
    );
  });

  // α = ½: the second table is as long as the first from twice the base on, the third from ten times.
  it.each([
    [432, [1, 1, 1], 432], // 4 + 4, 16 + 4, 400 + 4
    [459, [4, 1, 1], 440], // base 1.5: 4 · 2 + 2 · 4 is no less than 4 · 4, so the table stays whole
    [479, [4, 2, 1], 460], // base 3: 16 · 2 + 2 · 4
    [483, [4, 3, 1], 480], // base 5
    [484, [4, 4, 1], 484], // base 7: whole, no projection
    [888, [4, 4, 2], 888], // base 15: 400 · 2 + 2 · 4
    [10_000, [4, 4, 4], 1680], // full tables
  ])("mixedDimension of %i", (memory, dims, floats) => {
    const mixed = { tables: [4, 16, 400], dim: 4 };
    expect(mixedDimensions(mixed, memory, 0.5)).toEqual(dims);
    expect(mixedDimensions({ ...mixed, tables: mixed.tables.toReversed() }, memory, 0.5)).toEqual(
      dims.toReversed(),
    );
    expect(mixedDimensionFloats(mixed, dims)).toBe(floats);
    const { memorySize: made } = mixedDimension({ memorySize: memory, temperature: 0.5 })({
      ...mixed,
      backend: cpu64,
      seed: 1,
    });
    expect(made).toBe(floats);
  });
});

it("mixedDimension keeps a table whole that a projection makes no smaller, whatever the next one takes", () => {
  // From base 1.5 on the first would have 4 · 2 + 2 · 4 floats of 4 · 4; from 1.84 on the second has 6 · 2 + 2 · 4.
  expect(mixedDimensions({ tables: [4, 6], dim: 4 }, 30, 0.5)).toEqual([4, 1]);
});

describe("bad options are refused in a sentence", () => {
  /** What types refuse, and programs in JavaScript can still say. */
  const foreign = (options: object): object => options;
  const setting = { tables: [10, 6], dim: 4, backend: cpu64, seed: 1 };
  it.each([
    ["hashes of hashEmbedding must be a whole number", () => hashEmbedding({ memorySize: 100, hashes: 0 })],
    ["hashEmbedding needs at least 24 bytes", () => hashEmbedding({ memorySize: 5 })],
    [
      "hashEmbedding has no option pooling",
      () => hashEmbedding({ memorySize: 100, ...foreign({ pooling: "mean" }) }),
    ],
    ["memcom needs at least 80 bytes", () => memcom({ memorySize: 19 })],
    ["memcom needs at least 144 bytes", () => memcom({ memorySize: 35, bias: true })],
    ["memcom has no option tableScale", () => memcom({ memorySize: 40, ...foreign({ tableScale: true }) })],
    ["mixedDimension needs at least 96 bytes", () => mixedDimension({ memorySize: 23 })],
    ["from 0 to 1, but it is 2", () => mixedDimension({ memorySize: 60, temperature: 2 })],
    [
      "mixedDimension has no option pooling",
      () => mixedDimension({ memorySize: 60, ...foreign({ pooling: "learned" }) }),
    ],
  ] as const)("%s", (words, maker) => {
    expect(() => maker()(setting)).toThrow(words);
  });
});

it("a row that is not there is named by its table", () => {
  const embedding = mixedDimension({ memorySize: 60 })({ tables: [10, 6], dim: 4, backend: cpu64, seed: 1 });
  const bags = { ids: Uint32Array.of(9, 6), offsets: Uint32Array.of(0, 1, 2) };
  expect(() => embedding.forward(bags)).toThrow("row 6 of table 1");
});
