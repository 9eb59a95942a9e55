import { studentQuantile } from "../../../core/numeric/distributions.ts";
import type { OverSeeds } from "./over-seeds.ts";
import { type Cell, cellsOf, full, type Protocol } from "./protocol.ts";

/** The probability with which a study calls any memory small enough that is not. */
const alpha = 0.05;

/**
 * Rows to test on over rows to train on. Seeds cut the same rows anew, so what they measure is not independent: a study of so
 * few rows that they favor a method favors it at every seed. The variance of a mean over n seeds is then not that of one over
 * n, but larger by this share of it (Nadeau & Bengio, Machine Learning 52, 2003), whatever their number.
 */
const shared = 1 / 8;

/** What is known of a method at a compression: its bytes, and quality minus that of full tables, seed by seed. */
interface Measured extends Cell {
  readonly bytes: number;
  readonly difference: OverSeeds;
}

/** Quality that a method at a compression is below full tables: AUC that it loses, or log loss that it adds. */
export interface Loss extends Cell {
  readonly mean: number;
  /** What it is at least and at most: each of the two is wrong with probability {@link SmallEnough.level}. */
  readonly least: number;
  readonly most: number;
  /** Seeds that it was measured at, each beside full tables. */
  readonly seeds: number;
}

/** How small tables can be for a loss below the tolerance. */
export interface SmallEnough {
  readonly tolerance: number;
  readonly level: number;
  /** All that are shown to lose less. */
  readonly shown: readonly Loss[];
  /** Of those the one of fewest bytes. */
  readonly smallest?: Loss;
  /** Where none is shown: which loses least of those where a method was first not shown to. */
  readonly nearest?: Loss;
}

/**
 * Which memories are shown to lose less than the tolerance, of rows like these: the upper limit of the loss lies below it,
 * by a one-sided test of Student's t over the differences to full tables, seed by seed. A method is tested from its largest memory down, and
 * no further once one is not shown: so its first false claim must be at the first memory that is truly too small, one
 * test, whatever their number. Each method's tests have their share of 5 %; so in at most 5 % of studies any memory is called
 * small enough that is not, whatever is true. A method that did not train at every seed is not shown to be anything.
 */
export function smallEnough(protocol: Protocol, rows: readonly Measured[]): SmallEnough {
  const { methods, seeds, tolerance } = protocol;
  const compressed = methods.filter((method) => method !== full.method);
  const level = alpha / Math.max(1, compressed.length);
  const shown: { loss: Loss; bytes: number }[] = [];
  const failed: Loss[] = [];
  for (const method of compressed) {
    const own = cellsOf(protocol).filter((cell) => cell.method === method);
    for (const { compression } of own.toSorted((a, b) => a.compression - b.compression)) {
      const row = rows.find((one) => one.method === method && one.compression === compression);
      const loss = row && row.difference.values.length === seeds.length ? lossOf(row, level) : undefined;
      if (loss === undefined) break;
      if (loss.most >= tolerance) {
        failed.push(loss);
        break;
      }
      shown.push({ loss, bytes: row!.bytes });
    }
  }
  const [smallest] = shown.toSorted((a, b) => a.bytes - b.bytes || a.loss.mean - b.loss.mean);
  const [nearest] = failed.toSorted((a, b) => a.mean - b.mean);
  return {
    tolerance,
    level,
    shown: shown.map(({ loss }) => loss),
    ...(smallest ? { smallest: smallest.loss } : nearest && { nearest }),
  };
}

/** The loss of a method with its limits; of one seed there are none. */
function lossOf({ method, compression, difference: { values } }: Measured, level: number): Loss | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const mean = -values.reduce((sum, x) => sum + x, 0) / n;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x + mean) ** 2, 0) / (n - 1));
  const reach = reachOf(n, level) * deviation;
  return { method, compression, mean, least: mean - reach, most: mean + reach, seeds: n };
}

/** How far a limit lies from the mean over n seeds, in standard deviations of one. */
const reachOf = (n: number, level: number): number =>
  studentQuantile(2 * level, n - 1) * Math.sqrt(1 / n + shared);

/**
 * Seeds that would show a loss of this mean and spread to be below the tolerance; undefined where it would take more than a
 * hundred, if it could be shown at all.
 */
export function seedsNeeded(
  { mean, most, seeds }: Loss,
  { tolerance, level }: SmallEnough,
): number | undefined {
  const deviation = (most - mean) / reachOf(seeds, level);
  for (let n = seeds; n <= 100; n++) if (mean + reachOf(n, level) * deviation < tolerance) return n;
  return undefined;
}
