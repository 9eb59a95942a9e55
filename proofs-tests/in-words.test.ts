import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, count, grouped } from "../models/in-words.ts";

describe("bytes in words", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 KB"],
    [12_345, "12.3 KB"],
    [999_400, "999 KB"],
    [999_600, "1.00 MB"], // not 1.00e+3 KB
    [1_000_000, "1.00 MB"],
    [2.5e9, "2.50 GB"],
    [1.05e11, "105 GB"],
    [4.2e12, "4.20 TB"],
    [4.2e15, "4.20e+3 TB"],
  ])("%d: %s", (value, words) => expect(bytes(value)).toBe(words));

  it("are within half a unit of the third digit, in thousands", () => {
    const powers: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e14, noNaN: true }), (value) => {
        const [number, unit] = bytes(value).split(" ") as [string, string];
        if (value < 1e9) expect(number).not.toContain("e");
        expect(Math.abs(Number(number) * powers[unit]! - value)).toBeLessThanOrEqual(value * 0.00501);
      }),
    );
  });
});

describe("a count in words", () => {
  it.each([
    [7, "7"],
    [999_999, "999,999"],
    [1_000_000, "1.000 million"],
    [204_184_588, "204.2 million"],
    [999_949_999, "999.9 million"],
    [1e9, "1.000 billion"],
    [26_135_627_264, "26.14 billion"],
  ])("%d: %s", (value, words) => expect(count(value)).toBe(words));
});

describe("a number of so many digits", () => {
  it.each([
    [1_310_720, 3, "1,310,000"],
    [9999.99, 4, "10,000"],
    [3.9999, 3, "4"],
    [1.2345, 3, "1.23"],
    [123.456, 4, "123.5"],
  ])("%d to %i: %s", (value, digits, words) => expect(grouped(value, digits)).toBe(words));
});
