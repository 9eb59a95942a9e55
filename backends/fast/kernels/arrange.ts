/** Sums over axes, and copies of boxes. */
import { address, bytes, copyStrided, laneSum, share, word, zero } from "./floats";

// Words of a sum.
const OUTER = 0;
const SUMMED = 1;
const INNER = 2;
const X = 3;
const OUT = 4;

/** out[o, i] = Σ_r x[o, r, i]. Threads share the outputs. */
export function reduce(job: usize, thread: i32, threads: i32): void {
  const outer = <i64>word(job, OUTER);
  const summed = word(job, SUMMED);
  const inner = word(job, INNER);
  const x = address(job, X);
  const out = address(job, OUT);
  let cell: i64 = share(outer * inner, thread, threads);
  const last: i64 = share(outer * inner, thread + 1, threads);
  while (cell < last) {
    const i = <i32>(cell % inner);
    const count = <i32>min(<i64>(inner - i), last - cell);
    const from = x + bytes(<i32>(cell / inner) * summed * inner + i);
    const to = out + bytes(<i32>cell);
    if (inner === 1) store<f32>(to, sumOf(from, summed));
    else sumRows(from, bytes(inner), summed, count, to);
    cell += count;
  }
}

/** The sum of neighbors: sixteen sums side by side, then one. */
function sumOf(from: usize, count: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let r = 0;
  for (; r + 16 <= count; r += 16) {
    s0 = f32x4.add(s0, v128.load(from));
    s1 = f32x4.add(s1, v128.load(from, 16));
    s2 = f32x4.add(s2, v128.load(from, 32));
    s3 = f32x4.add(s3, v128.load(from, 48));
    from += 64;
  }
  let sum = laneSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; r < count; r++) {
    sum += load<f32>(from);
    from += 4;
  }
  return sum;
}

/** to[i] = Σ_r from[r][i], each column in order of r. */
function sumRows(from: usize, row: usize, summed: i32, count: i32, to: usize): void {
  zero(to, count);
  for (let r = 0; r < summed; r++) {
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const at = to + bytes(i);
      v128.store(at, f32x4.add(v128.load(at), v128.load(from + bytes(i))));
    }
    for (; i < count; i++) {
      const at = to + bytes(i);
      store<f32>(at, load<f32>(at) + load<f32>(from + bytes(i)));
    }
    from += row;
  }
}

// Words of a copy of one box.
const CELLS = 0;
const RUN = 1; // cells of the last axis
const RANK = 2; // of the other axes
const EXTENT = 3; // [rank]
const READ = 4; // [rank] floats between neighbors, when read
const WRITE = 5; // [rank] and when written
const STEP = 6; // floats between neighbors of the last axis, when read
const FROM = 7;
const TO = 8;

/** Copies one box of a form `arrange`. Threads share its runs. */
export function arrange(job: usize, thread: i32, threads: i32): void {
  const run = word(job, RUN);
  const rank = word(job, RANK);
  const extent = address(job, EXTENT);
  const reads = address(job, READ);
  const writes = address(job, WRITE);
  const step = word(job, STEP);
  const from = address(job, FROM);
  const to = address(job, TO);
  const runs = <i64>(word(job, CELLS) / run);
  const last = share(runs, thread + 1, threads);
  for (let r = share(runs, thread, threads); r < last; r++) {
    let rest = r;
    let read = 0;
    let write = 0;
    for (let axis = rank - 1; axis >= 0; axis--) {
      const size = load<i32>(extent + bytes(axis));
      const index = rest % size;
      rest /= size;
      read += index * load<i32>(reads + bytes(axis));
      write += index * load<i32>(writes + bytes(axis));
    }
    copyStrided(to + bytes(write), from + bytes(read), step, run);
  }
}
