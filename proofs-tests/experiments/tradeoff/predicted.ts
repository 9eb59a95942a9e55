/** Places at which a normal density is summed, from −6 to 6 standard deviations. */
const places = Float64Array.from({ length: 241 }, (_, i) => (i - 120) / 20);
const densities = places.map((x) => Math.exp((-x * x) / 2));

/** The point of low … high where `isBelow` ends. */
function edge(low: number, high: number, isBelow: (x: number) => boolean): number {
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** AUC of the best ranking of rows whose log odds are normal, of this variance, where a share `rate` is labeled 1. */
export function aucOfVariance(variance: number, rate: number): number {
  const deviation = Math.sqrt(variance);
  const mass = densities.reduce((a, b) => a + b, 0);
  const onesAt = (mean: number) =>
    places.map((x, i) => densities[i]! / mass / (1 + Math.exp(-mean - deviation * x)));
  const sum = (numbers: Float64Array) => numbers.reduce((a, b) => a + b, 0);
  const ones = onesAt(edge(-60, 60, (mean) => sum(onesAt(mean)) < rate));
  const zeros = densities.map((d, i) => d / mass - ones[i]!);
  let [below, ordered] = [0, 0];
  for (const [i, one] of ones.entries()) {
    ordered += one * (below + zeros[i]! / 2);
    below += zeros[i]!;
  }
  return ordered / (sum(ones) * below);
}

/** What is known of data before smaller tables are trained on it: AUC without ids and with full tables, and the share of ones. */
export interface Ends {
  readonly floor: number;
  readonly full: number;
  readonly rate: number;
}

/**
 * The AUC of a model that keeps a share of the variance that ids give to log odds: as though these were normal, with the
 * variance that each end's AUC stands for.
 */
export function predictedAuc({ floor, full, rate }: Ends, kept: number): number {
  const varianceOf = (auc: number) => edge(0, 100, (variance) => aucOfVariance(variance, rate) < auc);
  const [least, most] = [varianceOf(floor), varianceOf(full)];
  return aucOfVariance(least + kept * (most - least), rate);
}
