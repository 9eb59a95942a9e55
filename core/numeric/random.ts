/** A seeded stream of random numbers. Two streams with different names are independent for every purpose here. */
export interface Random {
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform on {0, …, n − 1}, n ≤ 2³². Exact: no modulo bias. */
  integer(n: number): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** 32 uniform bits. */
  bits(): number;
  /** Passes over `count` numbers of `bits`: a nanosecond or two each. */
  skip(count: number): void;
}

/**
 * The stream called `name` of `seed`. Every consumer names its own stream ("shuffle", "bottom.0.weight", …), so that
 * adding a consumer never changes the numbers that another one draws. A stream may come in pieces, 0 … 2⁵³ − 1, each as
 * if it had a name of its own; 0 where none is given.
 *
 * Generator: Chris Doty-Humphrey's sfc32 (PractRand), 128 bits of state filled from (seed, name) by FNV-1a, and from the
 * piece: each begins in another state, and the mixing, which can be undone, keeps them apart.
 *
 * Long: methods of one closure, each short, over one state.
 */
export function random(seed: number, name: string, piece = 0): Random {
  let a = fnv(`${seed}/${name}/a`) ^ piece;
  let b = fnv(`${seed}/${name}/b`) ^ (piece / 2 ** 32);
  let c = fnv(`${seed}/${name}/c`);
  let counter = 1;
  const bits = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  // `bits` again and again, on variables that are known to be 32-bit integers: seven times as fast. Short, because an engine
  // that compiles a loop while it runs does not know that.
  const pass = (count: number) => {
    let x = a | 0;
    let y = b | 0;
    let z = c | 0;
    let n = counter | 0;
    for (let i = 0; i < count; i++) {
      const t = (((x + y) | 0) + n) | 0;
      n = (n + 1) | 0;
      x = y ^ (y >>> 9);
      y = (z + (z << 3)) | 0;
      z = (((z << 21) | (z >>> 11)) + t) | 0;
    }
    [a, b, c, counter] = [x, y, z, n];
  };
  for (let i = 0; i < 15; i++) bits(); // mix the seed into the whole state
  const uniform = () => ((bits() >>> 5) * 0x4000000 + (bits() >>> 6)) / 2 ** 53;
  let spare: number | undefined;
  return {
    bits,
    uniform,
    skip(count) {
      for (let left = count; left > 0; left -= 4096) pass(Math.min(left, 4096));
    },
    integer(n) {
      const limit = 2 ** 32 - (2 ** 32 % n);
      for (;;) {
        const x = bits();
        if (x < limit) return x % n;
      }
    },
    normal() {
      if (spare !== undefined) {
        const x = spare;
        spare = undefined;
        return x;
      }
      for (;;) {
        const x = 2 * uniform() - 1;
        const y = 2 * uniform() - 1;
        const r = x * x + y * y;
        if (r > 0 && r < 1) {
          const scale = Math.sqrt((-2 * Math.log(r)) / r);
          spare = y * scale;
          return x * scale;
        }
      }
    },
  };
}

/** 0 … n − 1 in random order (Fisher–Yates). */
export function permutation(n: number, stream: Random): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const x = order[i]!;
    order[i] = order[j]!;
    order[j] = x;
  }
  return order;
}

function fnv(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** A seed that nobody chose, from 0 to 2³¹ − 1: whoever draws one prints it, so that the run can be repeated. */
export const drawnSeed = (): number => Math.floor(Math.random() * 2 ** 31);
