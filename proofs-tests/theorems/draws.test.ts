import { describe, expect, it } from "vitest";
import { cpu } from "../../backends/cpu.ts";
import { random } from "../../core/random.ts";
import { rowHashScheme } from "../../models/row-hash.ts";
import { everyRow, lookupOf } from "../../models/sharing.ts";
import type { World } from "../../theory/world.ts";
import { applied, inner } from "./all-draws.ts";
import { drawsOf } from "./draws.ts";
import { type SketchFamily, shapeOf, soundFamilies } from "./families.ts";

const x = new Float64Array(15);
const world: World = { rows: 5, tables: [2, 3], dim: 3, block: 2, memory: 7, x, y: x, epsilon: 0.5 };
const familyOf = (name: string): SketchFamily => soundFamilies.find((family) => family.name === name)!;

/** Every place of every weight, as the scheme explains it. */
const explained = (family: SketchFamily, seed: number) => {
  const { explain } = family.scheme(world, seed);
  const rows = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [1, 2],
  ] as const;
  return rows.flatMap(([table, row]) => [0, 1, 2].flatMap((column) => explain(table, row, column)));
};

describe("draws of R, read off a backend", () => {
  it.each(["robe:mersenne61", "robe:mixer", "unsigned", "starts do not wrap"])(
    "%s: draw i is what the scheme explains at the seed and i",
    async (name) => {
      const draws = await drawsOf(familyOf(name), world, cpu, 11, 3);
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
      scheme: (where, seed) => rowHashScheme(shapeOf(where), { hashes: 2, sign: "row", memory: 6, seed }),
    };
    const { slots, signs, places } = (await drawsOf(twice, world, cpu, 3, 1)).sketch(0);
    const own = explained(twice, 3);
    expect(places).toBe(2);
    expect([...slots]).toEqual(own.map(({ slot }) => slot));
    expect([...signs]).toEqual(own.map(({ sign }) => sign));
  });

  it("go on where more are asked for, and begin again at another seed", async () => {
    const family = familyOf("robe:mersenne61");
    const few = (await drawsOf(family, world, cpu, 21, 2)).sketch(1);
    const more = await drawsOf(family, world, cpu, 21, 4);
    expect(more.sketch(1)).toEqual(few);
    expect([...more.sketch(3).slots]).toEqual(explained(family, 24).map(({ slot }) => slot));
    expect((await drawsOf(family, world, cpu, 22, 1)).sketch(0)).toEqual(few);
  });

  it("gather and scatter as R does", async () => {
    const draws = await drawsOf(familyOf("robe:mersenne61"), world, cpu, 11, 2);
    const stream = random(1, "whole numbers");
    const M = Float64Array.from({ length: 7 }, () => stream.integer(9) - 4);
    const G = Float64Array.from({ length: 15 }, () => stream.integer(9) - 4);
    const sketch = draws.sketch(1);
    expect([...Array.from(await draws.project(1, G))].map((v) => v + 0)).toEqual(applied(sketch, G));
    expect(inner(await draws.recover(1, M), G)).toBe(inner(M, applied(sketch, G)));
  });
});

describe("schemes lay a world out as their memory has it", () => {
  it("whole rows: blocks of a row, and memory of whole rows", () =>
    expect(familyOf("rowHash").fit!(world)).toMatchObject({ rows: 5, dim: 3, block: 3, memory: 6 }));
  it("rows of one float: as many as there are weights, table by table", () =>
    expect(familyOf("multiHash, rows of one float").fit!(world)).toMatchObject({
      rows: 15,
      tables: [6, 9],
      dim: 1,
      block: 1,
      memory: 7,
    }));
  it("a full table: a slot a weight", () => {
    const own = familyOf("full").fit!(world);
    expect(own).toMatchObject({ block: 3, memory: 15 });
    const lookup = lookupOf(familyOf("full").scheme(own, 1), shapeOf(own), everyRow(shapeOf(own)), true);
    expect(new Set(lookup.starts).size).toBe(5);
  });
});
