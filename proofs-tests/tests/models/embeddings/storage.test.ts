import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { mixedDimension } from "../../../../models/embeddings/families/mixed-dimension.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { families } from "../../../../models/embeddings/registry.ts";
import { halvesFrom, storedBytes, storedFloats } from "../../../../models/embeddings/storage.ts";
import { model, said } from "../dlrm/tiny-model.ts";

const half = { storage: "f16" } as const;

it("halves are rounded to nearest where nothing else is said, and by the seed that is given", () => {
  expect(halvesFrom(half, 7)).toEqual({ mode: "nearest", seed: 7 });
  expect(halvesFrom({ ...half, rounding: "nearest" }, 7)).toEqual({ mode: "nearest", seed: 7 });
  expect(halvesFrom({ ...half, rounding: "stochastic" }, 8)).toEqual({ mode: "stochastic", seed: 8 });
  for (const options of [{}, { storage: "f32" } as const]) expect(halvesFrom(options, 7)).toBeUndefined();
});

it("a model's memory is stored so: halves of two bytes rounded to nearest, floats of four without a rounding", () => {
  const [floats, halves] = [{}, half].map((options) =>
    model({ embedding: robe({ compression: 2, ...options }) }),
  );
  expect([storedBytes({}, 7), storedBytes(half, 7)]).toEqual([28, 14]);
  expect([floats!.embedding.bytes, halves!.embedding.bytes]).toEqual([150 * 4, 150 * 2]);
  expect(floats!.parameters[0]!.halves).toBeUndefined();
  expect(halves!.parameters[0]!.halves).toMatchObject({ mode: "nearest" });
});

describe("a memory of few bits", () => {
  it.each([
    [{ storage: "int8" }, { mode: "stochastic", seed: 7, grid: { bits: 8, step: 2 ** -8 } }],
    [{ storage: "int4" }, { mode: "stochastic", seed: 7, grid: { bits: 4, step: 2 ** -6 } }],
    [
      { storage: "int4", memoryRange: 2, rounding: "nearest" },
      { mode: "nearest", seed: 7, grid: { bits: 4, step: 1 / 4 } },
    ],
  ] as const)("of %j has these numbers", (options, expected) =>
    expect(halvesFrom(options, 7)).toEqual(expected),
  );

  it("takes a byte a number, or half of one, the last one whole", () => {
    const sizes = [0, 1, 2, 7];
    expect(sizes.map((floats) => storedBytes({ storage: "int8" }, floats))).toEqual([0, 1, 2, 7]);
    expect(sizes.map((floats) => storedBytes({ storage: "int4" }, floats))).toEqual([0, 1, 1, 4]);
    expect(sizes.map((bytes) => storedFloats({ storage: "int4" }, bytes))).toEqual([0, 2, 4, 14]);
  });

  it("begins with numbers of its grid, which are on average those that floats begin with", async () => {
    const first = async (options: object) => {
      const { parameters } = robe({ memorySize: 100_000, ...options })({
        ...{ tables: [100, 300], dim: 4, backend: cpu, seed: 5 },
      });
      return [...(await parameters[0]!.tensor.data())];
    };
    const [floats, few] = [await first({}), await first({ storage: "int4" })];
    expect(new Set(few)).toEqual(new Set([-4, -3, -2, -1, 0, 1, 2, 3, 4].map((k) => k / 64)));
    const mean = few.reduce((sum, x, i) => sum + (x - floats[i]!), 0) / few.length;
    // Each is off by less than a step of 1/64, with a variance of at most a quarter of its square: five deviations of the mean.
    expect(Math.abs(mean)).toBeLessThan((5 * (1 / 128)) / Math.sqrt(few.length));
    for (const [i, x] of few.entries()) expect(Math.abs(x - floats[i]!)).toBeLessThan(1 / 64);
    expect(await first({ storage: "int4", rounding: "nearest" })).toEqual(
      floats.map((x) => Math.round(64 * x) / 64 + 0),
    );
  });

  const stored = families.filter(({ options }) => Object.hasOwn(options, "storage"));

  it("may be that of every family whose memory stays where it is", () =>
    expect(stored.map(({ name }) => name).toSorted()).toEqual(
      [
        "byFrequency",
        "full",
        "mixedDimension",
        "multiHash",
        "quotientRemainder",
        "robe",
        "rowHash",
      ].toSorted(),
    ));

  it.each(stored.map((family) => [family.name, family] as const))(
    "of %s begins on its grid",
    async (_, family) => {
      const setting = { tables: [100, 300, 5], dim: 4, backend: cpu, seed: 5 };
      const { parameters, bytes } = family.fitTo(820, setting, { storage: "int4" })(setting);
      const grids = parameters.filter(({ halves }) => halves?.grid !== undefined);
      expect(grids.length).toBeGreaterThan(0);
      expect(bytes).toBeLessThanOrEqual(820);
      for (const { tensor } of grids) {
        const numbers = [...(await tensor.data())].map((x) => 64 * x);
        expect(numbers.every(Number.isInteger)).toBe(true);
        expect(new Set(numbers).size).toBeGreaterThan(2);
      }
    },
  );

  it("rounds each table of mixedDimension by words of its own", async () => {
    const setting = { tables: [5000, 5000], dim: 4, backend: cpu, seed: 5 };
    const made = mixedDimension({ memorySize: 10_100, storage: "int4", memoryRange: 1 })(setting);
    const [first, second] = [made.parameters[0]!, made.parameters[2]!];
    expect([first.name, second.name]).toEqual(["embedding.memory.0", "embedding.memory.1"]);
    const isUp = async ({ tensor }: typeof first) => (await tensor.data()).map((x) => (x === 0 ? 0 : 1));
    const [ups, others] = [await isUp(first), await isUp(second)];
    expect(ups.some((up, i) => up !== others[i])).toBe(true);
  });

  it.each([
    [
      { storage: "int4", memoryRange: 0.3 },
      "must be a power of two (0.125, 0.25, 0.5, 1, …), but it is 0.3.",
    ],
    [{ storage: "f16", memoryRange: 1 }, "this one is stored as f16; ask for that too."],
    [{ memoryRange: 1 }, "Memory range 1 is of a memory that is stored as int8 or int4"],
    [{ storage: "int8", memoryRange: 2 ** 11 }, "must be a number from 0.0009765625 to 1024"],
  ] as const)("is refused where it cannot be: %j", (options, sentence) =>
    expect(said(() => model({ embedding: robe({ compression: 2, ...options }) }))).toContain(sentence),
  );
});
