import { check } from "../errors.ts";
import { type Op, op } from "../op.ts";
import { type Shape, showShape, stridesOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Two matrices side by side along the last axis: [n × a], [n × b] → [n × (a+b)]. */
export const concat: Op = op({
  name: "concat",
  signature: "n a, n b -> n c",
  linear: [],
  sizes: ({ a, b }) => ({ c: a! + b! }),
  form: (_, __, shapes, shape) => ({
    kind: "arrange",
    shape,
    parts: shapes.map((from, i) => ({
      offset: 0,
      strides: stridesOf(from),
      start: [0, i === 0 ? 0 : shapes[0]![1]!],
      extent: [...from],
    })),
  }),
  vjp: (g, { inputs: [x, y] }) => [
    slice(g, { start: [0, 0], extent: x!.shape }),
    slice(g, { start: [0, x!.shape[1]!], extent: y!.shape }),
  ],
});

/** Matrices side by side, one or more. By halves: each number is copied log₂ n times, not n. */
export function sideBySide(parts: readonly Tensor[]): Tensor {
  if (parts.length === 1) return parts[0]!;
  const half = parts.length >> 1;
  return concat(sideBySide(parts.slice(0, half)), sideBySide(parts.slice(half)));
}

interface Box {
  readonly start: readonly number[];
  readonly extent: Shape;
}

const insideOf = ({ start, extent }: Box, shape: Shape): boolean =>
  start.length === shape.length &&
  extent.length === shape.length &&
  shape.every(
    (size, axis) => start[axis]! >= 0 && extent[axis]! >= 1 && start[axis]! + extent[axis]! <= size,
  );

/** The box of `extent` cells from `start` on, a number for each axis. Throws an InputError where it leaves the input. */
export const slice: Op<Box> = op({
  name: "slice",
  signature: "... -> ...",
  linear: [0],
  check: (_, box, [shape]) =>
    check(
      insideOf(box, shape!),
      () =>
        `slice: the box ${showShape(box.extent)} from [${box.start}] on is not inside shape ${showShape(shape!)}.`,
    ),
  shape: (_, { extent }) => extent,
  form: (_, { start, extent }, [from]) => {
    const strides = stridesOf(from!);
    const offset = start.reduce((sum, s, axis) => sum + s * strides[axis]!, 0);
    return {
      kind: "arrange",
      shape: extent,
      parts: [{ offset, strides, start: extent.map(() => 0), extent }],
    };
  },
  vjp: (g, { inputs: [x], options: { start } }) => [pad(g, { start, shape: x!.shape })],
  example: (random) => {
    const shape = [2 + random.integer(3), 1 + random.integer(4), 1 + random.integer(3)];
    const start = shape.map((d) => random.integer(d));
    return {
      shapes: [shape],
      options: { start, extent: shape.map((d, i) => 1 + random.integer(d - start[i]!)) },
    };
  },
});

/** Zeros of `shape` with the input placed from `start` on: the adjoint of slice. */
export const pad: Op<{ start: readonly number[]; shape: Shape }> = op({
  name: "pad",
  signature: "... -> ...",
  linear: [0],
  check: (_, { start, shape }, [extent]) =>
    check(
      insideOf({ start, extent: extent! }, shape),
      () => `pad: ${showShape(extent!)} placed at [${start}] does not fit into ${showShape(shape)}.`,
    ),
  shape: (_, { shape }) => shape,
  form: (_, { start, shape }, [extent]) => ({
    kind: "arrange",
    shape,
    parts: [{ offset: 0, strides: stridesOf(extent!), start, extent: extent! }],
  }),
  vjp: (g, { inputs: [x], options: { start } }) => [slice(g, { start, extent: x!.shape })],
  example: (random) => {
    const extent = [1 + random.integer(3), 1 + random.integer(3)];
    const start = extent.map(() => random.integer(3));
    return {
      shapes: [extent],
      options: { start, shape: extent.map((d, i) => start[i]! + d + random.integer(2)) },
    };
  },
});

/** Axis i of the result is axis `order[i]` of the input. Throws an InputError where `order` is no permutation. */
export const permute: Op<{ order: readonly number[] }> = op({
  name: "permute",
  signature: "... -> ...",
  linear: [0],
  check: (_, { order }, [shape]) =>
    check(
      order.length === shape!.length && shape!.every((_, axis) => order.includes(axis)),
      () => `permute: [${order}] is not an order of the ${shape!.length} axes of ${showShape(shape!)}.`,
    ),
  shape: ([shape], { order }) => order.map((axis) => shape![axis]!),
  form: (_, { order }, [from], shape) => {
    const strides = stridesOf(from!);
    return {
      kind: "arrange",
      shape,
      parts: [
        { offset: 0, strides: order.map((axis) => strides[axis]!), start: shape.map(() => 0), extent: shape },
      ],
    };
  },
  vjp: (g, { options: { order } }) => [permute(g, { order: order.map((_, axis) => order.indexOf(axis)) })],
  example: (random) => {
    const order = [
      [0, 1, 2],
      [2, 0, 1],
      [1, 0, 2],
      [2, 1, 0],
      [1, 2, 0],
      [0, 2, 1],
    ][random.integer(6)]!;
    return {
      shapes: [[1 + random.integer(3), 1 + random.integer(4), 1 + random.integer(3)]],
      options: { order },
    };
  },
});
