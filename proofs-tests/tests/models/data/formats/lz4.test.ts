import { expect, test } from "vitest";
import { unpackLz4 } from "../../../../../models/data/formats/arrow/lz4.ts";

test("LZ4 that repeats, stores and is damaged", () => {
  const frame = (flags: number, ...rest: number[]) =>
    Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, 0x40, 0, ...rest]);
  // "ab", then 4 + 15 + 1 bytes from two before; a stored block "xy" with a checksum after each block.
  const block = [0x2f, 97, 98, 2, 0, 1, 0x10, 99];
  const bytes = frame(
    0x50,
    8,
    0,
    0,
    0,
    ...block,
    1,
    2,
    3,
    4,
    2,
    0,
    0,
    0x80,
    120,
    121,
    5,
    6,
    7,
    8,
    0,
    0,
    0,
    0,
  );
  const expected = `${"ab".repeat(11)}cxy`;
  expect(Buffer.from(unpackLz4(bytes, expected.length)).toString()).toBe(expected);
  for (const length of [0, expected.length - 1, expected.length + 1])
    expect(() => unpackLz4(bytes, length)).toThrow(RangeError);
  for (let end = 0; end < bytes.length - 4; end++)
    expect(() => unpackLz4(bytes.subarray(0, end), expected.length)).toThrow(RangeError);
  for (const wrong of [
    [0x20, 97, 98, 3, 0],
    [0x20, 97, 98, 0, 0],
    [0xf0, 255, 255],
  ])
    expect(() => unpackLz4(frame(0x40, wrong.length, 0, 0, 0, ...wrong, 0, 0, 0, 0), 6)).toThrow(RangeError);
});
