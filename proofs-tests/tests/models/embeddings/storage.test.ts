import { expect, it } from "vitest";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { floatBytes, halvesFrom } from "../../../../models/embeddings/storage.ts";
import { model } from "../dlrm/tiny-model.ts";

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
  expect([floatBytes({}), floatBytes(half)]).toEqual([4, 2]);
  expect([floats!.embedding.bytes, halves!.embedding.bytes]).toEqual([150 * 4, 150 * 2]);
  expect(floats!.parameters[0]!.halves).toBeUndefined();
  expect(halves!.parameters[0]!.halves).toMatchObject({ mode: "nearest" });
});
