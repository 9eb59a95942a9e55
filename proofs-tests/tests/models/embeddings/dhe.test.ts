import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import type { Key } from "../../../../core/numeric/hash.ts";
import { hashByName } from "../../../../core/numeric/hash-by-name.ts";
import { dhe, dheCodes, dheFamily, dheFloats } from "../../../../models/embeddings/families/dhe.ts";
import { tableOffsets } from "../../../../models/embeddings/scheme.ts";
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
  readonly hashes: number;
  readonly width: number;
  readonly seed: number;
}

/** How a definition reads what it is given: as the docs say, or with a fault. */
interface Reading {
  /** Rows before a table in the numbering through all tables. */
  first(tables: readonly number[], table: number): number;
  /** What lies between a hidden layer's sum and its output. */
  activation(x: number): number;
  /** What a bag sums. */
  items(bag: Uint32Array): Iterable<number>;
}

const asStated: Reading = {
  first: (tables, table) => tableOffsets(tables)[table]!,
  activation: (x) => (x > 0 ? x : 0),
  items: (bag) => bag,
};

/** Value j of a row's code, from the hash in unbounded integers. */
function codeOf(
  { seed, hashes: blocks }: Plan,
  table: number,
  first: number,
  row: number,
  j: number,
): number {
  const key: Key = { table, row, first, block: j, blocks };
  const h = Number(hashByName("polynomial4", seed).exact(key) % 2n ** 23n);
  return (2 * h + 1) / 2 ** 23 - 1;
}

/** A layer's sums, and the sums of their terms' absolute values where inputs are at most `sizes`. */
function layer(weight: ArrayLike<number>, bias: ArrayLike<number>, x: number[], sizes: number[]) {
  const sum = (o: number, terms: (w: number, i: number) => number, start: number) =>
    x.reduce((total, _, i) => total + terms(weight[o * x.length + i]!, i), start);
  const values = Array.from(bias, (b, o) => sum(o, (w, i) => w * x[i]!, b));
  const bounds = Array.from(bias, (b, o) => sum(o, (w, i) => Math.abs(w) * sizes[i]!, Math.abs(b)));
  return { values, bounds };
}

const definition =
  (plan: Plan, { first, activation, items }: Reading): Definition =>
  (parameters, { ids, offsets }) => {
    const { tables, dim, hashes } = plan;
    const [values, sizes] = [0, 0].map(() => new Array<number>((offsets.length - 1) * dim).fill(0));
    let pattern = "";
    for (let bag = 0; bag + 1 < offsets.length; bag++) {
      const table = bag % tables.length;
      for (const row of items(ids.subarray(offsets[bag], offsets[bag + 1]))) {
        let x = Array.from({ length: hashes }, (_, j) => codeOf(plan, table, first(tables, table), row, j));
        let bounds = x.map(Math.abs);
        for (let l = 0; l < 3; l++) {
          const sums = layer(parameters[2 * l]!, parameters[2 * l + 1]!, x, bounds);
          ({ bounds } = sums);
          x = l < 2 ? sums.values.map(activation) : sums.values;
          if (l < 2) pattern += sums.values.map((v) => (v > 0 ? "+" : "-")).join("");
        }
        for (let j = 0; j < dim; j++) {
          values![bag * dim + j]! += x[j]!;
          sizes![bag * dim + j]! += bounds[j]!;
        }
      }
    }
    return { values: values!, sizes: sizes!, pattern };
  };

/** Networks of random sizes, and their definition under some reading. */
const networks =
  (reading: Partial<Reading> = {}): Making =>
  (shape, stream, backend, seed) => {
    const [hashes, width] = [1 + stream.integer(9), 1 + stream.integer(6)];
    return {
      embedding: dhe({ hashes, width })({ ...shape, backend, seed }),
      definition: definition({ ...shape, hashes, width, seed }, { ...asStated, ...reading }),
    };
  };

describe("dhe is its network of its hash values", () => {
  it("of tables of up to 2³¹ rows", () => fc.assert(isItsDefinition(networks()), { numRuns: 300 }));
  it("of small tables", () => fc.assert(isItsDefinition(networks(), 5), { numRuns: 100 }));

  it.each<[string, Partial<Reading>]>([
    ["hashes do not see the table", { first: () => 0 }],
    ["hidden layers have no relu", { activation: (x) => x }],
    ["an id that a bag repeats counts once", { items: (bag) => new Set(bag) }],
  ])("and not if %s", async (_, reading) => {
    expect(await isRefuted(isItsDefinition(networks(reading)))).toBe(true);
  });
});

describe("dhe's gradients are its derivatives, first and second", () => {
  it("by differences", () => fc.assert(hasItsDerivatives(networks()), { numRuns: 100 }));

  it("and not where a row gets the mean of what its readers send", async () => {
    expect(await isRefuted(hasItsDerivatives(networks(), 5, averaging))).toBe(true);
  });
});

/** Rows whose numbers through all tables reach from 0 to beyond 2³². */
const rowsOfTables = fc.record({
  tables: fc.array(fc.integer({ min: 1, max: 2 ** 31 }), { minLength: 1, maxLength: 5 }),
  draws: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 }),
  hashes: fc.integer({ min: 1, max: 300 }),
  seed: fc.nat(),
});

/** Codes are the hash's in unbounded integers, odd multiples of 2⁻²³ inside (−1, 1), and f32 holds them. */
const codesAreExact = (codes: typeof dheCodes) =>
  fc.property(rowsOfTables, ({ tables, draws, hashes, seed }) => {
    const tableOf = draws.map(([t]) => t % tables.length);
    const rows = draws.map(([, row], i) => row % tables[tableOf[i]!]!);
    const made = codes(tables, hashes, seed, {
      tables: Uint32Array.from(tableOf),
      numbers: Uint32Array.from(rows),
    });
    const plan = { tables, dim: 1, hashes, width: 1, seed };
    expect(made.length).toBe(rows.length * hashes);
    for (const [i, row] of rows.entries()) {
      for (let j = 0; j < hashes; j++) {
        const value = codeOf(plan, tableOf[i]!, asStated.first(tables, tableOf[i]!), row, j);
        expect(made[i * hashes + j]).toBe(value);
        expect(Math.abs(value * 2 ** 23) % 2).toBe(1);
        expect(Math.abs(value)).toBeLessThan(1);
      }
    }
  });

describe("dhe's hash values", () => {
  it("are exact", () => fc.assert(codesAreExact(dheCodes)));

  it("and values half a step off are caught", () => {
    const rounded: typeof dheCodes = (...given) => dheCodes(...given).map((v) => v + 2 ** -24);
    expect(fc.check(codesAreExact(rounded), { seed: 1, numRuns: 20 }).failed).toBe(true);
  });
});

describe("dhe's memory", () => {
  it.each([
    // 3·2 + 2 weights and biases, then 2·2 + 2, then 2·5 + 5
    [{ hashes: 3, width: 2, dim: 5 }, 8 + 6 + 15],
    // 128·114 + 114, 114·114 + 114, 114·16 + 16
    [{ hashes: 128, width: 114, dim: 16 }, 14_706 + 13_110 + 1840],
    [{ hashes: 1, width: 1, dim: 1 }, 2 + 2 + 2],
  ])("%o", (sizes, floats) => {
    const { dim, ...options } = sizes;
    const shape = { tables: [1000, 2 ** 31], dim };
    const { memorySize, parameters } = dhe(options)({ ...shape, backend: cpu64, seed: 1 });
    expect(dheFloats(sizes)).toBe(floats);
    expect(memorySize).toBe(floats);
    expect(parameters.reduce((n, p) => n + p.size, 0)).toBe(floats);
    expect(parameters.map(({ name }) => name)).toEqual([
      "embedding.dhe.0.weight",
      "embedding.dhe.0.bias",
      "embedding.dhe.1.weight",
      "embedding.dhe.1.bias",
      "embedding.dhe.2.weight",
      "embedding.dhe.2.bias",
    ]);
  });

  it("within so many bytes has the widest network that fits, with all hashes if a width of 1 leaves room", () => {
    const wanted = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(wanted, fc.integer({ min: 1, max: 20 }), fc.nat(20_000), (hashes, dim, more) => {
        const shape = { tables: [2 ** 31], dim };
        const floats = dheFloats({ hashes: 1, width: 1, dim }) + more;
        const { parameters } = dheFamily.fitTo(4 * floats, shape, { hashes })({
          ...shape,
          backend: cpu64,
          seed: 1,
        });
        const [width, k] = parameters[0]!.tensor.shape as [number, number];
        expect(dheFloats({ hashes: k, width, dim })).toBeLessThanOrEqual(floats);
        expect(dheFloats({ hashes: k, width: width + 1, dim })).toBeGreaterThan(floats);
        if (k < hashes) expect(dheFloats({ hashes: k + 1, width: 1, dim })).toBeGreaterThan(floats);
        expect(k).toBeLessThanOrEqual(hashes);
      }),
    );
  });
});

describe("dhe refuses", () => {
  const shape = { tables: [1000, 1000], dim: 16 };
  const making =
    (options: object, tables: readonly number[] = shape.tables) =>
    () =>
      dheFamily.make(options)({ ...shape, tables, backend: cpu64, seed: 1 });
  it.each([
    [{}, "dhe needs a size: give --compression C or --memory-size FLOATS."],
    [
      { width: 2, memorySize: 1000 },
      "dhe's width 2 says how much memory it takes: leave out width, or compression and memory.",
    ],
    [{ width: 0 }, "width of dhe must be a whole number from 1 to 32768, but it is 0."],
    [{ width: 2, hashes: 0 }, "hashes of dhe must be a whole number from 1 to 65536, but it is 0."],
    [{ memorySize: 35 }, "dhe needs at least 144 bytes for these tables, but may take 140."],
    [
      { width: 2, tableScale: true },
      "dhe has no option tableScale; it has memorySize, compression, width, hashes.",
    ],
  ])("%o", (options, sentence) => expect(making(options)).toThrow(sentence));

  it("so many hashes of so many rows that their number is not exact", () => {
    const tables = new Array<number>(40).fill(2 ** 32);
    expect(making({ width: 1, hashes: 2 ** 16 }, tables)).toThrow(
      "dhe cannot number 65536 hashes of 171798691840 rows exactly",
    );
  });

  it("an id that is no row of its table", () => {
    const bags = { ids: Uint32Array.of(999, 1000), offsets: Uint32Array.of(0, 1, 2) };
    expect(() => making({ width: 2 })().forward(bags)).toThrow(
      "looks up row 1000 of table 1, which has only 1000 rows",
    );
  });
});
