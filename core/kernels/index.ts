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
  const whole = range === 4294967296.0;
  const divisor = <i64>range;
  const share = 1.0 / range;
  const c0 = load<u64>(coefficients);
  const c1 = load<u64>(coefficients, 8);
  for (let i = 0; i < count; i++) {
    const x = <u64>(<i64>load<f64>(numbers + ((<usize>i) << 3)));
    let h = c1;
    if (k > 2) {
      h = load<u64>(coefficients + ((<usize>(k - 1)) << 3));
      for (let j = k - 2; j > 0; j--) h = step(h, x, load<u64>(coefficients + ((<usize>j) << 3)));
    }
    h = step(h, x, c0);
    if (h >= p) h -= p;
    store<u32>(out + ((<usize>i) << 2), whole ? <u32>h : remainder(<i64>h, divisor, share));
  }
}

/** h mod divisor: a quotient in doubles, which is off by few, and what it leaves, exactly. Twice, since h has 61 bits. */
function remainder(h: i64, divisor: i64, share: f64): u32 {
  let rest = h - <i64>(<f64>h * share) * divisor;
  rest -= <i64>(<f64>rest * share) * divisor;
  if (rest < 0) rest += divisor;
  if (rest >= divisor) rest -= divisor;
  return <u32>rest;
}
