import { logBinomialTail } from "../../core/numeric/distributions.ts";
import { squared } from "../../core/numeric/matrix.ts";
import type { Random } from "../../core/numeric/random.ts";
import { project, type Theorem } from "../theorem.ts";

/** δ at which the experiment runs. */
const delta = 0.2;

/** Number of rows t (odd) and width w = ⌈8/ε²⌉ that suffice for `entries` entries: d·t·w floats. */
export function sparseCodesSize(entries: number, epsilon: number, delta: number): { t: number; w: number } {
  let t = 1;
  while (Math.log(entries) + logBinomialTail((t + 1) / 2, t, 1 / 8) > Math.log(delta)) t += 2;
  return { t, w: Math.ceil(8 / epsilon ** 2) };
}

/** max |Ê_ik − E_ik|/‖E_{:,k}‖ of one draw of t row hashes into w places. */
export function sparseCodesError(
  columns: readonly Float64Array[],
  { t, w }: { readonly t: number; readonly w: number },
  stream: Random,
): number {
  const rows = columns[0]!.length;
  const hashes = Array.from({ length: t }, () => {
    const [places, signs] = [new Uint32Array(rows), new Int8Array(rows)];
    for (let i = 0; i < rows; i++) {
      places[i] = stream.integer(w);
      signs[i] = stream.integer(2) * 2 - 1;
    }
    return { memory: w, places: 1, slots: places, signs };
  });
  const estimates = new Float64Array(t);
  let worst = 0;
  for (const column of columns) {
    const memories = hashes.map((hash) => project(hash, column));
    const norm = Math.sqrt(squared(column));
    for (let i = 0; i < rows; i++) {
      for (const [j, { slots, signs }] of hashes.entries())
        estimates[j] = signs[i]! * memories[j]![slots[i]!]!;
      worst = Math.max(worst, Math.abs(estimates.sort()[(t - 1) / 2]! - column[i]!) / norm);
    }
  }
  return worst;
}

/**
 * Every entry, sparse codes (R10). t independent signed row hashes into w = ⌈8/ε²⌉ places each, t odd with
 * n·d·P(Bin(t, 1/8) ≥ (t + 1)/2) ≤ δ. The median of the t estimates of each entry satisfies R9's conclusion.
 *
 * Proof: one estimate is off by more than ε‖E_{:,k}‖ with probability at most 1/(wε²) ≤ 1/8 (R6, Chebyshev); the median
 * is off only if at least (t + 1)/2 of them are. A median is not linear: this is a check of a table, not a layer.
 *
 * Source: count sketch (Charikar, Chen & Farach-Colton 2002), with its constants made explicit.
 */
export const sparseCodes: Theorem = {
  id: "R10",
  name: "every entry, sparse codes",
  says: "the median of t signed row hashes into ⌈8/ε²⌉ places is within ε‖column‖ for all entries with probability 1 − δ",
  checks: [
    {
      kind: "at most",
      name: "any median off by more than ε‖column‖, δ = 0.2",
      cost: 10,
      event({ x, y, epsilon }, { stream }) {
        const size = sparseCodesSize(2 * x.length, epsilon, delta);
        return sparseCodesError([x, y], size, stream) > epsilon * (1 + 1e-12);
      },
      probability: () => delta,
    },
  ],
};
