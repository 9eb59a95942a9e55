import { signRow } from "./dense-codes.ts";
import { type Statement, squared } from "./world.ts";

/** δ at which the experiment runs. */
const delta = 0.2;

/** m that keeps all distances among n rows: ln(n²/δ)/(ε²/4 − ε³/6). */
export const distancesMemory = (rows: number, epsilon: number, delta: number): number =>
  Math.ceil(Math.log(rows ** 2 / delta) / (epsilon ** 2 / 4 - epsilon ** 3 / 6));

/**
 * Distances among rows (R11). The columns of n rows are projected by a matrix of independent ±1/√m: all squared distances
 * are within (1 ± ε) with probability at least 1 − δ where m ≥ ln(n²/δ)/(ε²/4 − ε³/6).
 *
 * Proof: for one unit vector, P(‖Πv‖² ∉ 1 ± ε) ≤ 2 exp(−m(ε²/4 − ε³/6)) (Achlioptas 2003); there are fewer than n²/2
 * differences.
 *
 * Source: Johnson & Lindenstrauss 1984; the constants are Achlioptas'.
 */
export const distances: Statement = {
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
        const signs = Array.from({ length: dim }, () => signRow(m, () => stream.bits()));
        const projected = table.map((row) =>
          Float64Array.from({ length: m }, (_, s) => row.reduce((sum, v, c) => sum + v * signs[c]![s]!, 0)),
        );
        return table.some((a, i) =>
          table.slice(0, i).some((b, j) => {
            const exact = squared(a.map((v, c) => v - b[c]!));
            const got = squared(projected[i]!.map((v, s) => v - projected[j]![s]!)) / m;
            return Math.abs(got - exact) > epsilon * exact * (1 + 1e-9) + 1e-12;
          }),
        );
      },
      probability: () => delta,
    },
  ],
};
