import { crc32 as ofNode } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sumByByte } from "../../../../../models/dlrm/saved/sum.ts";

it("the sum of bytes, wherever they are cut, is that of zlib", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const [first, rest] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(sumByByte(rest, sumByByte(first))).toBe(ofNode(bytes));
    }),
  );
  expect(sumByByte(new TextEncoder().encode("123456789"))).toBe(0xcbf43926); // the check value of its definition
});
