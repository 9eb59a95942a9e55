import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import type { Bags } from "../../../../models/data/dataset.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import {
  quotientRemainder,
  quotientRemainderFamily,
} from "../../../../models/embeddings/families/quotient-remainder.ts";
import { type PoolingOptions, shares } from "../../../../models/embeddings/pooling.ts";
import { said } from "../dlrm/tiny-model.ts";

const shape = { tables: [3, 2], dim: 2 };
const setting = { ...shape, backend: cpu64, seed: 4 };

/** Two samples: of the first table rows 2 and 0, then none; of the second row 1, then rows 0 and 1. */
const bags: Bags = { ids: Uint32Array.of(2, 0, 1, 0, 1), offsets: Uint32Array.of(0, 2, 3, 3, 5) };

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
