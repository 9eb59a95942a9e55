import { check } from "./errors.ts";
import type { Form } from "./form.ts";
import type { Random } from "./numeric/random.ts";
import { broadcastShape, type Shape, showShape } from "./shape.ts";
import { bindSignature, type Dims, isFree, parseSignature, type Signature } from "./signature.ts";
import { type Cotangent, Tensor } from "./tensor.ts";

/** The numbers an input may hold: what laws draw from, and what an op is defined on. */
export interface Domain {
  readonly low: number;
  readonly high: number;
  /** Draw only low + k · step: lets an op keep its examples away from a kink. */
  readonly step?: number;
}

export const real: Domain = { low: -4, high: 4 };
export const positive: Domain = { low: 0.125, high: 8 };
export const unit: Domain = { low: 0, high: 1 };

/** What an op's gradient may use: the inputs and the result as tensors, so that gradients have gradients. */
interface Application<Options> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly options: Options;
  readonly dims: Dims;
}

/** What makes an op: shapes, kernel form and derivative. All else, from checks to laws, comes from these. */
export interface OpDefinition<Options> {
  readonly name: string;
  /** Shapes in and out, e.g. `"n k, k m -> n m"`; see `Signature` in core/signature.ts. */
  readonly signature: string;
  /** Sizes of letters that the inputs' shapes do not fix, from the options. */
  readonly sizes?: (dims: Dims, options: Options, shapes: readonly Shape[]) => Dims;
  /** Checks the options against the sizes; throws an InputError. */
  readonly check?: (dims: Dims, options: Options, shapes: readonly Shape[]) => void;
  /** The result's shape where the signature cannot say it. */
  readonly shape?: (shapes: readonly Shape[], options: Options) => Shape;
  /** The kernel form; `"view"` when the result is the first input under another shape. */
  readonly form: (dims: Dims, options: Options, shapes: readonly Shape[], output: Shape) => Form | "view";
  /** Vector–Jacobian product in terms of ops: the cotangent of each input (null: none). Required. */
  readonly vjp: (cotangent: Tensor, application: Application<Options>) => readonly (Cotangent | null)[];
  /** Where each input lives; one domain for all, or one each. Default: all reals. */
  readonly domain?: Domain | readonly Domain[];
  /** Which inputs the op is linear in, each with the others held: laws check it. */
  readonly linear?: readonly number[];
  /** For laws: random options and input shapes of small sizes. Without: shapes from the signature, options `{}`. */
  readonly example?: (random: Random) => { shapes: readonly Shape[]; options: Options };
}

type Arguments<Options> = object extends Options ? Tensor[] | [...Tensor[], Options] : [...Tensor[], Options];

/** An operation: a function of tensors, then options, that knows its shapes, its gradient and an example of itself. */
export interface Op<Options = object> {
  (...inputsThenOptions: Arguments<Options>): Tensor;
  readonly definition: OpDefinition<Options>;
  readonly parsed: Signature;
}

/** The one way to make an op. */
export function op<Options = object>(definition: OpDefinition<Options>): Op<Options> {
  const parsed = parseSignature(definition.signature);
  const { name } = definition;
  const apply = (...given: (Tensor | Options)[]): Tensor => {
    const inputs = given.filter((x): x is Tensor => x instanceof Tensor);
    const options = (inputs.length < given.length ? given.at(-1) : {}) as Options;
    const shapes = inputs.map((x) => x.shape);
    const bound = bindSignature(name, parsed, shapes);
    const dims = { ...bound, ...definition.sizes?.(bound, options, shapes) };
    definition.check?.(dims, options, shapes);
    const shape = definition.shape?.(shapes, options) ?? outputShape(name, parsed, dims, shapes);
    const first = inputs[0]!;
    checkBackends(name, inputs);
    const form = definition.form(dims, options, shapes, shape);
    let output: Tensor;
    const origin = {
      op: definition,
      form,
      inputs,
      vjp: (cotangent: Tensor) => definition.vjp(cotangent, { inputs, output, options, dims }),
    };
    if (form === "view") output = first.view(shape, origin);
    else
      output = Tensor.of(
        first.backend,
        shape,
        first.backend.run(
          form,
          inputs.map((x) => x.handle),
        ),
        origin,
      );
    return output;
  };
  return Object.assign(apply, { definition, parsed });
}

function outputShape(name: string, parsed: Signature, dims: Dims, shapes: readonly Shape[]): Shape {
  if (isFree(parsed.output)) return broadcastShape(shapes, name);
  return parsed.output.map((letter) => {
    const size = dims[letter];
    check(
      size !== undefined,
      () => `${name}: the size of "${letter}" in "${parsed.text}" follows from no input.`,
    );
    return size;
  });
}

function checkBackends(name: string, inputs: readonly Tensor[]): void {
  const first = inputs[0]!;
  for (const x of inputs) {
    check(
      x.backend === first.backend,
      () =>
        `${name}: its inputs are on two backends, ${first.backend.name} (shape ${showShape(first.shape)}) and ${x.backend.name} (shape ${showShape(x.shape)}); move one with await model.to(backend) or make it there with tensor(backend, …).`,
    );
  }
}
