/** Characters, and what every format does with bytes. Any line ends in LF, so no search for its end needs another bound. */

import { JOB } from "./job";

export const TAB: u8 = 9;
export const LF: u8 = 10;
export const CR: u8 = 13;
export const SPACE: u8 = 32;
export const PLUS: u8 = 43;
export const MINUS: u8 = 45;
export const POINT: u8 = 46;
export const ZERO: u8 = 48;
/** ] */
export const BRACKET: u8 = 93;

/** Word `index` of the job. */
export function word(index: i32): usize {
  return <usize>load<u32>(<usize>(JOB + (index << 2)));
}

/** The address after the line that `at` lies in. */
export function lineEnd(at: usize): usize {
  while (load<u8>(at) !== LF) at++;
  return at + 1;
}

/** `value` modulo the rows of table t. */
export function folded(value: u32, sizes: usize, t: usize): u32 {
  const size = load<u32>(sizes + (t << 2));
  return size === 0 ? value : value % size;
}
