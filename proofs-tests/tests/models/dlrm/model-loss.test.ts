import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { gamma, unitRoundoff } from "../../../../core/numeric/number.ts";
import { permutation, random } from "../../../../core/numeric/random.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import type { Batch } from "../../../../models/data/dataset.ts";
import { predict } from "../../../../models/dlrm/dlrm.ts";
import { train, trainStep } from "../../../../models/dlrm/train.ts";
import { sharedMemory } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { fullScheme } from "../../../../models/embeddings/full-scheme.ts";
import { embeddings, stepsOf } from "./small-trainings.ts";
import { bitsOf, data, firstBatch, model, said, tables } from "./tiny-model.ts";

/** `batch` with its rows in another order. */
function reordered({ size, dense, bags, labels }: Batch, order: Uint32Array): Batch {
  const [D, T] = [dense.length / size, tables.length];
  const ids: number[] = [];
  const offsets = [0];
  for (const i of order) {
    for (let bag = i * T; bag < (i + 1) * T; bag++) {
      ids.push(...bags.ids.subarray(bags.offsets[bag]!, bags.offsets[bag + 1]!));
      offsets.push(ids.length);
    }
  }
  return {
    size,
    dense: Float32Array.from(dense, (_, k) => dense[order[Math.floor(k / D)]! * D + (k % D)]!),
    bags: { ids: Uint32Array.from(ids), offsets: Uint32Array.from(offsets) },
    labels: Float32Array.from(labels, (_, i) => labels[order[i]!]!),
  };
}

describe("a model", () => {
  it.each(embeddings)(
    "%s: on(cpu64) keeps every parameter, and on(cpu) brings them back",
    async (_, embedding) => {
      const tiny = model({ embedding });
      const values = await bitsOf(tiny);
      const wide = await tiny.to(cpu64);
      expect(wide.backend).toBe(cpu64);
      expect(await bitsOf(wide)).toEqual(values);
      expect(await bitsOf(await wide.to(cpu))).toEqual(values);
      await trainStep(wide, await firstBatch(32), 1, { optimizer: sgd(0.1) });
      expect(await bitsOf(tiny)).toEqual(values);
      expect(await bitsOf(wide)).not.toEqual(values);
    },
  );

  it.each([cpu, cpu64])(
    "$name: the order of a batch's rows changes its loss by rounding only",
    async (backend) => {
      const tiny = model({ backend });
      const batch = await firstBatch(64);
      const loss = await tiny.loss(batch).item();
      // The 64 losses are positive and the same; each of the two sums is within γ of theirs.
      const allowed = 2 * gamma(64 + 2, unitRoundoff[backend.precision]) * loss;
      for (let seed = 0; seed < 20; seed++) {
        const other = await tiny.loss(reordered(batch, permutation(64, random(seed, "order")))).item();
        expect(Math.abs(other - loss)).toBeLessThanOrEqual(allowed);
      }
    },
  );

  it("that shares nothing is the full model bit for bit, wherever its rows lie and whatever their signs", async () => {
    const scattered = sharedMemory((shape) => {
      const scheme = fullScheme(shape);
      const rows = scheme.memorySize / shape.dim;
      const place = (start: number) => (rows - 1) * shape.dim - start;
      return {
        ...scheme,
        blockStart: (table, row) => place(scheme.blockStart(table, row, 0, 0)),
        signs: () => 0xffffffff,
        initialize(values, stream) {
          const own = values.slice();
          scheme.initialize!(own, stream);
          for (let i = 0; i < own.length; i++)
            values[place(i - (i % shape.dim)) + (i % shape.dim)] = -own[i]!;
        },
      };
    });
    const losses = (embedding: typeof scattered) =>
      stepsOf(train(model({ embedding }), data.train, { optimizer: adagrad(0.05), batch: 32 }));
    expect(await losses(scattered)).toEqual(await losses(full()));
  });

  it.each([
    [{ tables: [...tables, 3] }, "of a model with 4 tables needs 32 bags, but has 24"],
    [{ dense: 5 }, "A batch of 8 samples needs 40 dense numbers (5 each), but has 32."],
    [{ tables: [2, 2, 2] }, "which has only 2 rows (0 … 1)"],
  ])("of another shape than its batch (%o) says so", async (config, sentence) => {
    const batch = await firstBatch(8);
    expect(said(() => model(config).loss(batch))).toContain(sentence);
  });

  it("of a batch with too few labels, or none, says so", async () => {
    const { labels: _, ...unlabeled } = await firstBatch(8);
    for (const [labels, sentence] of [
      [undefined, "A loss of 8 samples needs 8 labels, but the batch has none."],
      [new Float32Array(9), "A loss of 8 samples needs 8 labels, but the batch has 9."],
    ] as const)
      expect(said(() => model({}).loss({ ...unlabeled, labels } as Batch))).toBe(sentence);
    expect(await predict(model({}), unlabeled)).toEqual(await predict(model({}), await firstBatch(8)));
  });
});
