import { check, shown } from "../../../core/errors.ts";
import type { Planted } from "./synthetic.ts";

/** What a regime sets of {@link Planted}; tables, rows and seed are free. */
type Regime = (tables: readonly number[]) => Omit<Planted, "tables" | "dense" | "rows" | "seed">;

/** Ids of a table in `hard` that occur. */
const occurring = 50_000;

/**
 * Clicks for tables of Criteo-TB's shape (26 tables, 204,184,588 rows) on which a compression of 10,000 times can be
 * judged, because it is known beforehand what a small memory can keep and what it cannot. Numbers below are for dim 16,
 * where 10,000 times is m = 326,695 floats, and for 2,000,000 rows, of which 1,600,000 are for training.
 */
export const regimes = {
  /**
   * The signal fits into m. Ids by Zipf's law; only the 32 most frequent of each table have an effect: 735 ids in all
   * tables, whose rows are 11,760 floats, 3.6 % of m. Their 735 effects are kept at once, within ε = 0.3 with probability
   * 0.95, once m ≥ 326,667 (R5). What the pairs need is 4 numbers more an id: 3,675 in all, 1.1 % of m. All other ids,
   * some millions, say nothing: a full table gives each a row, and gains nothing by it. What they cost a small memory is
   * interference, of standard deviation 1/√m = 0.0017 between the rows of two ids (R17). Little of the logit lies in pairs,
   * which any model learns slowly.
   */
  fits: () => ({ interaction: 0.1, carriers: 32, spread: true }),
  /**
   * The signal does not fit into m. 50,000 ids of each table occur (or all of a smaller one), all alike often, and each
   * has an effect of its own, which nothing else tells: 521,198 numbers, 1.6 m; their rows are 8.3 million floats, 25 m.
   * The best memory would lose half of the square of these numbers even with one slot an id (R12), and R5 promises
   * nothing. A full table sees each of the 50,000 ids 32 times in training. A table's share of the logit is its share of
   * the ids.
   */
  hard: (tables) => ({
    exponent: 0,
    occurring,
    interaction: 0,
    signal: 2.5,
    spread: true,
    fields: tables.map((rows) => Math.sqrt(Math.min(rows, occurring))),
  }),
} satisfies Readonly<Record<string, Regime>>;

export function regimeByName(name: string): Regime {
  check(
    Object.hasOwn(regimes, name),
    () =>
      `There is no regime ${shown(name)} of synthetic clicks; choose one of ${Object.keys(regimes).join(", ")}.`,
  );
  return regimes[name as keyof typeof regimes];
}
