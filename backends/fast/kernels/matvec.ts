/** A product of which one side is a single row or column: nothing is read twice, so nothing is packed. */
import { address, bytes, laneSum, multiplyAdd, share, word } from "./floats";
import { POSITIVE_PART } from "./job";
import { depth } from "./matmul";

// Words of a job.
const OUTPUTS = 0;
const K = 1;
const MATRIX = 2; // MATVEC: [outputs × k]; VECMAT: [k × outputs]
const VECTOR = 3; // [k]
const OUT = 4; // [outputs]
const BIAS = 5; // 0: none
const BIAS_STEP = 6; // 1: one for each output; 0: the same for all
const FLAGS = 7;

/** out[i] = f(Σ_l matrix[i][l] · vector[l] + bias). Threads share the rows. */
export function matvec(job: usize, thread: i32, threads: i32): void {
  const k = word(job, K);
  const matrix = address(job, MATRIX);
  const vector = address(job, VECTOR);
  const out = address(job, OUT);
  const last = share(word(job, OUTPUTS), thread + 1, threads);
  for (let i = share(word(job, OUTPUTS), thread, threads); i < last; i++) {
    store<f32>(out + bytes(i), dot(matrix + bytes(i * k), vector, k));
    finish(job, i);
  }
}

/** Adds the bias to output i, and takes its positive part. */
function finish(job: usize, i: i32): void {
  const bias = address(job, BIAS);
  const at = address(job, OUT) + bytes(i);
  let sum = load<f32>(at);
  if (bias) sum += load<f32>(bias + bytes(i * word(job, BIAS_STEP)));
  const positive = (word(job, FLAGS) & POSITIVE_PART) !== 0;
  store<f32>(at, positive && sum < 0 ? 0 : sum); // keeps NaN
}

/** Sixteen sums side by side, then one. */
function dot(p: usize, q: usize, count: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let l = 0;
  for (; l + 16 <= count; l += 16) {
    s0 = multiplyAdd(v128.load(p), v128.load(q), s0);
    s1 = multiplyAdd(v128.load(p, 16), v128.load(q, 16), s1);
    s2 = multiplyAdd(v128.load(p, 32), v128.load(q, 32), s2);
    s3 = multiplyAdd(v128.load(p, 48), v128.load(q, 48), s3);
    p += 64;
    q += 64;
  }
  let sum = laneSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; l < count; l++) {
    sum += load<f32>(p) * load<f32>(q);
    p += 4;
    q += 4;
  }
  return sum;
}

/** Columns that {@link wide} sums in registers. */
const strip: i32 = 32;

/** out[j] = f(Σ_l vector[l] · matrix[l][j] + bias), in runs of `depth` as a product of many rows. Threads share the columns. */
export function vecmat(job: usize, thread: i32, threads: i32): void {
  const columns = word(job, OUTPUTS);
  const k = word(job, K);
  const row = bytes(columns);
  const out = address(job, OUT);
  const last = min(columns, strip * share((columns + strip - 1) / strip, thread + 1, threads));
  const first = strip * share((columns + strip - 1) / strip, thread, threads);
  for (let l = 0; l < k; l += depth) {
    const run = min(depth, k - l);
    const matrix = address(job, MATRIX) + row * <usize>l;
    const vector = address(job, VECTOR) + bytes(l);
    let j = first;
    for (; j + strip <= last; j += strip) wide(matrix + bytes(j), row, vector, run, out + bytes(j), l === 0);
    for (; j < last; j += 4) narrow(matrix + bytes(j), row, vector, run, out + bytes(j), l === 0, last - j);
  }
  for (let j = first; j < last; j++) finish(job, j);
}

/** Thirty-two columns. */
function wide(matrix: usize, row: usize, vector: usize, run: i32, out: usize, first: bool): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  const end = vector + bytes(run);
  while (vector < end) {
    const x = v128.load_splat<f32>(vector);
    s0 = multiplyAdd(x, v128.load(matrix), s0);
    s1 = multiplyAdd(x, v128.load(matrix, 16), s1);
    s2 = multiplyAdd(x, v128.load(matrix, 32), s2);
    s3 = multiplyAdd(x, v128.load(matrix, 48), s3);
    s4 = multiplyAdd(x, v128.load(matrix, 64), s4);
    s5 = multiplyAdd(x, v128.load(matrix, 80), s5);
    s6 = multiplyAdd(x, v128.load(matrix, 96), s6);
    s7 = multiplyAdd(x, v128.load(matrix, 112), s7);
    vector += 4;
    matrix += row;
  }
  keep(out, s0, first);
  keep(out + 16, s1, first);
  keep(out + 32, s2, first);
  keep(out + 48, s3, first);
  keep(out + 64, s4, first);
  keep(out + 80, s5, first);
  keep(out + 96, s6, first);
  keep(out + 112, s7, first);
}

function keep(out: usize, sums: v128, first: bool): void {
  v128.store(out, first ? sums : f32x4.add(v128.load(out), sums));
}

/** Up to four columns: what is read past the last one is not kept. */
function narrow(
  matrix: usize,
  row: usize,
  vector: usize,
  run: i32,
  out: usize,
  first: bool,
  width: i32,
): void {
  let sums = f32x4.splat(0);
  for (let l = 0; l < run; l++) {
    sums = multiplyAdd(v128.load_splat<f32>(vector), v128.load(matrix), sums);
    vector += 4;
    matrix += row;
  }
  if (!first) sums = f32x4.add(v128.load(out), sums);
  if (width >= 4) v128.store(out, sums);
  else {
    store<f32>(out, f32x4.extract_lane(sums, 0));
    if (width > 1) store<f32>(out, f32x4.extract_lane(sums, 1), 4);
    if (width > 2) store<f32>(out, f32x4.extract_lane(sums, 2), 8);
  }
}
