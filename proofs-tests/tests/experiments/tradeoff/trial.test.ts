import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { InputError } from "../../../../core/errors.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import type { Dataset } from "../../../../models/data/dataset.ts";
import { lazyRows, lazyRowsFrom } from "../../../../models/data/lazy-rows.ts";
import { partsOf } from "../../../../models/data/split.ts";
import { synthetic } from "../../../../models/data/synthetic/synthetic.ts";
import { withoutIds } from "../../../../models/data/without-ids.ts";
import { dlrm } from "../../../../models/dlrm/dlrm.ts";
import type { EmbeddingMaker } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import type { OwnRows } from "../../../../models/embeddings/own-rows.ts";
import { methodByName } from "../../../experiments/tradeoff/method.ts";
import type { Point, Setting } from "../../../experiments/tradeoff/protocol.ts";
import type { Rows } from "../../../experiments/tradeoff/rows.ts";
import { modelOf, runTrial } from "../../../experiments/tradeoff/trial.ts";
import { trainedPlainly } from "./definition.ts";
import { protocolOf } from "./made.ts";

// 100 rows at dim 4 are 400 floats, 1600 bytes.
const tables = [60, 40];
const rows = synthetic({ tables, dense: 2, rows: 1500, seed: 4 });
const few = synthetic({ tables, dense: 2, rows: 200, seed: 4 });
const oneEpoch = { epochs: 1, every: 1000 };
const setting: Setting = { ...protocolOf({}).setting, epochs: 12, every: 5, patience: 4 };
const { dim, bottom, top } = setting;
const trial = { method: "robe", compression: 3, rate: 2, seed: 1 };

/** Layers: 2·8 + 8 and 8·4 + 4; then 4 + 3 (pairs of three vectors) = 7 numbers to 7·8 + 8 and 8 + 1. */
const layers = 24 + 36 + 64 + 9;

const run = async (change: Partial<typeof trial & Setting>, data: Rows = rows) => {
  const told: Point[] = [];
  const made = { ...trial, ...change };
  const outcome = await runTrial(made, methodByName(made.method), { ...setting, ...change }, data, cpu, {
    watch: (p) => told.push(p),
  });
  if (outcome.kind !== "trained") return expect.fail(outcome.reason);
  return { ...outcome, told };
};

const plainly = (
  embedding: EmbeddingMaker,
  change: { seed: number; rate: number } & Partial<Setting>,
  data: Rows = rows,
) => {
  const shape = { dense: 2, tables: data.train.tables, dim, bottom, top };
  const model = dlrm({ ...shape, embedding, backend: cpu, seed: change.seed });
  return trainedPlainly(model, data, { ...setting, ...change, optimizer: adagrad(change.rate) });
};

describe("a trial", () => {
  it("reports of the test rows the model that validation chose, and ends when patience does", async () => {
    const { curve, test, steps, told } = await run({});
    // A third of 1600 bytes are 133 floats; twice the usual rate of Adagrad is 0.1.
    const plain = await plainly(robe({ memorySize: 133 }), { seed: 1, rate: 0.1 });
    expect({ curve, test, steps }).toEqual(plain);
    expect(told).toEqual(curve);
    // Neither the first measurement nor the last, or the test could not tell them apart.
    expect([curve[0]!.step < test.step, test.step < steps]).toEqual([true, true]);
    expect(steps).toBe(test.step + 4 * 5);
  });

  it("ends after its epochs, measured once more there; its seed is of the model and of the order", async () => {
    const short = { seed: 7, rate: 1, epochs: 1, every: 7 };
    const { curve, test, steps } = await run({ ...short, method: "full", compression: 1 });
    expect({ curve, test, steps }).toEqual(await plainly(full(), { ...short, rate: 0.05 }));
    expect(curve.map(({ step }) => step)).toEqual([7, 14, 19]); // 1200 rows by 64
  });

  it("of the floor is full tables' of rows without ids: one row a table", async () => {
    const short = { seed: 7, rate: 1, epochs: 1, every: 7 };
    const found = await run({ ...short, method: "floor", compression: 1 });
    const without = partsOf((part) => withoutIds(rows[part]));
    expect(found).toMatchObject(await plainly(full(), { ...short, rate: 0.05 }, without));
    expect([found.bytes, found.modelBytes]).toEqual([4 * 2 * 4, 4 * 2 * 4 + 4 * layers]);
  });

  it("of full tables reads each id for itself where others hash it, and memory is a share of theirs", async () => {
    const wide = (part: Dataset) => ({ ...part, tables: [600, 400] }); // ids as others read them
    const data = { ...partsOf((part) => wide(rows[part])), exact: rows };
    const short = { seed: 7, rate: 1, epochs: 1, every: 7 };
    const whole = await run({ ...short, method: "full", compression: 1 }, data);
    expect(whole).toMatchObject({ ...(await plainly(full(), { ...short, rate: 0.05 })), bytes: 1600 });
    const small = await run({ ...short, compression: 3 }, data);
    const plain = await plainly(robe({ memorySize: 133 }), { ...short, rate: 0.05 }, data); // a third of 400 floats
    expect(small).toMatchObject({ ...plain, bytes: 4 * 133 });
    expect(await run({ ...short, method: "floor", compression: 1 }, data)).toMatchObject({ bytes: 32 });
  });

  it("is of the first measurement where none is better, and waits no longer for one", async () => {
    // At this rate no weight changes, so every measurement is the same.
    const { curve, test, steps } = await run({ rate: 1e-30 });
    expect(new Set(curve.map(({ auc }) => auc)).size).toBe(1);
    expect([test.step, steps]).toEqual([5, 5 + 4 * 5]);
  });

  it("knows the optimizer and the rate that it had", async () => {
    const had = async (method: string, rate: number) => {
      const { optimizer, learningRate } = await run({ ...oneEpoch, method, rate }, few);
      return [optimizer, learningRate];
    };
    expect(await had("robe", 3)).toEqual(["adagrad", 3 * 0.05]);
    expect(await had("robe:optimizer=sgd", 0.5)).toEqual(["sgd", 0.5 * 0.1]);
  });

  it.each([
    ["full", 1, 1600],
    ["robe", 3, 4 * 133],
    ["robe:storage=f16", 3, 2 * 266],
    ["rowHash", 3, 4 * 4 * 33], // whole rows
  ])(
    "counts the bytes of %s at %i× once: %i, and those of all layers",
    async (method, compression, bytes) => {
      const counted = await run({ ...oneEpoch, method, compression }, few);
      expect(counted).toMatchObject({ bytes, modelBytes: bytes + 4 * layers });
    },
  );

  it("counts full tables whole, though memory is for the touched rows alone", async () => {
    const wide = (part: Dataset) => ({ ...part, tables: [6000, 4000] }); // the same ids: at most 100 rows
    const parts = { train: wide(few.train), validation: wide(few.validation), test: wide(few.test) };
    const touched = await lazyRows(parts.train, parts.validation, parts.test);
    const counted = await run(
      { ...oneEpoch, method: "full", compression: 1 },
      { ...parts, lazyRows: touched },
    );
    expect(counted).toMatchObject({ bytes: 160_000, modelBytes: 160_000 + 4 * layers });
  });

  it("gives rows of their own to the ids that the method is told of", async () => {
    const ownOf = (id: number): OwnRows => ({
      rows: lazyRowsFrom(
        tables,
        tables.map(() => Uint32Array.of(id)),
      ),
      classes: Uint8Array.of(0, 0),
    });
    const data = { ...few, own: { frequency: ownOf(3), signal: ownOf(5) } };
    const rowsOf = (name: string) =>
      modelOf(methodByName(name), trial, setting, data, cpu).embedding.own!.rows.rows.map((ids) => ids[0]);
    expect(rowsOf("byFrequency")).toEqual([3, 3]);
    expect(rowsOf("byFrequency:widths-by=signal")).toEqual([5, 5]);
  });

  it("is refused in words where the method cannot be that small", async () => {
    const tooSmall = { ...trial, method: "memcom", compression: 100 };
    const outcome = await runTrial(tooSmall, methodByName("memcom"), setting, rows, cpu);
    expect(outcome).toEqual({ kind: "refused", reason: expect.stringContaining("memcom needs at least") });
  });

  it("has diverged where its loss or a prediction is no number, in words", async () => {
    // After one step of 10³⁰ times the usual rate the next loss is no number; after the only step, a prediction.
    const far = { ...trial, rate: 1e30 };
    for (const short of [
      { ...setting, every: 1000 },
      { ...setting, batch: 10_000, epochs: 1 },
    ]) {
      const outcome = await runTrial(far, methodByName("robe"), short, few, cpu);
      expect(outcome).toEqual({ kind: "diverged", reason: expect.stringContaining("diverged") });
    }
  });

  it("has no outcome where the data is wrong, before the first step or later", async () => {
    const wrong = new InputError("Line 7 is wrong.");
    async function* batches(): AsyncGenerator<never> {
      yield* [] as never[];
      throw wrong;
    }
    for (const part of ["train", "validation", "test"] as const) {
      const data = { ...few, [part]: { ...few[part], batches } };
      await expect(runTrial(trial, methodByName("robe"), setting, data, cpu)).rejects.toBe(wrong);
    }
  });

  it("has no outcome where its setting is wrong", async () => {
    const odd = { ...setting, bottom: [8, 5] };
    await expect(runTrial(trial, methodByName("robe"), odd, few, cpu)).rejects.toThrow(
      "must end in the embedding dim",
    );
  });
});
