/**
 * Tails and intervals by which experiments are judged. Everything is computed, nothing looked up; each function has a
 * second method beside it in a test.
 */
import { bisected } from "./bisection.ts";

/** ln Γ(x) for x > 0, to about 1e-14 relative (Stirling's series above 10, recurrence below). */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) shift += Math.log(z++);
  const inverse = 1 / (z * z);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}

/**
 * ln P(X ≥ k) for X ~ Bin(n, p): terms are added from the largest down, in logs, until they no longer count. Right for
 * n = 10⁶ and p = 10⁻⁹.
 */
export function logBinomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 0;
  if (k > n) return -Infinity;
  if (p >= 1) return 0;
  if (k <= n * p) return Math.log1p(-Math.exp(logBinomialTail(n - k + 1, n, 1 - p)));
  const first =
    logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let term = 1;
  let sum = 1;
  for (let i = k; term > 1e-17 * sum; i++) {
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
    sum += term;
  }
  return Math.min(0, first + Math.log(sum));
}

/** I_x(a, b), the regularised incomplete beta function, by its continued fraction (Lentz). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x) - Math.log(a),
  );
  const kept = (v: number) => (Math.abs(v) < 1e-300 ? 1e-300 : v);
  let [c, d] = [1, 1 / kept(1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let i = 1; i < 10_000; i++) {
    const even = (i * (b - i) * x) / ((a + 2 * i - 1) * (a + 2 * i));
    const odd = (-(a + i) * (a + b + i) * x) / ((a + 2 * i) * (a + 2 * i + 1));
    let step = 1;
    for (const term of [even, odd]) {
      d = 1 / kept(1 + term * d);
      c = kept(1 + term / c);
      step *= c * d;
    }
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** t with P(|T| > t) = alpha for Student's T with `freedom` degrees of freedom; by bisection. */
export function studentQuantile(alpha: number, freedom: number): number {
  const tail = (t: number) => incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  let [low, high] = [0, 1];
  while (tail(high) > alpha) high *= 2;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (tail(middle) > alpha) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** An interval that contains a number with the confidence that was asked for. */
export type Interval = readonly [number, number];

/** Samples are averaged in this many groups, whose means are near normal whatever the tails of one sample. */
const groups = 40;

/**
 * Interval for the mean of independent samples, also of skewed and heavy-tailed ones: Student's t over the means of 40
 * groups. `alpha` is the probability of missing the mean, to the accuracy of the central limit theorem in a group.
 */
export function meanInterval(samples: Float64Array, alpha: number): Interval {
  const size = Math.floor(samples.length / groups);
  const means = Array.from({ length: groups }, (_, g) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += samples[g * size + i]!;
    return sum / size;
  });
  const mean = means.reduce((a, b) => a + b) / groups;
  const spread = Math.sqrt(means.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (groups - 1) / groups);
  const reach = studentQuantile(alpha, groups - 1) * spread;
  return [mean - reach, mean + reach];
}

/** Interval for a probability from `count` events in `trials`, never narrower than `alpha` says (Clopper & Pearson 1934). */
export function eventInterval(count: number, trials: number, alpha: number): Interval {
  const solve = (tailAt: (p: number) => number) => {
    const [low, high] = bisected(0, 1, 2 ** -200, (p) => tailAt(p) < Math.log(alpha / 2));
    return (low + high) / 2;
  };
  return [
    count === 0 ? 0 : solve((p) => logBinomialTail(count, trials, p)),
    1 - solve((q) => logBinomialTail(trials - count, trials, q)),
  ];
}
