import { DivergedError } from "../../core/errors.ts";
import type { Batch, Dataset } from "../data/dataset.ts";
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

/** Labels of `data` and the model's probabilities for them, row by row. Throws a DivergedError for one that is no number. */
export async function predictions(
  model: Dlrm,
  data: { readonly name: string; batches(size: number): AsyncIterable<Batch> },
  batch = 1024,
): Promise<Predictions> {
  const labels: number[] = [];
  const probabilities: number[] = [];
  const weights: number[] = [];
  const groups: number[] = [];
  for await (const rows of data.batches(batch)) {
    const p = await predict(model, rows);
    for (let i = 0; i < rows.size; i++) {
      if (Number.isNaN(p[i])) throw new DivergedError(nowhere(labels.length, data.name));
      labels.push(rows.labels[i]!);
      probabilities.push(p[i]!);
      if (rows.weights) weights.push(rows.weights[i]!);
      if (rows.groups) groups.push(rows.groups[i]!);
    }
  }
  return {
    labels: Float64Array.from(labels),
    probabilities: Float64Array.from(probabilities),
    ...(weights.length > 0 && { weights: Float64Array.from(weights) }),
    ...(groups.length > 0 && { groups: Uint32Array.from(groups) }),
  };
}

const nowhere = (row: number, name: string): string =>
  `The model's probability of row ${row} (from 0) of "${name}" is no number: training has diverged. Train again with a smaller --lr, and look for huge values among the features.`;

/** All metrics of `model` on `data`, by the weights of its rows. */
export async function evaluate(model: Dlrm, data: Dataset): Promise<Metrics> {
  const { labels, probabilities, weights } = await predictions(model, data);
  return metrics(labels, probabilities, weights);
}

/** Area under the ROC curve of `model` on `data`, with its standard error and interval. */
export const auc = async (model: Dlrm, data: Dataset): Promise<Estimate> => (await evaluate(model, data)).auc;
