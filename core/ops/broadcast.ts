import { require } from "../errors.ts";
import { type Op, op } from "../op.ts";
import { scalar } from "../scalar.ts";
import { broadcastShape, type Shape, sameShape, showShape } from "../shape.ts";
import { sumTo } from "./sum.ts";

/** The input stretched to `shape`. */
export const broadcastTo: Op<{ shape: Shape }> = op({
  name: "broadcastTo",
  signature: "... -> ...",
  linear: [0],
  check: (_, { shape }, [from]) =>
    require(sameShape(broadcastShape([from!, shape], "broadcastTo"), shape), () =>
      `broadcastTo: ${showShape(from!)} cannot be stretched to the smaller ${showShape(shape)}.`),
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
