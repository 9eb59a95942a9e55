import { aligned, bytes } from "../../../core/format.ts";
import type { Judge } from "../../../models/dlrm/early-stopping.ts";
import { headline } from "./headline.ts";
import { floor, full } from "./protocol.ts";
import { ranking } from "./ranking.ts";
import type { Row, Summary } from "./summary.ts";
import {
  differenceInWords,
  fixed,
  iterationsInWords,
  judgeWords,
  keptInWords,
  latencyInWords,
  missingInWords,
  overSeedsInWords,
  rankingInWords,
  rateInWords,
  secondsInWords,
  signalInWords,
  times,
} from "./words.ts";

/** A column of a study's table: a head, and what stands under it for a row. */
type Column = readonly [head: string, cell: (row: Row) => string];

/** The columns of a study's table. */
export const columnsBy = (judge: Judge): readonly Column[] => [
  ["compression", (row) => (row.method === floor.method ? "–" : times(row.compression))],
  ["method", (row) => row.method],
  ["embedding", (row) => bytes(row.bytes)],
  ["model", (row) => bytes(row.modelBytes)],
  ["AUC", (row) => (row.auc ? overSeedsInWords(row.auc, fixed) : "–")],
  ...(judge === "logLoss"
    ? [["log loss", (row) => overSeedsInWords(row.logLoss, fixed)] satisfies Column]
    : []),
  [
    `${judgeWords[judge].name} − full`,
    (row) => (row.method === full.method ? "–" : differenceInWords(row, judge)),
  ],
  ["ids' signal kept", keptInWords],
  ...judgeWords[judge].steps.map(
    (head, i): Column => [head, (row) => iterationsInWords(row.iterations[i]!, row.seeds.length)],
  ),
  ["a step", latencyInWords],
  [judgeWords[judge].time, (row) => secondsInWords(row.iterations[1]!.seconds)],
  [
    "rows/s predicted",
    (row) => (row.latency ? Math.round(row.latency.predicted).toLocaleString("en-US") : "–"),
  ],
  ["rate", rateInWords],
];

/** Rows by compression, then by quality, best first; the floor last. */
export const inOrder = ({ rows }: Summary): Row[] =>
  rows.toSorted((a, b) => placeOf(a) - placeOf(b) || b.quality.mean - a.quality.mean);

const placeOf = ({ method, compression }: Row): number => (method === floor.method ? Infinity : compression);

/** The compressions of a study, without the full tables' 1. */
export const compressionsOf = ({ rows }: Summary): number[] =>
  [...new Set(rows.map((row) => row.compression))].filter((c) => c > 1).toSorted((a, b) => a - b);

/** What the terminal shows: a table, what could not be done, the ranking at each compression, and how small tables can be. */
export function describe(summary: Summary): string {
  const { name, steps } = judgeWords[summary.judge];
  const unshown = ["model", "rate", steps[2], "rows/s predicted"];
  const shown = columnsBy(summary.judge).filter(([head]) => !unshown.includes(head));
  const table = aligned([
    shown.map(([head]) => head),
    ...inOrder(summary).map((row) => shown.map(([, cell]) => cell(row))),
  ]);
  const ranks = compressionsOf(summary).map(
    (compression) =>
      `${times(compression).padStart(8)}  ${rankingInWords(ranking(summary.rows, compression))}`,
  );
  const isRanked = new Set(summary.rows.map(({ method }) => method)).size > 3; // of several, besides full tables and the floor
  return [
    ...table,
    ...missingInWords(summary),
    ...(isRanked ? [`By ${name}; methods that share a number are not told apart:`, ...ranks] : []),
    signalInWords(summary),
    headline(summary),
  ].join("\n");
}
