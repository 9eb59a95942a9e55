import fc from "fast-check";
import { expect, it } from "vitest";
import { bisected } from "../../../core/numeric/bisection.ts";

it("the end lies in what is left, which is no wider than was asked for, and nothing is asked in vain", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.constantFrom(1e-9, 0.1, 2 ** -12, 5000),
      (from, length, share, width) => {
        const end = from + share * length;
        let asked = 0;
        const [low, high] = bisected(from, from + length, width, (x) => {
          asked++;
          return x <= end;
        });
        expect(high - low).toBeLessThanOrEqual(width);
        expect(low).toBeLessThanOrEqual(end);
        expect(high).toBeGreaterThanOrEqual(end);
        if (asked > 0) expect(length / 2 ** (asked - 1)).toBeGreaterThan(width);
      },
    ),
  ));
