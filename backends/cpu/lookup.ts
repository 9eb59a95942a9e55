import type { FloatArray } from "../../core/backend.ts";
import { eachRead, type Lookup } from "../../core/lookup.ts";
import { halfValues } from "../../core/numeric/half.ts";

/** out[bag, c] = Σ_items of the bag sign · M[slot of (item, c)], of a memory of floats or of halves. */
export function gather(lookup: Lookup, memory: FloatArray | Uint16Array, out: FloatArray): void {
  const read = readerOf(memory);
  const sums = new Float64Array(out.length);
  eachRead(lookup, (bag, column, slot, sign) => {
    sums[bag * lookup.dim + column]! += sign * read(slot);
  });
  out.set(sums);
}

/** What a slot holds. */
function readerOf(memory: FloatArray | Uint16Array): (slot: number) => number {
  if (!(memory instanceof Uint16Array)) return (slot) => memory[slot]!;
  const values = halfValues();
  return (slot) => values[memory[slot]!]!;
}

/** out[slot] = Σ sign · g[bag, c] over all (item, c) at that slot. */
export function scatter(lookup: Lookup, cotangent: FloatArray, out: FloatArray): void {
  const sums = new Float64Array(out.length);
  addTo(lookup, cotangent, (slot, value) => {
    sums[slot]! += value;
  });
  out.set(sums);
}

/** Calls `add(slot, value)` for every float that a scatter adds, in order of bags, items and columns. */
export function addTo(
  lookup: Lookup,
  cotangent: FloatArray,
  add: (slot: number, value: number) => void,
): void {
  eachRead(lookup, (bag, column, slot, sign) => add(slot, sign * cotangent[bag * lookup.dim + column]!));
}
