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
  const vector = address(job, VECTOR);
  const first = share(word(job, OUTPUTS), thread, threads);
  const last = share(word(job, OUTPUTS), thread + 1, threads);
  let matrix = address(job, MATRIX) + bytes(first) * <usize>k;
  let out = address(job, OUT) + bytes(first);
  for (let i = first; i < last; i += 2) {
    twoDots(matrix, i + 1 < last ? matrix + bytes(k) : matrix, vector, k, out, i + 1 < last);
    matrix += bytes(2 * k);
    out += 8;
  }
  finish(job, first, last);
}

/** Adds the bias to outputs, and takes their positive part. */
function finish(job: usize, first: i32, last: i32): void {
  const out = address(job, OUT);
  const bias = address(job, BIAS);
  const step = bytes(word(job, BIAS_STEP));
  const positive = (word(job, FLAGS) & POSITIVE_PART) !== 0;
  if (!bias && !positive) return;
  for (let i = first; i < last; i++) {
    let sum = load<f32>(out + bytes(i));
    if (bias) sum += load<f32>(bias + step * <usize>i);
    store<f32>(out + bytes(i), positive && sum < 0 ? 0 : sum); // keeps NaN
  }
}

/** Products of rows p and q with a vector: eight sums side by side, then one. More do not fit in registers. */
function twoDots(p: usize, q: usize, vector: usize, k: i32, out: usize, both: bool): void {
  let p0 = f32x4.splat(0);
  let p1 = p0;
  let q0 = p0;
  let q1 = p0;
  let l = 0;
  for (; l + 8 <= k; l += 8) {
    const x0 = v128.load(vector);
    const x1 = v128.load(vector, 16);
    p0 = multiplyAdd(v128.load(p), x0, p0);
    q0 = multiplyAdd(v128.load(q), x0, q0);
    p1 = multiplyAdd(v128.load(p, 16), x1, p1);
    q1 = multiplyAdd(v128.load(q, 16), x1, q1);
    p += 32;
    q += 32;
    vector += 32;
  }
  store<f32>(out, withRest(f32x4.add(p0, p1), p, vector, k - l));
  if (both) store<f32>(out, withRest(f32x4.add(q0, q1), q, vector, k - l), 4);
}

/** The sum of four sums, and of the products that did not fill two vectors. */
function withRest(sums: v128, p: usize, vector: usize, count: i32): f32 {
  let sum = laneSum(sums);
  for (let l = 0; l < count; l++) sum += load<f32>(p + bytes(l)) * load<f32>(vector + bytes(l));
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
  finish(job, first, last);
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
