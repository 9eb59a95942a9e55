/**
 * Stateless hashes of the data layer: text → id, (seed, table, row) → a random number that is the same on every machine
 * and in every order of reading. (The hashes that place weights in memory are another thing: `core/numeric/hash.ts`.)
 */

const scratch = { bytes: new Uint8Array(256) };
const encoder = new TextEncoder();

/** The 32-bit MurmurHash3 (x86, seed 0) of the UTF-8 bytes of `text`: what `mmh3.hash(text, signed=False)` gives. */
export function hashText(text: string): number {
  if (scratch.bytes.length < 3 * text.length) scratch.bytes = new Uint8Array(6 * text.length);
  const bytes = scratch.bytes;
  const length = encoder.encodeInto(text, bytes).written;
  const whole = length & ~3;
  let h = 0;
  for (let i = 0; i < whole; i += 4) {
    h ^= scramble(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = length - 1; i >= whole; i--) tail = (tail << 8) | bytes[i]!;
  return finish(h ^ scramble(tail) ^ length);
}

/** 32 random bits that depend on nothing but these whole numbers (each taken modulo 2³², except that `row` may reach 2⁵³). */
export function hashNumbers(seed: number, table: number, row: number): number {
  let h = finish(seed ^ 0x9e3779b9);
  h = finish(h + Math.imul(table, 0x85ebca77) + 1);
  h = finish(h ^ (row | 0));
  return finish(h + Math.imul(Math.floor(row / 2 ** 32), 0xc2b2ae3d) + 1);
}

/** A standard normal number that depends on nothing but (seed, table, row): Box and Muller's transform of two hashes. */
export function hashNormal(seed: number, table: number, row: number): number {
  const radius = Math.sqrt(-2 * Math.log((hashNumbers(seed, table, row) + 1) / 2 ** 32));
  return radius * Math.cos((2 * Math.PI * hashNumbers(~seed, table, row)) / 2 ** 32);
}

function scramble(word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

/** MurmurHash3's finaliser: every bit of `h` reaches every bit of the result. */
function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
