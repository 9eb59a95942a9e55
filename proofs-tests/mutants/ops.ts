import type { Form } from "../../core/form.ts";
import { type Op, type OpDefinition, op } from "../../core/op.ts";
import { multiply, subtract } from "../../core/ops/arithmetic.ts";
import { concat } from "../../core/ops/arrange.ts";
import { embeddingBag, embeddingBagGrad } from "../../core/ops/embedding-bag.ts";
import { exp, sigmoid } from "../../core/ops/functions.ts";
import { linear, matmul } from "../../core/ops/matmul.ts";
import { pairwiseDot, pairwiseDotGrad } from "../../core/ops/pairwise-dot.ts";
import { sum, sumTo } from "../../core/ops/sum.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";

/** `sound` with part of its definition replaced. */
const changed = <Options>(sound: Op<Options>, change: Partial<OpDefinition<Options>>): Op<never> =>
  op<Options>({ ...sound.definition, ...change }) as unknown as Op<never>;

const sound = (original: unknown): Op<never> => original as Op<never>;

/** A wrong op, beside the one it was made from and the law that must tell them apart. */
interface BrokenOp {
  readonly law: string;
  readonly mutation: string;
  readonly broken: Op<never>;
  readonly sound: Op<never>;
}

/** Of square matrices only, so that a wrong transpose still has the right shape. */
const squareMatmul = op({
  ...matmul.definition,
  example: () => ({
    shapes: [
      [3, 3],
      [3, 3],
    ],
    options: {},
  }),
});

const adjoint = "vjp is the adjoint of the derivative";

const wrongGradients: readonly BrokenOp[] = [
  {
    law: adjoint,
    mutation: "sigmoid's gradient is 1 − s in place of s(1 − s)",
    broken: changed(sigmoid, {
      vjp: (g, { output }) => [subtract(g, multiply(g, output))],
    }),
    sound: sound(sigmoid),
  },
  {
    law: adjoint,
    mutation: "gram's gradient lacks the factor 2",
    broken: changed(pairwiseDot, { vjp: (g, { inputs: [x], options }) => [pairwiseDotGrad(g, x!, options)] }),
    sound: sound(pairwiseDot),
  },
  {
    law: adjoint,
    mutation: "matmul's gradient of A takes B as it is stored",
    broken: changed(squareMatmul, {
      vjp: (g, given) => [matmul(g, given.inputs[1]!, {}), matmul.definition.vjp(g, given)[1]!],
    }),
    sound: sound(squareMatmul),
  },
  {
    law: adjoint,
    mutation: "linear's gradient passes where relu is shut",
    broken: changed(linear, {
      vjp: (g, { inputs: [x, w, b] }) => [
        matmul(g, w!, {}),
        matmul(g, x!, { transposeA: true }),
        sumTo(g, b!.shape),
      ],
    }),
    sound: sound(linear),
  },
  {
    law: adjoint,
    mutation: "multiply has no gradient for its second factor",
    broken: changed(multiply, { vjp: (g, { inputs: [x, y] }) => [sumTo(multiply(g, y!), x!.shape), null] }),
    sound: sound(multiply),
  },
  {
    law: "the vjp's own vjp is the second derivative",
    mutation: "exp's gradient is right, but is a number and not an expression",
    broken: changed(exp, {
      vjp: (g, { output: y }) => [multiply(g, copied(y))],
    }),
    sound: sound(exp),
  },
];

const copied = (x: Tensor): Tensor => tensor(x.backend, x.shape, x.backend.peek!(x.handle).slice());

const withoutSigns = (form: Form | "view"): Form | "view" => {
  if (form === "view" || !(form.kind === "gather" || form.kind === "scatter")) return form;
  const { signs: _, ...lookup } = form.lookup;
  return { ...form, lookup };
};

const wrongForms: readonly BrokenOp[] = [
  {
    law: adjoint,
    mutation: "scatter drops the signs",
    broken: changed(embeddingBagGrad, { form: (_, { lookup }) => withoutSigns({ kind: "scatter", lookup }) }),
    sound: sound(embeddingBagGrad),
  },
  {
    law: adjoint,
    mutation: "gather wraps one slot before the end of memory",
    broken: changed(embeddingBag, {
      form(_, { lookup }) {
        const memory = Math.max(lookup.memorySize - 1, 1);
        return {
          kind: "gather",
          lookup: { ...lookup, memorySize: memory, starts: lookup.starts.map((s) => s % memory) },
        };
      },
    }),
    sound: sound(embeddingBag),
  },
  {
    law: "linear in the inputs said to be",
    mutation: "exp is said to be linear",
    broken: changed(exp, { linear: [0] }),
    sound: sound(multiply),
  },
  {
    law: "the result holds as many numbers as its shape says",
    mutation: "sum says the shape of what it summed",
    broken: changed(sum, { shape: ([shape]) => shape! }),
    sound: sound(sum),
  },
  {
    law: "a permuted batch gives the permuted result",
    mutation: "concat takes the second matrix's rows from the last up",
    broken: changed(concat, {
      form(...given) {
        const form = concat.definition.form(...given);
        if (form === "view" || form.kind !== "arrange") return form;
        const [x, y] = form.parts;
        const [rows, width] = given[2][1]!;
        return { ...form, parts: [x!, { ...y!, offset: (rows! - 1) * width!, strides: [-width!, 1] }] };
      },
    }),
    sound: sound(concat),
  },
];

/** Wrong ops, each with the law that must see it. */
export const brokenOps: readonly BrokenOp[] = [...wrongGradients, ...wrongForms];
