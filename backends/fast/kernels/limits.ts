/** What this machine can do at most, by the simplest loops: the scale that speeds are read on. */
import { address, bytes, copy, word } from "./floats";

// Words of a job.
const COUNT = 0; // rounds, or floats
const TO = 1; // a float for each thread, or the copy
const FROM = 2;

/** Every thread copies its share of `count` floats. */
export function copyMemory(job: usize, thread: i32, threads: i32): void {
  const count = <i64>word(job, COUNT);
  const first = <i32>((count * thread) / threads);
  const last = <i32>((count * (thread + 1)) / threads);
  copy(address(job, TO) + bytes(first), address(job, FROM) + bytes(first), last - first);
}

/** Every thread does {@link chains}; what comes out is kept, so that nothing is left out. */
export function multiplyAdd(job: usize, thread: i32): void {
  store<f32>(address(job, TO) + bytes(16 * thread), chains(word(job, COUNT), 0.5));
}

/** 96 · rounds multiplications and additions, in registers only: twelve sums that do not wait for each other. */
function chains(rounds: i32, by: f32): f32 {
  const x = f32x4.splat(by);
  const y = f32x4.splat(by * 0.5);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  let s8 = s0;
  let s9 = s0;
  let s10 = s0;
  let s11 = s0;
  for (let i = 0; i < rounds; i++) {
    s0 = f32x4.add(f32x4.mul(s0, x), y);
    s1 = f32x4.add(f32x4.mul(s1, x), y);
    s2 = f32x4.add(f32x4.mul(s2, x), y);
    s3 = f32x4.add(f32x4.mul(s3, x), y);
    s4 = f32x4.add(f32x4.mul(s4, x), y);
    s5 = f32x4.add(f32x4.mul(s5, x), y);
    s6 = f32x4.add(f32x4.mul(s6, x), y);
    s7 = f32x4.add(f32x4.mul(s7, x), y);
    s8 = f32x4.add(f32x4.mul(s8, x), y);
    s9 = f32x4.add(f32x4.mul(s9, x), y);
    s10 = f32x4.add(f32x4.mul(s10, x), y);
    s11 = f32x4.add(f32x4.mul(s11, x), y);
  }
  const a = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  const b = f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7));
  const c = f32x4.add(f32x4.add(s8, s9), f32x4.add(s10, s11));
  return f32x4.extract_lane(f32x4.add(f32x4.add(a, b), c), 0);
}
