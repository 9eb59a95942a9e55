import { check } from "../../../core/errors.ts";
import { logBinomialTail } from "../../../core/numeric/distributions.ts";
import type { Plan, Wanted } from "../../../theory/plan.ts";
import { type Asked, measures } from "./measures.ts";
import { type DrawnTable, heavyTailedTable, structuredTable } from "./tables.ts";

/** What a promise was seen to be worth on one table. */
export interface Checked {
  readonly table: string;
  readonly theorem: string;
  readonly floats: number;
  readonly epsilon: number;
  /** Why nothing was measured; the rest is absent then. */
  readonly skipped?: string;
  /** Errors of the draws on the scale of ε: the middle one and the largest. */
  readonly median?: number;
  readonly largest?: number;
  /** Draws whose error was above ε, of how many. */
  readonly above?: number;
  readonly draws?: number;
  /** Whether so many is compatible with δ; wrongly "no" once in a million. */
  readonly notRejected?: boolean;
}

interface Options {
  /** Of the hashes, for each promise. */
  readonly draws: number;
  readonly seed: number;
}

/** Weights of a table that is drawn, at most: 128 MB of them. */
const mostWeights = 2 ** 24;

/** Steps of all draws of one promise: seconds. A costly one gets fewer draws than were asked for. */
const usualWork = 2e8;

/** Steps of one draw, at most: half a minute. */
const mostWork = 1e9;

/**
 * Draws a structured and a heavy-tailed table of the size that a plan is for, and measures each of its promises on them with
 * fresh hashes. Throws an InputError where the table is too large to draw.
 */
export function checkPlan(
  wanted: Wanted,
  { promised }: Pick<Plan, "promised">,
  options: Options,
): AsyncGenerator<Checked> {
  const { rows, dim } = wanted;
  check(
    rows * dim <= mostWeights,
    () =>
      `A check draws the table, at most ${mostWeights.toLocaleString("en-US")} weights, but ${rows} rows of ${dim} are ${(rows * dim).toLocaleString("en-US")}; most sizes have no number of rows in them, so check fewer: --rows ${Math.floor(mostWeights / dim)}.`,
  );
  return checks(wanted, promised, options);
}

async function* checks(
  wanted: Wanted,
  promises: Plan["promised"],
  options: Options,
): AsyncGenerator<Checked> {
  const { rows, dim, delta, queries = 1000 } = wanted;
  const rank = wanted.rank ?? Math.min(rows, dim);
  const asked = { delta, queries, rank, stableRank: wanted.stableRank ?? rank };
  for (const make of [
    () => structuredTable(rows, dim, rank, options.seed),
    () => heavyTailedTable(rows, dim, options.seed),
  ]) {
    const table = make();
    for (const promised of promises) {
      yield tried(table, { ...promised, ...asked }, options);
      await new Promise(setImmediate); // lets progress be shown
    }
  }
}

function tried(table: DrawnTable, asked: Asked, { draws, seed }: Options): Checked {
  const { theorem, floats, epsilon, delta, compression } = asked;
  const about = { table: table.name, theorem, floats, epsilon };
  const measure = measures[theorem]!;
  if (compression <= 1) return { ...about, skipped: "the table itself is smaller" };
  const work = measure.work(table, asked);
  if (work > mostWork)
    return { ...about, skipped: `one draw takes more than half a minute; ask for fewer --rows` };
  const unfit = measure.unfit?.(table, asked);
  if (unfit !== undefined) return { ...about, skipped: unfit };
  const count = Math.max(1, Math.min(draws, Math.floor(usualWork / work)));
  const errors = Float64Array.from({ length: count }, (_, i) => measure.error(table, asked, seed + i)).sort();
  const above = errors.filter((e) => e > epsilon).length;
  return {
    ...about,
    median: errors[count >> 1]!,
    largest: errors.at(-1)!,
    above,
    draws: count,
    notRejected: logBinomialTail(above, count, delta) >= Math.log(1e-6),
  };
}
