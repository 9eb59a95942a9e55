import { describe, expect, it } from "vitest";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { nothingMeasured, remembered } from "../../../../models/dlrm/early-stopping.ts";
import { type Step, train } from "../../../../models/dlrm/train.ts";
import { labels, made, saysThreeQuarters } from "./made-model.ts";
import { stepsOf } from "./small-trainings.ts";

describe("what is remembered of measurements", () => {
  const memoryOf = (judge: "logLoss" | "auc", ...values: readonly number[]) =>
    values.reduce((memory, value, i) => remembered(memory, judge, 10 * (i + 1), value), nothingMeasured);

  it("is the first of the best, and how many came since", () => {
    expect(memoryOf("logLoss", 0.5, 0.4, 0.4, 0.45)).toEqual({ best: { step: 20, value: 0.4 }, worse: 2 });
    expect(memoryOf("auc", 0.5, 0.7, 0.7, 0.6)).toEqual({ best: { step: 20, value: 0.7 }, worse: 2 });
    expect(memoryOf("logLoss", 0.5, 0.6, 0.3)).toEqual({ best: { step: 30, value: 0.3 }, worse: 0 });
  });

  it("is not touched by a measurement that is undefined", () => {
    expect(memoryOf("auc", Number.NaN, Number.NaN)).toEqual(nothingMeasured);
    expect(memoryOf("auc", 0.6, Number.NaN, 0.5)).toEqual({ best: { step: 10, value: 0.6 }, worse: 1 });
  });
});

describe("a training that is measured", () => {
  /** Validation rows of which so many of 8 are labeled 1, walk after walk; the model says ¾. */
  const measured = (...ones: readonly number[]) => made({ batches: (walk) => [labels(8, ones[walk]!)] });
  const endless = () => made({ batches: () => [[1], [0], [1], [0], [1], [0], [1], [0]] });
  const walk = { optimizer: sgd(0), batch: 1, patience: 2 };
  const short = ({ step, isBest, state }: Pick<Step, "step" | "isBest" | "state">) => [
    step,
    isBest,
    state.best?.step,
    state.worse,
  ];

  it("says which step is the best so far, and stops when patience ends", async () => {
    const on = measured(3, 5, 2, 1, 7);
    const steps = await stepsOf(
      train(saysThreeQuarters(), endless(), { ...walk, evaluate: { on, every: 1 } }),
    );
    expect(steps.map(short)).toEqual([
      [1, true, 1, 0],
      [2, true, 2, 0],
      [3, false, 2, 1],
      [4, false, 2, 2],
    ]);
  });

  it("goes on as if it had not been broken off: what was best and how many came since belong to its state", async () => {
    const whole = await stepsOf(
      train(saysThreeQuarters(), endless(), { ...walk, evaluate: { on: measured(3, 5, 2, 1), every: 1 } }),
    );
    const on = measured(2, 1);
    const rest = await stepsOf(
      train(saysThreeQuarters(), endless(), { ...walk, evaluate: { on, every: 1 }, from: whole[1]!.state }),
    );
    expect(rest).toEqual(whole.slice(2));
    const over = train(saysThreeQuarters(), endless(), {
      ...walk,
      evaluate: { on, every: 1 },
      from: rest[1]!.state,
    });
    expect(await stepsOf(over)).toEqual([]);
  });

  it("is judged by AUC where that is asked for, and by nothing where AUC is undefined", async () => {
    const on = measured(8, 0, 8, 0);
    const steps = await stepsOf(
      train(saysThreeQuarters(), endless(), { ...walk, judge: "auc", evaluate: { on, every: 2 } }),
    );
    expect(steps.map(({ state }) => state)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((step) => ({ step, worse: 0 })),
    );
  });

  it("is measured at the end of each epoch where nothing else is said", async () => {
    const rows = made({ batches: () => [[1], [0], [1]] });
    const steps = await stepsOf(
      train(saysThreeQuarters(), rows, {
        optimizer: sgd(0),
        batch: 1,
        epochs: 3,
        evaluate: { on: measured(6, 6, 6) },
      }),
    );
    expect(steps.filter(({ validation }) => validation).map(({ step }) => step)).toEqual([3, 6, 9]);
  });
});
