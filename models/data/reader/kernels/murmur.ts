/** The 32-bit MurmurHash3 (x86, seed 0) of the bytes at [from, to): `hashText` of hash.ts for their text. */
export function murmur(from: usize, to: usize): u32 {
  const length = to - from;
  const whole = from + (length & ~3);
  let h: u32 = 0;
  for (; from < whole; from += 4) {
    h ^= scramble(load<u32>(from));
    h = rotl<u32>(h, 13) * 5 + 0xe6546b64;
  }
  let tail: u32 = 0;
  while (to > whole) tail = (tail << 8) | load<u8>(--to);
  return finish(h ^ scramble(tail) ^ <u32>length);
}

function scramble(word: u32): u32 {
  return rotl<u32>(word * 0xcc9e2d51, 15) * 0x1b873593;
}

function finish(h: u32): u32 {
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}
