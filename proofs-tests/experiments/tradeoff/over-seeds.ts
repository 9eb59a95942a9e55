import { studentQuantile } from "../../../core/numeric/distributions.ts";

/** A mean over seeds, with the 95 % interval of Student's t; of one seed there is no interval. */
export interface OverSeeds {
  readonly mean: number;
  readonly interval?: readonly [number, number];
  readonly values: readonly number[];
}

/** A number with the interval that holds it. */
export interface Share {
  readonly value: number;
  readonly interval: readonly [number, number];
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Mean and interval (Student's t) of one number a seed; it misses the true mean with probability `missed`. */
export function overSeeds(values: readonly number[], missed = 0.05): OverSeeds {
  const n = values.length;
  const mean = meanOf(values);
  if (n < 2) return { mean, values };
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
  const reach = (studentQuantile(missed, n - 1) * deviation) / Math.sqrt(n);
  return { mean, interval: [mean - reach, mean + reach], values };
}

/**
 * The mean of one number a seed over the mean of another, with its 95 % interval by Fieller's theorem: all ratios r for which
 * the mean of `part` − r · `whole` is not told from 0. It is exact where the pairs are normal, however noisy the
 * denominator, while a mean of ratios, one a seed, is of something else: each of them is bent by the noise of its own
 * denominator. Undefined where the mean of `whole` is not shown to be above 0 at the same level: then no ratio can be ruled out.
 */
export function ratioOverSeeds(
  part: readonly number[],
  whole: readonly number[],
  missed = 0.05,
): Share | undefined {
  const n = whole.length;
  if (n < 2) return undefined;
  const [a, b] = [meanOf(part), meanOf(whole)];
  const product = (x: readonly number[], y: readonly number[]) => {
    const [p, q] = [meanOf(x), meanOf(y)];
    return x.reduce((sum, v, i) => sum + (v - p) * (y[i]! - q), 0) / (n - 1) / n;
  };
  const t2 = studentQuantile(missed, n - 1) ** 2;
  // A r² − 2 B r + C ≤ 0, where (a − r b)² ≤ t² · the variance of that mean.
  const [A, B, C] = [
    b ** 2 - t2 * product(whole, whole),
    a * b - t2 * product(part, whole),
    a ** 2 - t2 * product(part, part),
  ];
  if (b <= 0 || A <= 0) return undefined;
  const reach = Math.sqrt(Math.max(0, B ** 2 - A * C)) / A;
  return { value: a / b, interval: [B / A - reach, B / A + reach] };
}
