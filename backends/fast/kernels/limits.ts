/** What this machine can do at most, by the simplest loops: the scale that speeds are read on. */
import { address, bytes, copy, laneSum, multiplyAdd, share, word } from "./floats";

// Words of a job.
const COUNT = 0; // rounds, or floats
const TO = 1; // a float for each thread, or the copy
const FROM = 2;

/** Every thread copies its share of `count` floats. */
export function copyMemory(job: usize, thread: i32, threads: i32): void {
  const first = share(word(job, COUNT), thread, threads);
  const last = share(word(job, COUNT), thread + 1, threads);
  copy(address(job, TO) + bytes(first), address(job, FROM) + bytes(first), last - first);
}

/** Every thread does {@link chains}; what comes out is kept, so that nothing is left out. */
export function peakArithmetic(job: usize, thread: i32): void {
  const rounds = word(job, COUNT);
  const sum = ASC_FEATURE_RELAXED_SIMD ? fusedChains(rounds, 1.0) : chains(rounds, 1.0);
  store<f32>(address(job, TO) + bytes(16 * thread), sum);
}

/** As many operations as {@link chains} where one instruction does both: twelve chains, since each waits for itself. */
function fusedChains(rounds: i32, by: f32): f32 {
  const x = f32x4.splat(by);
  let s0 = x;
  let s1 = x;
  let s2 = x;
  let s3 = x;
  let s4 = x;
  let s5 = x;
  let s6 = x;
  let s7 = x;
  let s8 = x;
  let s9 = x;
  let s10 = x;
  let s11 = x;
  for (let i = 0; i < rounds; i += 2) {
    s0 = multiplyAdd(s0, x, x);
    s1 = multiplyAdd(s1, x, x);
    s2 = multiplyAdd(s2, x, x);
    s3 = multiplyAdd(s3, x, x);
    s4 = multiplyAdd(s4, x, x);
    s5 = multiplyAdd(s5, x, x);
    s6 = multiplyAdd(s6, x, x);
    s7 = multiplyAdd(s7, x, x);
    s8 = multiplyAdd(s8, x, x);
    s9 = multiplyAdd(s9, x, x);
    s10 = multiplyAdd(s10, x, x);
    s11 = multiplyAdd(s11, x, x);
  }
  const left = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(s4, s5));
  const right = f32x4.add(f32x4.add(f32x4.add(s6, s7), f32x4.add(s8, s9)), f32x4.add(s10, s11));
  return laneSum(f32x4.add(left, right));
}

/**
 * 24 · rounds multiplications and as many additions, in registers only: six products and six sums that do not wait for
 * each other, enough to keep both kinds of unit busy on processors that start two of each at a time.
 */
function chains(rounds: i32, by: f32): f32 {
  const factor = f32x4.splat(by);
  let p0 = f32x4.splat(1);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let p4 = p0;
  let p5 = p0;
  let s0 = p0;
  let s1 = p0;
  let s2 = p0;
  let s3 = p0;
  let s4 = p0;
  let s5 = p0;
  for (let i = 0; i < rounds; i++) {
    p0 = f32x4.mul(p0, factor);
    s0 = f32x4.add(s0, factor);
    p1 = f32x4.mul(p1, factor);
    s1 = f32x4.add(s1, factor);
    p2 = f32x4.mul(p2, factor);
    s2 = f32x4.add(s2, factor);
    p3 = f32x4.mul(p3, factor);
    s3 = f32x4.add(s3, factor);
    p4 = f32x4.mul(p4, factor);
    s4 = f32x4.add(s4, factor);
    p5 = f32x4.mul(p5, factor);
    s5 = f32x4.add(s5, factor);
  }
  const products = f32x4.add(f32x4.add(f32x4.add(p0, p1), f32x4.add(p2, p3)), f32x4.add(p4, p5));
  const sums = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(s4, s5));
  return laneSum(f32x4.add(products, sums));
}
