import { remainder } from "./number.ts";

/**
 * Exact arithmetic modulo 2⁶¹ − 1 in doubles. A residue is `high · 2³¹ + low` with high < 2³⁰ and low < 2³¹; every
 * intermediate value below stays under 2⁵³, so nothing is ever rounded.
 */
export interface Split61 {
  readonly high: number;
  readonly low: number;
}

const limb = 2 ** 31;

/** The residue of high · 2³¹ + low, for 0 ≤ high, low < 2⁵². */
export function reduced61(high: number, low: number): Split61 {
  let carry = Math.floor(low / limb);
  let h = high + carry;
  let l = low - carry * limb;
  while (h >= 2 ** 30) {
    const wraps = Math.floor(h / 2 ** 30); // 2⁶¹ ≡ 1
    l += wraps;
    carry = l >= limb ? Math.floor(l / limb) : 0;
    h += carry - wraps * 2 ** 30;
    l -= carry * limb;
  }
  return h === 2 ** 30 - 1 && l === limb - 1 ? { high: 0, low: 0 } : { high: h, low: l };
}

/** x · y mod 2⁶¹ − 1. */
export function multiply61(x: Split61, y: Split61): Split61 {
  const top = product(x.high, y.high); // · 2⁶² ≡ · 2
  const left = product(x.high, y.low); // · 2³¹
  const right = product(x.low, y.high); // · 2³¹
  const bottom = product(x.low, y.low);
  return reduced61(
    2 * top.high + left.low + right.low + bottom.high,
    2 * top.low + 2 * (left.high + right.high) + bottom.low,
  );
}

/** a · b for a, b < 2³¹ as high · 2³¹ + low. */
function product(a: number, b: number): Split61 {
  const upper = a * (b >>> 16);
  const upperHigh = Math.floor(upper / 32768);
  const lower = (upper - upperHigh * 32768) * 65536 + a * (b & 0xffff);
  const carry = Math.floor(lower / limb);
  return { high: upperHigh + carry, low: lower - carry * limb };
}

/** x mod range, for range ≤ 2³². */
export function modulo61({ high, low }: Split61, range: number): number {
  const raised = remainder(remainder(remainder(high, range) * 32768, range) * 65536, range);
  return remainder(raised + low, range);
}
