/**
 * C = f(op(A) · op(B) + bias) by register tiles of 4 × 8, over panels that are packed so that the innermost loop reads
 * memory in order. Every cell of C adds its products in the order of l, in runs of `depth`, whatever tile or thread it
 * falls to, so the result does not depend on how the work is shared out.
 */

import { address, bytes, copy, multiplyAdd, share, word, zero } from "./floats";
import { POSITIVE_PART, TAKEN, TRANSPOSED_A, TRANSPOSED_B } from "./job";

/** Rows and columns of C that one tile holds in registers. */
const rows: i32 = 4;
const columns: i32 = 8;
/** Products added in registers before C is touched: a panel of B of that depth stays in the first cache. */
export const depth: i32 = 512;
/** Rows of A packed at a time: they stay in the second cache. */
const strip: i32 = 64;
/** Pieces of C for each thread, or more. */
const pieces: i32 = 4;

// Words of a job.
const N = 0;
const K = 1;
const M = 2;
const A = 3;
const B = 4;
const C = 5;
const BIAS = 6; // 0: none
const FLAGS = 7;
const PACKED = 8; // op(B), padded to whole panels
const SCRATCH = 9; // for each thread: a strip of A, and a tile for the ragged edges

function panels(size: i32, each: i32): i32 {
  return (size + each - 1) / each;
}

/** Bytes of scratch that one thread needs. */
export function matmulScratch(): i32 {
  return 4 * (strip * depth + rows * columns);
}

/** Floats of op(B) when packed. */
export function packedSize(k: i32, m: i32): i32 {
  return k * columns * panels(m, columns);
}

/** Copies op(B) into panels of 8 columns, row by row of the panel; columns past the last are 0. */
export function pack(job: usize, thread: i32, threads: i32): void {
  const k = word(job, K);
  const m = word(job, M);
  const b = address(job, B);
  const packed = address(job, PACKED);
  const transposed = (word(job, FLAGS) & TRANSPOSED_B) !== 0;
  const count = panels(m, columns);
  const last = share(count, thread + 1, threads);
  for (let p = share(count, thread, threads); p < last; p++) {
    const j = p * columns;
    const width = min(columns, m - j);
    for (let l0 = 0; l0 < k; l0 += depth) {
      const l1 = min(l0 + depth, k);
      const to = packed + bytes(l0 * columns * count + p * columns * (l1 - l0));
      if (transposed) packColumns(b + bytes(j * k + l0), k, width, l1 - l0, to, columns);
      else packRows(b + bytes(l0 * m + j), m, width, l1 - l0, to, columns);
    }
  }
}

/** to[l][s] = from[l · stride + s] for s < width, else 0. */
function packRows(from: usize, stride: i32, width: i32, count: i32, to: usize, each: i32): void {
  for (let l = 0; l < count; l++) {
    if (width === each) {
      for (let s = 0; s < each; s += 4) v128.store(to + bytes(s), v128.load(from + bytes(s)));
    } else {
      for (let s = 0; s < each; s++) store<f32>(to + bytes(s), s < width ? load<f32>(from + bytes(s)) : 0);
    }
    from += bytes(stride);
    to += bytes(each);
  }
}

/** to[l][s] = from[s · stride + l] for s < width, else 0: a transposition, four by four where it can. */
function packColumns(from: usize, stride: i32, width: i32, count: i32, to: usize, each: i32): void {
  for (let s = 0; s < each; s += 4) {
    let l = 0;
    if (s + 4 <= width) {
      const row = bytes(stride);
      const line = bytes(each);
      let read = from + row * s;
      let write = to + bytes(s);
      for (; l + 4 <= count; l += 4) {
        const x0 = v128.load(read);
        const x1 = v128.load(read + row);
        const x2 = v128.load(read + 2 * row);
        const x3 = v128.load(read + 3 * row);
        const low01 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
        const low23 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
        const high01 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
        const high23 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
        v128.store(write, v128.shuffle<i64>(low01, low23, 0, 2));
        v128.store(write + line, v128.shuffle<i64>(low01, low23, 1, 3));
        v128.store(write + 2 * line, v128.shuffle<i64>(high01, high23, 0, 2));
        v128.store(write + 3 * line, v128.shuffle<i64>(high01, high23, 1, 3));
        read += 16;
        write += 4 * line;
      }
    }
    for (; l < count; l++) {
      for (let i = s; i < s + 4; i++) {
        const value: f32 = i < width ? load<f32>(from + bytes(i * stride + l)) : 0;
        store<f32>(to + bytes(l * each + i), value);
      }
    }
  }
}

/**
 * The product, after {@link pack}. C is cut by rows, or by columns where there are few rows, and a thread takes the next piece
 * when it has done one: where the machine has other work to do, too, no thread waits for the one that was held up.
 */
export function matmul(job: usize, thread: i32, threads: i32): void {
  const rowTiles = panels(word(job, N), rows);
  const columnTiles = panels(word(job, M), columns);
  const tiles = max(rowTiles, columnTiles);
  const piece = threads === 1 ? tiles : max(1, min(strip / rows, tiles / (threads * pieces)));
  while (true) {
    const first = atomic.add<i32>(TAKEN, piece);
    if (first >= tiles) return;
    const last = min(first + piece, tiles);
    if (rowTiles >= columnTiles) block(job, thread, first, last, 0, columnTiles);
    else block(job, thread, 0, rowTiles, first, last);
  }
}

/** The tiles of C in rows of tiles `top` … `bottom` and columns of tiles `left` … `right`. */
function block(job: usize, thread: i32, top: i32, bottom: i32, left: i32, right: i32): void {
  const n = word(job, N);
  const k = word(job, K);
  const m = word(job, M);
  const packed = address(job, PACKED);
  const scratch = address(job, SCRATCH) + thread * matmulScratch();
  const count = panels(m, columns);
  for (let l0 = 0; l0 < k; l0 += depth) {
    const run = min(depth, k - l0);
    for (let i0 = top * rows; i0 < min(bottom * rows, n); i0 += strip) {
      const i1 = min(min(i0 + strip, bottom * rows), n);
      packStrip(job, i0, i1, l0, run, scratch);
      for (let p = left; p < right; p++) {
        const panel = packed + bytes(l0 * columns * count + p * columns * run);
        for (let i = i0; i < i1; i += rows) {
          const a = scratch + bytes((i - i0) * run);
          cell(job, i, p * columns, a, panel, run, l0 === 0, l0 + run === k, scratch);
        }
      }
    }
  }
}

function packStrip(job: usize, i0: i32, i1: i32, l0: i32, run: i32, to: usize): void {
  const n = word(job, N);
  const k = word(job, K);
  const a = address(job, A);
  const transposed = (word(job, FLAGS) & TRANSPOSED_A) !== 0;
  for (let i = i0; i < i1; i += rows) {
    const height = min(rows, n - i);
    const panel = to + bytes((i - i0) * run);
    if (transposed) packRows(a + bytes(l0 * n + i), n, height, run, panel, rows);
    else packColumns(a + bytes(i * k + l0), k, height, run, panel, rows);
  }
}

/** One tile of C; a ragged one by way of a whole one in scratch. */
function cell(
  job: usize,
  i: i32,
  j: i32,
  a: usize,
  b: usize,
  run: i32,
  first: bool,
  last: bool,
  scratch: usize,
): void {
  const n = word(job, N);
  const m = word(job, M);
  const bias = address(job, BIAS);
  const positive = last && (word(job, FLAGS) & POSITIVE_PART) !== 0;
  const c = address(job, C) + bytes(i * m + j);
  const height = min(rows, n - i);
  const width = min(columns, m - j);
  if (height === rows && width === columns) {
    tile(a, b, run, c, bytes(m), first ? (bias ? bias + bytes(j) : 0) : c, first ? 0 : bytes(m), positive);
    return;
  }
  const whole = scratch + bytes(strip * depth);
  zero(whole, rows * columns);
  for (let r = 0; r < height; r++) {
    const from = first ? (bias ? bias + bytes(j) : 0) : c + bytes(r * m);
    if (from) copy(whole + bytes(r * columns), from, width);
  }
  tile(a, b, run, whole, bytes(columns), whole, bytes(columns), positive);
  for (let r = 0; r < height; r++) {
    copy(c + bytes(r * m), whole + bytes(r * columns), width);
  }
}

/** c = start + Σ_l a[l][0…3] ⊗ b[l][0…7], and its positive part. Rows of `start` are `stride` bytes apart; 0 is zeros. */
function tile(
  a: usize,
  b: usize,
  run: i32,
  c: usize,
  row: usize,
  start: usize,
  stride: usize,
  positive: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = a + 16 * <usize>run;
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    a += 16;
    b += 32;
  }
  finish(c, c00, c01, start, positive);
  finish(c + row, c10, c11, start ? start + stride : 0, positive);
  finish(c + 2 * row, c20, c21, start ? start + 2 * stride : 0, positive);
  finish(c + 3 * row, c30, c31, start ? start + 3 * stride : 0, positive);
}

function finish(c: usize, left: v128, right: v128, start: usize, positive: bool): void {
  if (start) {
    left = f32x4.add(v128.load(start), left);
    right = f32x4.add(v128.load(start, 16), right);
  }
  if (positive) {
    const zero = f32x4.splat(0);
    left = v128.andnot(left, f32x4.lt(left, zero)); // keeps NaN
    right = v128.andnot(right, f32x4.lt(right, zero));
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}
