import { squared } from "../../core/numeric/matrix.ts";
import type { Random } from "../../core/numeric/random.ts";
import type { Theorem } from "../theorem.ts";
import { signRow } from "./r09-dense-codes.ts";

/** δ at which the experiment runs. */
const delta = 0.2;

/** m that keeps all distances among n rows: ln(n²/δ)/(ε²/4 − ε³/6). */
export const distancesMemory = (rows: number, epsilon: number, delta: number): number =>
  Math.ceil(Math.log(rows ** 2 / delta) / (epsilon ** 2 / 4 - epsilon ** 3 / 6));

/** max |‖Πa − Πb‖²/‖a − b‖² − 1| over all pairs of rows, of one draw of m × d signs. */
export function distancesError(table: readonly Float64Array[], m: number, stream: Random): number {
  const signs = Array.from(table[0]!, () => signRow(m, () => stream.bits()));
  const projected = table.map((row) =>
    Float64Array.from({ length: m }, (_, s) => row.reduce((sum, v, c) => sum + v * signs[c]![s]!, 0)),
  );
  let worst = 0;
  for (const [i, a] of table.entries()) {
    for (const [j, b] of table.slice(0, i).entries()) {
      const exact = squared(a.map((v, c) => v - b[c]!));
      const got = squared(projected[i]!.map((v, s) => v - projected[j]![s]!)) / m;
      const off = Math.abs(got - exact);
      if (off > 1e-12) worst = Math.max(worst, off / exact); // less is rounding, where rows are equal
    }
  }
  return worst;
}

/**
 * Distances among rows (R11). The columns of n rows are projected by a matrix of independent ±1/√m: all squared distances
 * are within (1 ± ε) with probability at least 1 − δ where m ≥ ln(n²/δ)/(ε²/4 − ε³/6).
 *
 * Proof: for one unit vector, P(‖Πv‖² ∉ 1 ± ε) ≤ 2 exp(−m(ε²/4 − ε³/6)) (Achlioptas 2003); there are fewer than n²/2
 * differences.
 *
 * Source: Johnson & Lindenstrauss 1984; the constants are Achlioptas'.
 */
export const distances: Theorem = {
  id: "R11",
  name: "pairwise distances of the rows",
  says: "all squared distances of n rows are within (1 ± ε) with probability 1 − δ once m ≥ ln(n²/δ)/(ε²/4 − ε³/6)",
  checks: [
    {
      kind: "at most",
      name: "any squared distance outside (1 ± ε), δ = 0.2",
      cost: 100,
      event({ x, y, rows, dim, epsilon }, { stream }) {
        const m = distancesMemory(rows, epsilon, delta);
        const table = Array.from({ length: rows }, (_, i) =>
          Float64Array.from({ length: dim }, (_, c) => x[i * dim + c]! + y[c * rows + i]! / 3),
        );
        return distancesError(table, m, stream) > epsilon * (1 + 1e-9);
      },
      probability: () => delta,
    },
  ],
};
