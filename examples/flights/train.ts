import {
  adagrad,
  type Backend,
  type Dataset,
  dlrm,
  type EmbeddingMaker,
  metrics,
  predictions,
  train,
} from "pss-dlrm";
import type { Run } from "./plots.ts";

/** One of the models that are compared. */
export interface Model {
  readonly name: string;
  readonly compression: number;
  readonly embedding: EmbeddingMaker;
}

export interface Parts {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}

/** How all models are trained. */
export interface Protocol {
  readonly dim: number;
  readonly batch: number;
  readonly rate: number;
  readonly seed: number;
  readonly backend: Backend;
}

/** Trains one model for one epoch and measures it on the test rows. Long: what is done, in the order that it is done. */
export async function trained(
  { name, compression, embedding }: Model,
  tables: readonly number[],
  parts: Parts,
  { dim, batch, rate, seed, backend }: Protocol,
) {
  const { dense } = parts.train;
  const model = dlrm({
    dense,
    tables,
    dim,
    bottom: [32, dim],
    top: [64, 32, 1],
    embedding,
    backend,
    seed,
  });
  const steps = Math.ceil((parts.train.rows ?? 0) / batch);
  const curve: { step: number; loss: number }[] = [];
  const validation: { step: number; logLoss: number; auc: number }[] = [];
  const started = performance.now();
  let [rows, measuring, sum] = [0, 0, 0];
  const optimizer = adagrad(rate);
  for await (const step of train(model, parts.train, {
    optimizer,
    batch,
    shuffle: seed,
    steps,
    evaluate: { on: parts.validation, every: 200 },
  })) {
    rows += step.rows;
    sum += step.loss;
    if (step.step % 10 === 0) {
      curve.push({ step: step.step, loss: Number((sum / 10).toFixed(5)) });
      sum = 0;
    }
    if (step.validation) {
      const { logLoss, auc } = step.validation;
      validation.push({ step: step.step, logLoss, auc: auc.value });
    }
    measuring = progress(
      { name, step: step.step, steps, loss: step.loss, rows },
      started,
      measuring,
      performance.now(),
    );
  }
  const seconds = (performance.now() - started) / 1000;
  const { labels, probabilities } = await predictions(model, parts.test);
  const { auc, logLoss } = metrics(labels, probabilities);
  const modelFloats = model.parameters.reduce((n, p) => n + p.size, 0);
  const result: Run = {
    name,
    compression,
    embeddingFloats: model.embedding.memorySize,
    modelFloats,
    auc,
    logLoss,
    rowsPerSecond: Math.round(rows / seconds),
    seconds: Number(seconds.toFixed(1)),
    curve,
    validation,
  };
  model.free();
  return { result, labels, probabilities };
}

/** How far training is. */
interface Progress {
  readonly name: string;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Trained on so far, and the seconds that it took. */
  readonly rows: number;
  readonly seconds: number;
}

export function progressInWords({ name, step, steps, loss, rows, seconds }: Progress): string {
  const left = Math.ceil((seconds / step) * (steps - step));
  return `${name}: step ${step} of ${steps}, loss ${loss.toFixed(4)}, ${Math.round(rows / seconds)} rows/s, ${left} s left`;
}

/** On a terminal, one line that renews itself five times a second; returns when it last did. */
function progress(at: Omit<Progress, "seconds">, started: number, last: number, now: number): number {
  if (!process.stderr.isTTY || (now - last < 200 && at.step < at.steps)) return last;
  process.stderr.write(`\r\x1b[K${progressInWords({ ...at, seconds: (now - started) / 1000 })}`);
  if (at.step >= at.steps) process.stderr.write("\r\x1b[K");
  return now;
}

/** What each column of the table is of. */
export const heads: readonly string[] = [
  "model".padEnd(12),
  "AUC (95 % interval)".padEnd(26),
  "difference to full".padEnd(28),
  "log loss".padEnd(9),
  "embedding".padStart(9),
  "whole model".padStart(12),
  "rows/s".padStart(8),
];

const megabytes = (floats: number): string => `${((floats * 4) / 1e6).toFixed(2)} MB`;
const range = ([low, high]: readonly [number, number]): string => `${low.toFixed(4)} … ${high.toFixed(4)}`;

/** A model's row of the table. */
export function cellsOf({
  name,
  auc,
  difference,
  logLoss,
  embeddingFloats,
  modelFloats,
  rowsPerSecond,
}: Run): string[] {
  return [
    name.padEnd(12),
    `${auc.value.toFixed(4)} (${range(auc.interval)})`.padEnd(26),
    (difference ? `${difference.value.toFixed(4)} (${range(difference.interval)})` : "–").padEnd(28),
    logLoss.toFixed(4).padEnd(9),
    megabytes(embeddingFloats).padStart(9),
    megabytes(modelFloats).padStart(12),
    String(rowsPerSecond).padStart(8),
  ];
}
