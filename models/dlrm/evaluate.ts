import { DivergedError } from "../../core/errors.ts";
import type { Batch, Dataset, Inputs } from "../data/dataset.ts";
import type { Estimate } from "../metrics/auc.ts";
import { type Metrics, metrics } from "../metrics/metrics.ts";
import { type Dlrm, predict } from "./dlrm.ts";

/** What a model says of rows, and what is known of them. */
export interface Predictions {
  readonly labels: Float64Array;
  /** Of label 1, row by row. */
  readonly probabilities: Float64Array;
  /** Where the rows have weights. */
  readonly weights?: Float64Array;
  /** Where the rows have groups. */
  readonly groups?: Uint32Array;
}

/**
 * These probabilities.
 * @throws DivergedError for one that is no number; `nameOf` says how its row, from 0 on, is called.
 */
export function onlyNumbers(p: ArrayLike<number>, nameOf: (i: number) => string): ArrayLike<number> {
  for (let i = 0; i < p.length; i++)
    if (Number.isNaN(p[i]))
      throw new DivergedError(
        `The model's probability of ${nameOf(i)} is no number: training has diverged. Train again with a smaller --lr, and look for huge values among the features.`,
      );
  return p;
}

/** Rows that can be walked in their order. */
type Walk<Rows extends Inputs> = Pick<Dataset<Rows>, "name"> & {
  batches(size: number): AsyncIterable<Rows>;
};

/** The batches of `data` in its order, and the model's probabilities of their rows. Throws as {@link onlyNumbers}. */
export async function* predicted<Rows extends Inputs>(model: Dlrm, data: Walk<Rows>, batch = 1024) {
  let before = 0;
  for await (const rows of data.batches(batch)) {
    const nameOf = (i: number) => `row ${before + i} (from 0) of "${data.name}"`;
    yield { rows, probabilities: onlyNumbers(await predict(model, rows), nameOf) };
    before += rows.size;
  }
}

/** What is collected of batches and their probabilities. */
export class Collected {
  private readonly labels: number[] = [];
  private readonly probabilities: number[] = [];
  private readonly weights: number[] = [];
  private readonly groups: number[] = [];

  add(rows: Batch, probabilities: ArrayLike<number>): void {
    for (let i = 0; i < rows.size; i++) {
      this.labels.push(rows.labels[i]!);
      this.probabilities.push(probabilities[i]!);
      if (rows.weights) this.weights.push(rows.weights[i]!);
      if (rows.groups) this.groups.push(rows.groups[i]!);
    }
  }

  get all(): Predictions {
    const { labels, probabilities, weights, groups } = this;
    return {
      labels: Float64Array.from(labels),
      probabilities: Float64Array.from(probabilities),
      ...(weights.length > 0 && { weights: Float64Array.from(weights) }),
      ...(groups.length > 0 && { groups: Uint32Array.from(groups) }),
    };
  }
}

/** Labels of `data` and the model's probabilities for them, row by row. Throws a DivergedError for one that is no number. */
export async function predictions(model: Dlrm, data: Walk<Batch>, batch = 1024): Promise<Predictions> {
  const collected = new Collected();
  for await (const { rows, probabilities } of predicted(model, data, batch))
    collected.add(rows, probabilities);
  return collected.all;
}

/** All metrics of `model` on `data`, by the weights of its rows. */
export async function evaluate(model: Dlrm, data: Dataset): Promise<Metrics> {
  const { labels, probabilities, weights } = await predictions(model, data);
  return metrics(labels, probabilities, weights);
}

/** Area under the ROC curve of `model` on `data`, with its standard error and interval. */
export const auc = async (model: Dlrm, data: Dataset): Promise<Estimate> => (await evaluate(model, data)).auc;
