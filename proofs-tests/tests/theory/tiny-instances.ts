import { expect } from "vitest";
import { theorems } from "../../../theory/index.ts";
import type { Check, Instance, Sketch } from "../../../theory/theorem.ts";
import { applied, inner, type Scheme } from "./all-draws.ts";

/** An instance of these sizes, with the same numbers each time. */
export const worldOf = (
  sizes: Pick<Instance, "rows" | "dim" | "block" | "memory">,
  epsilon = 0.9,
): Instance => {
  const size = sizes.rows * sizes.dim;
  const x = Float64Array.of(3, -1, 2, 1, -2, 4).slice(0, size);
  const y = Float64Array.of(1, 2, -1, 3, 1, -2).slice(0, size);
  return { ...sizes, x, y, epsilon };
};

/** Blocks that end before the row does, that wrap, and that are whole rows. */
export const blocky = [
  worldOf({ rows: 2, dim: 3, block: 2, memory: 3 }),
  worldOf({ rows: 2, dim: 2, block: 2, memory: 5 }),
  worldOf({ rows: 3, dim: 1, block: 1, memory: 4 }),
];

/** Blocks of which several lie at each place, by primes that are their number and that are not; and where each has its own. */
export const crowded = [
  worldOf({ rows: 5, dim: 1, block: 1, memory: 2 }),
  worldOf({ rows: 6, dim: 1, block: 1, memory: 4 }),
  worldOf({ rows: 2, dim: 3, block: 2, memory: 6 }),
  worldOf({ rows: 3, dim: 2, block: 2, memory: 5 }),
  worldOf({ rows: 4, dim: 1, block: 1, memory: 4 }),
];

/** The scheme that most theorems speak of. */
export const sound: Scheme = { starts: "anywhere", signs: "each weight" };

export const checkOf = (id: string, number: number): Check =>
  theorems.find((theorem) => theorem.id === id)!.checks[number]!;

/** Expects the same number, but for rounding. */
export const near = (found: number, counted: number): void =>
  expect(Math.abs(found - counted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(counted)));

/** A number of one draw, by its definition. */
export type Quantity = (instance: Instance, sketch: Sketch) => number;

/** ⟨Rx, Ry⟩, and ‖Rx‖². */
export const product: Quantity = ({ x, y }, sketch) => inner(applied(sketch, x), applied(sketch, y));
export const size: Quantity = ({ x }, sketch) => inner(applied(sketch, x), applied(sketch, x));
export const length = (v: ArrayLike<number>): number => Math.sqrt(inner(v, v));

/** ‖(RA)ᵀRB − AᵀB‖_F² over pairs of columns. */
export const gap = (
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
  sketch: Sketch,
): number =>
  a
    .flatMap((u) => b.map((v) => (inner(applied(sketch, u), applied(sketch, v)) - inner(u, v)) ** 2))
    .reduce((sum, v) => sum + v, 0);

/** x and y made orthonormal: y without what it has of x. */
export function basisOf({ x, y }: Instance): number[][] {
  const u = Array.from(x, (v) => v / length(x));
  const rest = Array.from(y, (v, i) => v - inner(y, u) * u[i]!);
  return [u, rest.map((v) => v / length(rest))];
}
