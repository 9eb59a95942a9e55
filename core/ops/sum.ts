import { check } from "../errors.ts";
import { type Op, op } from "../op.ts";
import { scalar } from "../scalar.ts";
import { broadcastShape, type Shape, sameShape, showShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";

// Sums and stretching stand together: each is the other's derivative.

/** Sums over `count` neighboring axes from `axis` on. They stay, with size 1: [n × k] with axis 1 → [n × 1]. */
export const sum: Op<{ axis: number; count: number }> = op({
  name: "sum",
  signature: "... -> ...",
  linear: [0],
  check: (_, { axis, count }, [shape]) =>
    check(
      axis >= 0 && count >= 1 && axis + count <= shape!.length,
      () => `sum: axes ${axis} … ${axis + count - 1} are not all axes of shape ${showShape(shape!)}.`,
    ),
  shape: ([shape], { axis, count }) => shape!.map((size, i) => (i >= axis && i < axis + count ? 1 : size)),
  form: (_, { axis, count }, [shape]) => ({
    kind: "reduce",
    outer: sizeOf(shape!.slice(0, axis)),
    summed: sizeOf(shape!.slice(axis, axis + count)),
    inner: sizeOf(shape!.slice(axis + count)),
  }),
  vjp: (g, { inputs: [x] }) => [broadcastTo(g, { shape: x!.shape })],
  example: (random) => ({
    shapes: [[1 + random.integer(4), 1 + random.integer(5), 1 + random.integer(3)]],
    options: { axis: random.integer(2), count: 1 + random.integer(2) },
  }),
});

/** The sum of all elements, of shape []. */
export const sumAll = (x: Tensor): Tensor =>
  reshape(x.shape.length === 0 ? x : sum(x, { axis: 0, count: x.shape.length }), { shape: [] });

/** Undoes broadcasting: sums `x` over the axes along which `shape` was stretched. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  let result = x;
  const rank = x.shape.length;
  const stretched = (axis: number) => (shape[axis - rank + shape.length] ?? 1) === 1 && x.shape[axis] !== 1;
  for (let axis = 0; axis < rank; axis++) {
    if (!stretched(axis)) continue;
    let count = 1;
    while (axis + count < rank && stretched(axis + count)) count++;
    result = sum(result, { axis, count });
    axis += count - 1;
  }
  return sameShape(result.shape, shape) ? result : reshape(result, { shape });
}

/** The input repeated along axes of size 1, and along new axes in front, until it has `shape`. */
export const broadcastTo: Op<{ shape: Shape }> = op({
  name: "broadcastTo",
  signature: "... -> ...",
  linear: [0],
  check: (_, { shape }, [from]) =>
    check(
      sameShape(broadcastShape([from!, shape], "broadcastTo"), shape),
      () => `broadcastTo: ${showShape(from!)} cannot be stretched to the smaller ${showShape(shape)}.`,
    ),
  shape: (_, { shape }) => shape,
  form: (_, { shape }, inputs) => ({ kind: "map", f: scalar("x", "x", { ulps: 0 }), shape, inputs }),
  vjp: (g, { inputs: [x] }) => [sumTo(g, x!.shape)],
  example: (random) => {
    const shape = [1 + random.integer(3), 1 + random.integer(4), 1 + random.integer(3)];
    return {
      shapes: [shape.map((d) => (random.integer(2) ? d : 1)).slice(random.integer(2))],
      options: { shape },
    };
  },
});
