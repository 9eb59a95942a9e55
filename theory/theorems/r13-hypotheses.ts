import { dot, squared } from "../../core/numeric/matrix.ts";
import {
  blockSums,
  blocksOf,
  type Hypothesis,
  type Instance,
  type MomentCheck,
  sketchedProduct,
  type Theorem,
} from "../theorem.ts";
import { elementVariance } from "./r02-moments.ts";

/** Bias of ⟨Rx, Ry⟩ without signs: (1/m)[(Σx)(Σy) − Σ_B(Σ_B x)(Σ_B y)]. */
export function unsignedBias(instance: Instance): number {
  const { x, y, memory } = instance;
  const blocks = blocksOf(instance);
  const [sx, sy] = [blockSums(blocks, (k) => x[k]!), blockSums(blocks, (k) => y[k]!)];
  const total = (v: Float64Array) => v.reduce((a, b) => a + b, 0);
  return (total(sx) * total(sy) - dot(sx, sy)) / memory;
}

/** Weights of each block, by position. */
function members(instance: Instance): number[][] {
  const lists: number[][] = [];
  const blocks = blocksOf(instance);
  for (const [k, block] of blocks.entries()) {
    lists[block] ??= [];
    lists[block].push(k);
  }
  return lists;
}

/** Σ over pairs of blocks of `term(A, B)`. */
function overPairs(instance: Instance, term: (a: readonly number[], b: readonly number[]) => number): number {
  const lists = members(instance);
  let sum = 0;
  for (const [i, a] of lists.entries()) for (const b of lists.slice(0, i)) sum += term(a, b);
  return sum;
}

/** (1/m) Σ_{A<B} Σ_shift (Σ_{t−s≡shift (mod m)} (x_{As}y_{Bt} + x_{Bt}y_{As}))² */
export const oneSignVariance = (instance: Instance): number => {
  const { x, y, memory } = instance;
  return (
    overPairs(instance, (a, b) => {
      const shifts = new Float64Array(memory);
      for (const [s, i] of a.entries()) {
        for (const [t, j] of b.entries())
          shifts[(((t - s) % memory) + memory) % memory]! += x[i]! * y[j]! + x[j]! * y[i]!;
      }
      return dot(shifts, shifts);
    }) / memory
  );
};

/** (1/⌊m/Z⌋) Σ_{A<B} Σ_s (x_{As}y_{Bs} + x_{Bs}y_{As})² */
export const alignedVariance = (instance: Instance): number => {
  const { x, y, memory, block } = instance;
  const meet = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, i, s) => {
      const j = b[s];
      return j === undefined ? sum : sum + (x[i]! * y[j]! + x[j]! * y[i]!) ** 2;
    }, 0);
  return overPairs(instance, meet) / Math.floor(memory / block);
};

/** (1/⌊m/Z⌋) Σ_{A<B} (Σ_s x_{As}y_{Bs} + x_{Bs}y_{As})² */
export const alignedOneSignVariance = (instance: Instance): number => {
  const { x, y, memory, block } = instance;
  const meet = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, i, s) => sum + x[i]! * (y[b[s]!] ?? 0) + (x[b[s]!] ?? 0) * y[i]!, 0) ** 2;
  return overPairs(instance, meet) / Math.floor(memory / block);
};

/** (1/⌊m/Z⌋) Σ_s [(Σ_A x_{As})(Σ_A y_{As}) − Σ_A x_{As}y_{As}] */
export function alignedUnsignedBias(instance: Instance): number {
  const { x, y, memory, block } = instance;
  const lists = members(instance);
  const at = (v: Float64Array, s: number) => lists.reduce((sum, list) => sum + (v[list[s]!] ?? 0), 0);
  let sum = -dot(x, y);
  for (let s = 0; s < block; s++) sum += at(x, s) * at(y, s);
  return sum / Math.floor(memory / block);
}

/** 2V₁(x, y) + (2‖x‖²‖y‖² + 2⟨x, y⟩²)/m */
export const twoHashesVariance = ({ x, y, memory }: Instance): number =>
  2 * elementVariance(x, y, memory) + (2 * squared(x) * squared(y) + 2 * dot(x, y) ** 2) / memory;

/** P(position s of one block and position t of another meet) = max(0, L − |s − t|)/L², L = m − Z + 1 starts. */
export const unwrappedCollision = (memory: number, block: number, s: number, t: number): number => {
  const starts = memory - block + 1;
  return Math.max(0, starts - Math.abs(s - t)) / starts ** 2;
};

/** What ⟨Rx, Ry⟩ is on average, ⟨x, y⟩ where nothing else is said, and its variance. */
const product = (
  name: string,
  needs: readonly Hypothesis[],
  expected: Partial<Pick<MomentCheck, "mean" | "variance">>,
): MomentCheck => ({
  kind: "moment",
  name,
  needs,
  statistic: (instance, { sketch }) => sketchedProduct(sketch, instance),
  mean: ({ x, y }) => dot(x, y),
  ...expected,
});

const severalBlocks = (instance: Instance): boolean => blocksOf(instance).at(-1)! > 0;

/**
 * What breaks without the hypotheses (R13). Without signs ⟨Rx, Ry⟩ has the bias (1/m)[(Σx)(Σy) − Σ_B(Σ_B x)(Σ_B y)].
 * With one sign a block it has none, but its variance (see {@link oneSignVariance}) can exceed V₁. Starts that do not
 * wrap meet unevenly. Starts at multiples of Z meet whole: the variance is {@link alignedVariance}, with one sign a block
 * {@link alignedOneSignVariance}, and without signs the bias is {@link alignedUnsignedBias}. The sum of two independent
 * signed hashes is a sketch of √2 x: its variance, {@link twoHashesVariance}, has a term more, since a weight's own two
 * slots may meet.
 *
 * Proof: as for R2, with the events that signs no longer separate. Two blocks at a distance u − v ≡ shift meet in all
 * pairs of positions (s, t) with t − s ≡ shift at once; each shift has probability 1/m. Starts in {0 … L − 1} differ by
 * s − t in L − |s − t| of L² ways. For two hashes, ⟨Rx, Ry⟩ = Σ_{j,l} ⟨R_j x, R_l y⟩: j = l gives V₁ twice; j ≠ l gives
 * Σ_{a,b} (x_a y_b + x_b y_a) times a product of two signs, centered and uncorrelated, each there with probability 1/m.
 *
 * Source: first principles.
 */
export const hypotheses: Theorem = {
  id: "R13",
  name: "what breaks without the hypotheses",
  says: "no signs: bias; one sign a block: another variance; no wrapping: uneven collisions; aligned: whole blocks meet; two hashes: twice as large",
  checks: [
    product(
      "no signs: ⟨Rx, Ry⟩ is biased by (1/m)[(Σx)(Σy) − Σ_B(Σ_B x)(Σ_B y)]",
      ["no signs", "pairwise circular starts"],
      { mean: (instance) => dot(instance.x, instance.y) + unsignedBias(instance) },
    ),
    product("one sign a block: ⟨Rx, Ry⟩", ["one sign a block", "pairwise circular starts"], {
      variance: oneSignVariance,
    }),
    {
      kind: "exactly",
      name: "starts do not wrap: the first and the last weight meet",
      needs: ["starts do not wrap"],
      applies: severalBlocks,
      event: (_, { sketch: { slots } }) => slots[0] === slots.at(-1),
      probability: ({ memory, block, dim }) => unwrappedCollision(memory, block, 0, (dim - 1) % block),
    },
    product("aligned starts: ⟨Rx, Ry⟩", ["aligned starts", "four-wise signs"], { variance: alignedVariance }),
    product(
      "aligned starts, one sign a block (whole rows): ⟨Rx, Ry⟩",
      ["aligned starts", "one sign a block"],
      { variance: alignedOneSignVariance },
    ),
    product(
      "aligned starts, no signs (the hashing trick): ⟨Rx, Ry⟩ is biased",
      ["aligned starts", "no signs"],
      { mean: (instance) => dot(instance.x, instance.y) + alignedUnsignedBias(instance) },
    ),
    product("two signed hashes, summed: ⟨Rx, Ry⟩ is twice as large", ["two signed hashes, summed"], {
      mean: ({ x, y }) => 2 * dot(x, y),
      variance: twoHashesVariance,
    }),
  ],
};
