import { memoize } from "../../core/memoize.ts";
import { eigenvalues, products, squared, squaredDistance } from "../../core/numeric/matrix.ts";
import { type Instance, project, type Sketch, type Theorem } from "../theorem.ts";

/** A = [x y] and B = [y x̃], with x̃ backwards: four different pairs of columns. */
const matricesOf = memoize(({ x, y }: Instance) => ({ a: [x, y], b: [y, x.slice().reverse()] }));

/** (‖A‖_F²‖B‖_F² + ‖AᵀB‖_F² − 2Σ_i‖A_i‖²‖B_i‖²)/m */
export function gramMean(a: readonly Float64Array[], b: readonly Float64Array[], memory: number): number {
  const size = (columns: readonly Float64Array[]) => columns.reduce((sum, c) => sum + squared(c), 0);
  const row = (columns: readonly Float64Array[], i: number) =>
    columns.reduce((sum, c) => sum + c[i]! ** 2, 0);
  const cross = products(a, b).reduce((sum, r) => sum + squared(r), 0);
  const rows = a[0]!.reduce((sum, _, i) => sum + row(a, i) * row(b, i), 0);
  return Math.max(0, size(a) * size(b) + cross - 2 * rows) / memory;
}

/** m that suffices for stable rank sr = ‖E‖_F²/σ₁²: 2sr²/(ε²δ). */
export const gramMemory = (stableRank: number, epsilon: number, delta: number): number =>
  (2 * stableRank ** 2) / (epsilon ** 2 * delta);

/** (RU)ᵀRU of some columns U. */
export function sketchedGram(sketch: Sketch, columns: readonly Float64Array[]): Float64Array[] {
  const sketched = columns.map((c) => project(sketch, c));
  return products(sketched, sketched);
}

/** A table's columns E, with EᵀE and σ₁². */
interface Gram {
  readonly columns: readonly Float64Array[];
  readonly exact: readonly Float64Array[];
  readonly largest: number;
}

export function gramOf(columns: readonly Float64Array[]): Gram {
  const exact = products(columns, columns);
  return { columns, exact, largest: eigenvalues(exact).at(-1)! };
}

/** ‖(RE)ᵀRE − EᵀE‖_F/σ₁² of one draw. */
export const gramError = (sketch: Sketch, { columns, exact, largest }: Gram): number =>
  Math.sqrt(squaredDistance(sketchedGram(sketch, columns), exact)) / largest;

const gramIn = memoize(({ x, y }: Instance) => gramOf([x, y]));

/**
 * Gram matrices and the stable rank (R8). Rows are sketched as in R7. E‖AᵀRᵀRB − AᵀB‖_F² =
 * (‖A‖_F²‖B‖_F² + ‖AᵀB‖_F² − 2Σ_i‖A_i‖²‖B_i‖²)/m. With sr = ‖E‖_F²/σ₁²,
 * P(‖(RE)ᵀRE − EᵀE‖_F > εσ₁²) ≤ 2sr²/(mε²).
 *
 * Proof: the sum of R2's variances over all pairs of columns. For A = B = E it is at most 2‖E‖_F⁴/m; then Markov.
 *
 * Source: first principles; approximate matrix products by count sketch (Kane & Nelson 2014).
 */
export const gram: Theorem = {
  id: "R8",
  name: "Gram matrix, stable rank",
  says: "‖(RE)ᵀRE − EᵀE‖_F ≤ εσ₁² with probability 1 − δ once m ≥ 2·sr²/(ε²δ)",
  checks: [
    {
      kind: "moment",
      name: "‖AᵀRᵀRB − AᵀB‖_F²",
      needs: ["pairwise circular starts", "four-wise signs"],
      applies: ({ block }) => block === 1,
      statistic(instance, { sketch }) {
        const { a, b } = matricesOf(instance);
        const [ra, rb] = [a, b].map((columns) => columns.map((c) => project(sketch, c)));
        return squaredDistance(products(ra!, rb!), products(a, b));
      },
      mean(instance) {
        const { a, b } = matricesOf(instance);
        return gramMean(a, b, instance.memory);
      },
    },
    {
      kind: "at most",
      name: "‖(RE)ᵀRE − EᵀE‖_F above εσ₁²",
      needs: ["pairwise circular starts", "four-wise signs"],
      applies: ({ block }) => block === 1,
      event: (instance, { sketch }) => gramError(sketch, gramIn(instance)) > instance.epsilon * (1 + 1e-12),
      probability(instance) {
        const stableRank = (squared(instance.x) + squared(instance.y)) / gramIn(instance).largest;
        return Math.min(1, (2 * stableRank ** 2) / (instance.memory * instance.epsilon ** 2));
      },
    },
  ],
};
