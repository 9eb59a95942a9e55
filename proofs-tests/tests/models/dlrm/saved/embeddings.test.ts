import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../../../backends/cpu/index.ts";
import { random } from "../../../../../core/numeric/random.ts";
import { adagrad } from "../../../../../core/optimizers/adagrad.ts";
import { lazyRows, lazyRowsFrom, lazyRowsOf } from "../../../../../models/data/lazy-rows.ts";
import { type Dlrm, predict } from "../../../../../models/dlrm/dlrm.ts";
import { describe as described, load, restore } from "../../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { trainStep } from "../../../../../models/dlrm/train.ts";
import { type EmbeddingMaker, sharedMemory } from "../../../../../models/embeddings/embedding.ts";
import { full } from "../../../../../models/embeddings/families/full.ts";
import { robe, robeScheme } from "../../../../../models/embeddings/families/robe.ts";
import { rowHash } from "../../../../../models/embeddings/families/row-hash.ts";
import { families } from "../../../../../models/embeddings/registry.ts";
import { schemeFamily } from "../../../../../models/embeddings/scheme-family.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { bitsOf, data, firstBatch, model, said, tables } from "../tiny-model.ts";

const folder = temporaryFolder();
const path = join(folder, "model.safetensors");
const batch = await firstBatch(64);

/** Everything of a model that a training step or a prediction may depend on. */
const all = async (tiny: Dlrm) => ({
  bits: await bitsOf(tiny),
  learned: [...(tiny.embedding.adaptation?.arrays ?? [])].map(([name, values]) => [name, [...values]]),
  predictions: [...Array.from(await predict(tiny, batch))],
  bytes: tiny.embedding.bytes,
});

/** Saves and loads a model after a step; both must be the same, and become the same by another step. */
async function same(embedding: EmbeddingMaker, options: Parameters<typeof load>[1] = {}): Promise<Dlrm> {
  const optimizer = adagrad(0.05);
  const tiny = model({ embedding });
  await trainStep(tiny, batch, 1, { optimizer });
  await save(path, tiny, { training: { step: 1 } });
  const { model: loaded } = await load(path, { backend: cpu, ...options });
  expect(await all(loaded)).toEqual(await all(tiny));
  const madeBy = ({ embedding: { origin } }: Dlrm) =>
    origin && [origin.family, origin.options, origin.rows?.rows];
  expect(madeBy(loaded)).toEqual(madeBy(tiny));
  for (const each of [tiny, loaded]) await trainStep(each, batch, 2, { optimizer });
  expect(await all(loaded)).toEqual(await all(tiny));
  return loaded;
}

describe.each(families.map((family) => [family.name, family] as const))("%s", (name, family) => {
  it("of any options is made again by what its file says, to the bit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const embedding = family.example({ tables, dim: 4 }, random(seed, "saved"));
        await same(embedding);
        expect((await described(path)).embedding.family).toBe(name);
      }),
      { numRuns: 8 },
    );
  });
});

describe("an embedding", () => {
  it("of a family's make and fitTo says what it was made by, too", async () => {
    const shape = { tables, dim: 4 };
    const made = families.find(({ name }) => name === "robe")!;
    await same(made.make({ compression: 3, sign: "none", pooling: "mean", tableScale: true }));
    await same(made.make({ memorySize: 40, pooling: "learned" }));
    await same(made.make({ compression: 3, rowFloats: 1, storage: "f16" }));
    for (const family of families) await same(family.fitTo(10_000, shape));
  });

  it("of lazy rows keeps which they are", async () => {
    const touched = lazyRowsOf(tables, batch.bags);
    const loaded = await same(full({ rows: touched, pooling: "mean" }));
    expect(loaded.embedding.origin!.rows!.rows).toEqual(touched.rows);
    expect((await described(path)).embedding).toEqual({
      family: "full",
      options: { pooling: "mean", lazyRows: true },
    });
    const others = lazyRowsFrom(
      tables,
      touched.rows.map((rows) => Uint32Array.from(rows, (_, i) => i)),
    );
    await expect(
      restore(path, model({ embedding: full({ rows: others, pooling: "mean" }) })),
    ).rejects.toThrow("its lazy rows, embedding.rows.0, are other rows than this model's");
    await restore(path, model({ embedding: full({ rows: touched, pooling: "mean" }) }));
  });

  it("of coefficients of one's own keeps them", async () => {
    const coefficients = { prime: 2 ** 31 - 1, r1: 3, r2: 5, r3: 7, r4: 11 };
    await same(
      robe({
        memorySize: 50,
        hash: "affine",
        sign: "affine",
        coefficients,
        signCoefficients: { ...coefficients, r3: 13 },
      }),
    );
    for (const wrong of [
      { ...coefficients, r1: 0.5 },
      { ...coefficients, r5: 1 },
      { prime: 7 },
      { ...coefficients, r4: -1 },
      7,
    ])
      expect(said(() => robe({ memorySize: 50, coefficients: wrong as never }))).toContain(
        "coefficients of robe must be whole",
      );
  });

  it("with a seed of its own keeps it, whatever the model's", async () => {
    const tiny = model({ embedding: rowHash({ memorySize: 40, seed: 7 }), seed: 3 });
    await save(path, tiny);
    const { model: loaded } = await load(path, { backend: cpu });
    expect(await all(loaded)).toEqual(await all(tiny));
    expect((await described(path)).embedding.options).toEqual({ memorySize: 40, seed: 7 });
  });

  it("of a scheme that no family made is saved, and loaded where a program gives it", async () => {
    const own = sharedMemory((shape, seed) => robeScheme(shape, { memorySize: 50, seed }));
    await save(path, model({ embedding: own }));
    expect((await described(path)).embedding).toEqual({ family: "own", options: {} });
    await expect(load(path, { backend: cpu })).rejects.toThrow("give it: load(path, { embedding })");
    await same(own, { embedding: own });
  });

  it("of a family of one's own is loaded where a program gives the family", async () => {
    const mine = schemeFamily({
      name: "mine",
      scheme: (shape, memorySize, seed) => robeScheme(shape, { memorySize, seed }),
    });
    for (const embedding of [
      mine.make({ compression: 2, pooling: "mean" }),
      mine.fitTo(200, { tables, dim: 4 }),
    ])
      await same(embedding, { families: [mine] });
    await expect(load(path, { backend: cpu })).rejects.toThrow(
      "its embedding is mine, whose family is to be given: load(path, { families: [mineFamily] })",
    );
  });
});

describe("lazy rows from arrays", () => {
  it("are those that were collected, and place them alike", async () => {
    const touched = await lazyRows(data.train);
    const again = lazyRowsFrom(tables, touched.rows);
    for (const [t, rows] of tables.entries())
      for (let row = 0; row < rows; row++) expect(again.place(t, row)).toBe(touched.place(t, row));
    expect([again.count, again.bytes]).toEqual([touched.count, touched.bytes]);
  });

  it.each([
    [
      "out of order",
      [[2, 1], [0]],
      "The lazy rows of table 0 must ascend and be below 5, but number 1 (from 0) is 1.",
    ],
    ["twice the same", [[1, 1], [0]], "number 1 (from 0) is 1."],
    [
      "that are not there",
      [[1], [3]],
      "The lazy rows of table 1 must ascend and be below 3, but number 0 (from 0) is 3.",
    ],
    ["of another number of tables", [[1]], "there are 1 lists"],
  ])("are refused %s", (_, rows, sentence) => {
    expect(
      said(() =>
        lazyRowsFrom(
          [5, 3],
          rows.map((own) => Uint32Array.from(own)),
        ),
      ),
    ).toContain(sentence);
  });
});
