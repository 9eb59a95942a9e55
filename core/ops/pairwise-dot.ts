import { check } from "../errors.ts";
import { type PairShape, pairCount } from "../form.ts";
import type { Random } from "../numeric/random.ts";
import { type Op, op } from "../op.ts";
import type { Dims } from "../signature.ts";
import type { Tensor } from "../tensor.ts";
import { scale } from "./arithmetic.ts";

interface Pairing {
  /** Pair each vector with itself too: j ≤ i instead of j < i. */
  readonly itself: boolean;
}

const shapeOf = ({ n, t, d }: Dims, { itself }: Pairing): PairShape => ({
  samples: n!,
  vectors: t!,
  dim: d!,
  itself,
});

const exampleSizes = (random: Random) => ({
  options: { itself: random.integer(2) === 1 },
  stack: [1 + random.integer(4), 2 + random.integer(4), 1 + random.integer(4)],
});

/** For each sample, ½(⟨T_i, U_j⟩ + ⟨T_j, U_i⟩) for all pairs j < i (j ≤ i with `itself`), i outer: T, U [n × t × d] → [n × p]. */
export const crossPairwiseDot: Op<Pairing> = op({
  name: "crossPairwiseDot",
  signature: "n t d, n t d -> n p",
  linear: [0, 1],
  sizes: ({ t }, { itself }) => ({ p: pairCount(t!, itself) }),
  form: (dims, options) => ({ kind: "pairs", ...shapeOf(dims, options) }),
  vjp: (g, { inputs: [x, y], options }) => [pairwiseDotGrad(g, y!, options), pairwiseDotGrad(g, x!, options)],
  example: (random) => {
    const { stack, options } = exampleSizes(random);
    return { shapes: [stack, stack], options };
  },
});

/** The dot products within each sample, crossPairwiseDot(T, T): [n × t × d] → [n × p], p = t(t − 1)/2, or t(t + 1)/2 with `itself`. */
export const pairwiseDot: Op<Pairing> = op({
  name: "pairwiseDot",
  signature: "n t d -> n p",
  sizes: ({ t }, { itself }) => ({ p: pairCount(t!, itself) }),
  form: (dims, options) => ({ kind: "pairs", ...shapeOf(dims, options) }),
  vjp: (g, { inputs: [x], options }) => [scale(pairwiseDotGrad(g, x!, options), { by: 2 })],
  example: (random) => {
    const { stack, options } = exampleSizes(random);
    return { shapes: [stack], options };
  },
});

/** The adjoint of crossPairwiseDot: out_i = ½ Σ_{j≠i} g_(i,j) U_j (+ g_(i,i) U_i with `itself`): [n × t × d]. */
export const pairwiseDotGrad: Op<Pairing> = op({
  name: "pairwiseDotGrad",
  signature: "n p, n t d -> n t d",
  linear: [0, 1],
  check: ({ p, t }, { itself }) =>
    check(
      p === pairCount(t!, itself),
      () =>
        `pairwiseDotGrad: ${t} vectors have ${pairCount(t!, itself)} pairs${itself ? " with themselves in" : ""}, but the first input has ${p}.`,
    ),
  form: (dims, options) => ({ kind: "mix", ...shapeOf(dims, options) }),
  vjp: (h, { inputs, options }) => {
    const [g, u] = inputs as [Tensor, Tensor];
    return [crossPairwiseDot(h, u, options), pairwiseDotGrad(g, h, options)];
  },
  example: (random) => {
    const { stack, options } = exampleSizes(random);
    return { shapes: [[stack[0]!, pairCount(stack[1]!, options.itself)], stack], options };
  },
});
