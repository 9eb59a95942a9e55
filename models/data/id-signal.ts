import { logistic } from "../../core/numeric/number.ts";
import type { Bags, Dataset } from "./dataset.ts";
import { firstNumbers, type LazyRows, lazyRows } from "./lazy-rows.ts";

/** How much each of some ids is worth, beside the others. */
export interface IdWeights extends LazyRows {
  /** [count] from 0 up, of each lazy row by its number among all of them. */
  readonly weights: ArrayLike<number>;
}

/**
 * How much each id of `train` tells of its labels: h·e², about twice what it adds to their log likelihood, e being what it
 * adds to the log odds of a label of 1.
 *
 * Tables tell one after the other, that of the fewest ids first. p being what those before foretell, an id's
 * g = Σ (y − p) and h = Σ p(1 − p) over its rows give e one Newton step from 0, under a normal prior: e = g/(h + 1/v). The
 * prior's variance v is that of a table's effects, by moments: (Σ g² − Σ h)/Σ h²; where that is not above 0, chance alone
 * makes g as large, and the table tells nothing. So a rare id's effect is made smaller, and a finer table is left what coarser
 * ones have not told. Walks over the rows once a table and twice more, and keeps a number a row.
 */
export async function idSignal(train: Dataset): Promise<IdWeights> {
  const ids = await lazyRows(train);
  const [g, h] = [new Float64Array(ids.count), new Float64Array(ids.count)];
  const [effects, weights] = [new Float64Array(ids.count), new Float64Array(ids.count)];
  const odds = growing(await meanLogOdds(train));
  const firsts = firstNumbers(ids.rows);
  const order = [...ids.tables.keys()].sort((a, b) => ids.rows[a]!.length - ids.rows[b]!.length);
  let told: number | undefined;
  for (const table of order) {
    let first = 0;
    for await (const { size, bags, labels, weights: counts } of train.batches(4096)) {
      const z = odds.upTo(first + size).subarray(first);
      if (told !== undefined) eachId(ids, told, bags, (i, at) => (z[i] = z[i]! + effects[at]!));
      eachId(ids, table, bags, (i, at) => {
        const p = logistic(z[i]!);
        const count = counts?.[i] ?? 1;
        g[at]! += count * (labels[i]! - p);
        h[at]! += count * p * (1 - p);
      });
      first += size;
    }
    const sums = { g2: 0, h: 0, h2: 0 };
    for (let at = firsts[table]!; at < firsts[table + 1]!; at++) {
      sums.g2 += g[at]! ** 2;
      sums.h += h[at]!;
      sums.h2 += h[at]! ** 2;
    }
    const variance = (sums.g2 - sums.h) / sums.h2;
    told = table;
    if (!(variance > 0)) continue;
    for (let at = firsts[table]!; at < firsts[table + 1]!; at++) {
      effects[at] = g[at]! / (h[at]! + 1 / variance);
      weights[at] = h[at]! * effects[at]! ** 2;
    }
  }
  return { ...ids, weights };
}

/** Calls `see` with the sample and the number of each id of a table. */
function eachId(
  rows: LazyRows,
  table: number,
  { ids, offsets }: Bags,
  see: (sample: number, at: number) => unknown,
): void {
  const T = rows.tables.length;
  for (let bag = table, i = 0; bag + 1 < offsets.length; bag += T, i++)
    for (let k = offsets[bag]!; k < offsets[bag + 1]!; k++) see(i, rows.place(table, ids[k]!));
}

/** The log odds of the mean label; finite, where all are the same. */
async function meanLogOdds(train: Dataset): Promise<number> {
  let [ones, all] = [0.5, 1];
  for await (const { size, labels, weights } of train.batches(4096))
    for (let i = 0; i < size; i++) {
      const count = weights?.[i] ?? 1;
      ones += count * labels[i]!;
      all += count;
    }
  return Math.log(ones / (all - ones));
}

/** As many numbers as are asked for, which are `start` at first. */
function growing(start: number) {
  let numbers = new Float64Array(0);
  return {
    upTo(length: number): Float64Array {
      if (length > numbers.length) {
        const longer = new Float64Array(Math.max(length, 2 * numbers.length)).fill(start);
        longer.set(numbers);
        numbers = longer;
      }
      return numbers.subarray(0, length);
    },
  };
}
