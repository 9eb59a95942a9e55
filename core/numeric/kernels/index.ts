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

/** h mod divisor, h < 2⁶²: a quotient in doubles, which is off by few, and what it leaves, exactly. Twice, since h is long. */
function remainder(h: i64, divisor: i64, share: f64): i64 {
  let rest = h - <i64>(<f64>h * share) * divisor;
  rest -= <i64>(<f64>rest * share) * divisor;
  if (rest < 0) rest += divisor;
  if (rest >= divisor) rest -= divisor;
  return rest;
}

/** low · x + high · x · 2³¹ + c, up to multiples of p. Below 2⁶⁴ for low < 2³¹ + 7, high < 2³⁰, x < 2³² and c < 2⁶¹. */
function sumOf(lowTimesX: v128, highTimesX: v128, c: v128): v128 {
  const upper = i64x2.shl(v128.and(highTimesX, i64x2.splat(0x3fffffff)), 31);
  return i64x2.add(i64x2.add(lowTimesX, c), i64x2.add(upper, i64x2.shr_u(highTimesX, 30)));
}

/** A sum below 2⁶⁴ mod p. */
function folded(sum: v128): v128 {
  const h = i64x2.add(v128.and(sum, i64x2.splat(p)), i64x2.shr_u(sum, 61));
  return i64x2.sub(h, v128.and(i64x2.gt_s(h, i64x2.splat(p - 1)), i64x2.splat(p)));
}

/** 2⁵² as a double, and its bits: what is added to it lands in the lower 52 bits as a whole number. */
const bias: f64 = 4503599627370496.0;
const biasBits: u64 = 0x4330000000000000;

/** h / divisor for two h below 2⁶¹, rounded to whole numbers, in the lower 52 bits. */
function quotients(h: v128, share: f64): v128 {
  const upper = f64x2.sub(v128.or(i64x2.shr_u(h, 9), i64x2.splat(biasBits)), f64x2.splat(bias));
  return f64x2.add(f64x2.mul(upper, f64x2.splat(512.0 * share)), f64x2.splat(bias));
}

/** Ranges from here on have quotients below 2⁴⁹, which {@link quotients} gets right to a quarter before it rounds. */
const narrowest: f64 = 4096.0;
/** Up to here what a quotient leaves, less than ¾ of the divisor either way, has its sign in bit 31. */
const widest: f64 = 2147483648.0;

/** Values of the polynomial at the four numbers, below 2³², that stand at an address, mod a divisor; 0 stands for 2³². */
function modulosOfFour(numbers: usize, coefficients: usize, k: i32, divisor: u32, share: f64): v128 {
  const first = f64x2.add(v128.load(numbers), f64x2.splat(bias));
  const second = f64x2.add(v128.load(numbers, 16), f64x2.splat(bias));
  const x = v128.shuffle<i32>(first, second, 0, 2, 4, 6);
  let sum0 = v128.load_splat<u64>(coefficients + ((<usize>(k - 1)) << 3));
  let sum1 = sum0;
  for (let j = k - 2; j >= 0; j--) {
    const lower = v128.and(v128.shuffle<i32>(sum0, sum1, 0, 2, 4, 6), i32x4.splat(0x7fffffff));
    const above = i32x4.shr_u(v128.shuffle<i32>(sum0, sum1, 1, 3, 5, 7), 29); // 2⁶¹ ≡ 1
    const low = i32x4.add(lower, above);
    const middle = v128.shuffle<i32>(i64x2.shr_u(sum0, 31), i64x2.shr_u(sum1, 31), 0, 2, 4, 6);
    const high = v128.and(middle, i32x4.splat(0x3fffffff));
    const c = v128.load_splat<u64>(coefficients + ((<usize>j) << 3));
    sum0 = sumOf(i64x2.extmul_low_i32x4_u(low, x), i64x2.extmul_low_i32x4_u(high, x), c);
    sum1 = sumOf(i64x2.extmul_high_i32x4_u(low, x), i64x2.extmul_high_i32x4_u(high, x), c);
  }
  const h0 = folded(sum0);
  const h1 = folded(sum1);
  const h = v128.shuffle<i32>(h0, h1, 0, 2, 4, 6);
  if (divisor === 0) return h;
  const quotient = v128.shuffle<i32>(quotients(h0, share), quotients(h1, share), 0, 2, 4, 6);
  const rest = i32x4.sub(h, i32x4.mul(quotient, i32x4.splat(divisor)));
  return i32x4.add(rest, v128.and(i32x4.shr_s(rest, 31), i32x4.splat(divisor)));
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
  const inFours = all || (range >= narrowest && range <= widest);
  const end = numbers + ((<usize>count) << 3);
  while (numbers < end) {
    if (inFours && numbers + 32 <= end && fourSmall(numbers)) {
      v128.store(out, modulosOfFour(numbers, coefficients, k, <u32>divisor, share));
      numbers += 32;
      out += 16;
    } else {
      const h = hashOf(<u64>(<i64>load<f64>(numbers)), coefficients, k);
      store<u32>(out, all ? <u32>h : <u32>remainder(<i64>h, divisor, share));
      numbers += 8;
      out += 4;
    }
  }
}

/**
 * a·x mod divisor for four x < 2³², with a `share` of ⌊2³²·a / divisor⌋: (share·x)/2³², rounded down, is the quotient or one less,
 * so that what is left is below twice the divisor, which is at most 2³¹.
 */
function multipliedFour(x: v128, a: v128, share: v128, divisor: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(x, share);
  const high = i64x2.extmul_high_i32x4_u(x, share);
  const quotient = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  const rest = i32x4.sub(i32x4.mul(x, a), i32x4.mul(quotient, divisor));
  return i32x4.min_u(rest, i32x4.sub(rest, divisor));
}

/**
 * out[i] = (a·xᵢ + c mod prime) mod range, for `count` numbers x (doubles below the prime), a and c below the prime, which is
 * at most 2⁴⁰, and a range from 1 to 2³².
 */
export function permuted(
  numbers: usize,
  count: i32,
  a: f64,
  c: f64,
  prime: f64,
  range: f64,
  out: usize,
): void {
  const end = numbers + ((<usize>count) << 3);
  if (prime <= widest && range >= 2.0 && range <= widest) {
    const factor = i32x4.splat(<u32>a);
    const p = i32x4.splat(<u32>prime);
    const share = i32x4.splat(<u32>(((<u64>a) << 32) / <u64>prime));
    const shift = i32x4.splat(<u32>c);
    const divisor = i32x4.splat(<u32>range);
    const one = i32x4.splat(1);
    const oneShare = i32x4.splat(<u32>(4294967296 / <u64>range));
    const whole = f64x2.splat(bias);
    for (; numbers + 32 <= end; numbers += 32, out += 16) {
      const first = f64x2.add(v128.load(numbers), whole);
      const second = f64x2.add(v128.load(numbers, 16), whole);
      const x = v128.shuffle<i32>(first, second, 0, 2, 4, 6);
      const moved = i32x4.add(multipliedFour(x, factor, share, p), shift);
      const h = i32x4.min_u(moved, i32x4.sub(moved, p));
      v128.store(out, multipliedFour(h, one, oneShare, divisor));
    }
  }
  permutedOneByOne(numbers, end, <i64>a, <i64>c, <i64>prime, <i64>range, out);
}

/** The same for any of these primes: a number is cut in two, of 20 bits each. */
function permutedOneByOne(
  numbers: usize,
  end: usize,
  a: i64,
  c: i64,
  prime: i64,
  range: i64,
  out: usize,
): void {
  const byPrime = 1.0 / <f64>prime;
  const byRange = 1.0 / <f64>range;
  for (; numbers < end; numbers += 8, out += 4) {
    const x = <i64>load<f64>(numbers);
    const upper = remainder(a * (x >> 20), prime, byPrime) << 20;
    const h = remainder(upper + a * (x & 0xfffff) + c, prime, byPrime);
    store<u32>(out, <u32>remainder(h, range, byRange));
  }
}
