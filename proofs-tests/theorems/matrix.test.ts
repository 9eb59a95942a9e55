import { describe, expect, it } from "vitest";
import { eigenvalues, identity, orthonormal, products, squaredDistance } from "../../theory/matrix.ts";
import { inner } from "./all-draws.ts";

const matrix = (...rows: readonly (readonly number[])[]) => rows.map((row) => Float64Array.from(row));

describe("eigenvalues of symmetric matrices", () => {
  it.each([
    ["[[2, 1], [1, 2]]", matrix([2, 1], [1, 2]), [1, 3]],
    ["a chain of three", matrix([2, -1, 0], [-1, 2, -1], [0, -1, 2]), [2 - Math.SQRT2, 2, 2 + Math.SQRT2]],
    ["ones of four", Array.from({ length: 4 }, () => new Float64Array(4).fill(1)), [0, 0, 0, 4]],
    ["a diagonal", matrix([3, 0], [0, -5]), [-5, 3]],
  ])("of %s, from the smallest up", (_, of, known) => {
    for (const [i, value] of eigenvalues(of).entries()) expect(value).toBeCloseTo(known[i]!, 12);
  });
});

describe("orthonormal columns", () => {
  const columns = matrix([1, 2, 2, 0], [3, 0, 1, 1], [4, 2, 3, 1], [0, 0, 1, -1]); // the third is the sum of two
  const basis = orthonormal(columns);

  it("are of length 1, at right angles, and fewer where some depend on others", () => {
    expect(basis).toHaveLength(3);
    for (const [i, u] of basis.entries())
      for (const [j, v] of basis.entries()) expect(inner(u, v)).toBeCloseTo(i === j ? 1 : 0, 12);
  });

  it("span what was given", () => {
    for (const column of columns) {
      const held = basis.reduce((sum, u) => sum + inner(u, column) ** 2, 0);
      expect(held).toBeCloseTo(inner(column, column), 10);
    }
  });
});

it("distances add up squares of all entries; products are of columns", () => {
  expect(squaredDistance(matrix([1, 2], [3, 4]), matrix([1, 0], [0, 8]))).toBe(4 + 9 + 16);
  expect(identity(2)).toEqual(matrix([1, 0], [0, 1]));
  expect(products(matrix([1, 2]), matrix([3, 4], [5, -6]))).toEqual(matrix([11, -7]));
});
