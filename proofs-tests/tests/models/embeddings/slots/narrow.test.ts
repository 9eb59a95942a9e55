import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../../backends/cpu/index.ts";
import { random } from "../../../../../core/numeric/random.ts";
import { TooFewBytesError } from "../../../../../models/embeddings/embedding.ts";
import { robe } from "../../../../../models/embeddings/families/robe.ts";
import { multiHash, rowHash } from "../../../../../models/embeddings/families/row-hash.ts";
import { families, familyByName } from "../../../../../models/embeddings/registry.ts";
import { everyRow } from "../../../../../models/embeddings/scheme.ts";
import { said } from "../../dlrm/tiny-model.ts";

/** Families whose rows may be narrower than vectors. */
const narrow = { robe, rowHash, multiHash };

/** A shape, how many floats a row has, floats of memory for rows, and a seed. */
const examples = fc
  .record({
    name: fc.constantFrom("robe", "rowHash", "multiHash"),
    tables: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
    dim: fc.integer({ min: 2, max: 6 }),
    K: fc.integer({ min: 1, max: 5 }),
    floats: fc.integer({ min: 6, max: 40 }),
    seed: fc.nat(),
  })
  .filter(({ dim, K }) => K < dim);

describe("an embedding of narrow rows", () => {
  it("has, of each bag, the sum of its rows times the matrix of its table", () =>
    fc.assert(
      fc.asyncProperty(examples, async ({ name, tables, dim, K, floats, seed }) => {
        const make = narrow[name as keyof typeof narrow];
        const beside = tables.length * K * dim;
        const setting = { tables, dim, backend: cpu64, seed };
        const { parameters, forward } = make({ memorySize: floats + beside, rowFloats: K })(setting);
        const values = await Promise.all(parameters.map(({ tensor }) => tensor.data()));
        const [memory, ...matrices] = values;
        const { slotsOf } = make({ memorySize: floats })({ ...setting, dim: K }).scheme!;
        const stream = random(seed, "bags");
        const offsets = [0];
        const ids: number[] = [];
        for (let bag = 0; bag < 3 * tables.length; bag++) {
          for (let i = stream.integer(4); i > 0; i--) ids.push(stream.integer(tables[bag % tables.length]!));
          offsets.push(ids.length);
        }
        const expected = offsets.slice(1).flatMap((end, bag) => {
          const table = bag % tables.length;
          const vector = new Array<number>(dim).fill(0);
          for (const id of ids.slice(offsets[bag], end))
            for (let k = 0; k < K; k++)
              for (const { slot, sign } of slotsOf(table, id, k))
                for (let j = 0; j < dim; j++)
                  vector[j]! += sign * memory![slot]! * matrices[table]![k * dim + j]!;
          return vector;
        });
        const actual = await forward({
          ids: Uint32Array.from(ids),
          offsets: Uint32Array.from(offsets),
        }).data();
        expect([...actual]).toEqual(expected.map((x) => expect.closeTo(x, 10)));
      }),
      { numRuns: 60 },
    ));

  it("has in its size, and in its bytes, the matrices too", () =>
    fc.assert(
      fc.property(examples, fc.boolean(), ({ name, tables, dim, K, floats, seed }, half) => {
        const family = familyByName(name);
        const storage = half ? "f16" : "f32";
        const shape = { tables, dim };
        const each = half ? 2 : 4;
        const bytes = each * floats + 4 * tables.length * K * dim;
        const found = family.fitTo(bytes, shape, { rowFloats: K, storage })({
          ...shape,
          backend: cpu64,
          seed,
        });
        expect(found.bytes).toBeLessThanOrEqual(bytes);
        expect(found.bytes).toBeGreaterThan(bytes - each * (name === "robe" ? 1 : K));
        expect(found.memorySize).toBe(found.parameters.reduce((sum, { size }) => sum + size, 0));
        expect(found.virtualSize).toBe(tables.reduce((sum, rows) => sum + rows, 0) * dim);
        expect(found.scheme).toBeUndefined();
      }),
    ));

  it("takes the part of full tables that it is asked for, matrices and all", () => {
    const setting = { tables: [300, 100], dim: 4, backend: cpu64, seed: 1 };
    const { memorySize, parameters } = robe({ compression: 8, rowFloats: 2 })(setting);
    expect(memorySize).toBe((400 * 4) / 8);
    expect(parameters.map(({ name, size }) => [name, size])).toEqual([
      ["embedding.memory", 200 - 16],
      ["embedding.projection.0", 8],
      ["embedding.projection.1", 8],
    ]);
  });

  it("is the embedding without the option where a row is as wide as a vector", async () => {
    const setting = { tables: [9, 4], dim: 3, backend: cpu64, seed: 5 };
    const [plain, wide] = [{}, { rowFloats: 3 }].map((of) => robe({ memorySize: 12, ...of })(setting));
    expect(wide!.parameters.map(({ size }) => size)).toEqual([12]);
    expect(wide!.scheme!.slotsOf(1, 2, 0)).toEqual(plain!.scheme!.slotsOf(1, 2, 0));
    expect(await wide!.forward(everyRow(setting)).data()).toEqual(
      await plain!.forward(everyRow(setting)).data(),
    );
  });

  it("starts with vectors as large as they are without: of mean square 1/(3·n)", async () => {
    const tables = new Array<number>(40).fill(100);
    const setting = { tables, dim: 8, backend: cpu64, seed: 2 };
    const bags = {
      ids: Uint32Array.from(tables, (_, t) => t),
      offsets: Uint32Array.from({ length: 41 }, (_, t) => t),
    };
    for (const rowFloats of [1, 2, 4, 8]) {
      const vectors = await robe({ memorySize: 8000, rowFloats })(setting).forward(bags).data();
      const squares = Array.from(vectors, (v) => 3 * 100 * v * v);
      const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
      expect(Math.abs(mean - 1), `K = ${rowFloats}: ${mean}`).toBeLessThan(0.25);
    }
  });

  it("is refused where there is no such row, or no memory for one", () => {
    const setting = { tables: [9, 4], dim: 3, backend: cpu64, seed: 5 };
    expect(said(() => robe({ memorySize: 40, rowFloats: 4 })(setting))).toBe(
      "Floats of a row in memory must be a whole number from 1 to 3, but it is 4.",
    );
    expect(said(() => robe({ memorySize: 12, rowFloats: 2 })(setting))).toBe(
      "A memory of 12 floats is to hold matrices of 2·2·3 = 12 floats, too, which leaves none for rows; give more memory, or fewer floats a row.",
    );
    const least = () => familyByName("rowHash").fitTo(40, setting, { rowFloats: 2 });
    expect(least).toThrow(TooFewBytesError);
    expect(said(least)).toContain("needs at least 56 bytes");
  });

  it("is an option of those families alone", () => {
    const having = families.filter(({ options }) => Object.hasOwn(options, "rowFloats"));
    expect(having.map(({ name }) => name)).toEqual(Object.keys(narrow));
  });
});
