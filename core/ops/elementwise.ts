import { type Domain, type Op, type OpDefinition, op } from "../op.ts";
import type { Scalar } from "../scalar.ts";
import type { Dims } from "../signature.ts";
import type { Tensor } from "../tensor.ts";
import { sumTo } from "./sum.ts";

interface Elementwise<Options> {
  readonly name: string;
  readonly f: Scalar | ((options: Options) => Scalar);
  /** Cotangents in the broadcast shape; each is then summed to its input's own shape. */
  readonly vjp: (...given: Parameters<OpDefinition<Options>["vjp"]>) => readonly (Tensor | null)[];
  readonly domain?: Domain | readonly Domain[];
  readonly linear?: readonly number[];
  readonly example?: OpDefinition<Options>["example"];
  readonly check?: (options: Options) => void;
}

/** An op that applies one scalar function to every element; inputs broadcast together as in NumPy. */
export function elementwise<Options = object>(definition: Elementwise<Options>): Op<Options> {
  const { f, vjp, check, domain, linear, example, name } = definition;
  const scalarOf = (options: Options): Scalar => (typeof f === "function" ? f(options) : f);
  const arity = typeof f === "function" ? 1 : f.inputs.length;
  return op<Options>({
    name,
    ...(domain && { domain }),
    ...(linear && { linear }),
    ...(example && { example }),
    signature: `${new Array(arity).fill("...").join(", ")} -> ...`,
    ...(check && { check: (_: Dims, options: Options) => check(options) }),
    form: (_, options, inputs, shape) => ({ kind: "map", f: scalarOf(options), shape, inputs }),
    vjp: (cotangent, application) =>
      vjp(cotangent, application).map((x, i) => x && sumTo(x, application.inputs[i]!.shape)),
  });
}
