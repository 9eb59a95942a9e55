import type { Backend, StoredAs } from "../../core/backend.ts";
import { check, InputError } from "../../core/errors.ts";
import { bytes, count } from "../../core/format.ts";

/**
 * Zeros on the host for a new memory of so many floats, which the backend will then store as `storage` says.
 * @throws InputError where it, or the machine, cannot hold them: before anything is allocated, where that is known.
 */
export function zerosFor(
  { name, precision, largestMemory }: Backend,
  floats: number,
  storage?: StoredAs,
): Float64Array | Float32Array {
  const wide = precision === "f64" ? 8 : 4;
  const needed = floats * (storage === "f16" ? 2 : wide);
  const most = largestMemory?.(storage) ?? Number.POSITIVE_INFINITY;
  const refusal = (holder: string) =>
    `A memory of ${count(floats)} floats takes ${bytes(needed)}, ${holder}; take a smaller one (--compression, --memory-size), smaller tables (--table-rows of a CSV file, --tables), only the rows that occur (--embedding full --lazy-rows)${storage === "f16" ? "" : ", halves (--storage f16)"} or another --backend.`;
  check(needed <= most, () => refusal(`but ${name} holds at most ${bytes(most)} here`));
  try {
    return precision === "f64" ? new Float64Array(floats) : new Float32Array(floats);
  } catch {
    throw new InputError(refusal("more than this machine gives"));
  }
}
