import { gradients } from "../../core/backward.ts";
import { DivergedError, integer } from "../../core/errors.ts";
import { makeState, type Optimizer, optimizerStep } from "../../core/optimizers/optimizer.ts";
import { constant, type Schedule } from "../../core/optimizers/schedule.ts";
import { tidy } from "../../core/tensor.ts";
import type { Batch, Dataset } from "../data/dataset.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Dlrm } from "./dlrm.ts";
import { evaluate } from "./evaluate.ts";

/** How to train: the optimizer, rows a step, and when to stop. */
export interface TrainOptions {
  readonly optimizer: Optimizer;
  /** Rows a step. */
  readonly batch: number;
  /** Walks over the data. Default 1. */
  readonly epochs?: number;
  /** Stop after this step, wherever in an epoch it falls. */
  readonly steps?: number;
  /** Seed of the shuffle; null walks the data in its own order. Default 0. */
  readonly shuffle?: number | null;
  readonly schedule?: Schedule;
  /** Measure `on` after every `every` steps and at the end. */
  readonly evaluate?: { readonly on: Dataset; readonly every: number };
  /** Stop when this many evaluations in a row brought no better log loss. */
  readonly patience?: number;
  /** Steps already taken: they are walked over, not trained. */
  readonly done?: number;
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
}

/**
 * Trains `model` in place and yields after each step; whoever stops reading stops the training. Throws an InputError for
 * options that cannot be, rows that the model has no tables for, and a DivergedError for a loss that is no finite number.
 */
export async function* train(model: Dlrm, data: Dataset, options: TrainOptions): AsyncGenerator<Step> {
  const {
    batch: size,
    epochs = 1,
    steps = Infinity,
    shuffle = 0,
    evaluate: validation,
    patience = Infinity,
    done = 0,
  } = options;
  integer("Batch size", size, 1);
  integer("Epochs", epochs, 1);
  let step = 0;
  let best = Infinity;
  let worse = 0;
  for (let epoch = 0; epoch < epochs && step < steps; epoch++) {
    const walk = data.batches(size, shuffle === null ? undefined : { seed: shuffle, epoch });
    for await (const { item: batch, last: endOfEpoch } of withLast(walk)) {
      if (step >= steps) break;
      if (++step <= done) continue;
      const loss = await trainStep(model, batch, step, options);
      const last = step >= steps || (endOfEpoch && epoch + 1 === epochs);
      if (validation && (step % validation.every === 0 || last)) {
        const metrics = await evaluate(model, validation.on);
        worse = metrics.logLoss < best ? 0 : worse + 1;
        best = Math.min(best, metrics.logLoss);
        yield { step, epoch, loss, rows: batch.size, validation: metrics };
        if (worse >= patience) return;
      } else yield { step, epoch, loss, rows: batch.size };
    }
  }
}

/** Each item, and whether none follows. */
async function* withLast<T>(items: AsyncIterable<T>): AsyncGenerator<{ item: T; last: boolean }> {
  let held: { item: T } | undefined;
  for await (const item of items) {
    if (held) yield { ...held, last: false };
    held = { item };
  }
  if (held) yield { ...held, last: true };
}

/**
 * One forward, backward and update on `batch`; step t counts from 1. Returns the mean loss before the update. Throws a
 * DivergedError where that is no finite number.
 */
export async function trainStep(
  model: Dlrm,
  batch: Batch,
  t: number,
  { optimizer, schedule = constant }: Pick<TrainOptions, "optimizer" | "schedule">,
): Promise<number> {
  const rate = optimizer.learningRate * schedule(t);
  const tensors = model.parameters.map((p) => p.tensor);
  for (const parameter of model.parameters) makeState(optimizer, parameter);
  const { parameters, adaptation } = model.embedding;
  const result = tidy(() => {
    const loss = model.loss(batch);
    const found = gradients(loss, tensors);
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
      `The loss became ${loss} at step ${t}: training has diverged. Try a smaller --lr (now ${rate}), warm-up steps, or adagrad; on shared memory the stable rate falls as the load of a slot grows.`,
    );
  }
  if (observed) await adaptation!.learn(batch.bags, observed, t);
  return loss;
}
