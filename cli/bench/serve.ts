import { bytes, grouped } from "../../core/format.ts";
import { type Random, random } from "../../core/numeric/random.ts";
import { quantileOf } from "../../core/numeric/statistics.ts";
import type { Features } from "../../models/data/encoders/features.ts";
import type { RawRow } from "../../models/data/formats/raw-rows.ts";
import { featuresOf } from "../../models/dlrm/saved/about.ts";
import type { Scorer } from "../../models/dlrm/saved/filled.ts";
import { milliseconds, stopwatch } from "./bench.ts";

/** Rows of a large batch. */
const large = 2048;

/** Rows that are scored one by one before any is timed: by then what they run is compiled. */
const warm = 200;

/** How fast a saved model scores, times in milliseconds. */
export interface Serving {
  /** From the start of loading until the first row has its score. */
  readonly firstAnswer: number;
  /** A row alone: half of them, and 99 of 100, take no longer. */
  readonly oneRow: { readonly p50: number; readonly p99: number; readonly samples: number };
  readonly batch: {
    readonly rows: number;
    readonly median: number;
    readonly rowsPerSecond: number;
    readonly samples: number;
  };
  /** Bytes of the process (RSS) at the end, and how many more these are than before the model was loaded. */
  readonly memory: { readonly rss: number; readonly more: number };
}

/** Measures the model that `load` loads, `name` in sentences, on rows made for its columns; so many seconds for each part. */
export async function timeServing(
  load: () => Promise<Scorer>,
  name: string,
  seconds: number,
): Promise<Serving> {
  const before = process.memoryUsage.rss();
  const began = performance.now();
  const model = await load();
  try {
    const features = featuresOf(model.about, name);
    const score = async (some: readonly RawRow[]) => {
      for await (const _ of model.score(some, { batch: some.length }));
    };
    await score(rowsFor(features, 1));
    const firstAnswer = performance.now() - began;
    const rows = rowsFor(features, large);
    let next = 0;
    const oneRow = () => score([rows[next++ % large]!]);
    for (let i = 0; i < warm; i++) await oneRow();
    const ones = await stopwatch(seconds)(oneRow);
    await score(rows);
    const batches = await stopwatch(seconds)(() => score(rows));
    const rss = process.memoryUsage.rss();
    const [ofOne, median] = [quantileOf(ones), quantileOf(batches)(0.5)];
    return {
      firstAnswer,
      oneRow: { p50: ofOne(0.5), p99: ofOne(0.99), samples: ones.length },
      batch: { rows: large, median, rowsPerSecond: (1000 * large) / median, samples: batches.length },
      memory: { rss, more: rss - before },
    };
  } finally {
    await model.close();
  }
}

/** Rows that a model of these features can score: numbers of each column's range, ids as many as were seen, lists up to four. */
export function rowsFor({ dense, categorical }: Features, count: number): RawRow[] {
  const stream = random(1, "rows to serve");
  return Array.from({ length: count }, () =>
    Object.fromEntries([
      ...dense.map(({ column, range: [low, high] = [0, 1] }) => [column, between(low, high, stream)]),
      ...categorical.map(({ column, distinct, separator }) => {
        const id = () => `id${stream.integer(Math.min(Math.max(1, distinct), 2 ** 32))}`;
        return [column, separator === undefined ? id() : Array.from({ length: stream.integer(5) }, id)];
      }),
    ]),
  );
}

/** A number of a range, however long that is. */
function between(low: number, high: number, stream: Random): number {
  const share = stream.uniform();
  return (1 - share) * low + share * high;
}

/** What was measured, as lines for people. */
export const servingInWords = ({ firstAnswer, oneRow, batch, memory }: Serving): string[] => [
  `first answer ${milliseconds(firstAnswer)} ms after loading began`,
  `one row      ${milliseconds(oneRow.p50)} ms (p50), ${milliseconds(oneRow.p99)} ms (p99), of ${oneRow.samples} that came one by one`,
  `many rows    ${grouped(batch.rowsPerSecond, 3)} rows a second, ${batch.rows} at a time (${milliseconds(batch.median)} ms, median of ${batch.samples})`,
  `memory       ${bytes(memory.rss)} of the process, ${bytes(Math.max(0, memory.more))} more than before the model`,
];
