/**
 * Halves (IEEE 754 binary16) to floats and back, four at a time: `core/numeric/half.ts` in vectors. A step brings the units that
 * it changes in as floats, and takes them back rounded.
 */
import { address, bytes, share, word } from "./floats";

/** The length of n halves in memory. */
function halfBytes(n: u32): usize {
  return (<usize>n) << 1;
}

/** 2¹¹²: what the exponent of a half lacks. So scaled, numbers below 2⁻¹⁴ come out right too. */
const missing: f32 = reinterpret<f32>(0x77800000);

/** The floats that the low 16 bits of each lane stand for. */
function decoded(halves: v128): v128 {
  const magnitude = v128.and(halves, i32x4.splat(0x7fff));
  const sign = i32x4.shl(v128.xor(halves, magnitude), 16);
  const endless = v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x7bff)), i32x4.splat(0x7f800000));
  const value = f32x4.mul(i32x4.shl(magnitude, 13), f32x4.splat(missing));
  return v128.or(v128.or(value, endless), sign);
}

function absolute(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x7fffffff));
}

/** The bits of each lane's half: `normal` from 2⁻¹⁴ on and `small` below, infinity and NaN, and the sign. */
function assembled(x: v128, normal: v128, small: v128): v128 {
  const size = absolute(x);
  const finite = i32x4.min_u(normal, i32x4.splat(0x7c00));
  const bits = v128.bitselect(small, finite, i32x4.lt_s(size, i32x4.splat(0x38800000)));
  const magnitude = v128.bitselect(i32x4.splat(0x7e00), bits, i32x4.gt_s(size, i32x4.splat(0x7f800000)));
  return v128.or(magnitude, i32x4.shr_u(v128.and(x, i32x4.splat(0x80000000)), 16));
}

/** A float's bits, already rounded up or not, as a half's: the exponent counts from 112 less, 13 bits are cut off. */
function cut(bits: v128): v128 {
  return i32x4.shr_u(i32x4.sub(bits, i32x4.splat(0x38000000)), 13);
}

/** Below 2⁻¹⁴ halves are 2⁻²⁴ apart, as floats are from ½ on: an addition rounds. */
function nearest(x: v128): v128 {
  const size = absolute(x);
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const normal = cut(i32x4.add(i32x4.add(size, i32x4.splat(0x0fff)), odd));
  const small = i32x4.sub(f32x4.add(size, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  return assembled(x, normal, small);
}

function mixed(x: v128): v128 {
  let h = i32x4.add(x, i32x4.splat(0x9e3779b9));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** Whole steps of a size, one more where the word is below the fraction, times 2³². */
function stepsByWord(steps: v128, random: v128): v128 {
  const whole = f32x4.floor(steps);
  const share = f32x4.mul(f32x4.sub(steps, whole), f32x4.splat(4294967296.0)); // 2³²
  const below = i32x4.lt_u(random, i32x4.trunc_sat_f32x4_u(f32x4.ceil(share))); // −1 where it is
  return i32x4.sub(i32x4.trunc_sat_f32x4_u(whole), below);
}

/** Adding all ones less the word's upper bits to the 13 that are cut off carries where the word is below them. */
function stochastic(x: v128, random: v128): v128 {
  const size = absolute(x);
  const normal = cut(i32x4.add(size, i32x4.shr_u(v128.not(random), 19)));
  return assembled(x, normal, stepsByWord(f32x4.mul(size, f32x4.splat(16777216.0)), random)); // 2²⁴
}

/** The multiple of the grid's step that each lane becomes: `steps` of them from 0 on, but no more than there are. */
function onGrid(x: v128, steps: v128): v128 {
  const negative = i32x4.shr_s(x, 31); // −1 where it is
  const most = i32x4.sub(gridSize, i32x4.add(negative, i32x4.splat(1)));
  const size = f32x4.mul(f32x4.convert_i32x4_u(i32x4.min_u(steps, most)), gridStep);
  const sign = v128.and(v128.and(negative, i32x4.splat(0x80000000)), f32x4.gt(size, f32x4.splat(0)));
  return v128.bitselect(v128.or(size, sign), x, f32x4.eq(x, x)); // what is no number stays so
}

/** to[s] = the number that from[s] stands for, s < count. */
export function decodeRow(to: usize, from: usize, count: i32): void {
  let s = 0;
  for (; s + 4 <= count; s += 4) v128.store(to + bytes(s), decoded(v128.load_ext<u16>(from + halfBytes(s))));
  for (; s < count; s++) {
    const lanes = decoded(i32x4.splat(load<u16>(from + halfBytes(s))));
    store<f32>(to + bytes(s), f32x4.extract_lane(lanes, 0));
  }
}

// Words of a job that moves units of halves.
const LIST = 0; // numbers of the units; 0: all, in order
const LENGTH = 1; // how many
const EACH = 2; // floats
const MANY = 3; // the halves of all units
const FEW = 4; // the floats of those of the list, one after the other
const TOTAL = 5; // halves of all units: the last may be shorter
const FIRST = 6; // index of the first half among the weights
const ROUNDING = 7; // 0: to nearest; 1: by random words
const KEY = 8; // of the words, and another
const GRID = 10; // steps below 0 of the grid; 0: every half
const STEP = 11; // a float

// How this thread rounds.
let randomly: bool = false;
let firstKey: v128 = i32x4.splat(0);
let secondKey: v128 = i32x4.splat(0);
let onto: bool = false;
let gridSize: v128 = i32x4.splat(0);
let gridStep: v128 = f32x4.splat(0);
let stepsOfOne: v128 = f32x4.splat(0);

/** A multiple of the grid's step is a half, which either rounding leaves as it is. */
function rounded(x: v128, index: v128): v128 {
  const random = randomly ? mixed(v128.xor(mixed(v128.xor(index, firstKey)), secondKey)) : i32x4.splat(0);
  if (onto) {
    const steps = f32x4.mul(absolute(x), stepsOfOne);
    x = onGrid(x, randomly ? stepsByWord(steps, random) : i32x4.trunc_sat_f32x4_u(f32x4.nearest(steps)));
  }
  return randomly ? stochastic(x, random) : nearest(x);
}

/** to[s] = the half that from[s] becomes as weight first + s, s < count. */
function encodeRow(to: usize, from: usize, count: i32, first: u32): void {
  let s = 0;
  for (; s + 4 <= count; s += 4) {
    const index = i32x4.add(i32x4.splat(first + s), i32x4(0, 1, 2, 3));
    const halves = rounded(v128.load(from + bytes(s)), index);
    v128.store_lane<u64>(to + halfBytes(s), i16x8.narrow_i32x4_u(halves, halves), 0);
  }
  for (; s < count; s++) {
    const halves = rounded(v128.load_splat<f32>(from + bytes(s)), i32x4.splat(first + s));
    store<u16>(to + halfBytes(s), <u16>i32x4.extract_lane(halves, 0));
  }
}

/** few[i] = many[list[i]] */
export function pickHalves(job: usize, thread: i32, threads: i32): void {
  move(job, thread, threads, true);
}

/** many[list[i]] = few[i] */
export function putHalves(job: usize, thread: i32, threads: i32): void {
  randomly = word(job, ROUNDING) !== 0;
  firstKey = i32x4.splat(word(job, KEY));
  secondKey = i32x4.splat(word(job, KEY + 1));
  const size = word(job, GRID);
  const step = load<f32>(job + bytes(STEP));
  onto = size !== 0;
  gridSize = i32x4.splat(size);
  gridStep = f32x4.splat(step);
  stepsOfOne = f32x4.splat(1 / step);
  move(job, thread, threads, false);
}

function move(job: usize, thread: i32, threads: i32, pick: bool): void {
  const list = address(job, LIST);
  const length = word(job, LENGTH);
  const each = <u32>word(job, EACH);
  const many = address(job, MANY);
  const few = address(job, FEW);
  const total = <u32>word(job, TOTAL);
  const first = <u32>word(job, FIRST);
  const last = share(length, thread + 1, threads);
  for (let i = share(length, thread, threads); i < last; i++) {
    const from = each * (list ? load<u32>(list + bytes(i)) : <u32>i);
    const here = few + bytes(<i32>each) * <usize>i;
    const count = <i32>min(each, total - from);
    if (pick) decodeRow(here, many + halfBytes(from), count);
    else encodeRow(many + halfBytes(from), here, count, first + from);
  }
}
