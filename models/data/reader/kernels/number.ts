import { MINUS, PLUS, POINT, ZERO } from "./bytes";

/** Powers of ten that are doubles. */
const powers: StaticArray<f64> = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
];
const largestPower: i32 = 22;
/** Up to here every whole number is a double. */
const largestExact: u64 = 1 << 53;

/** Digits that fit into 64 bits. */
const mostDigits: i32 = 19;
const notPlain: i32 = i32.MIN_VALUE;

/**
 * The 32-bit float of the decimal number at [at, to), rounded as the double that is next to it is. NaN where there
 * is nothing, where the text is written in another way, or where only exact arithmetic could tell which float it is.
 */
export function number(at: usize, to: usize): f32 {
  const negative = load<u8>(at) === MINUS;
  if (negative || load<u8>(at) === PLUS) at++;
  let digits: u64 = 0;
  let count: i32 = 0; // of digits after leading zeros
  let scale: i32 = 0;
  let point: usize = 0;
  const first = at;
  for (; at < to; at++) {
    const digit = load<u8>(at) - ZERO;
    if (digit <= 9) {
      if (count < mostDigits) digits = digits * 10 + digit;
      if (digits !== 0) count++;
      // A digit that is kept moves the point; one that is not, the scale.
      if (count <= mostDigits && point !== 0) scale--;
      if (count > mostDigits && point === 0) scale++;
    } else if (load<u8>(at) === POINT && point === 0) point = at + 1;
    else break;
  }
  if (at - first === (point === 0 ? <usize>0 : <usize>1)) return NaN;
  if (at < to) {
    const power = exponent(at, to);
    if (power === notPlain) return NaN;
    scale += power;
  }
  const size = count <= mostDigits && digits <= largestExact ? exact(digits, scale) : between(digits, scale);
  return negative ? -size : size;
}

/** The exponent at [at, to), with its letter. */
function exponent(at: usize, to: usize): i32 {
  if ((load<u8>(at) | 32) !== 101) return notPlain;
  at++;
  const negative = at < to && load<u8>(at) === MINUS;
  if (negative || (at < to && load<u8>(at) === PLUS)) at++;
  if (at === to) return notPlain;
  let value: i32 = 0;
  for (; at < to; at++) {
    const digit = load<u8>(at) - ZERO;
    if (digit > 9 || value > 9999) return notPlain;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** digits · 10^scale, for digits up to 2⁵³: one operation on two exact doubles rounds as the number itself does. */
function exact(digits: u64, scale: i32): f32 {
  if (scale < -largestPower || scale > largestPower) return between(digits, scale);
  const x = <f64>digits;
  return <f32>(scale < 0 ? x / unchecked(powers[-scale]) : x * unchecked(powers[scale]));
}

/**
 * digits · 10^scale where doubles only come near. Up to five roundings and a cut-off digit leave the product within
 * 6 · 2⁻⁵³ of the number; where floats round both ends of a wider interval alike, they so round all in it.
 */
function between(digits: u64, scale: i32): f32 {
  if (scale < -3 * largestPower || scale > 3 * largestPower) return NaN;
  let x = <f64>digits;
  for (; scale > largestPower; scale -= largestPower) x *= unchecked(powers[largestPower]);
  for (; scale < -largestPower; scale += largestPower) x /= unchecked(powers[largestPower]);
  x = scale < 0 ? x / unchecked(powers[-scale]) : x * unchecked(powers[scale]);
  const margin = x * (1.0 / <f64>((<u64>1) << 49));
  const low = <f32>(x - margin);
  return low === <f32>(x + margin) ? low : NaN;
}
