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
 * The double that is next to the decimal number at [at, to). NaN where there is nothing, where the text is written in another
 * way, or where only exact arithmetic could tell which double it is.
 */
export function number(at: usize, to: usize): f64 {
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
  const isCut = count > mostDigits;
  const isExact = scale === 0 || (digits <= largestExact && scale >= -largestPower && scale <= largestPower);
  const size = isExact && !isCut ? exact(<f64>digits, scale) : between(digits, scale, isCut);
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

/** digits · 10^scale where both are doubles, or the power is 1: one operation rounds as the number itself does. */
function exact(digits: f64, scale: i32): f64 {
  return scale < 0 ? digits / unchecked(powers[-scale]) : digits * unchecked(powers[scale]);
}

/**
 * digits · 10^scale where one operation on doubles only comes near: in sums of two doubles, of which a step by a power of ten
 * keeps all but 2⁻¹⁰⁰ of the number. Where digits were cut off, it lies up to 10⁻¹⁸ above. Where doubles round both ends of a
 * wider interval alike, they so round all in it.
 */
function between(digits: u64, scale: i32, isCut: bool): f64 {
  if (scale < -3 * largestPower || scale > 3 * largestPower) return NaN;
  high = <f64>digits;
  low = <f64>(<i64>(digits - <u64>high));
  for (; scale > largestPower; scale -= largestPower) times(unchecked(powers[largestPower]));
  for (; scale < -largestPower; scale += largestPower) over(unchecked(powers[largestPower]));
  if (scale < 0) over(unchecked(powers[-scale]));
  else times(unchecked(powers[scale]));
  const margin = high * (isCut ? afterCut : afterSteps);
  const x = high + (low - margin);
  return x === high + (low + margin) ? x : NaN;
}

/** Bounds of the error of the sum, relative to it: 2⁻⁵⁹ and 2⁻⁹⁶. */
const afterCut: f64 = 1.0 / <f64>((<u64>1) << 59);
const afterSteps: f64 = 1.0 / <f64>((<u64>1) << 48) / <f64>((<u64>1) << 48);

/** A number as the sum of two doubles, of which the first is the one next to it. */
let high: f64 = 0;
let low: f64 = 0;

/** Multiplies it by p. */
function times(p: f64): void {
  const product = high * p;
  settle(product, rest(high, p, product) + low * p);
}

/** Divides it by p. */
function over(p: f64): void {
  const quotient = high / p;
  const product = quotient * p;
  settle(quotient, (high - product - rest(quotient, p, product) + low) / p);
}

function settle(sum: f64, small: f64): void {
  high = sum + small;
  low = small - (high - sum);
}

/** What rounding took from a · b = product (Dekker, Numerische Mathematik 1971): exact. */
function rest(a: f64, b: f64, product: f64): f64 {
  const a1 = half(a);
  const b1 = half(b);
  const a2 = a - a1;
  const b2 = b - b1;
  return a1 * b1 - product + a1 * b2 + a2 * b1 + a2 * b2;
}

/** The upper 26 bits of x (Veltkamp). */
function half(x: f64): f64 {
  const wide = x * 134217729; // 2²⁷ + 1
  return wide - (wide - x);
}
