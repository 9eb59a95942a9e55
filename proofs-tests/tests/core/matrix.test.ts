import { describe, expect, it } from "vitest";
import {
  eigenvalues,
  identity,
  orthonormal,
  products,
  squaredDistance,
} from "../../../core/numeric/matrix.ts";
import { gramOf } from "../../../theory/theorems/r08-gram.ts";
import { inner } from "../theory/all-draws.ts";

const matrix = (...rows: readonly (readonly number[])[]) => rows.map((row) => Float64Array.from(row));

describe("eigenvalues of symmetric matrices", () => {
  it.each([
    ["[[2, 1], [1, 2]]", matrix([2, 1], [1, 2]), [1, 3]],
    ["a chain of three", matrix([2, -1, 0], [-1, 2, -1], [0, -1, 2]), [2 - Math.SQRT2, 2, 2 + Math.SQRT2]],
    ["ones of four", Array.from({ length: 4 }, () => new Float64Array(4).fill(1)), [0, 0, 0, 4]],
    ["a diagonal", matrix([3, 0], [0, -5]), [-5, 3]],
    ["two equal ones apart", matrix([2, 0, 0], [0, 2, 1], [0, 1, 2]), [1, 2, 3]],
    ["equal ones that a thousandth ties together", matrix([1000, 1], [1, 1000]), [999, 1001]],
    ["zeros", matrix([0, 0], [0, 0]), [0, 0]],
    ["one number", matrix([-4]), [-4]],
  ])("of %s, from the smallest up", (_, of, known) => {
    for (const [i, value] of eigenvalues(of).entries()) expect(value).toBeCloseTo(known[i]!, 12);
  });

  it("are in proportion to a matrix, be it large or small", () => {
    for (const scale of [1e-12, 1e12]) {
      const values = eigenvalues(matrix([2 * scale, scale], [scale, 2 * scale]));
      expect(values[0]! / scale).toBeCloseTo(1, 12);
      expect(values[1]! / scale).toBeCloseTo(3, 12);
    }
  });

  it("leave the matrix as it was", () => {
    const given = matrix([2, 1], [1, 2]);
    eigenvalues(given);
    expect(given).toEqual(matrix([2, 1], [1, 2]));
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

  it("are the fewer by columns of zeros, and by those that differ in the seventh digit; not by small ones", () => {
    expect(orthonormal(matrix([0, 0], [3, 4], [0, 0]))).toEqual(matrix([3 / 5, 4 / 5]));
    expect(orthonormal(matrix([1, 0], [1000, 1e-4]))).toHaveLength(1);
    expect(orthonormal(matrix([1, 0], [1000, 1e-2]))).toHaveLength(2);
    expect(orthonormal(matrix([1e-9, 1e-9], [1e-9, 0]))).toHaveLength(2);
  });

  it("are at right angles although the columns nearly agree", () => {
    const [u, v] = orthonormal(matrix([1, 1, 1, 1], [1, 1, 1, 1 + 1e-5])) as [Float64Array, Float64Array];
    expect(Math.abs(inner(u, v))).toBeLessThan(1e-15);
  });

  it("span what was given", () => {
    for (const column of columns) {
      const held = basis.reduce((sum, u) => sum + inner(u, column) ** 2, 0);
      expect(held).toBeCloseTo(inner(column, column), 10);
    }
  });
});

it("σ₁² of a table is the largest of as many eigenvalues as it has columns", () => {
  expect(gramOf(matrix([2, 0, 0], [0, 0, 3], [0, 1, 0])).largest).toBeCloseTo(9, 12);
  expect(gramOf(matrix([2, 0, 0])).largest).toBe(4);
});

it("distances add up squares of all entries; products are of columns", () => {
  expect(squaredDistance(matrix([1, 2], [3, 4]), matrix([1, 0], [0, 8]))).toBe(4 + 9 + 16);
  expect(identity(2)).toEqual(matrix([1, 0], [0, 1]));
  expect(products(matrix([1, 2]), matrix([3, 4], [5, -6]))).toEqual(matrix([11, -7]));
});
