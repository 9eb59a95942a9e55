import type { FloatArray } from "../../core/backend.ts";
import type { MapForm } from "../../core/form.ts";
import { compile } from "../../core/scalar.ts";
import { broadcastStrides, stridesOf } from "../../core/shape.ts";

/** out[i] = f(x₁[i], …, x_k[i]), each input read where broadcasting puts cell i. */
export function map({ f, shape, inputs }: MapForm, values: readonly FloatArray[], out: FloatArray): void {
  const apply = compile(f);
  const outer = stridesOf(shape);
  const strides = inputs.map((input) => broadcastStrides(input, shape));
  const x = new Float64Array(inputs.length);
  for (let i = 0; i < out.length; i++) {
    for (let k = 0; k < x.length; k++) {
      let at = 0;
      for (let axis = 0; axis < shape.length; axis++)
        at += (Math.floor(i / outer[axis]!) % shape[axis]!) * strides[k]![axis]!;
      x[k] = values[k]![at]!;
    }
    out[i] = apply(x);
  }
}
