import { check } from "../../core/errors.ts";
import { counted, percent } from "../../core/format.ts";
import type { Batch, Dataset, Numbers } from "./dataset.ts";
import { type Part, type Parts, partNames } from "./split.ts";

/** Rows of a part, and how many of them are labeled 1. */
type Counted = { readonly rows: number; readonly ones: number };

/** What one walk over all rows, in their own order, found. */
export interface Survey {
  readonly parts: { readonly [Name in Part]: Counted };
  /** Rows labeled 1 in stretches of the file: at most 64, all of the same number of rows but the last. */
  readonly stretches: readonly Counted[];
}

const most = 64;

/** Counts that go with the order of rows: when there are too many stretches, neighbors become one. */
class Stretches {
  private length = 256;
  private counts: { rows: number; ones: number }[] = [];

  add(label: number): void {
    let last = this.counts.at(-1);
    if (last === undefined || last.rows === this.length) {
      if (this.counts.length === most) this.merge();
      last = { rows: 0, ones: 0 };
      this.counts.push(last);
    }
    last.rows++;
    last.ones += label;
  }

  private merge(): void {
    const all = this.counts;
    this.length *= 2;
    this.counts = Array.from({ length: all.length / 2 }, (_, i) => {
      const [a, b] = [all[2 * i]!, all[2 * i + 1]!];
      return { rows: a.rows + b.rows, ones: a.ones + b.ones };
    });
  }

  get all(): readonly Counted[] {
    return this.counts;
  }
}

/** Rows and which part each of them belongs to, by its number. */
export interface Piece {
  readonly data: Dataset<Batch<Numbers>>;
  readonly part: (row: number) => Part;
}

/** The pieces of data that came as three parts. */
export const piecesOf = (parts: Parts<Piece["data"]>): Piece[] =>
  partNames.map((name) => ({ data: parts[name], part: () => name }));

/** What sees every batch of a walk, with the part of each of its rows, and is told how many rows were read. */
export interface Look {
  readonly see?: (batch: Batch<Numbers>, parts: readonly Part[]) => void;
  readonly watch?: ((rows: number) => void) | undefined;
}

/**
 * Walks once over all pieces, each in its own order, and counts rows and labels of each part. Throws an InputError where a
 * part is empty.
 */
export async function survey(pieces: readonly Piece[], { see, watch }: Look = {}): Promise<Survey> {
  const empty = () => ({ rows: 0, ones: 0 });
  const counts = { train: empty(), validation: empty(), test: empty() };
  const stretches = new Stretches();
  let all = 0;
  for (const { data, part } of pieces) {
    let row = 0;
    for await (const batch of data.batches(4096)) {
      const parts = Array.from(batch.labels, (_, i) => part(row + i));
      for (const [i, name] of parts.entries()) {
        counts[name].rows++;
        counts[name].ones += batch.labels[i]!;
        stretches.add(batch.labels[i]!);
      }
      see?.(batch, parts);
      row += batch.size;
      all += batch.size;
      watch?.(all);
    }
  }
  for (const [name, { rows }] of Object.entries(counts))
    check(
      rows > 0,
      () =>
        `Of ${counted(all, "row")} of "${pieces[0]!.data.name}" none falls into the ${name} part; give more rows, or a file for each part.`,
    );
  return { parts: counts, stretches: stretches.all };
}

/**
 * A sentence where the share of rows labeled 1 changes along the file by much more than chance: its standard deviation from
 * stretch to stretch, chance taken off, is more than a fifth of the rarer label's share.
 */
export function drift({ stretches }: Survey): string | undefined {
  const rows = stretches.reduce((n, each) => n + each.rows, 0);
  const rate = stretches.reduce((n, { ones }) => n + ones, 0) / rows;
  const rates = stretches.map(({ rows, ones }) => ones / rows);
  const spread = stretches.reduce((sum, each, i) => sum + each.rows * (rates[i]! - rate) ** 2, 0);
  const byChance = (stretches.length - 1) * rate * (1 - rate);
  const beyond = Math.sqrt(Math.max(0, spread - byChance) / rows);
  const isChance = spread <= byChance + 6 * Math.sqrt(2 * (stretches.length - 1)) * rate * (1 - rate);
  if (isChance || beyond < 0.2 * Math.min(rate, 1 - rate)) return undefined;
  return `The share of rows labeled 1 changes along the data, between ${percent(Math.min(...rates))} and ${percent(Math.max(...rates))}: rows are shuffled for training, but parts that are cut by their order differ.`;
}
