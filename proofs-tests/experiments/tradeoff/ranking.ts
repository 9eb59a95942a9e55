import { type OverSeeds, overSeeds } from "./over-seeds.ts";
import type { Row } from "./summary.ts";

/** A method's place among all of one compression; methods that cannot be told apart share a place. */
export interface Ranked {
  readonly place: number;
  readonly row: Row;
  /** Quality minus that of the best method of the place, seed by seed; absent for the best itself. */
  readonly behind?: OverSeeds;
}

/**
 * Methods of one compression by mean quality. A method shares the place of those above it unless its paired difference to the
 * best of that place is shown to be below 0 (95 % interval over seeds). So a tie says "not told apart by these seeds", no
 * more; and of one seed all are tied.
 */
export function ranking(rows: readonly Row[], compression: number): Ranked[] {
  const sorted = rows
    .filter((row) => row.compression === compression)
    .toSorted((a, b) => b.quality.mean - a.quality.mean);
  const ranked: Ranked[] = [];
  let leader: Row | undefined;
  let place = 0;
  for (const [i, row] of sorted.entries()) {
    const behind = leader && differenceOf(row, leader);
    if (leader === undefined || (behind?.interval && behind.interval[1] < 0)) {
      leader = row;
      place = i + 1;
      ranked.push({ place, row });
    } else ranked.push({ place, row, behind: behind! });
  }
  return ranked;
}

/** Quality of one method minus that of another, at the seeds that both have. */
export function differenceOf(row: Row, other: Row, missed?: number): OverSeeds {
  const paired = row.seeds.flatMap((seed, i) => {
    const j = other.seeds.indexOf(seed);
    return j < 0 ? [] : [row.quality.values[i]! - other.quality.values[j]!];
  });
  return overSeeds(paired, missed);
}

/**
 * Rows that are shown to be better than the method `reference` at the same compression. All comparisons hold at once: n of
 * them are made by intervals that miss with probability 0.05/n each, so where none is better, one is named in 5 % of studies.
 */
export function betterThan(rows: readonly Row[], reference: string): Row[] {
  const pairs = rows.flatMap((row) => {
    const base = rows.find((r) => r.method === reference && r.compression === row.compression);
    return base === undefined || base === row ? [] : [{ row, base }];
  });
  return pairs
    .filter(({ row, base }) => (differenceOf(row, base, 0.05 / pairs.length).interval?.[0] ?? 0) > 0)
    .map(({ row }) => row);
}
