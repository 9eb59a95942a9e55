import { crc32 as ofNode } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sumByByte, sumByEight } from "../../../../../models/dlrm/saved/sum.ts";

it.each([
  { way: "byte by byte", sum: sumByByte },
  { way: "eight bytes at a time", sum: sumByEight },
])("the sum of bytes, $way, wherever they are cut, is that of zlib", ({ sum }) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const [first, rest] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(sum(rest, sum(first))).toBe(ofNode(bytes));
    }),
  );
  expect(sum(new TextEncoder().encode("123456789"))).toBe(0xcbf43926); // the check value of its definition
});
