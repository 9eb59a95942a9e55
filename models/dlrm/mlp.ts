import type { Backend } from "../../core/backend.ts";
import { random } from "../../core/numeric/random.ts";
import { linear } from "../../core/ops/matmul.ts";
import { Parameter } from "../../core/parameter.ts";
import { sizeOf } from "../../core/shape.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";
import { checkBlank } from "../embeddings/scheme.ts";

/** A stack of fully connected layers. */
export interface Mlp {
  /** weight [out × in] and bias [out] of each layer, in order. */
  readonly parameters: readonly Parameter[];
  /** [n × in] → [n × out] */
  forward(x: Tensor): Tensor;
}

/**
 * Layers of `sizes[0] → sizes[1] → …`, relu after each; with `logit` the last layer has none. Initial weights are
 * Normal(0, √(2/(out+in))), biases Normal(0, √(1/out)), as in the DLRM reference; all are 0 where they are `blank`.
 */
export function mlp(
  name: string,
  sizes: readonly number[],
  setting: { logit: boolean; seed: number; backend: Backend; blank?: number | undefined },
): Mlp {
  const { logit, seed, backend, blank } = setting;
  const layers = sizes.slice(1).map((out, i) => {
    const inputs = sizes[i]!;
    const normal = (what: string, shape: number[], deviation: number) => {
      const label = `${name}.${i}.${what}`;
      const stream = random(seed, label);
      const length = sizeOf(shape);
      checkBlank(length, setting);
      const values =
        blank === undefined
          ? Array.from({ length }, () => deviation * stream.normal())
          : new Float32Array(length);
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
