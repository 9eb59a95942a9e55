import { expect } from "vitest";
import { type Schedule, type Surroundings, trainFrom } from "../../../../cli/training/run.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { labels, made, saysThreeQuarters } from "../../models/dlrm/made-model.ts";
import { screen } from "../screen.ts";

/** What a walk over the rows of {@link setup} finds. */
const madeSurvey = {
  parts: {
    train: { rows: 5, ones: 3 },
    validation: { rows: 12, ones: 9 },
    test: { rows: 8, ones: 2 },
  },
  stretches: [{ rows: 23, ones: 10 }],
};

/** A model that says ¾ of everything and does not learn, its three parts of other rows each, and a clock. */
export function setup(step = 0, isTTY = false) {
  const { pass, look, ...shown } = screen(isTTY);
  /** Each batch of training takes `milliseconds`; what is measured takes long. */
  const part = (batches: readonly (readonly number[])[], milliseconds: number) =>
    made({ batches: () => batches, before: () => pass(milliseconds) });
  const source = {
    train: part([[1, 1], [0, 0], [1]], 250),
    validation: part([labels(12, 9)], 10_000),
    test: part([labels(8, 2)], 10_000),
    survey: madeSurvey,
  };
  const model = saysThreeQuarters();
  return {
    made: {
      source,
      model,
      optimizer: sgd(0),
      batch: 2,
      from: { step, worse: 0 },
      settings: {},
      optimizerOptions: {},
    },
    shown,
    look,
    source,
  };
}

/** What came of a training that nobody stopped. */
export async function trained(...given: [Parameters<typeof trainFrom>[0], Schedule, Surroundings?]) {
  const result = await trainFrom(...given);
  return "stopped" in result ? expect.fail("it was stopped") : result;
}
