import fc from "fast-check";
import type { Backend } from "../../core/backend.ts";
import { random } from "../../core/numeric/random.ts";
import { type Domain, type Op, real } from "../../core/op.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import { isFree } from "../../core/signature.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";
import { seeds } from "./law.ts";

/** Inputs and options on which an op can be tried. */
export interface Example {
  readonly shapes: readonly Shape[];
  readonly options: object;
  readonly values: readonly (readonly number[])[];
}

/** Any valid example of `op`: shapes from its signature or its own `example`, values from its domain. */
export function exampleOf(op: Op<never>): fc.Arbitrary<Example> {
  const { example, domain = real } = op.definition;
  const domainOf = (i: number): Domain => ("low" in domain ? domain : domain[i]!);
  const setting: fc.Arbitrary<{ shapes: readonly Shape[]; options: object }> = example
    ? seeds.map((seed) => example(random(seed, "example")))
    : shapesOf(op).map((shapes) => ({ shapes, options: {} }));
  return setting.chain(({ shapes, options }) =>
    fc
      .tuple(...shapes.map((shape, i) => valuesIn(domainOf(i), sizeOf(shape))))
      .map((values) => ({ shapes, options, values })),
  );
}

/** `count` numbers of a domain. A failure is shrunk to eighths, which people can follow. */
function valuesIn({ low, high, step }: Domain, count: number): fc.Arbitrary<number[]> {
  const eighths = fc.integer({ min: Math.ceil(8 * low), max: Math.floor(8 * high) }).map((k) => k / 8);
  const one =
    step === undefined
      ? fc.oneof({ withCrossShrink: true }, eighths, fc.double({ min: low, max: high, noNaN: true }))
      : fc.integer({ min: 0, max: Math.round((high - low) / step) }).map((k) => low + k * step);
  return fc.array(one, { minLength: count, maxLength: count });
}

/** Shapes that fit the op's signature; inputs marked `...` broadcast against each other. */
function shapesOf(op: Op<never>): fc.Arbitrary<Shape[]> {
  const { inputs } = op.parsed;
  const letters = [...new Set(inputs.flat())];
  const size = fc.integer({ min: 1, max: 5 });
  if (!inputs.some(isFree)) {
    return fc
      .tuple(...letters.map(() => size))
      .map((sizes) => inputs.map((axes) => axes.map((letter) => sizes[letters.indexOf(letter)]!)));
  }
  return fc
    .array(size, { minLength: 1, maxLength: 3 })
    .chain((full) =>
      fc.tuple(
        ...inputs.map((_, i) =>
          i === 0
            ? fc.constant(full)
            : fc
                .tuple(fc.integer({ min: 0, max: full.length }), ...full.map(() => fc.boolean()))
                .map(([from, ...stretch]) => full.map((d, axis) => (stretch[axis] ? 1 : d)).slice(from)),
        ),
      ),
    );
}

/** The example's inputs as tensors. */
export const inputsOf = (example: Example, backend: Backend): Tensor[] =>
  example.shapes.map((shape, i) => tensor(backend, shape, example.values[i]!));

/** The op applied to the example. */
export const applyTo = (op: Op<never>, inputs: readonly Tensor[], options: object): Tensor =>
  (op as unknown as (...given: (Tensor | object)[]) => Tensor)(...inputs, options);

/** The example in words: each input's shape and numbers, and the op's options. */
export function exampleInWords({ shapes, options, values }: Example): string {
  const inputs = shapes.map((shape, i) => `input ${i + 1} [${shape.join(", ")}]: ${shortList(values[i]!)}`);
  const chosen = Object.entries(options).map(([name, value]) => `${name} ${inWords(value)}`);
  return [...inputs, ...chosen].join("; ");
}

function inWords(value: unknown): string {
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return `(${shortList(value as ArrayLike<unknown>)})`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, inner]) => `${name} ${inWords(inner)}`)
    .join(", ")} }`;
}

const shown = 12;

/** The first items of a list, and how many follow. */
export function shortList(list: ArrayLike<unknown>): string {
  const first = Array.from({ length: Math.min(list.length, shown) }, (_, i) => inWords(list[i]));
  return first.join(", ") + (list.length > shown ? `, … ${list.length} in all` : "");
}
