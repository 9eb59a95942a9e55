import { bisected } from "../../core/numeric/bisection.ts";
import { dot, orthonormal, squared } from "../../core/numeric/matrix.ts";
import { type Instance, recover, type Sketch, type Theorem } from "../theorem.ts";

const total = (numbers: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]!;
  return sum;
};

/**
 * The largest share of the signal Σ w_i e_i² that any linear memory of m floats keeps on average over the effects' signs: that
 * of the m largest terms. `signal` has the terms, from 0 up. 1 where there is no signal.
 */
export function keptAtMost(signal: ArrayLike<number>, memory: number): number {
  const sorted = Float64Array.from(signal).sort().reverse();
  const all = total(sorted);
  return all === 0 ? 1 : total(sorted.subarray(0, memory)) / all;
}

/**
 * About the share of the signal Σ w_i e_i² that m floats keep when all effects are sketched alike, by independent columns, and
 * fitted by least squares: of effect i the part w_i·s/(1 + w_i·s), with s such that these parts are m in all. `information` has
 * the w_i, `signal` the w_i·e_i². An approximation for large m (the deterministic equivalent of a sample covariance matrix:
 * Marčenko & Pastur 1967; Silverstein & Bai 1995), exact where all w_i are equal; 1 from one float an effect on.
 */
export function keptBySketch(
  signal: ArrayLike<number>,
  information: ArrayLike<number>,
  memory: number,
): number {
  const all = total(signal);
  const weights = Float64Array.from(information);
  if (all === 0 || memory >= weights.filter((w) => w > 0).length) return 1;
  const partsAt = (s: number) => weights.reduce((sum, w) => sum + (w * s) / (1 + w * s), 0);
  const [exponent] = bisected(-300, 300, 1e-12, (x) => partsAt(10 ** x) < memory);
  const s = 10 ** exponent;
  return weights.reduce((sum, w, i) => sum + (signal[i]! * w * s) / (1 + w * s), 0) / all;
}

/** A draw of more weights takes long. */
const isSmall = ({ rows, dim }: Instance): boolean => rows * dim <= 20;

/** Of instances: the weight that rows give to each effect, from 0.1 up. */
const weightsOf = ({ x }: Instance): Float64Array => x.map((v) => 0.1 + Math.abs(v));

/** An orthonormal basis of all √w ∘ RᵀM: a column for each slot that is read. */
function basisOf(instance: Instance, sketch: Sketch): Float64Array[] {
  const roots = weightsOf(instance).map(Math.sqrt);
  const columns = Array.from(new Set(sketch.slots), (slot) => {
    const alone = new Float64Array(1 + Math.max(...sketch.slots));
    alone[slot] = 1;
    return recover(sketch, alone).map((read, k) => roots[k]! * read);
  });
  return orthonormal(columns.filter((column) => squared(column) > 0));
}

/** w ∘ y² */
const signalOf = (instance: Instance): Float64Array =>
  weightsOf(instance).map((w, k) => w * instance.y[k]! ** 2);

/** Σ ℓ_k w_k y_k², with the leverages ℓ_k = Σ_u u_k². */
const keptOnAverage = (instance: Instance, basis: readonly Float64Array[]): number =>
  signalOf(instance).reduce((sum, own, k) => sum + own * basis.reduce((all, u) => all + u[k]! ** 2, 0), 0);

/**
 * What m floats keep of the ids' signal (R19). Rows feel effect e_i with weight w_i (the Fisher information that they have of it);
 * a memory M of m floats is read by any fixed R, and keeps Σ w e² − min_M Σ w (e − RᵀM)² = ‖Pf‖² of Σ w e² = ‖f‖², with
 * f = √w ∘ e and P the projection onto all √w ∘ RᵀM. Where the signs of effects are independent and even, it keeps Σ ℓ_i w_i e_i²
 * on average, with ℓ_i = P_ii. Since 0 ≤ ℓ_i ≤ 1 and Σ ℓ_i = rank P ≤ m, that is at most the sum of the m largest w_i e_i²: no
 * placement, hash or code of linear memory keeps more, and rows of one float for just those ids keep as much.
 *
 * Proof: least squares is a projection; E P_ij f_i f_j = 0 for i ≠ j; P is symmetric with P² = P, so P_ii = Σ_j P_ij².
 *
 * Source: first principles; the bound is that of Ky Fan (1949) for diagonal matrices. R12 is the case of equal weights.
 */
export const keptSignal: Theorem = {
  id: "R19",
  name: "kept signal",
  says: "the best memory of m floats keeps Σ ℓ_i w_i e_i² of Σ w_i e_i² on average over signs, Σ ℓ_i ≤ m: at most the m largest terms",
  checks: [
    {
      kind: "always",
      name: "Σ ℓ_i w_i e_i² is at most the sum of the m largest terms",
      needs: [],
      applies: isSmall,
      error(instance, { sketch }) {
        const signal = signalOf(instance);
        const kept = keptOnAverage(instance, basisOf(instance, sketch)) / total(signal);
        return Math.max(0, kept - keptAtMost(signal, sketch.memory));
      },
    },
    {
      kind: "moment",
      name: "1 + (what one draw of signs keeps − Σ ℓ_i w_i e_i²) / Σ w_i e_i²",
      needs: [],
      cost: 50,
      applies: isSmall,
      statistic(instance, { sketch, stream }) {
        const basis = basisOf(instance, sketch);
        const signal = signalOf(instance);
        const f = signal.map((own) => (stream.integer(2) ? 1 : -1) * Math.sqrt(own));
        const kept = basis.reduce((sum, u) => sum + dot(u, f) ** 2, 0);
        return 1 + (kept - keptOnAverage(instance, basis)) / total(signal);
      },
      mean: () => 1,
    },
  ],
};
