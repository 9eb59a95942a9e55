import { check, InputError } from "./errors.ts";

/**
 * Where the embedding items of a batch live in memory. Whatever the sharing scheme, this is all that a backend learns
 * of it. R items, each of `dim` floats, each item cut into ⌈dim / block⌉ blocks; a block occupies consecutive slots.
 * Bags sum items, so a scheme that adds several memory rows for one id is a bag with more items.
 */
export interface Lookup {
  /** Floats per item. */
  readonly dim: number;
  /** Floats per block, 1 … dim; an item's last block may be shorter. */
  readonly block: number;
  /** [R × blocks] the first slot of each block, below `memory`. */
  readonly starts: Uint32Array;
  /** [R × blocks × ⌈block / 32⌉] bit s of a block's words is set where element s is negated. Absent: no signs. */
  readonly signs?: Uint32Array;
  /** [bags + 1] offsets into the R items. */
  readonly bags: Uint32Array;
  /** m, the number of slots. Slots wrap: element s of a block is at (start + s) mod m. */
  readonly memorySize: number;
  /** What `starts` and `signs` come from; absent where that is more than a batch's ids. */
  readonly source?: {
    readonly ids: Uint32Array;
    /** Writes `starts` and `signs` anew, of what the ids are by now. */
    renew(): void;
  };
}

export const blocksPerItem = (lookup: { dim: number; block: number }): number =>
  Math.ceil(lookup.dim / lookup.block);

export const wordsPerBlock = (block: number): number => Math.ceil(block / 32);

export const bagCount = (lookup: Lookup): number => lookup.bags.length - 1;

export const itemCount = (lookup: Lookup): number => lookup.starts.length / blocksPerItem(lookup);

/** Throws an {@link InputError} unless the parts of `lookup` fit together and every slot is inside memory. */
export function checkLookup(lookup: Lookup): void {
  const { dim, block, starts, signs, bags, memorySize } = lookup;
  check(
    block >= 1 && block <= dim,
    () => `A lookup's block must be from 1 to its dim ${dim}, but it is ${block}.`,
  );
  check(
    block <= memorySize,
    () => `A block of ${block} floats does not fit into a memory of ${memorySize} slots.`,
  );
  const items = itemCount(lookup);
  check(
    Number.isInteger(items),
    () => `A lookup has ${starts.length} starts, not a multiple of ${blocksPerItem(lookup)} blocks an item.`,
  );
  check(
    signs === undefined || signs.length === starts.length * wordsPerBlock(block),
    () =>
      `A lookup of ${starts.length} blocks of ${block} needs ${starts.length * wordsPerBlock(block)} sign words, but has ${signs?.length}.`,
  );
  check(
    bags[0] === 0 && bags[bags.length - 1] === items,
    () =>
      `A lookup's bags must run from item 0 to item ${items}, but run from ${bags[0]} to ${bags[bags.length - 1]}.`,
  );
  // Plain loops: every batch comes through here.
  for (let i = 1; i < bags.length; i++) {
    if (bags[i]! < bags[i - 1]!)
      throw new InputError(`A lookup's bag ${i - 1} ends (${bags[i]}) before it starts (${bags[i - 1]}).`);
  }
  for (let i = 0; i < starts.length; i++) {
    if (starts[i]! >= memorySize)
      throw new InputError(
        `Block ${i} of a lookup starts at slot ${starts[i]}, outside a memory of ${memorySize}.`,
      );
  }
}

/** Calls `visit(bag, column, slot, sign)` for every float that the lookup reads: its meaning, item by item. */
export function eachRead(
  lookup: Lookup,
  visit: (bag: number, column: number, slot: number, sign: number) => void,
): void {
  const { dim, block, starts, signs, bags, memorySize } = lookup;
  const blocks = blocksPerItem(lookup);
  const words = wordsPerBlock(block);
  for (let bag = 0; bag < bagCount(lookup); bag++) {
    for (let item = bags[bag]!; item < bags[bag + 1]!; item++) {
      for (let column = 0; column < dim; column++) {
        const s = column % block;
        const b = item * blocks + (column - s) / block;
        const slot = (starts[b]! + s) % memorySize;
        const negative = signs !== undefined && (signs[b * words + (s >>> 5)]! >>> (s & 31)) & 1;
        visit(bag, column, slot, negative ? -1 : 1);
      }
    }
  }
}
