import type { Backend } from "../../core/backend.ts";
import { random } from "../../core/numeric/random.ts";
import { linear } from "../../core/ops/matmul.ts";
import { Parameter } from "../../core/parameter.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";

/** A stack of fully connected layers. */
export interface Mlp {
  /** weight [out × in] and bias [out] of each layer, in order. */
  readonly parameters: readonly Parameter[];
  /** [n × in] → [n × out] */
  forward(x: Tensor): Tensor;
}

/**
 * Layers of `sizes[0] → sizes[1] → …`, relu after each; with `logit` the last layer has none. Initial weights are
 * Normal(0, √(2/(out+in))), biases Normal(0, √(1/out)), as in the DLRM reference.
 */
export function mlp(
  name: string,
  sizes: readonly number[],
  { logit, seed, backend }: { logit: boolean; seed: number; backend: Backend },
): Mlp {
  const layers = sizes.slice(1).map((out, i) => {
    const inputs = sizes[i]!;
    const normal = (what: string, shape: number[], deviation: number) => {
      const label = `${name}.${i}.${what}`;
      const stream = random(seed, label);
      const values = Array.from({ length: shape.reduce((a, b) => a * b) }, () => deviation * stream.normal());
      return new Parameter(label, tensor(backend, shape, values));
    };
    return {
      weight: normal("weight", [out, inputs], Math.sqrt(2 / (out + inputs))),
      bias: normal("bias", [out], Math.sqrt(1 / out)),
      activation: logit && i === sizes.length - 2 ? ("none" as const) : ("relu" as const),
    };
  });
  return {
    parameters: layers.flatMap(({ weight, bias }) => [weight, bias]),
    forward: (x) =>
      layers.reduce(
        (y, { weight, bias, activation }) => linear(y, weight.tensor, bias.tensor, { activation }),
        x,
      ),
  };
}
