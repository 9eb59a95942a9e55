import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../core/backend.ts";
import { random } from "../../../../core/numeric/random.ts";
import { rowHashScheme } from "../../../../models/embeddings/families/row-hash.ts";
import { everyRow, lookupOf, type SharingScheme } from "../../../../models/embeddings/scheme.ts";
import type { Instance } from "../../../../theory/theorem.ts";
import { drawsOf, noDraws } from "../../../experiments/prove/draws.ts";
import { type SketchFamily, shapeOf, soundFamilies } from "../../../experiments/prove/families.ts";
import { applied, inner } from "../../theory/all-draws.ts";

const x = new Float64Array(15);
const instance: Instance = { rows: 5, tables: [2, 3], dim: 3, block: 2, memory: 7, x, y: x, epsilon: 0.5 };
const familyOf = (name: string): SketchFamily => soundFamilies.find((family) => family.name === name)!;

/** Every place of every weight, as the scheme explains it. */
const explained = (family: SketchFamily, seed: number) => {
  const { slotsOf } = family.scheme(instance, seed);
  const rows = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [1, 2],
  ] as const;
  return rows.flatMap(([table, row]) => [0, 1, 2].flatMap((column) => slotsOf(table, row, column)));
};

describe("draws of R, read off a backend", () => {
  it.each(["robe:mersenne61", "robe:mixer", "unsigned", "starts do not wrap"])(
    "%s: draw i is what the scheme explains at the seed and i",
    async (name) => {
      const draws = await drawsOf(familyOf(name), instance, cpu, 11, 3);
      for (const i of [0, 1, 2]) {
        const { slots, signs, memory, places } = draws.sketch(i);
        const own = explained(familyOf(name), 11 + i);
        expect([memory, places]).toEqual([7, 1]);
        expect([...slots]).toEqual(own.map(({ slot }) => slot));
        expect([...signs]).toEqual(own.map(({ sign }) => sign));
      }
      expect(draws.sketch(1).slots).not.toEqual(draws.sketch(0).slots);
    },
  );

  it("have two places a weight where two hashes are summed", async () => {
    const twice: SketchFamily = {
      name: "two hashes of rows",
      has: [],
      scheme: (where, seed) => rowHashScheme(shapeOf(where), { hashes: 2, sign: "row", memorySize: 6, seed }),
    };
    const { slots, signs, places } = (await drawsOf(twice, instance, cpu, 3, 1)).sketch(0);
    const own = explained(twice, 3);
    expect(places).toBe(2);
    expect([...slots]).toEqual(own.map(({ slot }) => slot));
    expect([...signs]).toEqual(own.map(({ sign }) => sign));
  });

  it("go on where more are asked for, and begin again at another seed", async () => {
    const family = familyOf("robe:mersenne61");
    const few = (await drawsOf(family, instance, cpu, 21, 2)).sketch(1);
    const more = await drawsOf(family, instance, cpu, 21, 4);
    expect(more.sketch(1)).toEqual(few);
    expect([...more.sketch(3).slots]).toEqual(explained(family, 24).map(({ slot }) => slot));
    expect((await drawsOf(family, instance, cpu, 22, 1)).sketch(0)).toEqual(few);
  });

  it("gather and scatter as R does", async () => {
    const draws = await drawsOf(familyOf("robe:mersenne61"), instance, cpu, 11, 2);
    const stream = random(1, "whole numbers");
    const M = Float64Array.from({ length: 7 }, () => stream.integer(9) - 4);
    const G = Float64Array.from({ length: 15 }, () => stream.integer(9) - 4);
    const sketch = draws.sketch(1);
    expect([...Array.from(await draws.project(1, G))].map((v) => v + 0)).toEqual(applied(sketch, G));
    expect(inner(await draws.recover(1, M), G)).toBe(inner(M, applied(sketch, G)));
  });
});

/** A scheme without hashes: block b of row r of table t starts at 5t + 3r + 2b + copy + shift, and every other sign is −1. */
const made = (
  options: { memory: number; block: number; signed: boolean; copies: readonly number[] },
  shift = 0,
): SharingScheme => ({
  name: "made",
  memorySize: options.memory,
  block: options.block,
  copies: (table) => options.copies[table]!,
  blockStart: (table, row, block, copy) => (5 * table + 3 * row + 2 * block + copy + shift) % options.memory,
  ...(options.signed && { signs: () => 0b101010 }),
  slotsOf: () => [],
  guarantee: "none",
});

describe("draws of schemes that are no hashes", () => {
  it("put zeros where a row has fewer places than another", async () => {
    const scheme = made({ memory: 11, block: 3, signed: false, copies: [2, 1] });
    const ragged: SketchFamily = { name: "ragged", has: [], scheme: () => scheme };
    const small: Instance = { rows: 3, tables: [1, 2], dim: 3, block: 3, memory: 11, x, y: x, epsilon: 0.5 };
    const { slots, signs, places } = (await drawsOf(ragged, small, cpu, 1, 1)).sketch(0);
    expect(places).toBe(2);
    const pairs = Array.from({ length: 9 }, (_, k) => [...slots.subarray(2 * k, 2 * k + 2)]);
    const none = 2 ** 32 - 1; // what −1 is in a list of slots; its sign is 0
    expect(pairs.slice(0, 3)).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(pairs.slice(3).map(([first]) => first)).toEqual([5, 6, 7, 8, 9, 10]);
    for (const [, second] of pairs.slice(3)) expect([0, none]).toContain(second);
    expect([...signs]).toEqual([...[1, 1, 1, 1, 1, 1], ...[1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]]);
  });

  it("may be laid out in another way at each seed", async () => {
    const layouts = [
      { memory: 9, block: 1, signed: true, copies: [1, 1] },
      { memory: 9, block: 3, signed: false, copies: [1, 1] },
      { memory: 9, block: 3, signed: true, copies: [1, 1] },
      { memory: 9, block: 3, signed: true, copies: [1, 1] },
      { memory: 7, block: 3, signed: true, copies: [1, 1] },
      { memory: 7, block: 3, signed: true, copies: [2, 2] },
    ];
    const changing: SketchFamily = {
      name: "changing",
      has: [],
      scheme: (_, seed) => made(layouts[seed]!, seed),
    };
    const small: Instance = { rows: 2, tables: [1, 1], dim: 3, block: 3, memory: 9, x, y: x, epsilon: 0.5 };
    const draws = await drawsOf(changing, small, cpu, 0, layouts.length);
    for (const [seed, { memory, block, signed, copies }] of layouts.entries()) {
      const sketch = draws.sketch(seed);
      const places = copies[0]!;
      expect([sketch.memory, sketch.places]).toEqual([memory, places]);
      const own = [0, 1].flatMap((table) =>
        [0, 1, 2].flatMap((column) =>
          Array.from({ length: places }, (_, copy) => {
            const [b, offset] = [Math.floor(column / block), column % block];
            const slot = (5 * table + 2 * b + copy + seed + offset) % memory;
            return { slot, sign: signed && offset % 2 === 1 ? -1 : 1 };
          }),
        ),
      );
      expect([...sketch.slots], `seed ${seed}`).toEqual(own.map(({ slot }) => slot));
      expect([...sketch.signs], `seed ${seed}`).toEqual(own.map(({ sign }) => sign));
    }
  });
});

describe("draws are made in few gathers, and kept for the next check", () => {
  /** The processor, which notes how many rows each gather reads. */
  function noting() {
    const rows: number[] = [];
    const backend: Backend = {
      ...cpu,
      run(form, inputs) {
        if (form.kind === "gather") rows.push(form.lookup.bags.length - 1);
        return cpu.run(form, inputs);
      },
    };
    return { backend, rows };
  }
  const family = familyOf("robe:mixer");

  it("of 500 draws, or of a quarter of a million floats", async () => {
    const { backend, rows } = noting();
    await drawsOf(family, instance, backend, 1, 1200);
    expect(rows).toEqual([500 * 5, 500 * 5, 200 * 5]);
    await drawsOf(family, instance, backend, 1, 1250);
    expect(rows.slice(3)).toEqual([50 * 5]);
    rows.length = 0;
    const wide = { ...instance, dim: 20_000, block: 7 };
    await drawsOf(family, wide, backend, 1, 3); // 100,000 floats a draw
    expect(rows).toEqual([2 * 5, 1 * 5]);
  });

  it("for eight instances, the latest that were asked for", async () => {
    const { backend, rows } = noting();
    const drawn = async (seed: number) => {
      rows.length = 0;
      await drawsOf(family, instance, backend, seed, 1);
      return rows.length > 0;
    };
    for (let seed = 1; seed <= 8; seed++) expect(await drawn(seed)).toBe(true);
    for (let seed = 1; seed <= 8; seed++) expect(await drawn(seed)).toBe(false);
    expect(await drawn(1)).toBe(false);
    expect(await drawn(9)).toBe(true); // now 2 is gone
    for (const seed of [1, 3, 4, 5, 6, 7, 8, 9]) expect(await drawn(seed)).toBe(false);
    expect(await drawn(2)).toBe(true);
  });
});

it("a check that speaks of no scheme has no draws, and is told so", () => {
  expect(() => noDraws.sketch(0)).toThrow("needs: []");
  expect(() => noDraws.recover(0, x)).toThrow("needs: []");
  expect(() => noDraws.project(0, x)).toThrow("needs: []");
});

describe("schemes lay an instance out as their memory has it", () => {
  it("whole rows: blocks of a row, and memory of whole rows", () =>
    expect(familyOf("rowHash").fit!(instance)).toMatchObject({ rows: 5, dim: 3, block: 3, memory: 6 }));
  it("rows of one float: as many as there are weights, table by table", () =>
    expect(familyOf("multiHash, rows of one float").fit!(instance)).toMatchObject({
      rows: 15,
      tables: [6, 9],
      dim: 1,
      block: 1,
      memory: 7,
    }));
  it("a full table: a slot a weight", () => {
    const own = familyOf("full").fit!(instance);
    expect(own).toMatchObject({ block: 3, memory: 15 });
    const lookup = lookupOf(familyOf("full").scheme(own, 1), shapeOf(own), everyRow(shapeOf(own)), true);
    expect(new Set(lookup.starts).size).toBe(5);
  });
});
