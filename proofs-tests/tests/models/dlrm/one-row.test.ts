import fc from "fast-check";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { fast } from "../../../../backends/fast/index.ts";
import { instrument } from "../../../../backends/instrument.ts";
import { validate } from "../../../../backends/validate.ts";
import { InputError } from "../../../../core/errors.ts";
import { random } from "../../../../core/numeric/random.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import type { Inputs } from "../../../../models/data/dataset.ts";
import { type Dlrm, predict } from "../../../../models/dlrm/dlrm.ts";
import { oneRow } from "../../../../models/dlrm/one-row.ts";
import { load } from "../../../../models/dlrm/saved/load.ts";
import { scores } from "../../../../models/dlrm/score.ts";
import { trainStep } from "../../../../models/dlrm/train.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { families } from "../../../../models/embeddings/registry.ts";
import { upTo } from "../data/rows.ts";
import { models, rows } from "./serving/rows.ts";
import { firstBatch, model, tables } from "./tiny-model.ts";

const backend = await fast({ threads: 1 });
afterAll(() => backend.destroy());
const held = () => backend.statistics.arrays;
// What a test leaves is collected at some time, in the midst of another's counting.
afterEach(() => expect(held()).toBe(0));

const rowOf = (seed: number, ids?: readonly number[], of: readonly number[] = tables): Inputs => {
  const stream = random(seed, "row");
  return {
    size: 1,
    dense: Float32Array.from({ length: 4 }, () => stream.normal()),
    bags: {
      ids: Uint32Array.from(ids ?? of.map((rows) => stream.integer(rows))),
      offsets: Uint32Array.from({ length: of.length + 1 }, (_, i) => i),
    },
  };
};
const whole = async (of: Dlrm, row: Inputs) => (await predict(of, row))[0];

/** Those that make numbers of a batch's ids on the host, or read by other ids than the batch's. */
const notRecorded = ["dhe", "tensorTrain", "memcom", "hashEmbedding", "mixedDimension", "byFrequency"];

const mayRefuse = (name: string, { embedding: { origin } }: Dlrm): boolean =>
  notRecorded.includes(name) || (origin?.options.pooling ?? "sum") !== "sum";

describe.each(families.map((family) => [family.name, family] as const))(
  "one row at a time: %s",
  (name, family) => {
    it("has the very probability that it has by itself", () =>
      fc.assert(
        fc.asyncProperty(fc.nat(), async (seed) => {
          const tiny = model({ embedding: family.example({ tables, dim: 4 }, random(seed, "one")), backend });
          const before = held();
          const single = oneRow(tiny);
          for (const i of upTo(4)) {
            const row = rowOf(seed + i);
            const found = single.predict(row);
            const wanted = await whole(tiny, row);
            expect(found).toBe(found === undefined && mayRefuse(name, tiny) ? undefined : wanted);
          }
          single.free();
          expect(held()).toBe(before);
          tiny.free();
        }),
        { numRuns: 20 },
      ));
  },
);

describe("rows that come one by one", () => {
  const embedding = robe({ memorySize: 60, block: 2 });

  it("are predicted in arrays that stay: none is taken after the first", async () => {
    const tiny = model({ embedding, backend });
    const before = held();
    const single = oneRow(tiny);
    expect(single.predict(rowOf(0))).toBe(await whole(tiny, rowOf(0)));
    const after = held();
    expect(after).toBeGreaterThan(before);
    for (const seed of upTo(50)) {
      const row = rowOf(seed);
      expect(single.predict(row)).toBe(await whole(tiny, row));
    }
    expect(held()).toBe(after);
    single.free();
    expect(held()).toBe(before);
    tiny.free();
  });

  it("are the trained model's after a step, and other weights' after they were filled in", async () => {
    const room = backend.upload(new Float32Array(4096)); // below the model's arrays
    const tiny = model({ embedding, backend });
    const single = oneRow(tiny);
    const batch = await firstBatch(16);
    const seen = new Set<number | undefined>();
    for (const t of [1, 2, 3]) {
      seen.add(single.predict(rowOf(7)));
      expect(single.predict(rowOf(7))).toBe(await whole(tiny, rowOf(7)));
      await trainStep(tiny, batch, t, { optimizer: sgd(0.5) });
    }
    backend.free(room); // what is filled now is moved there
    for (const p of tiny.parameters) p.fill(new Float32Array(p.size).fill(0.01));
    expect(single.predict(rowOf(7))).toBe(await whole(tiny, rowOf(7)));
    expect(seen.size).toBe(3);
    single.free();
    tiny.free();
  });

  it("are the same on several threads, with halves, and with clamped probabilities", async () => {
    const threads = await fast({ threads: 2 });
    const wide = { bottom: [300, 4], top: [300, 1] };
    for (const config of [
      { backend: threads, ...wide },
      { backend, embedding: robe({ memorySize: 60, block: 2, storage: "f16" }) },
      { backend, embedding: robe({ memorySize: 60, rowFloats: 2 }) },
      { backend, embedding: robe({ memorySize: 60, block: 2, tableScale: true }) },
      { backend, clamp: 0.4999 - 0.4 },
      { backend, interaction: "cat" as const },
      { backend, itself: true },
    ]) {
      const tiny = model({ embedding, ...config });
      const single = oneRow(tiny);
      for (const seed of upTo(6)) expect(single.predict(rowOf(seed))).toBe(await whole(tiny, rowOf(seed)));
      single.free();
      tiny.free();
    }
    await threads.destroy();
  });

  it("are not predicted where they have several ids, none, or a backend or memory does not record", async () => {
    const tiny = model({ embedding, backend });
    const single = oneRow(tiny);
    const { dense } = rowOf(0);
    const offsets = (...all: number[]) => Uint32Array.from(all);
    const ids = Uint32Array.of(1, 2, 3);
    expect(single.predict({ size: 1, dense, bags: { ids, offsets: offsets(0, 2, 2, 3) } })).toBeUndefined();
    expect(single.predict({ size: 1, dense, bags: { ids, offsets: offsets(0, 1, 2) } })).toBeUndefined();
    const two = { ids: Uint32Array.of(1, 2, 3, 1, 2, 3), offsets: offsets(0, 1, 2, 3, 4, 5, 6) };
    expect(single.predict({ size: 2, dense: new Float32Array(8), bags: two })).toBeUndefined();
    tiny.free();
    for (const other of [cpu, validate(backend).backend, instrument(backend).backend]) {
      const unrecorded = model({ embedding, backend: other });
      expect(oneRow(unrecorded).predict(rowOf(0))).toBeUndefined();
      unrecorded.free();
    }
    const outside = await fast({ threads: 1, spill: 100 });
    const before = outside.statistics.arrays;
    const far = model({ embedding, backend: outside, top: [1], bottom: [4] });
    const alone = oneRow(far);
    expect(alone.predict(rowOf(0))).toBeUndefined();
    far.free();
    expect(outside.statistics.arrays).toBe(before);
    await outside.destroy();
  });

  it("are refused by the model's own sentence, and the next one is right", async () => {
    const tiny = model({ embedding, backend });
    const before = held();
    const single = oneRow(tiny);
    const strange = rowOf(0, [1, 20, 1]);
    for (const _ of upTo(2)) {
      expect(() => single.predict(strange)).toThrow(InputError);
      expect(() => single.predict(strange)).toThrow("looks up row 20 of table 1, which has only 20 rows");
      expect(single.predict(rowOf(3))).toBe(await whole(tiny, rowOf(3)));
    }
    single.free();
    expect(held()).toBe(before);
    tiny.free();
  });

  it("have the scores of a saved model, which gives back what it took", async () => {
    const { path } = (await models(1))[0]!;
    const before = held();
    const saved = await load(path, { backend });
    for (const row of [...rows, ...rows.slice(0, 3)]) {
      const alone: number[] = [];
      const plain: number[] = [];
      for await (const p of saved.score([row], { batch: 1 })) alone.push(p);
      for await (const p of scores(saved.model, saved.about.features!, [row])) plain.push(p);
      expect(alone).toEqual(plain);
    }
    await saved.close();
    expect(held()).toBe(before);
  });
});
