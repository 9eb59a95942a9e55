import type { FloatArray } from "../../core/backend.ts";
import { blocksPerItem, type Lookup, wordsPerBlock } from "../../core/lookup.ts";
import { halfValues } from "../../core/numeric/half.ts";

/** out[bag] = Σ of its items, each read block by block, signed, wrapping at the end of memory. */
export function gather(lookup: Lookup, memory: FloatArray | Uint16Array, out: FloatArray): void {
  const { dim } = lookup;
  const read = readerOf(memory);
  const sums = new Float64Array(dim);
  eachBag(lookup, (bag, firstItem, lastItem) => {
    sums.fill(0);
    for (let item = firstItem; item < lastItem; item++) {
      eachSlot(lookup, item, (column, slot, negative) => {
        sums[column]! += negative ? -read(slot) : read(slot);
      });
    }
    out.set(sums, bag * dim);
  });
}

/** What a slot holds. */
function readerOf(memory: FloatArray | Uint16Array): (slot: number) => number {
  if (!(memory instanceof Uint16Array)) return (slot) => memory[slot]!;
  const values = halfValues();
  return (slot) => values[memory[slot]!]!;
}

/** out[slot] = signed sum of what every bag's cotangent sends there. */
export function scatter(lookup: Lookup, cotangent: FloatArray, out: FloatArray): void {
  const sums = out instanceof Float64Array ? out : new Float64Array(out.length);
  addTo(lookup, cotangent, (slot, value) => {
    sums[slot]! += value;
  });
  if (sums !== out) out.set(sums);
}

/** Calls `add(slot, value)` for every float that a scatter adds, in order of bags, items and columns. */
export function addTo(
  lookup: Lookup,
  cotangent: FloatArray,
  add: (slot: number, value: number) => void,
): void {
  eachBag(lookup, (bag, firstItem, lastItem) => {
    const row = bag * lookup.dim;
    for (let item = firstItem; item < lastItem; item++) {
      eachSlot(lookup, item, (column, slot, negative) => {
        add(slot, negative ? -cotangent[row + column]! : cotangent[row + column]!);
      });
    }
  });
}

function eachBag({ bags }: Lookup, visit: (bag: number, firstItem: number, lastItem: number) => void): void {
  for (let bag = 0; bag + 1 < bags.length; bag++) visit(bag, bags[bag]!, bags[bag + 1]!);
}

function eachSlot(
  lookup: Lookup,
  item: number,
  visit: (column: number, slot: number, negative: boolean) => void,
): void {
  const { dim, block, starts, signs, memory } = lookup;
  const blocks = blocksPerItem(lookup);
  const words = wordsPerBlock(block);
  for (let b = 0, column = 0; b < blocks; b++) {
    const at = item * blocks + b;
    let slot = starts[at]!;
    for (let s = 0; s < block && column < dim; s++, column++) {
      visit(column, slot, signs !== undefined && ((signs[at * words + (s >>> 5)]! >>> (s & 31)) & 1) === 1);
      if (++slot === memory) slot = 0;
    }
  }
}
