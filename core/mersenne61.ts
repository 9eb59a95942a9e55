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
  let h = high + Math.floor(low / limb);
  let l = low % limb;
  while (h >= 2 ** 30) {
    l += Math.floor(h / 2 ** 30); // 2⁶¹ ≡ 1
    h = (h % 2 ** 30) + Math.floor(l / limb);
    l %= limb;
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
  const upper = a * Math.floor(b / 65536);
  const lower = (upper % 32768) * 65536 + a * (b % 65536);
  return { high: Math.floor(upper / 32768) + Math.floor(lower / limb), low: lower % limb };
}

/** x mod range, for range ≤ 2³². */
export function modulo61({ high, low }: Split61, range: number): number {
  const shifted = ((((high % range) * 32768) % range) * 65536) % range;
  return (shifted + low) % range;
}
