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

function reduce({ outer, summed, inner }: ReduceForm, x: FloatArray, out: FloatArray): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let r = 0; r < summed; r++) sum += x[(o * summed + r) * inner + i]!;
      out[o * inner + i] = sum;
    }
  }
}

/**
 * One row of C at a time, its m sums side by side in doubles, so that B is read along its rows; four rows of B a pass,
 * so that each sum is fetched and stored a quarter as often.
 */
function matmul(
  form: MatmulForm,
  a: FloatArray,
  b: FloatArray,
  bias: FloatArray | undefined,
  out: FloatArray,
): void {
  const { transposeA, transposeB, f } = form;
  // Whole to the engine too: where it has met a size as a double, every index becomes one, and the loop half as fast.
  const [n, k, m] = [form.n | 0, form.k | 0, form.m | 0];
  const activation = f && compile(f);
  const left = transposeA ? transposed(a, k, n) : a;
  const right = transposeB ? transposed(b, m, k) : b;
  const sums = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    if (bias) sums.set(bias);
    else sums.fill(0);
    let l = 0;
    for (; l + 4 <= k; l += 4) {
      const at = i * k + l;
      const [x0, x1, x2, x3] = [left[at]!, left[at + 1]!, left[at + 2]!, left[at + 3]!];
      const [r0, r1, r2, r3] = [l * m, (l + 1) * m, (l + 2) * m, (l + 3) * m];
      for (let j = 0; j < m; j++) {
        sums[j]! += x0 * right[r0 + j]! + x1 * right[r1 + j]! + x2 * right[r2 + j]! + x3 * right[r3 + j]!;
      }
    }
    for (; l < k; l++) {
      const x = left[i * k + l]!;
      for (let j = 0; j < m; j++) sums[j]! += x * right[l * m + j]!;
    }
    for (let j = 0; j < m; j++) out[i * m + j] = activation ? activation([sums[j]!]) : sums[j]!;
  }
}

export function transposed(x: FloatArray, rows: number, columns: number): FloatArray {
  const out = new (x.constructor as Float64ArrayConstructor)(x.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j]!;
  return out;
}

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
        if (t === u) for (let c = 0; c < dim; c++) sum += t[p + c]! * t[q + c]!;
        else for (let c = 0; c < dim; c++) sum += (t[p + c]! * u[q + c]! + t[q + c]! * u[p + c]!) / 2;
        out[cell++] = sum;
      }
    }
  }
}

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
        const half = g[cell++]! / 2; // a pair (i, i) adds to one vector twice
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

function arrange({ shape, parts }: ArrangeForm, inputs: readonly FloatArray[], out: FloatArray): void {
  const steps = stridesOf(shape);
  parts.forEach(({ offset, strides, start, extent }, p) => {
    const input = inputs[p]!;
    const boxSteps = stridesOf(extent);
    const run = extent.at(-1) ?? 1;
    const from = strides.at(-1) ?? 1;
    for (let cell = 0; cell < sizeOf(extent); cell += run) {
      let read = offset;
      let write = 0;
      for (let axis = 0; axis < extent.length; axis++) {
        const index = Math.floor(cell / boxSteps[axis]!) % extent[axis]!;
        read += index * strides[axis]!;
        write += (index + start[axis]!) * steps[axis]!;
      }
      for (let i = 0; i < run; i++) out[write + i] = input[read + i * from]!;
    }
  });
}
