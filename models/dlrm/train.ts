import { gradients } from "../../core/backward.ts";
import { DivergedError, integer } from "../../core/errors.ts";
import { scale } from "../../core/ops/arithmetic.ts";
import { makeState, type Optimizer, optimizerStep } from "../../core/optimizers/optimizer.ts";
import { constant, type Schedule } from "../../core/optimizers/schedule.ts";
import { tidy } from "../../core/tensor.ts";
import type { Batch, Dataset } from "../data/dataset.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Dlrm } from "./dlrm.ts";
import { type Judge, judges, nothingMeasured, type Remembered, remembered } from "./early-stopping.ts";
import { evaluate } from "./evaluate.ts";

/** How to train: the optimizer, rows a step, and when to stop. */
export interface TrainOptions {
  readonly optimizer: Optimizer;
  /** Rows a step. An epoch may end in a step of fewer, whose gradient counts by its share of these. */
  readonly batch: number;
  /** Walks over the data. Default 1. */
  readonly epochs?: number;
  /** Stop after this step, wherever in an epoch it falls. */
  readonly steps?: number;
  /** Seed of the shuffle; null walks the data in its own order. Default 0. */
  readonly shuffle?: number | null;
  readonly schedule?: Schedule;
  /** Measure `on` after every `every` steps (default: at the end of each epoch), and at the end. */
  readonly evaluate?: { readonly on: Dataset; readonly every?: number };
  /** Stop when this many measurements in a row were no better than the best. */
  readonly patience?: number;
  /** What a measurement is judged by. Default: log loss. */
  readonly judge?: Judge;
  /** Steps that model and optimizer took before, on other rows: the optimizer and the schedule count on from there. Default 0. */
  readonly priorSteps?: number;
  /** Where an earlier training stood: its steps are walked over, not trained. Default: at the beginning. */
  readonly from?: TrainingState;
}

/** Where a training stands: all that it needs besides the model and its optimizer's state to go on as if never broken off. */
export interface TrainingState extends Remembered {
  /** Steps taken. */
  readonly step: number;
}

/** What one training step came to. */
export interface Step {
  /** 1, 2, … */
  readonly step: number;
  readonly epoch: number;
  /** Mean loss of the batch before this step's update. */
  readonly loss: number;
  readonly rows: number;
  /** Measured after this step's update, where it is due. */
  readonly validation?: Metrics;
  /** Whether that is the best measurement so far. */
  readonly isBest: boolean;
  readonly state: TrainingState;
  /** Mean loss of the batch after this step's update, by one more forward pass: to ask for before a model is saved. */
  lossAfter(): Promise<number>;
}

/**
 * Trains `model` in place and yields after each step; whoever stops reading stops the training.
 *
 * A step's weight is its rows: where an epoch ends in a batch of fewer rows than the others, its gradient is scaled by
 * rows ÷ batch. At full weight a batch of one row could undo an epoch. The only batch of an epoch counts whole.
 * @throws InputError for options that cannot be and rows that the model has no tables for; {@link DivergedError} for a
 *   loss that is no finite number.
 */
export async function* train(model: Dlrm, data: Dataset, options: TrainOptions): AsyncGenerator<Step> {
  const {
    batch: size,
    epochs = 1,
    steps = Infinity,
    shuffle = 0,
    evaluate: validation,
    patience = Infinity,
    judge = "logLoss",
    priorSteps = 0,
    from = { step: 0, ...nothingMeasured },
  } = options;
  integer("Batch size", size, 1);
  integer("Epochs", epochs, 1);
  let step = 0;
  const { step: done, ...measured } = from;
  let memory: Remembered = measured;
  for (let epoch = 0; epoch < epochs && step < steps && memory.worse < patience; epoch++) {
    const walk = data.batches(size, shuffle === null ? undefined : { seed: shuffle, epoch });
    for await (const { item: batch, isFirst, isLast } of withEnds(walk)) {
      if (step >= steps) break;
      if (++step <= done) continue;
      const share = isFirst ? 1 : batch.size / size;
      const loss = await trainStep(model, batch, priorSteps + step, { ...options, share });
      const isEnd = step >= steps || (isLast && epoch + 1 === epochs);
      const isDue = validation?.every === undefined ? isLast : step % validation.every === 0;
      const taken = { step, epoch, loss, rows: batch.size, lossAfter: () => lossOf(model, batch) };
      if (validation && (isDue || isEnd)) {
        const metrics = await evaluate(model, validation.on);
        memory = remembered(memory, judge, step, judges[judge].of(metrics));
        const isBest = memory.best?.step === step;
        yield { ...taken, validation: metrics, isBest, state: { step, ...memory } };
        if (memory.worse >= patience) return;
      } else yield { ...taken, isBest: false, state: { step, ...memory } };
    }
  }
}

/** Each item, and whether one was before it and one follows. */
async function* withEnds<T>(
  items: AsyncIterable<T>,
): AsyncGenerator<{ item: T; isFirst: boolean; isLast: boolean }> {
  let held: { item: T; isFirst: boolean } | undefined;
  for await (const item of items) {
    if (held) yield { ...held, isLast: false };
    held = { item, isFirst: held === undefined };
  }
  if (held) yield { ...held, isLast: true };
}

/** What a training step is told. */
interface StepOptions extends Pick<TrainOptions, "optimizer" | "schedule"> {
  /** What the gradient is multiplied by: the batch's share of a whole one. Default 1. */
  readonly share?: number;
}

/**
 * One forward, backward and update on `batch`; step t counts from 1. Returns the mean loss before the update. Throws a
 * {@link DivergedError} where that is no finite number.
 */
export async function trainStep(
  model: Dlrm,
  batch: Batch,
  t: number,
  { optimizer, schedule = constant, share = 1 }: StepOptions,
): Promise<number> {
  const rate = optimizer.learningRate * schedule(t);
  const tensors = model.parameters.map((p) => p.tensor);
  for (const parameter of model.parameters) makeState(optimizer, parameter);
  const { parameters, adaptation } = model.embedding;
  const result = tidy(() => {
    const loss = model.loss(batch);
    const found = gradients(share === 1 ? loss : scale(loss, { by: share }), tensors);
    const observed = adaptation?.observe(found.slice(0, parameters.length));
    found.forEach((gradient, i) => {
      if (gradient !== null) optimizerStep(optimizer, model.parameters[i]!, gradient, t, rate);
    });
    return { loss, observed };
  });
  const [loss, observed] = await Promise.all([result.loss.item(), result.observed?.data()]);
  result.loss.free();
  result.observed?.free();
  if (!Number.isFinite(loss)) {
    throw new DivergedError(
      t === 1
        ? `The loss of the first batch is ${loss}, before any step was taken: look for huge values among the features, and scale them.`
        : `The loss became ${loss} at step ${t}: training has diverged. Try a smaller --lr (now ${rate}), warm-up steps, or adagrad; on shared memory the stable rate falls as the load of a slot grows.`,
    );
  }
  if (observed) await adaptation!.learn(batch.bags, observed, t);
  return loss;
}

/** Mean loss of a batch. */
async function lossOf(model: Dlrm, batch: Batch): Promise<number> {
  const loss = tidy(() => model.loss(batch));
  try {
    return await loss.item();
  } finally {
    loss.free();
  }
}
