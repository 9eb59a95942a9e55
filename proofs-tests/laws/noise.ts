import type { Random } from "../../core/numeric/random.ts";
import { sizeOf } from "../../core/shape.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";

/** Standard normal numbers in the shape of x. */
export const noiseLike = (x: Tensor, stream: Random): Tensor =>
  tensor(
    x.backend,
    x.shape,
    Array.from({ length: sizeOf(x.shape) }, () => stream.normal()),
  );

/** Puts other numbers into a parameter's tensor. */
export function assign(x: Tensor, values: readonly number[]): void {
  x.backend.free(x.handle);
  x.replace(x.backend.upload(values));
}
