import { inNode } from "../../../backends/host.ts";

/** Remainders of each byte by the polynomial of CRC-32, bits reversed. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** The CRC-32 (as of gzip and PNG) of `bytes`, which follow others of sum `before`: its definition, byte by byte. */
export function sumByByte(bytes: Uint8Array, before = 0): number {
  let sum = ~before;
  for (const byte of bytes) sum = remainders[(sum ^ byte) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** Remainders of each byte with 0, 1, … 7 zero bytes behind it, 256 after 256. */
const shifted = new Uint32Array(8 * 256);
shifted.set(remainders);
for (let i = 256; i < shifted.length; i++)
  shifted[i] = (shifted[i - 256]! >>> 8) ^ remainders[shifted[i - 256]! & 255]!;

/** The same, eight bytes at a time: the sum of all is that of each with zeros behind it. */
export function sumByEight(bytes: Uint8Array, before = 0): number {
  const whole = bytes.length - (bytes.length % 8);
  let sum = ~before;
  for (let i = 0; i < whole; i += 8) {
    sum ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    sum =
      shifted[1792 + (sum & 255)]! ^
      shifted[1536 + ((sum >>> 8) & 255)]! ^
      shifted[1280 + ((sum >>> 16) & 255)]! ^
      shifted[1024 + (sum >>> 24)]! ^
      shifted[768 + bytes[i + 4]!]! ^
      shifted[512 + bytes[i + 5]!]! ^
      shifted[256 + bytes[i + 6]!]! ^
      shifted[bytes[i + 7]!]!;
  }
  return sumByByte(bytes.subarray(whole), ~sum);
}

/** The same, by what the host has. */
export const crc32: typeof sumByByte = inNode ? process.getBuiltinModule("node:zlib").crc32 : sumByEight;
