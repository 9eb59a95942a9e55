import { requireRows } from "./rows.ts";

/** Rows to which a model gives like probabilities: what it says of them, and what came of them. */
export interface ReliabilityBin {
  readonly rows: number;
  /** Mean probability. */
  readonly predicted: number;
  /** Share labeled 1. */
  readonly observed: number;
}

/**
 * A reliability table: rows in order of their probability, cut into bins of as equal size as they can be (rows of one
 * probability stay together), with what was said and what happened. Of a calibrated model the two agree in every bin, but
 * for chance. By the weights of the rows where they have some. Throws an InputError as `metrics` does.
 */
export function reliability(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { bins = 10, weights }: { readonly bins?: number; readonly weights?: ArrayLike<number> | undefined } = {},
): ReliabilityBin[] {
  requireRows(labels, probabilities, { low: 0, high: 1, weights });
  const order = Uint32Array.from(labels, (_, i) => i).sort((a, b) => probabilities[a]! - probabilities[b]!);
  const found: ReliabilityBin[] = [];
  for (let from = 0, to = 0; from < order.length; from = to) {
    const next = Math.floor((from * bins) / order.length) + 1;
    to = Math.max(from + 1, Math.ceil((next * order.length) / bins));
    while (to < order.length && probabilities[order[to]!] === probabilities[order[to - 1]!]) to++;
    let [weight, said, ones] = [0, 0, 0];
    for (const i of order.subarray(from, to)) {
      const w = weights?.[i] ?? 1;
      weight += w;
      said += w * probabilities[i]!;
      ones += w * labels[i]!;
    }
    found.push({ rows: to - from, predicted: said / weight, observed: ones / weight });
  }
  return found;
}

/**
 * Probabilities among all rows, of a model that was trained where only a share `rate` of the rows labeled 0 was kept: the odds
 * times that share, p / (p + (1 − p) / rate) (He et al., ADKDD 2014).
 */
export const recalibrated = (p: number, rate: number): number => p / (p + (1 - p) / rate);
