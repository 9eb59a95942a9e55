import fc from "fast-check";
import { expect, it } from "vitest";
import { aligned, bytes, count, duration, grouped, percent, roundedUp } from "../../../core/format.ts";

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

it.each([
  [0, "0 %"],
  [1, "100 %"],
  [0.2509, "25.1 %"],
  [0.0123, "1.2 %"],
  [0.000_49, "0.049 %"],
  [0.9995, "99.950 %"],
  [1 / 80_000, "0.0013 %"],
])("a share of %d reads %s", (share, text) => expect(percent(share)).toBe(text));

it("a share reads back to within a twentieth of the rarer kind, or of a percent", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.nat(1e6), (of, some) => {
      const share = Math.min(of, some) / of;
      const text = percent(share);
      expect([text === "0 %", text === "100 %"]).toEqual([share === 0, share === 1]);
      const wrong = Math.abs(Number(text.replace(" %", "")) / 100 - share);
      expect(wrong).toBeLessThanOrEqual(Math.max(5.01e-4, 0.051 * Math.min(share, 1 - share)));
    }),
  );
});

it.each([
  [0.2, "1 s"],
  [89, "89 s"],
  [90, "2 min"],
  [600, "10 min"],
  [5400, "1.5 h"],
  [36_000, "10.0 h"],
])("%d seconds that lie ahead read %s", (seconds, text) => expect(duration(seconds)).toBe(text));

it("rows of a table are lines whose columns stand below each other, numbers to the right, with nothing after the last", () => {
  const rows = [
    ["column", "ids", ""],
    ["user", "12,350", "new"],
  ];
  expect(aligned(rows, [false, true])).toEqual(["column     ids", "user    12,350  new"]);
  expect(aligned(rows)).toEqual(["column  ids", "user    12,350  new"]);
  expect(aligned([])).toEqual([]);
});
