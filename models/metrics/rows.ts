import { check } from "../../core/errors.ts";

/** What scores are to lie in, and weights if there are any. */
interface Expected {
  readonly low?: number;
  readonly high?: number;
  readonly weights?: ArrayLike<number> | undefined;
}

/**
 * Throws an InputError unless there is one label (0 or 1) and one score in [low, high] a row, and at least one row; with
 * weights one a row, finite and not negative, not all of them 0.
 */
export function requireRows(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { low = -Number.MAX_VALUE, high = Number.MAX_VALUE, weights }: Expected = {},
): void {
  check(labels.length > 0 && labels.length === scores.length, () => {
    return `Labels and scores must have one entry a row, at least one, but there are ${labels.length} labels and ${scores.length} scores.`;
  });
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const score = scores[i]!;
    check(label === 0 || label === 1, () => `Labels must be 0 or 1, but row ${i} (from 0) has ${label}.`);
    check(score >= low && score <= high, () => {
      const range = high === 1 ? "probabilities from 0 to 1" : "finite numbers";
      return `Scores must be ${range}, but row ${i} (from 0) has ${score}.`;
    });
  }
  if (weights) requireWeights(weights, labels.length);
}

function requireWeights(weights: ArrayLike<number>, rows: number): void {
  check(
    weights.length === rows,
    () => `Weights must have one entry a row, but there are ${weights.length} for ${rows} rows.`,
  );
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = weights[i]!;
    check(
      weight >= 0 && weight <= Number.MAX_VALUE,
      () => `Weights must be finite and not negative, but row ${i} (from 0) has ${weight}.`,
    );
    total += weight;
  }
  check(total > 0, () => `All ${rows} weights are 0: no row counts; give a weight above 0.`);
}
