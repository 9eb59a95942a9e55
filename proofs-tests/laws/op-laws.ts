import fc from "fast-check";
import { cpu64 } from "../../backends/cpu/index.ts";
import { dense, gradients } from "../../core/backward.ts";
import { permutation, type Random, random } from "../../core/numeric/random.ts";
import type { Op } from "../../core/op.ts";
import { add, multiply } from "../../core/ops/arithmetic.ts";
import { sumAll } from "../../core/ops/sum.ts";
import { sizeOf } from "../../core/shape.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";
import { applyTo, type Example, exampleInWords, exampleOf, inputsOf } from "./examples.ts";
import { type Said, seeds, trial } from "./law.ts";
import { noiseLike } from "./noise.ts";

/** A property of every op, in doubles. */
export interface OpLaw {
  readonly law: string;
  readonly of: (op: Op<never>) => Said;
}

/** A function of tensors with one number as its result. */
type Scalar = (inputs: readonly Tensor[]) => Tensor;

const tried = (op: Op<never>, check: (example: Example, random: Random) => Promise<number>): Said =>
  trial({
    examples: fc.tuple(exampleOf(op), seeds),
    check: ([example, seed]) => check(example, random(seed, "law")),
    words: ([example]) => exampleInWords(example),
  });

/** ⟨g, op(x)⟩ for a fixed random g. */
function paired(op: Op<never>, example: Example, stream: Random): Scalar {
  let g: Tensor | undefined;
  return (inputs) => {
    const y = applyTo(op, inputs, example.options);
    g ??= noiseLike(y, stream);
    return sumAll(multiply(y, g));
  };
}

/** Σ_i ⟨∂F/∂x_i, w_i⟩ for fixed random w: a function whose own gradient is a second derivative of F. */
function slope(f: Scalar, stream: Random): Scalar {
  let weights: Tensor[] | undefined;
  return (inputs) => {
    weights ??= inputs.map((x) => noiseLike(x, stream));
    const parts = gradients(f(inputs), inputs).map((g, i) =>
      g === null ? null : sumAll(multiply(dense(g), weights![i]!)),
    );
    return parts.reduce<Tensor>(
      (sum, part) => (part === null ? sum : add(sum, part)),
      tensor(cpu64, [], [0]),
    );
  };
}

/**
 * The derivative of F along a random direction, once by differences and once by the reverse sweep. Two step sizes give
 * the differences' own error: |D(h) − D(h/2)| bounds what truncation is left after extrapolation, and rounding adds
 * at most 2u|F|·k/h for the k operations of F.
 */
async function checkDerivative(f: Scalar, example: Example, stream: Random): Promise<number> {
  const inputs = inputsOf(example, cpu64);
  const direction = inputs.map((x) => Array.from({ length: sizeOf(x.shape) }, () => stream.uniform() - 0.5));
  let size = 0;
  const along = async (h: number) => {
    const moved = example.values.map((x, i) => x.map((v, j) => v + h * direction[i]![j]!));
    const y = await f(inputsOf({ ...example, values: moved }, cpu64)).item();
    size = Math.max(size, Math.abs(y));
    return y;
  };
  const difference = async (h: number) => ((await along(h)) - (await along(-h))) / (2 * h);
  const h = 2 ** -10;
  const [coarse, fine] = [await difference(h), await difference(h / 2)];
  const expected = (4 * fine - coarse) / 3;
  let actual = 0;
  let sum = 0;
  for (const [i, g] of gradients(f(inputs), inputs).entries()) {
    if (g === null) continue;
    (await dense(g).data()).forEach((v, j) => {
      actual += v * direction[i]![j]!;
      sum += Math.abs(v * direction[i]![j]!);
    });
  }
  const rounding = ((size + sum + 1) * 1000 * 2 ** -52) / h;
  const allowed = Math.abs(coarse - fine) + rounding;
  const error = Math.abs(actual - expected);
  if (!(error <= allowed)) {
    throw new Error(
      `derivative along a direction: ${actual} by the sweep, ${expected} by differences (± ${allowed})`,
    );
  }
  return error / allowed;
}

const adjoint: OpLaw = {
  law: "vjp is the adjoint of the derivative",
  of: (op) => tried(op, (example, stream) => checkDerivative(paired(op, example, stream), example, stream)),
};

const secondOrder: OpLaw = {
  law: "the vjp's own vjp is the second derivative",
  of: (op) =>
    tried(op, (example, stream) =>
      checkDerivative(slope(paired(op, example, stream), stream), example, stream),
    ),
};

const linearity: OpLaw = {
  law: "linear in the inputs said to be",
  of(op) {
    const { linear: inputs = [] } = op.definition;
    if (inputs.length === 0) return { skip: "declares no linear input" };
    return tried(op, async (example, stream) => {
      let worst = 0;
      for (const k of inputs) {
        const other = example.values[k]!.map(() => stream.normal());
        const [a, b] = [stream.normal(), stream.normal()];
        const at = async (x: readonly number[]) => {
          const values = example.values.map((own, i) => (i === k ? x : own));
          return applyTo(op, inputsOf({ ...example, values }, cpu64), example.options).data();
        };
        const [x, y] = [await at(example.values[k]!), await at(other)];
        const mixed = await at(example.values[k]!.map((v, i) => a * v + b * other[i]!));
        const scale =
          1 +
          Math.max(...x.map(Math.abs), ...y.map(Math.abs), ...mixed.map(Math.abs)) *
            (1 + Math.abs(a) + Math.abs(b));
        mixed.forEach((v, i) => {
          const error = Math.abs(v - (a * x[i]! + b * y[i]!));
          if (!(error <= 2 ** -44 * scale)) throw new Error(`input ${k + 1}, element ${i}: off by ${error}`);
          worst = Math.max(worst, error / (2 ** -44 * scale));
        });
      }
      return worst;
    });
  },
};

const shape: OpLaw = {
  law: "the result holds as many numbers as its shape says",
  of: (op) =>
    tried(op, async (example) => {
      const y = applyTo(op, inputsOf(example, cpu64), example.options);
      const { length } = await y.data();
      if (length !== sizeOf(y.shape)) throw new Error(`shape [${y.shape}] but ${length} numbers`);
      return 0;
    }),
};

const batchOrder: OpLaw = {
  law: "a permuted batch gives the permuted result",
  of(op) {
    const { inputs, output } = op.parsed;
    const batched = inputs.map((axes) => axes[0] === "n");
    if (output[0] !== "n" || !batched.some(Boolean)) return { skip: "has no batch axis" };
    return tried(op, async (example, stream) => {
      const n = example.shapes[batched.indexOf(true)]![0]!;
      const order = permutation(n, stream);
      const permuted = (x: ArrayLike<number>) => {
        const row = x.length / n;
        return Array.from(x, (_, i) => x[order[Math.floor(i / row)]! * row + (i % row)]!);
      };
      const values = example.values.map((x, i) => (batched[i] ? permuted(x) : x));
      const y = await applyTo(op, inputsOf(example, cpu64), example.options).data();
      const z = await applyTo(op, inputsOf({ ...example, values }, cpu64), example.options).data();
      permuted(y).forEach((v, i) => {
        if (v !== z[i]) throw new Error(`element ${i}: ${v} and ${z[i]}`);
      });
      return 0;
    });
  },
};

/** Every law about single ops. */
export const opLaws: readonly OpLaw[] = [adjoint, secondOrder, linearity, shape, batchOrder];
