import { check } from "../errors.ts";
import { type Op, op } from "../op.ts";
import { type Shape, showShape, sizeOf } from "../shape.ts";

/** The same numbers in the same order under another shape of as many elements; nothing is copied. */
export const reshape: Op<{ shape: Shape }> = op({
  name: "reshape",
  signature: "... -> ...",
  linear: [0],
  check: (_, { shape }, [from]) =>
    check(
      sizeOf(shape) === sizeOf(from!),
      () =>
        `reshape: ${showShape(from!)} holds ${sizeOf(from!)} numbers, but ${showShape(shape)} holds ${sizeOf(shape)}.`,
    ),
  shape: (_, { shape }) => shape,
  form: () => "view",
  vjp: (g, { inputs: [x] }) => [reshape(g, { shape: x!.shape })],
  example: (random) => {
    const [a, b, c] = [1 + random.integer(3), 1 + random.integer(4), 1 + random.integer(3)];
    return { shapes: [[a, b, c]], options: { shape: random.integer(2) ? [a * b, c] : [c, a, b] } };
  },
});
