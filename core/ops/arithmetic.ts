import { finite } from "../errors.ts";
import { type Op, positive, real } from "../op.ts";
import { literal, scalar } from "../scalar.ts";
import { elementwise } from "./elementwise.ts";

/** x + y */
export const add: Op = elementwise({ name: "add", f: scalar("x, y", "x + y"), vjp: (g) => [g, g] });

/** x − y */
export const subtract: Op = elementwise({
  name: "subtract",
  f: scalar("x, y", "x - y"),
  vjp: (g) => [g, scale(g, { by: -1 })],
});

/** x · y */
export const multiply: Op = elementwise({
  name: "multiply",
  f: scalar("x, y", "x * y"),
  linear: [0, 1],
  vjp: (g, { inputs: [x, y] }) => [multiply(g, y!), multiply(g, x!)],
});

/** x / y */
export const divide: Op = elementwise({
  name: "divide",
  f: scalar("x, y", "x / y", { ulps: 3 }),
  domain: [real, positive],
  linear: [0],
  vjp: (g, { inputs: [, y], output }) => {
    const dx = divide(g, y!);
    return [dx, scale(multiply(dx, output), { by: -1 })];
  },
});

/** by · x, for a number `by`. */
export const scale: Op<{ by: number }> = elementwise({
  name: "scale",
  // A device rounds the constant to its own precision: one rounding more than the product's.
  f: ({ by }) => scalar("x", `x * ${literal(by)}`, { ulps: 2 }),
  check: ({ by }) => void finite("scale: by", by),
  linear: [0],
  vjp: (g, { options }) => [scale(g, options)],
  example: (random) => ({
    shapes: [[1 + random.integer(3), 1 + random.integer(5)]],
    options: { by: random.normal() },
  }),
});

/** x + by, for a number `by`. */
export const addScalar: Op<{ by: number }> = elementwise({
  name: "addScalar",
  f: ({ by }) =>
    scalar("x", `x + ${literal(by)}`, {
      magnitude: `Math.abs(x + ${literal(by)}) + Math.abs(${literal(by)})`,
    }),
  check: ({ by }) => void finite("shift: by", by),
  vjp: (g) => [g],
  example: (random) => ({
    shapes: [[1 + random.integer(3), 1 + random.integer(5)]],
    options: { by: random.normal() },
  }),
});
