import type { FloatArray } from "../../core/backend.ts";
import {
  type ArrangeForm,
  type Form,
  type MatmulForm,
  type MixForm,
  outputSize,
  type PairsForm,
  type ReduceForm,
} from "../../core/form.ts";
import { compile } from "../../core/scalar.ts";
import { sizeOf, stridesOf } from "../../core/shape.ts";
import { gather, scatter } from "./lookup.ts";
import { map } from "./map.ts";

/** The result of `form`, in a fresh buffer from `store`. What each loop must compute is said in `core/form.ts`. */
export function evaluate(
  form: Form,
  inputs: readonly FloatArray[],
  store: (size: number) => FloatArray,
): FloatArray {
  const out = store(outputSize(form));
  const [x, y, z] = inputs;
  switch (form.kind) {
    case "map":
      map(form, inputs, out);
      break;
    case "reduce":
      reduce(form, x!, out);
      break;
    case "matmul":
      matmul(form, x!, y!, z, out);
      break;
    case "gather":
      gather(form.lookup, x!, out);
      break;
    case "scatter":
      scatter(form.lookup, x!, out);
      break;
    case "pairs":
      pairs(form, x!, y ?? x!, out);
      break;
    case "mix":
      mix(form, x!, y!, out);
      break;
    case "arrange":
      arrange(form, inputs, out);
  }
  return out;
}

/** out[o, i] = Σ_r x[o, r, i] */
function reduce({ outer, summed, inner }: ReduceForm, x: FloatArray, out: FloatArray): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let r = 0; r < summed; r++) sum += x[(o * summed + r) * inner + i]!;
      out[o * inner + i] = sum;
    }
  }
}

/** C[i, j] = f(Σ_l op(A)[i, l] · op(B)[l, j] + bias[j]), the sum begun at the bias. A layer of an MLP, and its gradients. */
function matmul(
  { n, k, m, transposeA, transposeB, f }: MatmulForm,
  a: FloatArray,
  b: FloatArray,
  bias: FloatArray | undefined,
  out: FloatArray,
): void {
  const apply = f && compile(f);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = bias ? bias[j]! : 0;
      for (let l = 0; l < k; l++)
        sum += a[transposeA ? l * n + i : i * k + l]! * b[transposeB ? j * k + l : l * m + j]!;
      out[i * m + j] = apply ? apply([sum]) : sum;
    }
  }
}

/** P[b, (i, j)] = ½(⟨T_i, U_j⟩ + ⟨T_j, U_i⟩). Of T = U these are the dots of DLRM's interaction. */
function pairs(
  { samples, vectors, dim, itself }: PairsForm,
  t: FloatArray,
  u: FloatArray,
  out: FloatArray,
): void {
  let cell = 0;
  for (let sample = 0; sample < samples; sample++) {
    const first = sample * vectors * dim;
    for (let i = 0; i < vectors; i++) {
      for (let j = 0; j < (itself ? i + 1 : i); j++) {
        const [p, q] = [first + i * dim, first + j * dim];
        let sum = 0;
        for (let c = 0; c < dim; c++) sum += (t[p + c]! * u[q + c]! + t[q + c]! * u[p + c]!) / 2;
        out[cell++] = sum;
      }
    }
  }
}

/** out[b, i] = ½ Σ_{j≠i} g[(i, j)] U_j, plus g[(i, i)] U_i: each pair gives half of its weight to both of its vectors. */
function mix(
  { samples, vectors, dim, itself }: MixForm,
  g: FloatArray,
  u: FloatArray,
  out: FloatArray,
): void {
  const sums = new Float64Array(vectors * dim);
  let cell = 0;
  for (let sample = 0; sample < samples; sample++) {
    const first = sample * vectors * dim;
    sums.fill(0);
    for (let i = 0; i < vectors; i++) {
      for (let j = 0; j < (itself ? i + 1 : i); j++) {
        const half = g[cell++]! / 2; // the pair (i, i) gives both halves to one vector
        const [p, q] = [i * dim, j * dim];
        for (let c = 0; c < dim; c++) {
          sums[p + c]! += half * u[first + q + c]!;
          sums[q + c]! += half * u[first + p + c]!;
        }
      }
    }
    out.set(sums, first);
  }
}

/** Each part's box of out is what the part says of its input; what no box covers stays 0. */
function arrange({ shape, parts }: ArrangeForm, inputs: readonly FloatArray[], out: FloatArray): void {
  const steps = stridesOf(shape);
  for (const [p, { offset, strides, start, extent }] of parts.entries()) {
    const boxSteps = stridesOf(extent);
    for (let cell = 0; cell < sizeOf(extent); cell++) {
      let [from, to] = [offset, 0];
      for (let axis = 0; axis < extent.length; axis++) {
        const index = Math.floor(cell / boxSteps[axis]!) % extent[axis]!;
        from += index * strides[axis]!;
        to += (start[axis]! + index) * steps[axis]!;
      }
      out[to] = inputs[p]![from]!;
    }
  }
}
