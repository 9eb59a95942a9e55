import { mixer } from "../../../core/numeric/hash.ts";
import { type RowNumbers, rowNumbers } from "../scheme.ts";

/** Slots of a bucket: each holds an id and its score. */
export const bucketSize = 4;

/**
 * Finds ids of large weight in a stream of (id, weight) in fixed memory: HotSketch (Zhang et al., "CAFE", SIGMOD 2024,
 * arXiv 2312.03256). An id is hashed to a bucket of {@link bucketSize} slots, and each bucket follows the rule of
 * SpaceSaving (Metwally et al., ICDT 2005): an id without a slot takes that of the smallest score, and adds to it.
 *
 * So for a bucket of smallest score μ (0 while a slot is empty), up to rounding: its scores add up to the weight W that
 * it was sent; an id in it has its true weight ≤ its score ≤ its true weight + μ; an id not in it has at most μ. As
 * μ ≤ W / bucketSize, every id of a larger weight is there. `fade` scales true weights and scores alike.
 */
export interface HotSketch {
  /** [buckets × bucketSize] the id of each slot, and its score; 0 where the slot is empty. */
  readonly ids: RowNumbers;
  readonly scores: Float32Array;
  /** The first slot of an id's bucket. */
  bucketOf(id: number): number;
  /** Adds to an id's weight. Weights that are not above 0 change nothing. */
  add(id: number, weight: number): void;
  /** Multiplies all scores, so that the past counts less than what is to come. */
  fade(by: number): void;
  /** Whether these ids and scores could be a sketch's: each id in a slot of its bucket, in one alone, below `rows`. */
  couldHold(ids: ArrayLike<number>, scores: ArrayLike<number>, rows: number): boolean;
  /** The `count` ids of the largest scores (all of them where they are fewer), ascending. Of equal scores the smaller id. */
  largest(count: number): number[];
}

/** An empty sketch of ids below `rows`. */
export function hotSketch(buckets: number, rows: number, seed: number): HotSketch {
  const ids = rowNumbers(buckets * bucketSize, rows);
  const scores = new Float32Array(ids.length);
  const hash = mixer(seed);
  const bucketOf = (row: number) =>
    bucketSize * hash.modulo({ table: 0, row, first: 0, block: 0, blocks: 1 }, buckets);
  return {
    ids,
    scores,
    bucketOf,
    add(id, weight) {
      if (!(weight > 0)) return;
      const first = bucketOf(id);
      let least = first;
      for (let slot = first; slot < first + bucketSize; slot++) {
        if (ids[slot] === id && scores[slot]! > 0) {
          scores[slot]! += weight;
          return;
        }
        const less = scores[slot]! - scores[least]!;
        if (less < 0 || (less === 0 && ids[slot]! > ids[least]!)) least = slot;
      }
      ids[least] = id;
      scores[least]! += weight;
    },
    fade(by) {
      for (let slot = 0; slot < scores.length; slot++) scores[slot]! *= by;
    },
    couldHold(others, weights, rows) {
      const seen = new Set<number>();
      for (let slot = 0; slot < ids.length; slot++) {
        const [id, weight] = [others[slot]!, weights[slot]!];
        if (!Number.isInteger(id) || id < 0 || id >= rows || !(weight >= 0)) return false;
        if (weight === 0) continue;
        if (slot - bucketOf(id) !== slot % bucketSize || seen.has(id)) return false;
        seen.add(id);
      }
      return true;
    },
    largest(count) {
      const threshold = scores.slice().sort()[Math.max(0, scores.length - count)]!;
      const [above, level]: number[][] = [[], []];
      for (const [slot, score] of scores.entries()) {
        if (score > threshold) above!.push(ids[slot]!);
        else if (score === threshold && score > 0) level!.push(ids[slot]!);
      }
      const ascending = (found: number[]) => found.sort((a, b) => a - b);
      return ascending([...above!, ...ascending(level!).slice(0, count - above!.length)]);
    },
  };
}
