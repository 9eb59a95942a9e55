import { check, shown } from "../../../core/errors.ts";
import type { Planted } from "./synthetic.ts";

/** Clicks of a kind: what of {@link Planted} it sets. The seed is free. */
interface Regime {
  /** Rows in all, where nothing else is said: its claims are for so many. */
  readonly rows: number;
  /** Its tables and dense features where nothing else is said; without them, `--data` needs a `--config` or `--tables`. */
  readonly shape?: { readonly tables: readonly number[]; readonly dense: number };
  /** What is planted in these tables. */
  readonly planted: (tables: readonly number[]) => Omit<Planted, "tables" | "dense" | "rows" | "seed">;
}

/** Ids of a table in `hard` that occur. */
const occurring = 50_000;

/** A sixteenth of the tables of Criteo-Kaggle, in the order of their columns: those of up to 100 rows are whole. */
const sixteenth = [
  91, 36, 633202, 137663, 19, 24, 782, 40, 3, 5822, 355, 521975, 200, 27, 937, 341332, 10, 353, 136, 4,
  440409, 18, 15, 17886, 7, 8911,
];

/** Clicks on which a compression can be judged, because it is known beforehand what a small memory can keep of them. */
export const regimes = {
  /**
   * For tables of Criteo-TB's shape (26 tables, 204,184,588 rows), at dim 16, 2,000,000 rows and a memory of m = 326,695
   * floats, which is 10,000 times less: the signal fits into m. Ids by Zipf's law; only the 32 most frequent of each table
   * have an effect: 735 ids in all tables, whose rows are 11,760 floats, 3.6 % of m. Their 735 effects are kept at once,
   * within ε = 0.3 with probability 0.95, once m ≥ 326,667 (R5). What the pairs need is 4 numbers more an id: 3,675 in all,
   * 1.1 % of m. All other ids, some millions, say nothing: a full table gives each a row, and gains nothing by it. What
   * they cost a small memory is interference, of standard deviation 1/√m = 0.0017 between the rows of two ids (R17).
   * Little of the logit lies in pairs, which any model learns slowly.
   */
  fits: {
    rows: 2_000_000,
    /** What is planted, whatever the tables. */
    planted: () => ({ interaction: 0.1, carriers: 32, spread: true }),
  },
  /**
   * At the same shape and memory as `fits`: the signal does not fit into m. 50,000 ids of each table occur (or all of a
   * smaller one), all alike often, and each has an effect of its own, which nothing else tells: 521,198 numbers, 1.6 m;
   * their rows are 8.3 million floats, 25 m. The best memory would lose half of the square of these numbers even with one
   * slot an id (R12), and R5 promises nothing. A full table sees each of the 50,000 ids 32 times in training. A table's
   * share of the logit is its share of the ids.
   */
  hard: {
    rows: 2_000_000,
    /** What is planted in these tables. */
    planted: (tables) => ({
      exponent: 0,
      occurring,
      interaction: 0,
      signal: 2.5,
      spread: true,
      fields: tables.map((rows) => Math.sqrt(Math.min(rows, occurring))),
    }),
  },
  /**
   * Criteo-Kaggle in miniature, a model of it and not it: a sixteenth of its tables (2,110,257 rows) and of its rows. Signal,
   * shares and laws are fitted so that `robe` at dim 16 comes near the AUC that is published for Criteo-Kaggle at six sizes of
   * memory, from a half to 10⁻⁵ of the tables (Hetu's scripts/fit_scaling_law.py; Zhang et al., VLDB 2024). Over five seeds
   * it comes within 0.0016 of each point (docs/tradeoff.md).
   *
   * That curve rises by 0.004 from 10⁻³ to 10⁻² of the memory and is all but level below, so it speaks of two kinds of
   * signal. One is kept by some hundred floats: half of the logit's variance lies in dense features, and in tables of less
   * than 5,000 rows effects fade by the cube of rank. The other is lost to 33,764 floats and kept by 337,641: 4,000 ids of
   * each of the eight larger tables, nearly all alike often, 6 % of the logit's variance. A hundred times more ids than that
   * could not be told from so little: an effect of variance σ² shows in n rows where n·p(1−p)·σ² is 1 or more, so rows bound
   * how many numbers can be learned. That is why tables are made smaller where rows are fewer.
   */
  "criteo-like": {
    rows: 3_000_000,
    shape: { tables: sixteenth, dense: 13 },
    /** What is planted in these tables. */
    planted: (tables) => {
      const each = (small: number, large: number) => tables.map((rows) => (rows < 5000 ? small : large));
      return {
        rate: 0.256,
        signal: 1.497,
        denseShare: 0.5,
        interaction: 0.05,
        exponent: each(1.1, 0.3),
        fading: each(3, 0),
        occurring: each(2 ** 32, 4000),
        fields: each(1, 0.575),
        spread: true,
      };
    },
  },
} satisfies Readonly<Record<string, Regime>>;

/** @throws InputError that lists all, where there is none of this name. */
export function regimeByName(name: string): Regime {
  check(
    Object.hasOwn(regimes, name),
    () =>
      `There is no regime ${shown(name)} of synthetic clicks; choose one of ${Object.keys(regimes).join(", ")}.`,
  );
  return regimes[name as keyof typeof regimes];
}
