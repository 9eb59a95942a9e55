import { bisected } from "../../core/numeric/bisection.ts";
import { logistic } from "../../core/numeric/number.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Dlrm } from "./dlrm.ts";
import { type Predictions, predictions } from "./evaluate.ts";

/**
 * Moves the bias of the last layer so far that the probabilities of `data`, by the weights of its rows, sum to the labels: the
 * intercept of a logistic regression on the model's logit (Platt scaling without a slope; Platt 1999). The last steps of a
 * training leave it off by their noise, and a step of few rows moves it most. The order of rows, and so AUC, stays as it is.
 *
 * Returns how far the logit was moved: a multiple of 0.0001; 0 where less than 0.001 is due, so that a second call moves
 * nothing, and where all rows have one label. Rows that were not trained on are the ones to give.
 */
export async function calibrate(model: Dlrm, data: Dataset): Promise<number> {
  const shift = intercept(await predictions(model, data));
  if (Math.abs(shift) < 0.001) return 0;
  const bias = model.parameters.at(-1)!;
  bias.fill((await bias.tensor.data()).map((x) => x + shift));
  return shift;
}

/** The furthest that a logit is moved. */
const furthest = 20;

/** What is to be added to every logit. */
function intercept({ labels, probabilities, weights }: Predictions): number {
  const weight = (row: number) => weights?.[row] ?? 1;
  const logits = probabilities.map((p) => Math.log(p / (1 - p)));
  const total = labels.reduce((sum, _, row) => sum + weight(row), 0);
  const ones = labels.reduce((sum, label, row) => sum + weight(row) * label, 0);
  if (ones === 0 || ones === total) return 0;
  const saidAt = (shift: number) =>
    logits.reduce((sum, z, row) => sum + weight(row) * logistic(z + shift), 0);
  const [low, high] = bisected(-furthest, furthest, 1e-6, (shift) => saidAt(shift) < ones);
  return Math.round((low + high) * 5000) / 10_000;
}
