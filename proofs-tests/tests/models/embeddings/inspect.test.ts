import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { inWords } from "../../../../cli/inspecting/embedding.ts";
import { configByName } from "../../../../models/dlrm/configs.ts";
import type { Embedding } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { type Inspection, inspect } from "../../../../models/embeddings/inspect.ts";
import type { SharingScheme } from "../../../../models/embeddings/scheme.ts";
import { run, runFlags, type Written } from "../../cli/command.ts";

/** An embedding of two tables, of two rows and one, whose six weights of dim 2 read these slots of five. */
function embeddingOf(slots: readonly (readonly number[])[], bytes = 20): Embedding {
  const firstRow = [0, 2];
  const scheme: SharingScheme = {
    name: "made",
    memorySize: 5,
    block: 1,
    blockStart: () => 0,
    slotsOf: (table, row, column) =>
      slots[2 * (firstRow[table]! + row) + column]!.map((slot) => ({ slot, sign: 1 }) as const),
    guarantee: "none: made by hand",
  };
  return {
    name: "made",
    tables: [2, 1],
    dim: 2,
    memorySize: 5,
    bytes,
    virtualSize: 6,
    parameters: [],
    scheme,
    forward: () => {
      throw new Error("not asked for");
    },
  };
}

describe("inspect, of slots that are known", () => {
  const found = inspect(embeddingOf([[0], [1], [1], [3], [3], [3]]));

  it("counts rows, weights and bytes", () => {
    // Six floats are 24 bytes; 20 stand for them.
    expect(found).toMatchObject({ tables: 2, rows: 3, dim: 2, memorySize: 5, bytes: 20, virtualSize: 6 });
    expect(found.compression).toBeCloseTo(24 / 20, 12);
  });

  it("counts what reads each slot: once, twice, never, three times, never", () => {
    const { collision, largestBound, ...load } = found.load!;
    expect(load).toEqual({
      counted: 6,
      exact: true,
      mean: 6 / 5,
      largest: 3,
      unused: 2,
      expectedCollision: 1 / 5,
    });
    // Of 6 · 5 ordered pairs, 2 · 1 meet in slot 1 and 3 · 2 in slot 3.
    expect(collision).toBeCloseTo(8 / 30, 12);
    // μ = 1.2 and a = ln(5/0.01) = 6.2146: μ + a/3 + √((a/3)² + 2μa) = 1.2 + 2.0715 + 4.3825.
    expect(largestBound).toBeCloseTo(7.654, 3);
  });

  it("counts each slot of a weight that is a sum of several", () => {
    const { load } = inspect(embeddingOf([[0, 1], [1], [1, 2], [3], [3], [3]]));
    expect(load).toMatchObject({ counted: 8, mean: 8 / 5, largest: 3, unused: 1 });
    expect(load!.collision).toBeCloseTo((3 * 2 + 3 * 2) / (8 * 7), 12);
  });

  it("finds no collision where a single weight is counted", () => {
    const one = { ...embeddingOf([[2]]), tables: [1], dim: 1, virtualSize: 1 };
    expect(inspect(one).load).toMatchObject({ counted: 1, mean: 1 / 5, largest: 1, unused: 4, collision: 0 });
  });

  it("says nothing of slots where weights are no sums of them", () => {
    const { scheme: _, ...computed } = embeddingOf([]);
    const { load, guarantee } = inspect(computed);
    expect([load, guarantee]).toEqual([undefined, "none: not a sum of slots"]);
  });
});

describe("inspect, of more weights than are counted one by one", () => {
  // 5,000,000 weights are counted, of more a random tenth of that; here dim 100.
  const setting = { dim: 100, backend: cpu, seed: 1 };
  const scheme = (memory: number): SharingScheme => ({
    ...embeddingOf([]).scheme!,
    memorySize: memory,
    slotsOf: (table, row, column) => [{ slot: ((table * 30_000 + row) * 100 + column) % memory, sign: 1 }],
  });
  const inspected = (tables: readonly number[], memory: number) =>
    inspect({
      ...embeddingOf([]),
      ...setting,
      tables,
      memorySize: memory,
      virtualSize: 100 * tables.reduce((a, b) => a + b),
      scheme: scheme(memory),
    }).load!;

  it("takes a sample, and counts no row of it twice: weights that share nothing never meet", () => {
    expect(inspected([30_000, 20_001], 5_000_100)).toMatchObject({
      counted: 500_000,
      exact: false,
      largest: 1,
      collision: 0,
      unused: 4_500_100,
    });
  });

  it("counts 5,000,000 weights one by one", () => {
    const slot = [{ slot: 3, sign: 1 } as const];
    const all = { ...scheme(5), slotsOf: () => slot };
    const { load } = inspect({ ...embeddingOf([]), ...setting, tables: [30_000, 20_000], scheme: all });
    expect(load).toMatchObject({
      counted: 5_000_000,
      exact: true,
      largest: 5_000_000,
      unused: 4,
      collision: 1,
    });
  });

  it("draws rows that their tables have", () => {
    const tables = new Array<number>(600).fill(100);
    const asked = new Set<number>();
    const slotsOf: SharingScheme["slotsOf"] = (table, row) => {
      if (!(table < 600 && row < 100)) throw new Error(`row ${row} of table ${table}`);
      asked.add(100 * table + row);
      return [];
    };
    inspect({ ...embeddingOf([]), ...setting, tables, scheme: { ...scheme(5), slotsOf } });
    expect(asked.size).toBe(5000);
  });

  it("draws rows from all tables alike: those that fold onto each other meet as often as they do", () => {
    // Rows r and r + 25,000 of 50,001 share all slots: a row of 5,000 drawn meets another with probability 1/50,000,
    // and there are 5,000 · 4,999 / 2 pairs: 250 rows that met, give or take √250.
    const { largest, unused } = inspected([30_000, 20_001], 2_500_000);
    expect(largest).toBe(2);
    const met = (500_000 - (2_500_000 - unused)) / 100;
    expect(Math.abs(met - 250)).toBeLessThan(6 * Math.sqrt(250));
  });
});

describe("what inspect finds in words", () => {
  const found: Inspection = {
    name: "robe",
    tables: 26,
    rows: 204_184_588,
    dim: 128,
    memorySize: 2_613_562,
    bytes: 10_454_248,
    virtualSize: 26_135_627_264,
    compression: 9999.99,
    guarantee: "norms within (1 ± ε)",
    load: {
      counted: 499_968,
      exact: false,
      mean: 0.191298,
      largest: 4,
      largestBound: 13.71,
      unused: 2_158_900,
      collision: 3.9e-7,
      expectedCollision: 3.826e-7,
    },
  };

  it("has bytes of the full tables beside those that stand for them", () => {
    expect(inWords(found).split("\n").slice(0, 3)).toEqual([
      // 4 · 26.14 billion bytes
      "robe: 204.2 million rows in 26 tables of dim 128: 26.14 billion weights, 105 GB",
      "memory      2.614 million floats, 10.5 MB: compression 10,000×",
      "guarantee   norms within (1 ± ε)",
    ]);
  });

  it("has loads and collisions, each under its own name", () => {
    expect(inWords(found).split("\n").slice(3)).toEqual([
      "slot load   a random sample of 499,968 reads: 0.1913 a slot on average, 4 at most (independent blocks: below 13.7 in 99 cases of 100), 2.159 million slots unused",
      "collisions  P(two reads share a slot) 3.90e-7; 1/m is 3.83e-7",
    ]);
    const all = inWords({ ...found, load: { ...found.load!, exact: true } });
    expect(all).toContain("slot load   all 499,968 reads:");
  });

  it("has two lines less where weights are no sums of slots", () => {
    const { load: _, ...computed } = found;
    expect(inWords(computed).split("\n")).toHaveLength(3);
  });
});

/** What `inspect` prints. */
async function printed(flags: Written): Promise<string> {
  const { code, out } = await runFlags("inspect", flags);
  expect(code).toBe(0);
  return out;
}

describe("inspect", () => {
  it("inspects the embedding that flags describe, with the seed that they name", async () => {
    const setting = { tables: [40, 25], dim: 8, backend: cpu };
    const flags = {
      tables: "40,25",
      dim: "8",
      embedding: "robe",
      "memory-size": "29",
      block: "4",
      json: true,
    };
    for (const seed of [0, 7]) {
      const expected = inspect(robe({ memorySize: 29, block: 4, seed })({ ...setting, seed }));
      expect(JSON.parse(await printed({ ...flags, seed: String(seed) }))).toEqual(
        JSON.parse(JSON.stringify(expected)),
      );
    }
    expect(await printed(flags)).toBe(await printed({ ...flags, seed: "0" }));
    expect(await printed(flags)).not.toBe(await printed({ ...flags, seed: "7" }));
  });

  it("takes tables and dim of a config, unless flags say others, and dim 16 without either", async () => {
    const size = async (words: string) => {
      const { code, out } = await run("inspect", ...words.split(" "), "--json");
      expect(code).toBe(0);
      const { tables, rows, dim, name } = JSON.parse(out);
      return [tables, rows, dim, name];
    };
    const { tables, dim } = configByName("criteo-kaggle");
    const rows = tables.reduce((a, b) => a + b);
    const config = "--config criteo-kaggle --embedding dhe --compression 10000"; // no slots to count
    expect(await size(config)).toEqual([26, rows, dim, "dhe"]);
    expect(await size(`--config criteo-kaggle --dim 4 --tables 7,5`)).toEqual([2, 12, 4, "full"]);
    expect(await size("--tables 7,5,3")).toEqual([3, 15, 16, "full"]);
  });

  it("takes half the bytes for halves, and so twice the compression", async () => {
    const flags = { tables: "100,40", dim: "16", embedding: "robe", "memory-size": "560" };
    expect(await printed(flags)).toContain("memory      560 floats, 2.24 KB: compression 4×");
    expect(await printed({ ...flags, storage: "f16" })).toContain("560 floats, 1.12 KB: compression 8×");
  });

  it("finds nothing shared in full tables", () => {
    const { compression, load } = inspect(full()({ tables: [40, 25], dim: 8, backend: cpu, seed: 0 }));
    expect(compression).toBe(1);
    expect(load).toMatchObject({ counted: 520, mean: 1, largest: 1, unused: 0, collision: 0 });
  });
});
