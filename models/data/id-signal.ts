import { logistic } from "../../core/numeric/number.ts";
import type { Bags, Dataset } from "./dataset.ts";
import { firstNumbers, type LazyRows, lazyRows } from "./lazy-rows.ts";

/** How much each of some ids is worth, beside the others. */
export interface IdWeights extends LazyRows {
  /** [count] from 0 up, of each lazy row by its number among all of them. */
  readonly weights: ArrayLike<number>;
}

/** The same, with the Fisher information that rows have of each id's effect: h = Σ p(1 − p). */
export interface IdSignal extends IdWeights {
  readonly weights: Float64Array;
  readonly information: Float64Array;
}

/** Rounds after the first. */
const more = 3;

/** The part of the signal that the ids have which speak in those rounds. */
const spoken = 0.8;

/**
 * How much each id of `train` tells of its labels: h·e², about twice what it adds to their log likelihood, e being what it
 * adds to the log odds of a label of 1.
 *
 * Tables tell one after the other, that of the fewest ids first. p being what the others foretell, an id's
 * g = Σ (y − p) and h = Σ p(1 − p) over its rows give e one Newton step from 0, under a normal prior: e = g/(h + 1/v). The
 * prior's variance v is that of a table's effects, by moments: (Σ g² − Σ h)/Σ h²; where that is not above 0, chance alone
 * makes g as large, and the table tells nothing. So a rare id's effect is made smaller.
 *
 * In a first round a table is left what the tables before it have not told. In three more each is measured anew, given what the
 * *speaking* ids of all others tell: those that tell most and have four fifths of the signal together. An id's worth is then the
 * mean of that and what it was before. So an id counts less whose signal is carried by others that tell more, and an id counts
 * more that stands for many which are too rare to be kept: what is wanted is few ids that tell much together.
 *
 * Walks over the rows four times a table and five times more, and keeps a number a row. `watch` is told how many of all
 * measurements of a table are done.
 */
export async function idSignal(
  train: Dataset,
  watch: (done: number, of: number) => void = () => {},
): Promise<IdSignal> {
  const ids = await lazyRows(train);
  const [effects, weights] = [new Float64Array(ids.count), new Float64Array(ids.count)];
  const information = new Float64Array(ids.count);
  const told = new Float64Array(ids.count); // what log odds have by now of each id
  const odds = growing(await meanLogOdds(train));
  const firsts = firstNumbers(ids.rows);
  const order = [...ids.tables.keys()].sort((a, b) => ids.rows[a]!.length - ids.rows[b]!.length);
  for (let round = 0; round <= more; round++) {
    const speaks = round === 0 ? undefined : speakersOf(weights);
    if (speaks) {
      for (let at = 0; at < told.length; at++) told[at] = speaks[at] ? effects[at]! : 0;
      odds.restart();
      await retell(train, ids, told, odds);
    }
    let last: number | undefined;
    for (const [done, table] of order.entries()) {
      watch(round * order.length + done, (more + 1) * order.length);
      const { g, h } = await measured(train, ids, { table, last, told, odds });
      const variance = priorOf(g, h);
      for (let at = firsts[table]!, i = 0; at < firsts[table + 1]!; at++, i++) {
        const effect = variance > 0 ? g[i]! / (h[i]! + 1 / variance) : 0;
        const weight = h[i]! * effect ** 2;
        effects[at] = effect;
        information[at] = h[i]!;
        weights[at] = round === 0 ? weight : (weights[at]! + weight) / 2;
        told[at] = speaks?.[at] === 0 ? 0 : effect;
      }
      last = table;
    }
  }
  return { ...ids, weights, information };
}

/** How much larger Σ g² is than chance makes it: the variance of effects; not above 0 where they may be none. */
function priorOf(g: Float64Array, h: Float64Array): number {
  const sums = { g2: 0, h: 0, h2: 0 };
  for (let i = 0; i < g.length; i++) {
    sums.g2 += g[i]! ** 2;
    sums.h += h[i]!;
    sums.h2 += h[i]! ** 2;
  }
  return (sums.g2 - sums.h) / sums.h2;
}

/** [count] 1 for the ids that tell most and have the {@link spoken} part of all weight together, those of equal weight among them. */
function speakersOf(weights: Float64Array): Uint8Array {
  const sorted = weights.slice().sort().reverse();
  const wanted = (spoken - slack) * sorted.reduce((sum, weight) => sum + weight, 0);
  let [sum, at] = [0, -1];
  while (sum < wanted) sum += sorted[++at]!;
  const least = at < 0 ? Number.POSITIVE_INFINITY : sorted[at]! * (1 - slack);
  return Uint8Array.from(weights, (weight) => (weight >= least ? 1 : 0));
}

/** What of numbers that are equal but for rounding may differ. */
const slack = 1e-9;

/** Log odds are given what ids tell. */
async function retell(train: Dataset, ids: LazyRows, told: Float64Array, odds: Odds): Promise<void> {
  let first = 0;
  for await (const { size, bags } of train.batches(4096)) {
    const z = odds.upTo(first + size).subarray(first);
    for (const table of ids.tables.keys()) eachId(ids, table, bags, (i, at) => (z[i] = z[i]! + told[at]!));
    first += size;
  }
}

interface Measured {
  readonly table: number;
  /** The table that was measured before this one. */
  readonly last: number | undefined;
  readonly told: Float64Array;
  /** Log odds without what `last` tells. */
  readonly odds: Odds;
}

/** g and h of a table's ids, given what all others tell. Log odds are given what `last` tells, and are left without this table. */
async function measured(train: Dataset, ids: LazyRows, { table, last, told, odds }: Measured) {
  const [first, count] = [firstNumbers(ids.rows)[table]!, ids.rows[table]!.length];
  const [g, h] = [new Float64Array(count), new Float64Array(count)];
  let from = 0;
  for await (const { size, bags, labels, weights: counts } of train.batches(4096)) {
    const z = odds.upTo(from + size).subarray(from);
    if (last !== undefined) eachId(ids, last, bags, (i, at) => (z[i] = z[i]! + told[at]!));
    eachId(ids, table, bags, (i, at) => (z[i] = z[i]! - told[at]!));
    eachId(ids, table, bags, (i, at) => {
      const p = logistic(z[i]!);
      const times = counts?.[i] ?? 1;
      g[at - first]! += times * (labels[i]! - p);
      h[at - first]! += times * p * (1 - p);
    });
    from += size;
  }
  return { g, h };
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

/** The log odds of each row. */
interface Odds {
  /** Those of the first `length` rows; new ones are as at the start. */
  upTo(length: number): Float64Array;
  /** All are as at the start again. */
  restart(): void;
}

/** As many numbers as are asked for, which are `start` at first. */
function growing(start: number): Odds {
  let numbers = new Float64Array(0);
  return {
    upTo(length) {
      if (length > numbers.length) {
        const longer = new Float64Array(Math.max(length, 2 * numbers.length)).fill(start);
        longer.set(numbers);
        numbers = longer;
      }
      return numbers.subarray(0, length);
    },
    restart: () => void numbers.fill(start),
  };
}
