import { dot, squared } from "../../core/numeric/matrix.ts";
import type { Instance, Theorem } from "../theorem.ts";

/** δ at which the experiment runs. */
const delta = 0.2;

/** m rows of memory that suffice for every entry of an n × d table at once: 2 ln(2nd/δ)/ε². */
export const denseCodesMemory = (entries: number, epsilon: number, delta: number): number =>
  Math.ceil((2 * Math.log((2 * entries) / delta)) / epsilon ** 2);

/** max |Ê_ik − E_ik|/‖E_{:,k}‖ of one draw: `code(i)` has the m signs of row i, the same ones each time. */
export function denseCodesError(
  columns: readonly Float64Array[],
  m: number,
  code: (i: number) => Int8Array,
): number {
  const memories = columns.map(() => new Float64Array(m));
  const norms = columns.map((column) => Math.sqrt(squared(column)));
  const rows = columns[0]!.length;
  for (let i = 0; i < rows; i++) {
    const own = code(i);
    for (const [c, memory] of memories.entries()) {
      const weight = columns[c]![i]! / m;
      for (let s = 0; s < m; s++) memory[s]! += own[s]! * weight;
    }
  }
  let worst = 0;
  for (let i = 0; i < rows; i++) {
    const own = code(i);
    for (const [c, memory] of memories.entries())
      worst = Math.max(worst, Math.abs(dot(own, memory) - columns[c]![i]!) / norms[c]!);
  }
  return worst;
}

/**
 * Every entry in memory of order log n (R9). Row i has a code c_i ∈ {±1/√m}^m, generated and not stored; M = Σ_i c_i E_i
 * ∈ ℝ^{m × d}; Ê_i = c_iᵀM. Then |Ê_ik − E_ik| ≤ ε‖E_{:,k}‖ for all i, k at once with probability at least 1 − δ, where
 * m ≥ 2 ln(2nd/δ)/ε²: d·m floats in place of n·d. Here signs are fully independent.
 *
 * Proof: Ê_ik − E_ik = Σ_{j≠i} ⟨c_i, c_j⟩E_jk is, given c_i, a sum of m(n − 1) independent signs times numbers whose
 * squares add up to at most ‖E_{:,k}‖²/m; Hoeffding's inequality and a union bound over nd entries and two sides.
 *
 * Source: first principles (Hoeffding 1963). This is the theorem behind "exponentially fewer parameters".
 */
export const denseCodes: Theorem = {
  id: "R9",
  name: "every entry, log n memory",
  says: "all entries are within ε‖column‖ with probability 1 − δ from m ≥ 2 ln(2nd/δ)/ε² rows: d·m floats, not n·d",
  checks: [
    {
      kind: "at most",
      name: "any entry off by more than ε‖column‖, δ = 0.2",
      cost: 40,
      event({ x, y, epsilon }, { stream }) {
        const m = denseCodesMemory(2 * x.length, epsilon, delta);
        const codes = Array.from({ length: x.length }, () => signRow(m, () => stream.bits()));
        return denseCodesError([x, y], m, (i) => codes[i]!) > epsilon * (1 + 1e-12);
      },
      probability: (_: Instance) => delta,
    },
  ],
};

/** m independent signs, 32 a draw. */
export function signRow(m: number, bits: () => number): Int8Array {
  const row = new Int8Array(m);
  let word = 0;
  for (let s = 0; s < m; s++) {
    if (s % 32 === 0) word = bits();
    row[s] = (word >>> (s % 32)) & 1 ? 1 : -1;
  }
  return row;
}
