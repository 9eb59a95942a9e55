import { type Random, random } from "../../../core/numeric/random.ts";
import type { Draw, Instance, Sketch } from "../../../theory/theorem.ts";

// Tiny instances, whose every draw of R can be listed: means, variances and probabilities are then counted, not estimated.
// What is written here is the definition in plain words, and shares nothing with the closed forms that it is held against.

/** Where blocks may start, and what their signs are. */
export interface Scheme {
  readonly starts: "anywhere" | "unwrapped" | "aligned" | "balanced";
  readonly signs: "each weight" | "each block" | "none";
}

/** Every list of `length` whole numbers from 0 to `below` − 1. */
function* lists(length: number, below: number): Generator<number[]> {
  if (length === 0) yield [];
  else for (const rest of lists(length - 1, below)) for (let i = 0; i < below; i++) yield [...rest, i];
}

/** Places of blocks by every permutation a·b + c of ℤ_P, laid on `places` in turn; each its own where there are enough. */
function* balanced(blocks: number, places: number): Generator<number[]> {
  const numbers = Array.from({ length: blocks }, (_, b) => b);
  if (places >= blocks) return yield numbers;
  const prime = [2, 3, 5, 7, 11, 13].find((p) => p >= blocks)!;
  for (let a = 1; a < prime; a++)
    for (let c = 0; c < prime; c++) yield numbers.map((b) => ((a * b + c) % prime) % places);
}

/** The positions of the weights of each block: a row's weights, Z at a time. */
function blocksIn({ rows, dim, block }: Instance): number[][] {
  const blocks: number[][] = [];
  for (let row = 0; row < rows; row++)
    for (let first = 0; first < dim; first += block)
      blocks.push(
        Array.from({ length: Math.min(block, dim - first) }, (_, offset) => row * dim + first + offset),
      );
  return blocks;
}

/** Every R that a scheme can draw; all are equally likely. */
export function* allDraws(instance: Instance, { starts, signs }: Scheme): Generator<Sketch> {
  const { memory, block } = instance;
  const blocks = blocksIn(instance);
  const size = blocks.flat().length;
  const places = Math.floor(memory / block);
  const drawnStarts =
    starts === "balanced"
      ? balanced(blocks.length, places)
      : lists(blocks.length, { anywhere: memory, unwrapped: memory - block + 1, aligned: places }[starts]);
  const signLists = [
    ...lists(signs === "each weight" ? size : signs === "each block" ? blocks.length : 0, 2),
  ].map((bits) => {
    const own = new Int8Array(size).fill(1);
    if (signs === "each weight") for (const [k, bit] of bits.entries()) own[k] = bit ? 1 : -1;
    if (signs === "each block")
      for (const [b, bit] of bits.entries()) for (const k of blocks[b]!) own[k] = bit ? 1 : -1;
    return own;
  });
  for (const drawn of drawnStarts) {
    const slots = new Uint32Array(size);
    for (const [b, start] of drawn.entries())
      for (const [offset, k] of blocks[b]!.entries())
        slots[k] =
          ((starts === "aligned" || starts === "balanced" ? start * block : start) + offset) % memory;
    for (const own of signLists) yield { memory, places: 1, slots, signs: own };
  }
}

/** Every sum of two independent signed hashes of each weight. */
export function* allPairs({ rows, dim, memory }: Instance): Generator<Sketch> {
  const size = rows * dim;
  for (const slots of lists(2 * size, memory))
    for (const bits of lists(2 * size, 2))
      yield {
        memory,
        places: 2,
        slots: Uint32Array.from(slots),
        signs: Int8Array.from(bits, (bit) => 2 * bit - 1),
      };
}

/** Rx, slot by slot. */
export function applied({ memory, places, slots, signs }: Sketch, x: ArrayLike<number>): number[] {
  const out = Array.from({ length: memory }, () => 0);
  for (const [i, slot] of slots.entries()) out[slot]! += signs[i]! * x[Math.floor(i / places)]!;
  return out;
}

export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The mean and the variance of equally likely numbers. */
export function momentsOf(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length };
}

/** A draw for a check of this sketch. */
export const drawOf = (sketch: Sketch): Draw => ({ sketch, stream: random(1, "draw") });

/** Random numbers that are all the same: one code, one place, one sign for all rows. */
export const stuck: Random = {
  uniform: () => 0,
  integer: () => 0,
  normal: () => 0,
  bits: () => 0x0f0f0f0f,
  skip: () => {},
};
