import { dot } from "../core/numeric/matrix.ts";
import type { Random } from "../core/numeric/random.ts";

/** A small instance in which a theorem could be wrong: sizes, and vectors that are drawn to hurt. */
export interface Instance {
  /** Rows of all tables, and floats a row: N = rows · dim virtual weights. */
  readonly rows: number;
  readonly dim: number;
  /** Z, weights of a row that lie next to each other in memory. */
  readonly block: number;
  /** m, slots. */
  readonly memory: number;
  /** [N] two vectors of virtual weights (or of coefficients on them). */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** ε of the theorem. */
  readonly epsilon: number;
  /** Rows of each table; one table where absent. */
  readonly tables?: readonly number[];
}

/**
 * One draw of the linear map R ∈ ℝ^{m × N}. Column k has `places` non-zeros, mostly one: number p of them is
 * `signs[places · k + p]`, in row `slots[places · k + p]`.
 */
export interface Sketch {
  readonly memory: number;
  readonly places: number;
  readonly slots: Uint32Array;
  readonly signs: Int8Array;
}

/** R·x: what a memory that learns x holds, and how gradients come to it. */
export function project({ memory, places, slots, signs }: Sketch, x: ArrayLike<number>): Float64Array {
  const out = new Float64Array(memory);
  for (let k = 0, i = 0; i < slots.length; k++)
    for (const end = i + places; i < end; i++) out[slots[i]!]! += signs[i]! * x[k]!;
  return out;
}

/** RᵀM: the virtual weights that a memory stands for. */
export function recover({ places, slots, signs }: Sketch, memory: ArrayLike<number>): Float64Array {
  const out = new Float64Array(slots.length / places);
  for (let k = 0, i = 0; i < slots.length; k++)
    for (const end = i + places; i < end; i++) out[k]! += signs[i]! * memory[slots[i]!]!;
  return out;
}

/** How many weights read each slot: the diagonal of RRᵀ, where each weight reads one. */
export function loadsOf({ slots, memory }: Pick<Sketch, "slots" | "memory">): Uint32Array {
  const loads = new Uint32Array(memory);
  for (const slot of slots) loads[slot]!++;
  return loads;
}

/** ⟨Rx, Ry⟩ */
export const sketchedProduct = (sketch: Sketch, { x, y }: Pick<Instance, "x" | "y">): number =>
  dot(project(sketch, x), project(sketch, y));

/** The block of each virtual weight, by number. A row's last block may be shorter. */
export function blocksOf({ rows, dim, block }: Instance): Uint32Array {
  const perRow = Math.ceil(dim / block);
  return Uint32Array.from({ length: rows * dim }, (_, k) => {
    const column = k % dim;
    return ((k - column) / dim) * perRow + Math.floor(column / block);
  });
}

/** Sums of `value(k)` over each block. */
export function blockSums(blocks: Uint32Array, value: (k: number) => number): Float64Array {
  const sums = new Float64Array((blocks.at(-1) ?? -1) + 1);
  for (const [k, block] of blocks.entries()) sums[block]! += value(k);
  return sums;
}

/** What a check may use besides the instance: a fresh draw of R, and random numbers of its own. */
export interface Draw {
  readonly sketch: Sketch;
  readonly stream: Random;
}

/** A draw of R with what a backend makes of it. Whole numbers come out exactly, so that nothing is left to rounding. */
export interface AppliedDraw extends Draw {
  /** RᵀM, by the backend's gather. */
  recover(memory: Float64Array): Promise<ArrayLike<number>>;
  /** R·G, by the backend's scatter: what a memory's gradient is, if G is that of the virtual weights. */
  project(gradient: Float64Array): Promise<ArrayLike<number>>;
}

/** What the hash functions of a scheme must be for a theorem to hold. */
export const hypotheses = [
  /** Starts of blocks are uniform and pairwise independent, and blocks wrap round the end of memory. */
  "pairwise circular starts",
  /** Starts of any number of blocks are independent. */
  "independent starts",
  /** Signs of any four elements are independent, and independent of the starts. */
  "four-wise signs",
  /** Each of the ways to break the above that R13 describes. */
  "no signs",
  "one sign a block",
  "starts do not wrap",
  "aligned starts",
  /** Blocks are permuted, all pairs of places alike, and laid on places of Z slots in turn: see R18. */
  "balanced starts",
  "two signed hashes, summed",
  /** Each weight is read from one slot; and where no other weight is, nothing is shared. */
  "one slot a weight",
  "no slot is shared",
] as const;

/** One of {@link hypotheses}. */
export type Hypothesis = (typeof hypotheses)[number];

interface Named {
  readonly name: string;
  /** Which schemes it speaks of: those that have all of these. Absent: it speaks of no scheme. */
  readonly needs?: readonly Hypothesis[];
  /** Draws that one draw of this check costs as much as; 1 where absent. It gets that many times fewer. */
  readonly cost?: number;
  /** Whether it speaks of this instance; all, where absent. */
  readonly applies?: (instance: Instance) => boolean;
}

/** The mean of a statistic over draws, or its variance, is what a closed form says. */
export interface MomentCheck extends Named {
  readonly kind: "moment";
  readonly statistic: (instance: Instance, draw: Draw) => number;
  readonly mean: (instance: Instance) => number;
  readonly variance?: (instance: Instance) => number;
}

/** An event happens with probability `probability`: exactly, or at most. */
export interface EventCheck extends Named {
  readonly kind: "exactly" | "at most";
  readonly event: (instance: Instance, draw: Draw) => boolean;
  readonly probability: (instance: Instance) => number;
}

/** Something holds for every draw, up to rounding. */
export interface IdentityCheck extends Named {
  readonly kind: "always";
  /** How far from holding it is, relative to the sizes of the numbers in it; 0 where it holds, ∞ where it fails outright. */
  readonly error: (instance: Instance, draw: AppliedDraw) => number | Promise<number>;
}

/** A consequence of a theorem that an experiment could refute. */
export type Check = MomentCheck | EventCheck | IdentityCheck;

/** A theorem about parameter sharing, with what could refute it. */
export interface Theorem {
  /** R1 … R19 */
  readonly id: string;
  readonly name: string;
  /** What it says, in one line. */
  readonly says: string;
  readonly checks: readonly Check[];
}
