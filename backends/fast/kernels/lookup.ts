/** Embedding lookups: see `core/lookup.ts` for what the arrays mean. */

import { address, bytes, copy, share, word, zero } from "./floats";
import { decodeRow } from "./half";

// Words of a job.
const DIM = 0;
const BLOCK = 1;
const SLOTS = 2; // m
const STARTS = 3;
const SIGNS = 4; // 0: none
const BAGS = 5;
const COUNT = 6; // of bags
const MEMORY = 7; // the m floats; for units: the floats of all units
const BATCH = 8; // one row of `dim` floats a bag
const ROOM = 9; // GATHER_HALVES: for a block of floats, in whole lines, for each thread
const UNIT = 9; // floats a unit
const PLACES = 10; // of each piece, in the order of reading: which unit, counted as they are first met
const KEYS = 11; // of each unit met: its number in memory
const TABLE = 12; // a hash table from a unit's number to its place; TABLE_SIZE is a power of two
const TABLE_SIZE = 13;
const SHARE_OF = 14; // SCATTER: slots to share among threads; ADD_TO_UNITS: units
const FIRST_PLACE = 15; // units that earlier lookups met
const RESULT = 16; // NUMBER_UNITS: how many units are known afterwards

/** to[s] += ± from[s] for s < count; bit `bit + s` of `words` says whether to subtract. */
function accumulate(to: usize, from: usize, count: i32, words: usize, bit: i32): void {
  let s = 0;
  if (words) {
    const bits = i32x4(1, 2, 4, 8);
    for (; s + 4 <= count; s += 4) {
      const at = bit + s;
      const word = <i32>(load<u64>(words + bytes(at >>> 5)) >> <u64>(at & 31));
      const negative = i32x4.ne(v128.and(i32x4.splat(word), bits), i32x4.splat(0));
      const signed = v128.xor(v128.load(from + bytes(s)), i32x4.shl(negative, 31));
      const target = to + bytes(s);
      v128.store(target, f32x4.add(v128.load(target), signed));
    }
  } else {
    for (; s + 4 <= count; s += 4) {
      const target = to + bytes(s);
      v128.store(target, f32x4.add(v128.load(target), v128.load(from + bytes(s))));
    }
  }
  for (; s < count; s++) {
    const target = to + bytes(s);
    const value = load<f32>(from + bytes(s));
    const at = bit + s;
    const negative = words !== 0 && ((load<u32>(words + bytes(at >>> 5)) >>> (at & 31)) & 1) !== 0;
    store<f32>(target, load<f32>(target) + (negative ? -value : value));
  }
}

// The lookup of the job at hand. Each thread is an instance of the module, so these are its own.
let dim: i32 = 0;
let block: i32 = 0;
let m: u32 = 0;
let starts: usize = 0;
let signs: usize = 0;
let bags: usize = 0;
let count: i32 = 0;
let floats: usize = 0;
let batch: usize = 0;
let blocks: i32 = 0;
let words: i32 = 0;
let room: usize = 0; // where blocks of halves become floats; 0: memory is floats

function open(job: usize): void {
  dim = word(job, DIM);
  block = word(job, BLOCK);
  m = word(job, SLOTS);
  starts = address(job, STARTS);
  signs = address(job, SIGNS);
  bags = address(job, BAGS);
  count = word(job, COUNT);
  floats = address(job, MEMORY);
  batch = address(job, BATCH);
  blocks = (dim + block - 1) / block;
  words = (block + 31) >>> 5;
  room = 0;
}

/** The first item of a bag; the next bag's first ends it. */
function firstItem(bag: i32): i32 {
  return load<i32>(bags + bytes(bag));
}

/** Floats of block b of a row: the last may be shorter. */
function lengthOf(b: i32): i32 {
  return min(block, dim - b * block);
}

/** The sign words of the block that is read `at`-th; 0: none. */
function signsOf(at: i32): usize {
  return signs ? signs + bytes(at * words) : 0;
}

/** to[s] += ± memory[start + s] for s < length, as {@link accumulate}. */
function accumulateSlots(to: usize, start: u32, length: i32, sign: usize, bit: i32): void {
  if (room === 0) {
    accumulate(to, floats + bytes(start), length, sign, bit);
    return;
  }
  decodeRow(room, floats + ((<usize>start) << 1), length);
  accumulate(to, room, length, sign, bit);
}

/** out[bag] = Σ of its items. Threads share the bags. */
export function gather(job: usize, thread: i32, threads: i32): void {
  open(job);
  gatherBags(thread, threads);
}

/** The same from a memory of halves. */
export function gatherHalves(job: usize, thread: i32, threads: i32): void {
  open(job);
  room = address(job, ROOM) + bytes(thread * ((block + 15) & -16));
  gatherBags(thread, threads);
}

function gatherBags(thread: i32, threads: i32): void {
  const last = share(count, thread + 1, threads);
  for (let bag = share(count, thread, threads); bag < last; bag++) {
    const row = batch + bytes(bag * dim);
    zero(row, dim);
    const end = firstItem(bag + 1);
    for (let item = firstItem(bag); item < end; item++) {
      for (let b = 0; b < blocks; b++) {
        const at = item * blocks + b;
        const length = lengthOf(b);
        const to = row + bytes(b * block);
        const start = load<u32>(starts + bytes(at));
        const whole = <i32>min<u32>(length, m - start); // what lies before the end of memory
        const sign = signsOf(at);
        accumulateSlots(to, start, whole, sign, 0);
        if (whole < length) accumulateSlots(to + bytes(whole), 0, length - whole, sign, whole);
      }
    }
  }
}

/** memory[slot] = Σ of what bags send there, in their order. Threads share the slots; each looks at all bags. */
export function scatter(job: usize, thread: i32, threads: i32): void {
  open(job);
  const low = <u32>share(m, thread, threads);
  const high = <u32>share(m, thread + 1, threads);
  memory.fill(floats + bytes(low), 0, bytes(high - low));
  for (let bag = 0; bag < count; bag++) {
    const row = batch + bytes(bag * dim);
    const end = firstItem(bag + 1);
    for (let item = firstItem(bag); item < end; item++) {
      for (let b = 0; b < blocks; b++) {
        const at = item * blocks + b;
        const length = <u32>lengthOf(b);
        const from = row + bytes(b * block);
        const start = load<u32>(starts + bytes(at));
        const whole = min(length, m - start);
        const sign = signsOf(at);
        clipped(from, start, start + whole, 0, low, high, sign);
        if (whole < length) clipped(from, 0, length - whole, whole, low, high, sign);
      }
    }
  }
}

/** Adds from[first …] to slots start … end, as far as they are within low … high. */
function clipped(from: usize, start: u32, end: u32, first: u32, low: u32, high: u32, sign: usize): void {
  const begin = max(start, low);
  const stop = min(end, high);
  if (begin >= stop) return;
  const skipped = first + (begin - start);
  accumulate(floats + bytes(begin), from + bytes(skipped), <i32>(stop - begin), sign, <i32>skipped);
}

/** The place of unit `key` in the order in which units are first met. */
function placeOf(key: u32, table: usize, mask: u32, keys: usize, known: u32): u32 {
  let at = (key * 0x9e3779b1) & mask;
  while (true) {
    const place = load<u32>(table + bytes(at));
    if (place === 0xffffffff) {
      store<u32>(table + bytes(at), known);
      store<u32>(keys + bytes(known), key);
      return known;
    }
    if (load<u32>(keys + bytes(place)) === key) return place;
    at = (at + 1) & mask;
  }
}

/** Floats of the run from `slot` on that end neither with their unit, nor with their block, nor with memory. */
function pieceFrom(slot: u32, unit: u32, left: u32): u32 {
  return min(min(unit - (slot % unit), left), m - slot);
}

/** Numbers the units of memory that a lookup touches. One thread: the order is that of the lookup. */
export function numberUnits(job: usize): void {
  open(job);
  const items = firstItem(count);
  const unit = <u32>word(job, UNIT);
  const keys = address(job, KEYS);
  const table = address(job, TABLE);
  const mask = <u32>word(job, TABLE_SIZE) - 1;
  let places = address(job, PLACES);
  let known = <u32>word(job, FIRST_PLACE);
  for (let item = 0; item < items; item++) {
    for (let b = 0; b < blocks; b++) {
      let slot = load<u32>(starts + bytes(item * blocks + b));
      for (let left = <u32>lengthOf(b); left > 0; ) {
        const place = placeOf(slot / unit, table, mask, keys, known);
        if (place === known) known++;
        store<u32>(places, place);
        places += 4;
        const piece = pieceFrom(slot, unit, left);
        left -= piece;
        slot += piece;
        if (slot === m) slot = 0;
      }
    }
  }
  store<u32>(job + bytes(RESULT), known);
}

/** Adds what bags send to the units they touch, in their order. Threads share the units; each looks at all bags. */
export function addToUnits(job: usize, thread: i32, threads: i32): void {
  open(job);
  const unit = <u32>word(job, UNIT);
  let places = address(job, PLACES);
  const units = word(job, SHARE_OF);
  const low = <u32>share(units, thread, threads);
  const high = <u32>share(units, thread + 1, threads);
  for (let bag = 0; bag < count; bag++) {
    const row = batch + bytes(bag * dim);
    const end = firstItem(bag + 1);
    for (let item = firstItem(bag); item < end; item++) {
      for (let b = 0; b < blocks; b++) {
        const at = item * blocks + b;
        const from = row + bytes(b * block);
        const length = <u32>lengthOf(b);
        let slot = load<u32>(starts + bytes(at));
        for (let s: u32 = 0; s < length; ) {
          const piece = pieceFrom(slot, unit, length - s);
          const place = load<u32>(places);
          places += 4;
          if (place >= low && place < high) {
            const to = floats + bytes(place * unit + (slot % unit));
            accumulate(to, from + bytes(s), piece, signsOf(at), s);
          }
          s += piece;
          slot += piece;
          if (slot === m) slot = 0;
        }
      }
    }
  }
}

// Words of a job that moves units.
const LIST = 0;
const LENGTH = 1;
const EACH = 2; // floats
const MANY = 3; // the array of all units
const FEW = 4; // those of the list, one after the other
const TOTAL = 5; // floats of all units: the last may be shorter

/** few[i] = many[list[i]] */
export function pickUnits(job: usize, thread: i32, threads: i32): void {
  move(job, thread, threads, true);
}

/** many[list[i]] = few[i] */
export function putUnits(job: usize, thread: i32, threads: i32): void {
  move(job, thread, threads, false);
}

function move(job: usize, thread: i32, threads: i32, pick: bool): void {
  const list = address(job, LIST);
  const length = word(job, LENGTH);
  const each = word(job, EACH);
  const row = bytes(each);
  const total = <i64>word(job, TOTAL);
  const many = address(job, MANY);
  const few = address(job, FEW);
  const last = share(length, thread + 1, threads);
  for (let i = share(length, thread, threads); i < last; i++) {
    const unit = load<i32>(list + bytes(i));
    const there = many + row * <usize>unit;
    const here = few + row * <usize>i;
    const floats = <i32>min<i64>(each, total - <i64>unit * each);
    if (pick) copy(here, there, floats);
    else copy(there, here, floats);
  }
}
