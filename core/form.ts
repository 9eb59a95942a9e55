import { bagCount, type Lookup } from "./lookup.ts";
import type { Scalar } from "./scalar.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** out[i] = f(x₁[i], …, x_k[i]), inputs broadcast to `shape`. */
export interface MapForm {
  readonly kind: "map";
  readonly f: Scalar;
  readonly shape: Shape;
  readonly inputs: readonly Shape[];
}

/** out[o, i] = Σ_r x[o, r, i]: the sum over one run of neighboring axes. */
export interface ReduceForm {
  readonly kind: "reduce";
  readonly outer: number;
  readonly summed: number;
  readonly inner: number;
}

/**
 * C[i, j] = f(Σ_l op(A)[i, l] · op(B)[l, j] + bias[j]); op transposes where asked. A is stored [n × k] (or [k × n]
 * transposed), B [k × m] (or [m × k]). The third input is the bias [m], if there is one.
 */
export interface MatmulForm {
  readonly kind: "matmul";
  readonly n: number;
  readonly k: number;
  readonly m: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias: boolean;
  readonly f?: Scalar;
}

/** out[bag, c] = Σ_items of the bag sign · M[slot of (item, c)]. */
interface GatherForm {
  readonly kind: "gather";
  readonly lookup: Lookup;
}

/** The adjoint of gather: out[slot] = Σ sign · g[bag, c] over all (item, c) at that slot. */
interface ScatterForm {
  readonly kind: "scatter";
  readonly lookup: Lookup;
}

/** Which pairs of `vectors` vectors of `dim` floats, for each of `samples` samples: j < i, or j ≤ i with `itself`. */
export interface PairShape {
  readonly samples: number;
  readonly vectors: number;
  readonly dim: number;
  readonly itself: boolean;
}

/** P[b, (i, j)] = ½(⟨T_i, U_j⟩ + ⟨T_j, U_i⟩): the lower triangle, row by row, of the symmetrized Gram matrix. */
export interface PairsForm extends PairShape {
  readonly kind: "pairs";
}

/** The adjoint of pairs: out[b, i] = ½ Σ_{j≠i} g[(i, j)] U_j, plus g[(i, i)] U_i with `itself`. */
export interface MixForm extends PairShape {
  readonly kind: "mix";
}

/**
 * Copies boxes: cell `index` of the output is `input[offset + Σ strides[axis] · (index[axis] − start[axis])]` for the
 * one part whose box [start, start + extent) contains it, and 0 where no part's does. Slice, pad, concat, permute.
 */
export interface ArrangeForm {
  readonly kind: "arrange";
  readonly shape: Shape;
  /** Part p reads input p. */
  readonly parts: readonly {
    readonly offset: number;
    readonly strides: readonly number[];
    readonly start: readonly number[];
    readonly extent: readonly number[];
  }[];
}

/**
 * Everything a backend must be able to compute. A form is data: all sizes are in it, so a backend can cache one kernel
 * per form, and the adjoint of each form is again a form, so gradients of gradients exist.
 */
export type Form =
  | MapForm
  | ReduceForm
  | MatmulForm
  | GatherForm
  | ScatterForm
  | PairsForm
  | MixForm
  | ArrangeForm;

export const pairCount = (vectors: number, itself: boolean): number =>
  (vectors * (vectors + (itself ? 1 : -1))) / 2;

/** Number of floats that `form` makes. */
export function outputSize(form: Form): number {
  switch (form.kind) {
    case "map":
    case "arrange":
      return sizeOf(form.shape);
    case "reduce":
      return form.outer * form.inner;
    case "matmul":
      return form.n * form.m;
    case "gather":
      return bagCount(form.lookup) * form.lookup.dim;
    case "scatter":
      return form.lookup.memorySize;
    case "pairs":
      return form.samples * pairCount(form.vectors, form.itself);
    case "mix":
      return form.samples * form.vectors * form.dim;
  }
}
