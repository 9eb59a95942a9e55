import { check } from "../../../core/errors.ts";
import { lazyRowsFrom } from "../lazy-rows.ts";

/**
 * Ids that each have a row of a table to themselves, by their 32-bit hashes: the i-th smallest of these, from 0, has row i + 1. Row 0
 * is that of every other id. Two ids of one hash share a row: of n ids n²/2³³ pairs are to be expected.
 */
export interface Vocabulary {
  /** All hashes, ascending. */
  readonly hashes: Uint32Array;
  rowOf(hash: number): number;
  /** In JSON it is but said that there is one: its numbers are an array of the model's file. */
  toJSON(): true;
}

/** Ids of these hashes, which must be different and ascend. Throws an InputError where they do not. */
export function vocabulary(hashes: Uint32Array): Vocabulary {
  const wrong = hashes.findIndex((hash, i) => i > 0 && hash <= hashes[i - 1]!);
  check(
    wrong < 0,
    () => `The hashes of a vocabulary must ascend, but number ${wrong} (from 0) is ${hashes[wrong]}.`,
  );
  const { place } = lazyRowsFrom([2 ** 32], [hashes]);
  return { hashes, rowOf: (hash) => place(0, hash) + 1, toJSON: () => true };
}
