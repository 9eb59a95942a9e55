/** Interaction: dot products of the vectors of each sample, and their adjoint. Threads share the samples. */

import { address, bytes, laneSum, multiplyAdd, share, word } from "./floats";

// Words of a job.
const SAMPLES = 0;
const VECTORS = 1;
const DIM = 2;
const ITSELF = 3;
const X = 4; // PAIRS: T; MIX: g
const Y = 5; // U
const OUT = 6;

function dot(p: usize, q: usize, dim: i32): f32 {
  let sums = f32x4.splat(0);
  let c = 0;
  for (; c + 4 <= dim; c += 4) {
    sums = multiplyAdd(v128.load(p + bytes(c)), v128.load(q + bytes(c)), sums);
  }
  let sum = laneSum(sums);
  for (; c < dim; c++) sum += load<f32>(p + bytes(c)) * load<f32>(q + bytes(c));
  return sum;
}

/** P[b, (i, j)] = ½(⟨T_i, U_j⟩ + ⟨T_j, U_i⟩) */
export function pairs(job: usize, thread: i32, threads: i32): void {
  const samples = word(job, SAMPLES);
  const vectors = word(job, VECTORS);
  const dim = word(job, DIM);
  const itself = word(job, ITSELF);
  const t = address(job, X);
  const u = address(job, Y);
  const each = (vectors * (vectors + (itself ? 1 : -1))) / 2;
  const row = bytes(dim);
  const last = share(samples, thread + 1, threads);
  for (let sample = share(samples, thread, threads); sample < last; sample++) {
    const first = <usize>(sample * vectors) * row;
    let out = address(job, OUT) + bytes(sample * each);
    for (let i = 0; i < vectors; i++) {
      const end = itself ? i + 1 : i;
      const p = first + <usize>i * row;
      let j = 0;
      if (t === u) {
        for (; j + 4 <= end && !(dim & 3); j += 4) {
          fourDots(t + p, t + first + <usize>j * row, row, out);
          out += 16;
        }
      }
      for (; j < end; j++) {
        const q = first + <usize>j * row;
        const sum: f32 =
          t === u ? dot(t + p, t + q, dim) : (dot(t + p, u + q, dim) + dot(t + q, u + p, dim)) * 0.5;
        store<f32>(out, sum);
        out += 4;
      }
    }
  }
}

/** The products of p with four neighboring vectors from q on, of a multiple of four floats each. */
function fourDots(p: usize, q: usize, row: usize, out: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let c: usize = 0; c < row; c += 16) {
    const x = v128.load(p + c);
    s0 = multiplyAdd(x, v128.load(q + c), s0);
    s1 = multiplyAdd(x, v128.load(q + row + c), s1);
    s2 = multiplyAdd(x, v128.load(q + 2 * row + c), s2);
    s3 = multiplyAdd(x, v128.load(q + 3 * row + c), s3);
  }
  const low01 = v128.shuffle<i32>(s0, s1, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(s2, s3, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(s0, s1, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(s2, s3, 2, 6, 3, 7);
  const left = f32x4.add(v128.shuffle<i64>(low01, low23, 0, 2), v128.shuffle<i64>(low01, low23, 1, 3));
  const right = f32x4.add(v128.shuffle<i64>(high01, high23, 0, 2), v128.shuffle<i64>(high01, high23, 1, 3));
  v128.store(out, f32x4.add(left, right));
}

/** out[b, i] = ½ Σ_{j≠i} g[(i, j)] U_j, plus g[(i, i)] U_i with `itself`. */
export function mix(job: usize, thread: i32, threads: i32): void {
  const samples = word(job, SAMPLES);
  const vectors = word(job, VECTORS);
  const dim = word(job, DIM);
  const itself = word(job, ITSELF);
  const each = (vectors * (vectors + (itself ? 1 : -1))) / 2;
  const last = share(samples, thread + 1, threads);
  for (let sample = share(samples, thread, threads); sample < last; sample++) {
    const g = address(job, X) + bytes(sample * each);
    const u = address(job, Y) + bytes(sample * vectors * dim);
    const out = address(job, OUT) + bytes(sample * vectors * dim);
    for (let i = 0; i < vectors; i++) mixOne(g, u, out + bytes(i * dim), i, vectors, dim, itself);
  }
}

/** Where the pair (i, j), j ≤ i, is in a row of pairs. */
function pair(i: i32, j: i32, itself: i32): usize {
  return bytes((i * (itself ? i + 1 : i - 1)) / 2 + j);
}

/** How much of U_j is in out_i. */
function weight(g: usize, i: i32, j: i32, itself: i32): f32 {
  if (i === j) return load<f32>(g + pair(i, i, itself));
  return load<f32>(g + (j < i ? pair(i, j, itself) : pair(j, i, itself))) * 0.5;
}

function mixOne(g: usize, u: usize, out: usize, i: i32, vectors: i32, dim: i32, itself: i32): void {
  let c = 0;
  for (; c + 16 <= dim; c += 16) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let j = 0; j < vectors; j++) {
      if (j === i && !itself) continue; // not 0 · U_i: that would be no number where U_i is infinite
      const w = f32x4.splat(weight(g, i, j, itself));
      const from = u + bytes(j * dim + c);
      s0 = multiplyAdd(w, v128.load(from), s0);
      s1 = multiplyAdd(w, v128.load(from, 16), s1);
      s2 = multiplyAdd(w, v128.load(from, 32), s2);
      s3 = multiplyAdd(w, v128.load(from, 48), s3);
    }
    v128.store(out + bytes(c), s0);
    v128.store(out + bytes(c), s1, 16);
    v128.store(out + bytes(c), s2, 32);
    v128.store(out + bytes(c), s3, 48);
  }
  for (; c < dim; c++) {
    let sum: f32 = 0;
    for (let j = 0; j < vectors; j++) {
      if (j === i && !itself) continue;
      sum += weight(g, i, j, itself) * load<f32>(u + bytes(j * dim + c));
    }
    store<f32>(out + bytes(c), sum);
  }
}
