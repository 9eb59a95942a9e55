import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { random } from "../../../../core/numeric/random.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import type { Dataset } from "../../../../models/data/dataset.ts";
import { inMemory } from "../../../../models/data/memory.ts";
import { synthetic } from "../../../../models/data/synthetic/synthetic.ts";
import { type Dlrm, dlrm } from "../../../../models/dlrm/dlrm.ts";
import { evaluate } from "../../../../models/dlrm/evaluate.ts";
import { type Importance, importance } from "../../../../models/dlrm/importance.ts";
import { train } from "../../../../models/dlrm/train.ts";
import { full } from "../../../../models/embeddings/families/full.ts";

/** logit = relu(Σ numbers · weights) + Σ effects of ids: a DLRM of dim 1 that adds. `parts` in the order of its columns. */
function adds(numbers: readonly number[], tables: readonly (readonly number[])[]): Dlrm {
  const model = dlrm({
    ...{ dense: numbers.length, tables: tables.map(({ length }) => length), dim: 1, bottom: [1], top: [1] },
    ...{ interaction: "cat", embedding: full(), backend: cpu },
  });
  const values: Record<string, readonly number[]> = {
    "bottom.0.weight": numbers,
    "top.0.weight": [1, ...tables.map(() => 1)],
  };
  for (const p of model.parameters) {
    const own = values[p.name] ?? (p.name.endsWith(".bias") ? [0] : tables.flat());
    p.fill(Float32Array.from(own));
  }
  return model;
}

/** 400 rows of three numbers and two tables of four ids, their columns in this order. */
function data(
  numbers: readonly number[],
  tables: readonly number[],
  labelOf = (bit: number) => bit,
): Dataset {
  const stream = random(3, "rows");
  const all = Array.from({ length: 400 }, () => ({
    x: [stream.uniform(), stream.uniform(), stream.uniform()],
    ids: [stream.integer(4), stream.integer(4)],
    label: stream.integer(2),
  }));
  return inMemory({
    name: "columns",
    dense: numbers.length,
    tables: tables.map(() => 4),
    columns: {
      dense: Float32Array.from(all.flatMap(({ x }) => numbers.map((i) => x[i]!))),
      ids: Uint32Array.from(all.flatMap(({ ids }) => tables.map((t) => ids[t]!))),
      labels: Float32Array.from(all, ({ x, ids, label }) => labelOf(x[0]! + ids[0]! / 3 > 1 ? 1 : label)),
    },
  });
}

const effects = [
  [-1, 0, 1, 2],
  [0, 0, 0, 0],
];
const model = () => adds([2, 0, 1], effects);

describe("the importance of a column", () => {
  it("is exactly 0, without a doubt, where the model does not read it", async () => {
    const { columns, quality, sampled } = await importance(model(), data([0, 1, 2], [0, 1]));
    const { auc, logLoss } = await evaluate(model(), data([0, 1, 2], [0, 1]));
    expect([quality.rows, sampled]).toEqual([400, false]);
    expect(quality.auc.value).toBeCloseTo(auc.value, 12);
    expect(quality.logLoss).toBeCloseTo(logLoss, 12);
    expect(columns.map(({ kind, place }) => `${kind} ${place}`)).toEqual([
      ...["number 0", "number 1", "number 2", "ids 0", "ids 1"],
    ]);
    const none = { value: 0, standardError: 0, interval: [0, 0] };
    const [x, unread, noise, ids, blank] = columns;
    for (const each of [unread, blank]) expect(each).toMatchObject({ aucDrop: none, logLossRise: none });
    for (const each of [x, ids]) expect(each!.aucDrop!.interval[0]).toBeGreaterThan(0);
    expect(noise!.aucDrop!.interval[0]).toBeLessThan(0);
    expect(noise!.aucDrop!.standardError).toBeGreaterThan(0);
  });

  it("does not depend on its place", async () => {
    const first = await importance(model(), data([0, 1, 2], [0, 1]));
    const other = await importance(adds([0, 1, 2], effects.toReversed()), data([1, 2, 0], [1, 0]));
    const moved = [1, 2, 0, 4, 3].map((i) => first.columns[i]!);
    for (const [i, { aucDrop, logLossRise }] of other.columns.entries()) {
      expect(aucDrop!.value).toBeCloseTo(moved[i]!.aucDrop!.value, 4);
      expect(aucDrop!.standardError).toBeCloseTo(moved[i]!.aucDrop!.standardError, 4);
      expect(logLossRise.value).toBeCloseTo(moved[i]!.logLossRise.value, 6);
    }
  });

  it("grows with the strength that was planted in its table", async () => {
    const fields = [0.7, 2, 0.1];
    const { all, strengths } = synthetic({
      ...{ tables: [8, 8, 8], dense: 1, rows: 5000, seed: 4, fields, interaction: 0, exponent: 0.5 },
    });
    const learned = dlrm({
      ...{ dense: 1, tables: all.tables, dim: 2, bottom: [2], top: [4, 1], seed: 1 },
      ...{ embedding: full(), backend: cpu },
    });
    for await (const _ of train(learned, all, { optimizer: adagrad(0.2), batch: 100, epochs: 2 }));
    const { columns } = await importance(learned, all, { repeats: 2 });
    const drops = columns.slice(1).map(({ aucDrop }) => aucDrop!.value);
    const byStrength = [0, 1, 2].sort((a, b) => strengths.fields[a]! - strengths.fields[b]!);
    expect([0, 1, 2].sort((a, b) => drops[a]! - drops[b]!)).toEqual(byStrength);
    expect(Math.max(...drops)).toBeGreaterThan(0.1);
  });

  it("is told by log loss alone where an AUC has no interval", async () => {
    const ones = await importance(
      model(),
      data([0, 1, 2], [0, 1], () => 1),
    );
    expect(ones.quality.notes.auc).toContain("rows labeled 1 with rows labeled 0");
    expect(ones.columns.every(({ aucDrop }) => aucDrop === undefined)).toBe(true);
    expect(ones.columns[0]!.logLossRise.standardError).toBeGreaterThan(0);
    let left = 1;
    const lone = await importance(
      model(),
      data([0, 1, 2], [0, 1], () => (left-- > 0 ? 1 : 0)),
    );
    expect([lone.quality.notes.auc, lone.columns[0]!.aucDrop]).toEqual([undefined, undefined]);
  });

  it("counts rows by their weights", async () => {
    const plain = data([0, 1, 2], [0, 1]);
    const weighed = (weight: (label: number) => number): Dataset => ({
      ...plain,
      async *batches(size, shuffle) {
        for await (const batch of plain.batches(size, shuffle))
          yield { ...batch, weights: batch.labels.map(weight) };
      },
    });
    const rise = ({ columns }: Importance) => columns[3]!.logLossRise.value;
    const [all, ones, zeros] = [
      rise(await importance(model(), plain)),
      rise(
        await importance(
          model(),
          weighed((y) => y),
        ),
      ),
      rise(
        await importance(
          model(),
          weighed((y) => 1 - y),
        ),
      ),
    ];
    const { baseRate } = await evaluate(model(), plain);
    expect(Math.abs(ones! - zeros!)).toBeGreaterThan(0.01);
    expect(all).toBeCloseTo(baseRate * ones! + (1 - baseRate) * zeros!, 6);
  });
});

it("rows of another shape, one row, and a single permutation are refused", async () => {
  await expect(importance(model(), data([0, 1], [0, 1]))).rejects.toThrow(
    '"columns" has 2 numbers and 2 columns of ids a row, which are not those of the model: 3 and 2',
  );
  await expect(
    importance(
      model(),
      data([0, 1, 2], [0, 1]).select((row) => row === 7),
    ),
  ).rejects.toThrow("has one row");
  await expect(importance(model(), data([0, 1, 2], [0, 1]), { repeats: 1 })).rejects.toThrow(
    "The permutations of a column",
  );
});

it("another seed permutes otherwise, the same one alike; fewer rows are drawn where fewer are asked for", async () => {
  const drop = async (options: object) =>
    (await importance(model(), data([0, 1, 2], [0, 1]), options)).columns[0]!.aucDrop!.value;
  const [first, again, other] = [await drop({}), await drop({ seed: 0 }), await drop({ seed: 1 })];
  expect([again === first, other === first]).toEqual([true, false]);
  expect(await drop({ repeats: 2 })).not.toBe(await drop({ repeats: 3 }));
  const few = await importance(model(), data([0, 1, 2], [0, 1]), { rows: 50 });
  expect([few.quality.rows, few.sampled]).toEqual([50, true]);
});
