import { expect, it } from "vitest";
import { DivergedError } from "../../../../core/errors.ts";
import { auc, evaluate, predictions } from "../../../../models/dlrm/evaluate.ts";
import { made, saysItsFeature, saysThreeQuarters } from "./made-model.ts";

it("a model is asked about every row, batch after batch, each answer beside its own label", async () => {
  const label = (row: number) => (row % 3 === 0 ? 1 : 0);
  const batches = [0, 7, 12].map((from, i) =>
    Array.from({ length: [7, 5, 1][i]! }, (_, at) => label(from + at)),
  );
  const feature = (row: number) => ((row * 5) % 13) / 4;
  const asked = await predictions(saysItsFeature(), made({ batches: () => batches, feature }));
  const rows = Array.from({ length: 13 }, (_, i) => i);
  expect([...asked.labels]).toEqual(rows.map(label));
  expect([...asked.probabilities]).toEqual(
    rows.map((row) => expect.closeTo(1 / (1 + Math.exp(-feature(row))), 6)),
  );
});

it("the metrics of a model are those of its answers to the rows that are given", async () => {
  // Rows in rising order of what the model says: 0, 1, 0, 1, 1. Of six pairs the one of row 1 and row 2 is the wrong way.
  const data = made({
    batches: () => [
      [0, 1, 0],
      [1, 1],
    ],
    feature: (row) => row,
  });
  expect((await evaluate(saysItsFeature(), data)).auc.value).toBeCloseTo(5 / 6, 12);
  expect((await auc(saysItsFeature(), data)).value).toBeCloseTo(5 / 6, 12);
  // ¾ of five rows, of which three are labeled 1.
  expect(await evaluate(saysThreeQuarters(), data)).toMatchObject({
    rows: 5,
    baseRate: 0.6,
    calibration: expect.closeTo(0.75 / 0.6, 6),
  });
});

it("a model that says no number has diverged, and the row is named", async () => {
  const data = made({ batches: () => [[0, 1], [1]], feature: (row) => (row === 2 ? Number.NaN : row) });
  const asked = predictions(saysItsFeature(), data);
  await expect(asked).rejects.toThrow(DivergedError);
  await expect(asked).rejects.toThrow('probability of row 2 (from 0) of "made" is no number');
});

it("rows that have weights and groups keep them", async () => {
  const plain = made({ batches: () => [[0, 1], [1]] });
  const data: typeof plain = {
    ...plain,
    async *batches(size) {
      let row = 0;
      for await (const batch of plain.batches(size)) {
        const numbers = Array.from(batch.labels, () => row++);
        yield {
          ...batch,
          weights: Float32Array.from(numbers, (i) => i / 2),
          groups: Uint32Array.from(numbers),
        };
      }
    },
  };
  const { weights, groups } = await predictions(saysThreeQuarters(), data);
  expect([[...weights!], [...groups!]]).toEqual([
    [0, 0.5, 1],
    [0, 1, 2],
  ]);
  // Labels 0, 1, 1 of weights 0, ½, 1: ¾ is said of what is always so.
  expect((await evaluate(saysThreeQuarters(), data)).calibration).toBeCloseTo(0.75, 6);
});
