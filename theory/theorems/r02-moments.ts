import { dot, squared } from "../../core/numeric/matrix.ts";
import { blockSums, blocksOf, type Instance, project, sketchedProduct, type Theorem } from "../theorem.ts";

/** V₁(x, y) = (‖x‖²‖y‖² + ⟨x, y⟩² − 2Σx_i²y_i²)/m: the variance of ⟨Rx, Ry⟩ where each weight is a block of its own. */
export function elementVariance(x: Float64Array, y: Float64Array, memory: number): number {
  let products = 0;
  for (let i = 0; i < x.length; i++) products += (x[i]! * y[i]!) ** 2;
  return Math.max(0, squared(x) * squared(y) + dot(x, y) ** 2 - 2 * products) / memory;
}

/** V_Z(x, y) = V₁(x, y) − Σ_B V₁(x_B, y_B): weights of one block never meet, so their terms fall out. */
export function blockVariance(instance: Instance): number {
  const { x, y, memory } = instance;
  const blocks = blocksOf(instance);
  const [xx, yy, xy, products] = [
    blockSums(blocks, (k) => x[k]! ** 2),
    blockSums(blocks, (k) => y[k]! ** 2),
    blockSums(blocks, (k) => x[k]! * y[k]!),
    blockSums(blocks, (k) => (x[k]! * y[k]!) ** 2),
  ];
  const within = xx.reduce((sum, v, b) => sum + v * yy[b]! + xy[b]! ** 2 - 2 * products[b]!, 0) / memory;
  return Math.max(0, elementVariance(x, y, memory) - within);
}

/** Σ_B ‖x_B‖⁴ */
export const blockFourths = (instance: Instance): number =>
  blockSums(blocksOf(instance), (k) => instance.x[k]! ** 2).reduce((sum, v) => sum + v * v, 0);

/** Var ‖Rx‖² = (2/m)(‖x‖⁴ − Σ_B ‖x_B‖⁴) */
export const normVariance = (instance: Instance): number =>
  (2 / instance.memory) * Math.max(0, squared(instance.x) ** 2 - blockFourths(instance));

/**
 * Moments of inner products (R2). R is a sketch with blocks of Z: starts uniform on m slots, pairwise independent,
 * circular; signs per element, 4-wise independent, independent of the starts. Then E⟨Rx, Ry⟩ = ⟨x, y⟩ and
 * Var⟨Rx, Ry⟩ = V_Z(x, y) = (1/m) Σ_{i<j in different blocks} (x_i y_j + x_j y_i)².
 *
 * Proof: ⟨Rx, Ry⟩ = Σ_{i,j} g_i g_j x_i y_j [h(i) = h(j)]. E g_i g_j = 0 for i ≠ j leaves the diagonal. In the square,
 * 4-wise independent signs leave the terms that pair {i, j} with itself, each with P(h(i) = h(j)) = 1/m, or 0 within a
 * block. The closed form sums (x_i y_j + x_j y_i)² over all pairs, then takes those within blocks away.
 *
 * Source: first principles; Z = 1 is Charikar, Chen & Farach-Colton 2002 and Weinberger et al. 2009.
 */
export const moments: Theorem = {
  id: "R2",
  name: "inner-product moments",
  says: "E⟨Rx, Ry⟩ = ⟨x, y⟩; its variance is V_Z(x, y) ≤ V₁(x, y)",
  checks: [
    {
      kind: "moment",
      name: "⟨Rx, Ry⟩",
      needs: ["pairwise circular starts", "four-wise signs"],
      statistic: (instance, { sketch }) => sketchedProduct(sketch, instance),
      mean: ({ x, y }) => dot(x, y),
      variance: blockVariance,
    },
    {
      kind: "moment",
      name: "‖Rx‖²",
      needs: ["pairwise circular starts", "four-wise signs"],
      statistic: ({ x }, { sketch }) => squared(project(sketch, x)),
      mean: ({ x }) => squared(x),
      variance: normVariance,
    },
    {
      kind: "always",
      name: "V_Z ≤ V₁, and no more when blocks are merged",
      error(instance) {
        const [single, some, whole] = [1, instance.block, instance.dim].map((block) =>
          blockVariance({ ...instance, block }),
        ) as [number, number, number];
        const direct = blockVarianceByPairs(instance);
        const scale = single + 1e-300;
        return Math.max(some - single, whole - some, Math.abs(direct - some)) / scale;
      },
    },
  ],
};

/** V_Z by its definition, pair by pair. */
function blockVarianceByPairs(instance: Instance): number {
  const { x, y, memory } = instance;
  const blocks = blocksOf(instance);
  let sum = 0;
  for (let j = 0; j < x.length; j++) {
    for (let i = 0; i < j; i++) {
      if (blocks[i] !== blocks[j]) sum += (x[i]! * y[j]! + x[j]! * y[i]!) ** 2;
    }
  }
  return sum / memory;
}
