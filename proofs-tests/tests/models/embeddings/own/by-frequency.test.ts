import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../../backends/cpu/index.ts";
import { random } from "../../../../../core/numeric/random.ts";
import { type IdCounts, lazyRowsOf } from "../../../../../models/data/lazy-rows.ts";
import { byFrequency, byFrequencyFamily } from "../../../../../models/embeddings/families/by-frequency.ts";
import { byCounts } from "../../../../../models/embeddings/own-choice.ts";
import { widthsOf } from "../../../../../models/embeddings/own-rows.ts";
import type { TableShape } from "../../../../../models/embeddings/scheme.ts";
import { said } from "../../dlrm/tiny-model.ts";

const made = (maker: ReturnType<typeof byFrequency>, shape: TableShape, seed = 1) =>
  maker({ ...shape, backend: cpu64, seed });

/** Counts that fall off: id i of a table occurs ⌊rows/(i + 1)⌋ times. */
function zipf(tables: readonly number[]): IdCounts {
  const ids: number[] = [];
  const offsets = [0];
  for (const rows of tables) {
    for (let i = 0; i < rows; i++) ids.push(...new Array<number>(Math.floor(rows / (i + 1))).fill(i));
    offsets.push(ids.length);
  }
  return lazyRowsOf(tables, { ids: Uint32Array.from(ids), offsets: Uint32Array.from(offsets) });
}

/** Of each id that was counted: how often it occurs, and the width of its row; 0 where it shares. */
function widthsByCount(counts: IdCounts, { own, dim }: ReturnType<typeof made>) {
  let at = 0;
  return counts.rows.flatMap((rows, t) =>
    Array.from(rows, (row) => {
      const place = own!.rows.place(t, row);
      return { count: counts.counts[at++]!, width: place < 0 ? 0 : widthsOf(dim)[own!.classes[place]!]! };
    }),
  );
}

const shape = { tables: [300, 50, 1000], dim: 8 };
const counts = zipf(shape.tables);

it("an id that is more frequent has no narrower row, and of equal ones none is wider", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 40, max: 9000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (floats, temperature) => {
        const embedding = made(
          byFrequency({ memorySize: 8 + floats, temperature, own: byCounts(counts) }),
          shape,
        );
        const pairs = widthsByCount(counts, embedding).toSorted((a, b) => a.count - b.count);
        for (let i = 1; i < pairs.length; i++) {
          expect(pairs[i]!.width).toBeGreaterThanOrEqual(pairs[i - 1]!.width);
          if (pairs[i]!.count === pairs[i - 1]!.count) expect(pairs[i]!.width).toBe(pairs[i - 1]!.width);
        }
        expect(embedding.memorySize).toBeLessThanOrEqual(8 + floats);
      },
    ),
    { numRuns: 60 },
  );
});

it("widths follow the power of counts: four times as often at ½ is twice as wide", () => {
  const embedding = made(byFrequency({ memorySize: 2500, temperature: 0.5, own: byCounts(counts) }), shape);
  const byCount = new Map(widthsByCount(counts, embedding).map(({ count, width }) => [count, width]));
  const widths = [...byCount].filter(([, width]) => width > 0 && width < 8);
  expect(widths.length).toBeGreaterThan(5);
  for (const [count, width] of widths) {
    const four = byCount.get(4 * count);
    if (four !== undefined) expect(four).toBe(Math.min(8, 2 * width));
  }
});

it("at temperature 0 all counted ids have rows of one width, as wide as there is room for", () => {
  const all = counts.count;
  const matrices = (width: number) => width * 8;
  for (const width of [1, 2, 4]) {
    const embedding = made(
      byFrequency({
        memorySize: all * width + 2 * matrices(width) + 600,
        temperature: 0,
        own: byCounts(counts),
      }),
      shape,
    );
    expect(new Set(widthsByCount(counts, embedding).map((pair) => pair.width))).toEqual(new Set([width]));
  }
});

it("ids that nobody counted share, those that were counted where there is no room for them too", () => {
  const unknown = made(byFrequency({ memorySize: 108 }), shape);
  expect(unknown.parameters.map(({ name, size }) => [name, size])).toEqual([
    ["embedding.memory.shared", 100],
    ["embedding.projection.shared", 8],
  ]);
  const half = lazyRowsOf([300, 50, 1000], {
    ids: Uint32Array.of(7, 7, 9),
    offsets: Uint32Array.of(0, 2, 3, 3),
  });
  const known = made(byFrequency({ memorySize: 1200, own: byCounts(half) }), shape);
  expect(known.own!.rows.rows.map((rows) => [...rows])).toEqual([[7], [9], []]);
});

it("at least the part of the memory that is said is shared", () => {
  for (const sharedPart of [0.1, 0.5, 0.9]) {
    const { parameters } = made(byFrequency({ memorySize: 1000, sharedPart, own: byCounts(counts) }), shape);
    const shared = parameters.find(({ name }) => name === "embedding.memory.shared")!;
    expect(shared.size).toBeGreaterThanOrEqual(1000 * sharedPart);
    expect(shared.size).toBeLessThan(1000 * sharedPart + 600);
  }
});

it("floats that are shared are read by the same number of ids, give or take one", async () => {
  const { parameters, forward } = made(byFrequency({ memorySize: 70 }), { tables: [701], dim: 1 });
  parameters[0]!.tensor.write(Float64Array.from({ length: 70 }, (_, i) => i));
  const slots = await forward({
    ids: Uint32Array.from({ length: 701 }, (_, i) => i),
    offsets: Uint32Array.from({ length: 702 }, (_, i) => i),
  }).data();
  const loads = new Array<number>(70).fill(0);
  for (const slot of slots) loads[slot]!++;
  expect(Math.max(...loads) - Math.min(...loads)).toBe(1);
  expect([...slots]).not.toEqual([...slots].toSorted((a, b) => a - b));
});

describe("within bytes", () => {
  it("it takes nearly all of them, with those that say which ids have rows, in every storage", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1500, max: 20_000 }),
        fc.constantFrom("f32", "f16", "int8", "int4"),
        fc.nat(),
        (bytes, storage, seed) => {
          const tables = [200, 3000, 700];
          const counted = zipf(tables);
          const temperature = random(seed, "temperature").uniform();
          const maker = byFrequencyFamily.fitTo(
            bytes,
            { tables, dim: 8 },
            { storage, temperature },
            { own: byCounts(counted) },
          );
          const embedding = made(maker, { tables, dim: 8 });
          expect(embedding.bytes).toBeLessThanOrEqual(bytes);
          // Where others share, what is left over is theirs: a float each, at most.
          const shared = embedding.parameters.find(({ name }) => name === "embedding.memory.shared");
          if (shared && shared.size < 3900 - embedding.own!.rows.count)
            expect(embedding.bytes).toBeGreaterThan(bytes - 8);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("says how many it needs at least", () => {
    const within = (bytes: number) =>
      said(() => made(byFrequencyFamily.fitTo(bytes, shape, {}, { own: byCounts(counts) }), shape));
    expect(within(35)).toBe("byFrequency needs at least 36 bytes for these tables, but may take 35."); // 8 + 1 floats
    expect(made(byFrequencyFamily.fitTo(36, shape, {}, { own: byCounts(counts) }), shape).bytes).toBe(36);
  });
});

it("own rows that were decided for more memory than there is are refused in a sentence", () => {
  const { own } = made(byFrequency({ memorySize: 3000, own: byCounts(counts) }), shape);
  expect(said(() => made(byFrequency({ memorySize: 300, own }), shape))).toMatch(
    /^byFrequency needs (\d+) floats for these ids: \1 for rows of their own and matrices; give more memory\.$/,
  );
});

it("counts of other tables are refused by the sentence that lazy rows have", () => {
  const own = byCounts(counts);
  expect(said(() => made(byFrequency({ memorySize: 900, own }), { tables: [300, 51, 1000], dim: 8 }))).toBe(
    "Lazy rows are of tables of 300, 50, 1000 rows, but the model's have 300, 51, 1000; collect them from data of the same tables.",
  );
});
