import { check } from "../errors.ts";
import { type Op, op, real } from "../op.ts";
import { showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { positivePart, reluGrad } from "./functions.ts";
import { sumTo } from "./sum.ts";

interface Transposes {
  /** A is stored [k × n]. */
  readonly transposeA?: boolean;
  /** B is stored [m × k]. */
  readonly transposeB?: boolean;
}

/** op(A) · op(B): [n × k] · [k × m] → [n × m]. Each of A and B may be stored transposed. */
export const matmul: Op<Transposes> = op({
  name: "matmul",
  signature: "a b, c d -> n m",
  linear: [0, 1],
  sizes: ({ a, b, c, d }, { transposeA = false, transposeB = false }) => ({
    n: transposeA ? b! : a!,
    k: transposeA ? a! : b!,
    m: transposeB ? c! : d!,
  }),
  check: ({ c, d, k }, { transposeB = false }, shapes) =>
    check(
      (transposeB ? d : c) === k,
      () =>
        `matmul: the inner sizes differ, ${k} and ${transposeB ? d : c}, for shapes ${shapes.map(showShape).join(" and ")}${transposeB ? " with B transposed" : ""}.`,
    ),
  form: ({ n, k, m }, { transposeA = false, transposeB = false }) => ({
    kind: "matmul",
    n: n!,
    k: k!,
    m: m!,
    transposeA,
    transposeB,
    bias: false,
  }),
  vjp: (g, { inputs, options: { transposeA = false, transposeB = false } }) => {
    const [a, b] = inputs as [Tensor, Tensor];
    return [
      transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeB: !transposeB }),
      transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA }),
    ];
  },
  example: (random) => {
    const [n, k, m] = [1 + random.integer(5), 1 + random.integer(6), 1 + random.integer(4)];
    const options = { transposeA: random.integer(2) === 1, transposeB: random.integer(2) === 1 };
    return { shapes: [options.transposeA ? [k, n] : [n, k], options.transposeB ? [m, k] : [k, m]], options };
  },
});

/** A fully connected layer, f(x · Wᵀ + b): x [n × k], W [m × k] (out × in), b [m] → [n × m]; f is relu or nothing. */
export const linear: Op<{ activation: "relu" | "none" }> = op({
  name: "linear",
  signature: "n k, m k, m -> n m",
  // On these grids x·Wᵀ is a multiple of 1/16 and b an odd multiple of 1/32: relu's kink is never met.
  domain: [
    { ...real, step: 0.25 },
    { ...real, step: 0.25 },
    { low: -2 + 1 / 32, high: 2 + 1 / 32, step: 1 / 16 },
  ],
  form: ({ n, k, m }, { activation }) => ({
    kind: "matmul",
    n: n!,
    k: k!,
    m: m!,
    transposeA: false,
    transposeB: true,
    bias: true,
    ...(activation === "relu" ? { f: positivePart } : {}),
  }),
  vjp: (g, { inputs, output, options: { activation } }) => {
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor];
    const through = activation === "relu" ? reluGrad(g, output) : g;
    return [matmul(through, w, {}), matmul(through, x, { transposeA: true }), sumTo(through, b.shape)];
  },
  example: (random) => {
    const [n, k, m] = [1 + random.integer(5), 1 + random.integer(6), 1 + random.integer(4)];
    return { shapes: [[n, k], [m, k], [m]], options: { activation: random.integer(2) ? "relu" : "none" } };
  },
});
