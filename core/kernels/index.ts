/** The WebAssembly module of core, in AssemblyScript: hashes of many blocks at once, exact. `npm run build` compiles it. */

const p: u64 = (1 << 61) - 1;

/** s · x + c mod 2⁶¹ − 1, up to one multiple of it, for s < 2⁶¹ + 8, x < 2⁵³ and c < 2⁶¹; sums stay below 2⁶⁴. */
function step(s: u64, x: u64, c: u64): u64 {
  const low = s & 0x7fffffff;
  const high = s >> 31;
  const x0 = x & 0xffffffff;
  const middle = high * x0; // · 2³¹, and 2⁶¹ ≡ 1
  const sum = c + low * x0 + ((middle & 0x3fffffff) << 31) + (middle >> 30);
  const folded = (sum & p) + (sum >> 61);
  return x < 0x100000000 ? folded : withUpper(folded, low, high, x >> 32);
}

/** Adds s · x₁ · 2³² for the upper 21 bits x₁ of x. */
function withUpper(folded: u64, low: u64, high: u64, x1: u64): u64 {
  const middle = low * x1; // · 2³²
  const sum = folded + ((middle & 0x1fffffff) << 32) + (middle >> 29) + ((high * x1) << 2); // 2⁶³ ≡ 2²
  return (sum & p) + (sum >> 61);
}

/** The polynomial at x, below 2⁶¹ − 1. */
function hashOf(x: u64, coefficients: usize, k: i32): u64 {
  let h = load<u64>(coefficients + ((<usize>(k - 1)) << 3));
  for (let j = k - 2; j >= 0; j--) h = step(h, x, load<u64>(coefficients + ((<usize>j) << 3)));
  return h >= p ? h - p : h;
}

/** h mod divisor: a quotient in doubles, which is off by few, and what it leaves, exactly. Twice, since h has 61 bits. */
function remainder(h: i64, divisor: i64, share: f64): u32 {
  let rest = h - <i64>(<f64>h * share) * divisor;
  rest -= <i64>(<f64>rest * share) * divisor;
  if (rest < 0) rest += divisor;
  if (rest >= divisor) rest -= divisor;
  return <u32>rest;
}

/** {@link hashOf} of two numbers below 2³², which stand in the even and again in the odd lanes of x. */
function hashOfTwo(x: v128, coefficients: usize, k: i32): v128 {
  let h = v128.load_splat<u64>(coefficients + ((<usize>(k - 1)) << 3));
  for (let j = k - 2; j >= 0; j--) {
    const halves = v128.shuffle<i32>(v128.and(h, i64x2.splat(0x7fffffff)), i64x2.shr_u(h, 31), 0, 2, 4, 6);
    const middle = i64x2.extmul_high_i32x4_u(halves, x);
    const upper = i64x2.shl(v128.and(middle, i64x2.splat(0x3fffffff)), 31);
    const c = v128.load_splat<u64>(coefficients + ((<usize>j) << 3));
    const lower = i64x2.add(i64x2.extmul_low_i32x4_u(halves, x), c);
    const sum = i64x2.add(i64x2.add(lower, upper), i64x2.shr_u(middle, 30));
    h = i64x2.add(v128.and(sum, i64x2.splat(p)), i64x2.shr_u(sum, 61));
  }
  return i64x2.sub(h, v128.and(i64x2.gt_s(h, i64x2.splat(p - 1)), i64x2.splat(p)));
}

/** 2⁵² as a double, and its bits: what is added to it lands in the lower 52 bits as a whole number. */
const bias: f64 = 4503599627370496.0;
const biasBits: u64 = 0x4330000000000000;

/** Ranges from here on have quotients below 2⁴⁹, which {@link remaindersOfTwo} gets right to a quarter. */
const wide: f64 = 4096.0;

/**
 * h mod divisor for two h below 2⁶¹. The quotient in doubles, from the upper 52 bits of h, is wrong by less than ¼
 * before and ¾ after it is rounded: so what it leaves is above −divisor and below divisor.
 */
function remaindersOfTwo(h: v128, divisor: u32, share: f64): v128 {
  const upper = v128.or(i64x2.shr_u(h, 9), i64x2.splat(biasBits));
  const quotient = f64x2.mul(f64x2.sub(upper, f64x2.splat(bias)), f64x2.splat(512.0 * share));
  const bits = v128.and(f64x2.add(quotient, f64x2.splat(bias)), i64x2.splat(0xfffffffffffff));
  const halves = v128.shuffle<i32>(bits, bits, 0, 2, 1, 3);
  const divisors = i32x4.splat(divisor);
  const taken = i64x2.add(
    i64x2.extmul_low_i32x4_u(halves, divisors),
    i64x2.shl(i64x2.extmul_high_i32x4_u(halves, divisors), 32),
  );
  const rest = i64x2.sub(h, taken);
  return i64x2.add(rest, v128.and(i64x2.lt_s(rest, i64x2.splat(0)), i64x2.splat(divisor)));
}

/** Hashes of the two numbers below 2³² at an address, mod a divisor, or their lower 32 bits: in the even lanes. */
function modulosOfTwo(numbers: usize, coefficients: usize, k: i32, divisor: u64, share: f64): v128 {
  const biased = f64x2.add(v128.load(numbers), f64x2.splat(bias));
  const h = hashOfTwo(v128.shuffle<i32>(biased, biased, 0, 2, 0, 2), coefficients, k);
  return divisor === 0x100000000 ? h : remaindersOfTwo(h, <u32>divisor, share);
}

/** Whether the four numbers at an address are all below 2³². */
function fourSmall(numbers: usize): bool {
  const limit = f64x2.splat(4294967296.0);
  const lower = f64x2.lt(v128.load(numbers), limit);
  return i64x2.all_true(v128.and(lower, f64x2.lt(v128.load(numbers, 16), limit)));
}

/**
 * out[i] = (Σ_j c_j xᵢʲ mod 2⁶¹ − 1) mod range, for `count` numbers x (doubles below 2⁵³), k coefficients (64 bits each,
 * from the constant one up) and a range up to 2³².
 */
export function modulos(
  numbers: usize,
  count: i32,
  coefficients: usize,
  k: i32,
  range: f64,
  out: usize,
): void {
  const all = range === 4294967296.0;
  const divisor = <i64>range;
  const share = 1.0 / range;
  const end = numbers + ((<usize>count) << 3);
  while (numbers < end) {
    if (numbers + 32 <= end && range >= wide && fourSmall(numbers)) {
      const first = modulosOfTwo(numbers, coefficients, k, divisor, share); // two at once hide each other's waiting
      const second = modulosOfTwo(numbers + 16, coefficients, k, divisor, share);
      v128.store(out, v128.shuffle<i32>(first, second, 0, 2, 4, 6));
      numbers += 32;
      out += 16;
    } else {
      const h = hashOf(<u64>(<i64>load<f64>(numbers)), coefficients, k);
      store<u32>(out, all ? <u32>h : remainder(<i64>h, divisor, share));
      numbers += 8;
      out += 4;
    }
  }
}
