import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../../models/data/dataset.ts";
import { calibrate } from "../../../../models/dlrm/calibrate.ts";
import { evaluate, predictions } from "../../../../models/dlrm/evaluate.ts";
import { labels, made, saysItsFeature, saysThreeQuarters } from "./made-model.ts";

const rows = (all: readonly number[]) => made({ batches: () => [all] });

/** `data` with these weights. */
const weighed = (data: Dataset, weights: readonly number[]): Dataset => ({
  ...data,
  async *batches(size, shuffle) {
    for await (const batch of data.batches(size, shuffle))
      yield { ...batch, weights: Float32Array.from(weights) };
  },
});

describe("a calibrated model", () => {
  it("says as many ones as there are, and is not moved again", async () => {
    const model = saysThreeQuarters();
    const data = rows(labels(10, 5));
    expect(await calibrate(model, data)).toBe(-1.0986); // ln 1 − ln 3
    expect((await evaluate(model, data)).calibration).toBeCloseTo(1, 4);
    expect(await calibrate(model, data)).toBe(0);
  });

  it("counts rows by their weights", async () => {
    const model = saysThreeQuarters();
    const data = weighed(rows([1, 0]), [2, 8]);
    expect(await calibrate(model, data)).toBe(Number((Math.log(1 / 4) - Math.log(3)).toFixed(4)));
    expect((await evaluate(model, data)).calibration).toBeCloseTo(1, 3);
  });

  it("has every logit moved alike, so that their order stays", async () => {
    const model = saysItsFeature();
    const data = made({ batches: () => [labels(8, 1)], feature: (row) => row / 2 });
    const logits = async () =>
      [...(await predictions(model, data)).probabilities].map((p) => Math.log(p / (1 - p)));
    const before = await logits();
    const shift = await calibrate(model, data);
    expect(shift).toBeLessThan(-1);
    for (const [i, logit] of (await logits()).entries()) expect(logit).toBeCloseTo(before[i]! + shift, 4);
  });

  it("stays as it is where all rows have one label, and where little is due", async () => {
    for (const ones of [0, 8]) expect(await calibrate(saysThreeQuarters(), rows(labels(8, ones)))).toBe(0);
    expect(await calibrate(saysThreeQuarters(), rows(labels(8000, 6001)))).toBe(0); // 0.0007 is due
  });
});
