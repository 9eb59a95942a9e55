import { type Op, positive, real, unit } from "../op.ts";
import { literal, scalar } from "../scalar.ts";
import { addScalar, divide, multiply, scale, subtract } from "./arithmetic.ts";
import { elementwise } from "./elementwise.ts";

/** eˣ */
export const exp: Op = elementwise({
  name: "exp",
  f: scalar("x", "Math.exp(x)", { ulps: 32 }),
  vjp: (g, { output }) => [multiply(g, output)],
});

/** ln x */
export const log: Op = elementwise({
  name: "log",
  f: scalar("x", "Math.log(x)", { ulps: 32, magnitude: "1.0 + Math.abs(Math.log(x))" }),
  domain: positive,
  vjp: (g, { inputs: [x] }) => [divide(g, x!)],
});

/** 1 / (1 + e⁻ˣ) */
export const sigmoid: Op = elementwise({
  name: "sigmoid",
  f: scalar("x", "1.0 / (1.0 + Math.exp(-x))", { ulps: 32 }),
  vjp: (g, { output }) => [multiply(g, subtract(output, multiply(output, output)))],
});

/** max(x, 0) as a choice, which keeps NaN. */
export const positivePart = scalar("x", "x < 0.0 ? 0.0 : x", { ulps: 0 });

/** max(x, 0). The derivative at 0 is 0. */
export const relu: Op = elementwise({
  name: "relu",
  f: positivePart,
  domain: { low: -4.125, high: 4.125, step: 0.25 },
  vjp: (g, { output }) => [reluGrad(g, output)],
});

/** g where y > 0, else 0: what relu lets through of a cotangent g, told from its result y. */
export const reluGrad: Op = elementwise({
  name: "reluGrad",
  f: scalar("g, y", "y > 0.0 ? g : 0.0", { ulps: 0 }),
  domain: [real, { low: -4.125, high: 4.125, step: 0.25 }],
  linear: [0],
  vjp: (h, { inputs: [, y] }) => [reluGrad(h, y!), null],
});

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** x brought into [low, high]. The derivative is 0 outside. */
export const clamp: Op<Bounds> = elementwise({
  name: "clamp",
  f: ({ low, high }) => scalar("x", `Math.min(Math.max(x, ${literal(low)}), ${literal(high)})`),
  domain: { low: -4.125, high: 4.125, step: 0.25 },
  vjp: (g, { inputs: [x], options }) => [multiply(g, clampMask(x!, options))],
  example: (random) => ({
    shapes: [[2 + random.integer(4), 3]],
    options: { low: -1 - random.integer(2), high: random.integer(3) },
  }),
});

/** 1 where low ≤ x ≤ high, else 0: the derivative of clamp. */
export const clampMask: Op<Bounds> = elementwise({
  name: "clampMask",
  f: ({ low, high }) => scalar("x", `x >= ${literal(low)} && x <= ${literal(high)} ? 1.0 : 0.0`, { ulps: 0 }),
  domain: { low: -4.125, high: 4.125, step: 0.25 },
  vjp: () => [null],
  example: clamp.definition.example!,
});

/** Binary cross entropy of logit z against label y ∈ [0, 1], in the form that never overflows. */
export const bceWithLogits: Op = elementwise({
  name: "bceWithLogits",
  f: scalar("z, y", "Math.max(z, 0.0) - z * y + Math.log(1.0 + Math.exp(-Math.abs(z)))", {
    ulps: 32,
    magnitude: "1.0 + Math.abs(z) + Math.abs(z * y)",
  }),
  domain: [{ low: -8, high: 8 }, unit],
  vjp: (g, { inputs: [z, y] }) => [
    multiply(g, subtract(sigmoid(z!), y!)),
    scale(multiply(g, z!), { by: -1 }),
  ],
});

/** Binary cross entropy of probability p against label y: −y ln p − (1 − y) ln(1 − p). For clamped probabilities. */
export const bce: Op = elementwise({
  name: "bce",
  f: scalar("p, y", "-y * Math.log(p) - (1.0 - y) * Math.log(1.0 - p)", {
    ulps: 64,
    magnitude: "2.0 + Math.abs(Math.log(p)) + Math.abs(Math.log(1.0 - p))",
  }),
  domain: [{ low: 0.0625, high: 0.9375 }, unit],
  vjp: (g, { inputs: [p, y] }) => {
    const variance = subtract(p!, multiply(p!, p!));
    const logOdds = subtract(log(p!), log(addScalar(scale(p!, { by: -1 }), { by: 1 })));
    return [multiply(g, divide(subtract(p!, y!), variance)), scale(multiply(g, logOdds), { by: -1 })];
  },
});
