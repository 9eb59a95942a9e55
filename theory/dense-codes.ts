import { type Statement, squared, type World } from "./world.ts";

/** δ at which the experiment runs. */
const delta = 0.2;

/** m rows of memory that suffice for every entry of an n × d table at once: 2 ln(2nd/δ)/ε². */
export const denseCodesMemory = (entries: number, epsilon: number, delta: number): number =>
  Math.ceil((2 * Math.log((2 * entries) / delta)) / epsilon ** 2);

/**
 * Every entry in memory of order log n (R9). Row i has a code c_i ∈ {±1/√m}^m, generated and not stored; M = Σ_i c_i E_i
 * ∈ ℝ^{m × d}; Ê_i = c_iᵀM. Then |Ê_ik − E_ik| ≤ ε‖E_{:,k}‖ for all i, k at once with probability at least 1 − δ, where
 * m ≥ 2 ln(2nd/δ)/ε²: d·m floats in place of n·d. Here signs are fully independent.
 *
 * Proof: Ê_ik − E_ik = Σ_{j≠i} ⟨c_i, c_j⟩E_jk is, given c_i, a sum of m(n − 1) independent signs times numbers whose
 * squares add up to at most ‖E_{:,k}‖²/m; Hoeffding's inequality and a union bound over nd entries and two sides.
 *
 * Source: first principles (Hoeffding 1963). This is the statement behind "exponentially fewer parameters".
 */
export const denseCodes: Statement = {
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
        return [x, y].some((column) => {
          const memory = new Float64Array(m);
          for (const [i, code] of codes.entries())
            for (let s = 0; s < m; s++) memory[s]! += (code[s]! * column[i]!) / m;
          const allowed = epsilon * Math.sqrt(squared(column)) * (1 + 1e-12);
          return codes.some((code, i) => {
            let sum = 0;
            for (let s = 0; s < m; s++) sum += code[s]! * memory[s]!;
            return Math.abs(sum - column[i]!) > allowed;
          });
        });
      },
      probability: (_: World) => delta,
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
