import fc from "fast-check";
import { cpu64 } from "../../backends/cpu/index.ts";
import { type Agreement, type Disagreement, validate } from "../../backends/validate.ts";
import type { Backend, FloatArray } from "../../core/backend.ts";
import { dense, gradients } from "../../core/backward.ts";
import { type Random, random } from "../../core/numeric/random.ts";
import type { Op } from "../../core/op.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { sumAll } from "../../core/ops/sum.ts";
import { sizeOf } from "../../core/shape.ts";
import { liveTensors, type Tensor, tensor, tidy } from "../../core/tensor.ts";
import { applyTo, type Example, exampleInWords, exampleOf, inputsOf } from "./examples.ts";
import { type Said, seeds, trial, unlessOracle } from "./law.ts";

/** A property of every op on every backend. */
export interface BackendLaw {
  readonly law: string;
  readonly of: (op: Op<never>, backend: Backend) => Said;
}

/** What is checked of one example. No tensor may be left over. */
type Check = (op: Op<never>, backend: Backend, example: Example, random: Random) => Promise<number>;

const backendLaw = (law: string, check: Check): BackendLaw => ({
  law,
  of: (op, backend) =>
    trial({
      examples: fc.tuple(exampleOf(op), seeds),
      async check([example, seed]) {
        const before = liveTensors();
        const used = await check(op, backend, example, random(seed, "backend law"));
        if (liveTensors() !== before) throw new Error(`${liveTensors() - before} tensors were left over`);
        return used;
      },
      words: ([example]) => exampleInWords(example),
    }),
});

/** Runs `work` on a backend that is watched form by form. Frees all that it made. */
async function within(backend: Backend, work: (watched: Backend) => void): Promise<Agreement> {
  const { backend: watched, agreement } = validate(backend);
  tidy(() => work(watched));
  const found = await agreement();
  if (found.first) throw new Error(describe(backend, found.first));
  return found;
}

const describe = ({ name }: Backend, { form, index, actual, expected, allowed }: Disagreement): string =>
  `${form}, element ${index}: ${actual} on ${name}, ${expected} exactly; off by ${Math.abs(actual - expected)}, allowed ${allowed}`;

const agreement = backendLaw(
  "agrees with the oracle within the error bound of its form",
  async (op, backend, example) => {
    let read: Promise<FloatArray[]> | undefined;
    const { worst, calls } = await within(backend, (watched) => {
      const inputs = inputsOf(example, watched);
      read = Promise.all([inputs[0]!.data(), applyTo(op, inputs, example.options).data()]);
    });
    const [given, made] = (await read)!;
    if (calls === 0 && `${given}` !== `${made}`) throw new Error("a view changed the numbers");
    return worst;
  },
);

const noise = (like: Tensor, stream: Random): Tensor =>
  tensor(
    like.backend,
    like.shape,
    Array.from({ length: sizeOf(like.shape) }, () => stream.normal()),
  );

/** Σ ⟨∂F/∂x_i, w_i⟩ over the inputs that F depends on, for random w; undefined where it depends on none. */
function gradientPaired(y: Tensor, inputs: readonly Tensor[], stream: Random): Tensor | undefined {
  const paired = gradients(y, inputs).flatMap((gradient) => {
    if (gradient === null) return [];
    const g = dense(gradient);
    return [sumAll(multiply(g, noise(g, stream)))];
  });
  return paired.length === 0 ? undefined : paired.reduce((a, b) => sumAll(multiply(a, b)));
}

const gradientAgreement = backendLaw(
  "runs its gradient, and its gradient's gradient, form by form within their error bounds",
  async (op, backend, example, stream) => {
    const { worst } = await within(backend, (watched) => {
      const inputs = inputsOf(example, watched);
      const y = applyTo(op, inputs, example.options);
      const first = gradientPaired(sumAll(multiply(y, noise(y, stream))), inputs, stream);
      if (first) gradientPaired(first, inputs, stream);
    });
    return worst;
  },
);

const determinism = backendLaw("gives the same bits every time", async (op, backend, example) => {
  const once = async (): Promise<string> => {
    const result = tidy(() => applyTo(op, inputsOf(example, backend), example.options));
    const bits = `${await result.data()}`;
    result.free();
    return bits;
  };
  const [first, second] = [await once(), await once()];
  if (first !== second) throw new Error(`${backend.name}: two runs differ`);
  return 0;
});

const noNumber = backendLaw(
  "does not hide a number that is none",
  async (op, backend, { shapes, options, values }, stream) => {
    const i = stream.integer(values.length);
    const at = stream.integer(values[i]!.length);
    const spoilt = { shapes, options, values: values.map((v, k) => (k === i ? v.with(at, Number.NaN) : v)) };
    const made = async (on: Backend): Promise<FloatArray> => {
      const result = tidy(() => applyTo(op, inputsOf(spoilt, on), options));
      const read = await result.data();
      result.free();
      return read;
    };
    const [expected, actual] = [await made(cpu64), await made(backend)];
    // A driver may say ∞ for e^NaN; what must not be is a number that looks like a result.
    const hidden = expected.findIndex((x, k) => Number.isNaN(x) && Number.isFinite(actual[k]));
    if (hidden >= 0) throw new Error(`element ${hidden} is ${actual[hidden]} on ${backend.name}, but NaN`);
    return 0;
  },
);

const besideOracle = ({ law, of }: BackendLaw): BackendLaw => ({
  law,
  of: (op, backend) => unlessOracle(backend, () => of(op, backend)),
});

/** Every law about an op on a backend. */
export const backendLaws: readonly BackendLaw[] = [
  besideOracle(agreement),
  besideOracle(gradientAgreement),
  determinism,
  besideOracle(noNumber),
];
