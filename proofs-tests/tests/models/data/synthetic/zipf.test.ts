import { describe, expect, test } from "vitest";
import { random } from "../../../../../core/numeric/random.ts";
import { zipf, zipfMass } from "../../../../../models/data/synthetic/zipf.ts";
import { upTo } from "../rows.ts";

/** At least Σ k^−s over k = 1001 … n. */
const tail = (s: number, n: number) =>
  s === 1 ? Math.log(n / 1000) : (n ** (1 - s) - 1000 ** (1 - s)) / (1 - s);

describe("Zipf", () => {
  test.each([0, 0.8, 1, 2.5])("frequencies follow the law with exponent %d", (exponent) => {
    const n = 2_000_000;
    const size = 500;
    const draw = zipf(size, exponent, random(11, "zipf"));
    const counts = new Float64Array(size);
    for (let i = 0; i < n; i++) counts[draw()]!++;
    const weights = upTo(size).map((k) => (k + 1) ** -exponent);
    const total = weights.reduce((a, b) => a + b);
    let chi2 = 0;
    let cells = 0;
    weights.forEach((weight, k) => {
      const p = weight / total;
      expect(Math.abs(counts[k]! - n * p)).toBeLessThanOrEqual(6 * Math.sqrt(n * p * (1 - p)) + 6);
      if (n * p < 10) return;
      chi2 += (counts[k]! - n * p) ** 2 / (n * p);
      cells++;
    });
    expect(chi2).toBeLessThan(cells + 6 * Math.sqrt(2 * cells)); // mean and deviation of χ²
  });

  test.each([0, 0.8, 1, 1.1, 2.5, 10])("the mass of the first ids with exponent %d is their sum", (s) => {
    let sum = 0;
    for (let n = 1; n <= 200_000; n++) {
      sum += n ** -s;
      if (n % 997 > 2 && n > 1002) continue;
      // The midpoint rule is off by f″/24 in each cell; 10⁻⁹ is more than rounding makes of so many terms.
      const off = n > 1000 ? ((s * (s + 1)) / 24) * 1000 ** -2 * 1.02 * tail(s, n) : 0;
      expect(Math.abs(zipfMass(n, s) - sum)).toBeLessThanOrEqual(off + 1e-9 * sum);
    }
  });

  test("one row, and 2³² rows", () => {
    expect(zipf(1, 1.1, random(1, "zipf"))()).toBe(0);
    const draw = zipf(2 ** 32, 1, random(1, "zipf"));
    const ids = Array.from({ length: 10_000 }, draw);
    expect(Math.max(...ids)).toBeLessThan(2 ** 32);
    // At exponent 1 the logarithm of an id is nearly uniform: half of the ids lie above 2^16.
    expect(Math.abs(ids.filter((id) => id > 2 ** 16).length / 10_000 - 0.49)).toBeLessThan(0.03);
  });
});
