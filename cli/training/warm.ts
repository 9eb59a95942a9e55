import { check, shownWord } from "../../core/errors.ts";
import type { Optimizer } from "../../core/optimizers/optimizer.ts";
import { flagOf } from "../../core/options.ts";
import type { Predictions } from "../../models/dlrm/evaluate.ts";
import type { About } from "../../models/dlrm/saved/about.ts";
import { describe } from "../../models/dlrm/saved/load.ts";
import { optimizerIn } from "../../models/dlrm/saved/optimizers.ts";
import { everyOption, type Texts } from "../flags.ts";
import { configFlag, embeddingFlag, layerFlags, optimizerFlag } from "../model.ts";

/** A saved model that goes on with other rows. */
export interface WarmStart {
  readonly file: string;
  readonly about: About;
  /** Steps that it has been trained for, on whatever rows. */
  readonly steps: number;
}

/** The same, and what it said of the new test rows before it was trained on the others. */
export interface Started extends WarmStart {
  readonly before: Predictions;
}

/** Flags that say what a saved model says. */
const ofModel = Object.keys(everyOption({ config: configFlag, ...layerFlags, embedding: embeddingFlag }));
const ofOptimizer = Object.keys(everyOption({ optimizer: optimizerFlag }));

/**
 * What `file` says of its model. Throws an InputError for flags that would make another one, and for a model that new rows
 * cannot be read for.
 */
export async function warmStart(file: string, texts: Texts): Promise<WarmStart> {
  const about = await describe(file);
  const where = shownWord(file);
  const fixed = ["embedding", ...ofModel, ...(about.optimizer ? ["optimizer", ...ofOptimizer] : [])];
  const given = fixed.find((name) => texts[name] !== undefined);
  check(
    given === undefined,
    () =>
      `${flagOf(given!)} cannot be given beside --from ${where}, whose model and optimizer are what they are; leave it out, or train without --from.`,
  );
  check(
    about.embedding.options.lazyRows !== true,
    () =>
      `${where} was trained with --lazy-rows: it has rows for the ids of its own data only, so it cannot go on with others. Train it without.`,
  );
  const { step = 0, priorSteps = 0 } = about.training ?? {};
  check(
    typeof priorSteps === "number" && Number.isSafeInteger(priorSteps) && priorSteps >= 0,
    () => `${where} does not say how many steps it was trained for.`,
  );
  return { file, about, steps: priorSteps + step };
}

/** The optimizer that goes on, at its rate or at another one. Throws an InputError for one that only a program knows. */
export function optimizerOf({ file, about }: WarmStart, rate: number | undefined): Optimizer | undefined {
  const { optimizer } = about;
  if (optimizer === undefined) return undefined;
  const found = optimizerIn({
    optimizer: { ...optimizer, ...(rate !== undefined && { learningRate: rate }) },
  });
  check(
    found !== undefined,
    () => `${shownWord(file)} was trained by ${shownWord(optimizer.name)}, an optimizer of one's own.`,
  );
  return found;
}

/**
 * Share of the rows labeled 0 that the data kept: that of the model's own data, which new rows must share, for the same
 * probabilities are meant.
 */
export function samplingRateOf(given: number | undefined, start: WarmStart | undefined): number | undefined {
  if (start === undefined) return given;
  const { samplingRate: own } = start.about;
  check(
    given === undefined || given === (own ?? 1),
    () =>
      `--sampling-rate is ${given}, but that of ${shownWord(start.file)} is ${own ?? 1}; a model goes on with rows that were sampled alike.`,
  );
  return own;
}
