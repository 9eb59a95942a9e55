import fc from "fast-check";
import { expect, it } from "vitest";
import { bytes, count, grouped, roundedUp } from "../../../core/format.ts";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 KB"],
  [1_024, "1.02 KB"],
  [653_390, "653 KB"],
  [999_499, "999 KB"],
  [999_500, "1.00 MB"],
  [104_542_507_520, "105 GB"],
  [7.25e12, "7.25 TB"],
  [1.5e15, "1.50 PB"],
  [9.99e17, "999 PB"],
  [2e18, "2.00e+3 PB"],
])("%d bytes read %s", (number, text) => expect(bytes(number)).toBe(text));

it("bytes read back to within half of the third digit, whatever their number", () => {
  const sizes = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.constantFrom(1, 1000, 1_000_003), (number, scale) => {
      const [digits, unit] = bytes(number * scale).split(" ") as [string, keyof typeof sizes];
      expect(digits).toMatch(/^[\d.]+$/);
      expect(Math.abs(Number(digits) * sizes[unit] - number * scale)).toBeLessThanOrEqual(
        0.00501 * number * scale,
      );
    }),
  );
});

it.each([
  [0, "0"],
  [999_999, "999,999"],
  [1e6, "1.000 million"],
  [33_762_577, "33.76 million"],
  [204_184_588, "204.2 million"],
  [999_949_999, "999.9 million"],
  [1e9, "1.000 billion"],
  [26_135_627_264, "26.14 billion"],
])("a count of %d reads %s", (number, text) => expect(count(number)).toBe(text));

it.each([
  [1_309_876, 3, "1,310,000"],
  [9999.6, 4, "10,000"],
  [4, 4, "4"],
  [1.90726, 4, "1.907"],
])("%d to %d digits reads %s", (number, digits, text) => expect(grouped(number, digits)).toBe(text));

it.each([
  [2.4e-7, "3e-7"],
  [2.6e-7, "3e-7"],
  [2e-7, "2e-7"],
  [9.1e-7, "1e-6"],
  [0.5, "5e-1"],
])("a bound of %d reads %s", (bound, text) => expect(roundedUp(bound)).toBe(text));
