import { DivergedError } from "../../core/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Estimate } from "../metrics/auc.ts";
import { type Metrics, metrics } from "../metrics/metrics.ts";
import { type Dlrm, predict } from "./dlrm.ts";

/** Labels of `data` and the model's probabilities for them, row by row. Throws a DivergedError where one is no number. */
export async function predictions(
  model: Dlrm,
  data: Dataset,
  batch = 1024,
): Promise<{ labels: Float64Array; probabilities: Float64Array }> {
  const labels: number[] = [];
  const probabilities: number[] = [];
  for await (const rows of data.batches(batch)) {
    const p = await predict(model, rows);
    for (let i = 0; i < rows.size; i++) {
      if (Number.isNaN(p[i]))
        throw new DivergedError(
          `The model predicts NaN for row ${labels.length} (from 0) of "${data.name}": its training has diverged. Train with a smaller learning rate, warm-up steps, or adagrad.`,
        );
      labels.push(rows.labels[i]!);
      probabilities.push(p[i]!);
    }
  }
  return { labels: Float64Array.from(labels), probabilities: Float64Array.from(probabilities) };
}

/** All metrics of `model` on `data`. */
export async function evaluate(model: Dlrm, data: Dataset): Promise<Metrics> {
  const { labels, probabilities } = await predictions(model, data);
  return metrics(labels, probabilities);
}

/** Area under the ROC curve of `model` on `data`, with its standard error and interval. */
export const auc = async (model: Dlrm, data: Dataset): Promise<Estimate> => (await evaluate(model, data)).auc;
