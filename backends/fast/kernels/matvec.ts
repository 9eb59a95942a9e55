/** A product of which one side is a single row or column: nothing is read twice, so nothing is packed. */
import { address, bytes, word } from "./floats";
import { POSITIVE_PART } from "./job";

// Words of a job.
const ROWS = 0;
const K = 1;
const MATRIX = 2; // [rows × k]
const VECTOR = 3; // [k]
const OUT = 4; // [rows]
const BIAS = 5; // 0: none
const BIAS_STEP = 6; // 1: one for each row; 0: the same for all
const FLAGS = 7;

/** out[i] = f(Σ_l matrix[i][l] · vector[l] + bias). Threads share the rows. */
export function matvec(job: usize, thread: i32, threads: i32): void {
  const rows = <i64>word(job, ROWS);
  const k = word(job, K);
  const vector = address(job, VECTOR);
  const bias = address(job, BIAS);
  const positive = (word(job, FLAGS) & POSITIVE_PART) !== 0;
  const last = <i32>((rows * (thread + 1)) / threads);
  for (let i = <i32>((rows * thread) / threads); i < last; i++) {
    let sum = dot(address(job, MATRIX) + bytes(i * k), vector, k);
    if (bias) sum += load<f32>(bias + bytes(i * word(job, BIAS_STEP)));
    store<f32>(address(job, OUT) + bytes(i), positive && sum < 0 ? 0 : sum);
  }
}

/** Sixteen sums side by side, then one. */
function dot(p: usize, q: usize, count: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let l = 0;
  for (; l + 16 <= count; l += 16) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(p), v128.load(q)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(p, 16), v128.load(q, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(p, 32), v128.load(q, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(p, 48), v128.load(q, 48)));
    p += 64;
    q += 64;
  }
  const s = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  let sum =
    f32x4.extract_lane(s, 0) +
    f32x4.extract_lane(s, 1) +
    (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  for (; l < count; l++) {
    sum += load<f32>(p) * load<f32>(q);
    p += 4;
    q += 4;
  }
  return sum;
}
