import type { FloatArray, Grid } from "../../../core/backend.ts";
import { check } from "../../../core/errors.ts";
import type { Entry } from "./header.ts";

/**
 * How weights of a grid lie in a file, as whole multiples k of its step. `I8`: a byte each. `U8`: four bits each in two's
 * complement, two in a byte, the first in its low bits.
 */
export const packedAs = (
  { bits }: Grid,
  shape: readonly number[],
  size: number,
): Pick<Entry, "dtype" | "shape" | "size"> =>
  bits === 8
    ? { dtype: "I8", shape, size }
    : { dtype: "U8", shape: [Math.ceil(size / 2)], size: Math.ceil(size / 2) };

/** The bytes of numbers of a grid; `name` and `first` say which they are. Throws an InputError where one is none of it. */
export function packed(values: FloatArray, grid: Grid, name: string, first: number): Uint8Array {
  const { bits, step } = grid;
  const end = 2 ** (bits - 1);
  const bytes = new Uint8Array(Math.ceil((bits * values.length) / 8));
  for (let i = 0; i < values.length; i++) {
    const k = values[i]! / step;
    check(
      Number.isInteger(k) && k >= -end && k < end,
      () =>
        `${name} holds ${values[i]} at place ${first + i} (from 0), which is no multiple of ${step} from ${-end * step} to ${(end - 1) * step}, as int${bits} has`,
    );
    if (bits === 8) bytes[i] = k;
    else bytes[i >> 1]! |= (k & 15) << (4 * (i & 1));
  }
  return bytes;
}

/** The numbers of a grid that bytes stand for, in `out`. */
export function unpacked<Numbers extends FloatArray>(
  bytes: Uint8Array,
  { bits, step }: Grid,
  out: Numbers,
): Numbers {
  for (let i = 0; i < out.length; i++) {
    const code = bits === 8 ? bytes[i]! << 24 : ((bytes[i >> 1]! >> (4 * (i & 1))) & 15) << 28;
    out[i] = (code >> (32 - bits)) * step;
  }
  return out;
}
