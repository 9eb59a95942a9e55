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

/** The same, by what the host has. */
export const crc32: typeof sumByByte = inNode ? process.getBuiltinModule("node:zlib").crc32 : sumByByte;
