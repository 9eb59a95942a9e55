import { logBinomialTail } from "./verdict.ts";
import { type Statement, squared } from "./world.ts";

/** δ at which the experiment runs. */
const delta = 0.2;

/** Number of rows t (odd) and width w = ⌈8/ε²⌉ that suffice for `entries` entries: d·t·w floats. */
export function sparseCodesSize(entries: number, epsilon: number, delta: number): { t: number; w: number } {
  let t = 1;
  while (Math.log(entries) + logBinomialTail((t + 1) / 2, t, 1 / 8) > Math.log(delta)) t += 2;
  return { t, w: Math.ceil(8 / epsilon ** 2) };
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
export const sparseCodes: Statement = {
  id: "R10",
  name: "every entry, sparse codes",
  says: "the median of t signed row hashes into ⌈8/ε²⌉ places is within ε‖column‖ for all entries with probability 1 − δ",
  checks: [
    {
      kind: "at most",
      name: "any median off by more than ε‖column‖, δ = 0.2",
      cost: 10,
      event({ x, y, epsilon }, { stream }) {
        const { t, w } = sparseCodesSize(2 * x.length, epsilon, delta);
        const hashes = Array.from({ length: t }, () =>
          Array.from(x, () => ({ place: stream.integer(w), sign: stream.integer(2) * 2 - 1 })),
        );
        return [x, y].some((column) => {
          const memories = hashes.map((rows) => {
            const memory = new Float64Array(w);
            for (const [i, { place, sign }] of rows.entries()) memory[place]! += sign * column[i]!;
            return memory;
          });
          const allowed = epsilon * Math.sqrt(squared(column)) * (1 + 1e-12);
          return column.some((v, i) => {
            const estimates = hashes.map((rows, r) => rows[i]!.sign * memories[r]![rows[i]!.place]!);
            return Math.abs(estimates.sort((a, b) => a - b)[(t - 1) / 2]! - v) > allowed;
          });
        });
      },
      probability: () => delta,
    },
  ],
};
