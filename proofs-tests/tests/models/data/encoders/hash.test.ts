import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashNormal, hashText } from "../../../../../models/data/encoders/hash.ts";
import { upTo } from "../rows.ts";

describe("hashes", () => {
  /** MurmurHash3 x86_32 as its author wrote it down, in exact integers. */
  function murmur(bytes: Uint8Array): number {
    const low = (x: bigint) => x & 0xffffffffn;
    const turn = (x: bigint, by: bigint) => low(x << by) | (x >> (32n - by));
    const stir = (k: bigint) => low(turn(low(k * 0xcc9e2d51n), 15n) * 0x1b873593n);
    const word = (from: number, to: number) =>
      [...bytes.subarray(from, to)].reduceRight((w, b) => (w << 8n) | BigInt(b), 0n);
    const whole = bytes.length - (bytes.length % 4);
    let h = 0n;
    for (let i = 0; i < whole; i += 4) h = low(turn(h ^ stir(word(i, i + 4)), 13n) * 5n + 0xe6546b64n);
    h ^= stir(word(whole, bytes.length)) ^ BigInt(bytes.length);
    h = low((h ^ (h >> 16n)) * 0x85ebca6bn);
    h = low((h ^ (h >> 13n)) * 0xc2b2ae35n);
    return Number(h ^ (h >> 16n));
  }

  test.each([
    ["", 0],
    ["test", 0xba6bd213],
    ["Hello, world!", 0xc0363e43],
    ["The quick brown fox jumps over the lazy dog", 0x2e4ff723],
  ])("MurmurHash3 of %j is the published one", (text, hash) => {
    expect(hashText(text)).toBe(hash);
  });

  test("MurmurHash3 equals its definition in exact integers on any text", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600, size: "max" }), (text) => {
        expect(hashText(text)).toBe(murmur(Buffer.from(text)));
      }),
    ));

  test("hashed normals have mean 0, variance 1, and are not correlated between tables, rows and seeds", () => {
    const n = 100_000;
    const product = (a: (row: number) => number, b: (row: number) => number) =>
      upTo(n).reduce((sum, row) => sum + a(row) * b(row), 0) / n;
    const one = (row: number) => hashNormal(7, 3, row);
    const bound = 6 / Math.sqrt(n);
    expect(Math.abs(product(one, () => 1))).toBeLessThan(bound);
    expect(Math.abs(product(one, one) - 1)).toBeLessThan(bound * Math.SQRT2);
    expect(Math.abs(product(one, (row) => hashNormal(7, 4, row)))).toBeLessThan(bound);
    expect(Math.abs(product(one, (row) => hashNormal(8, 3, row)))).toBeLessThan(bound);
    for (const far of [1, 2 ** 17, 2 ** 25, 2 ** 32])
      expect(Math.abs(product(one, (row) => hashNormal(7, 3, row + far)))).toBeLessThan(bound);
  });
});
