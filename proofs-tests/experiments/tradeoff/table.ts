import { aligned, bytes } from "../../../core/format.ts";
import { headline } from "./headline.ts";
import { floor, full } from "./protocol.ts";
import { ranking } from "./ranking.ts";
import type { Row, Summary } from "./summary.ts";
import {
  fixed,
  iterationsInWords,
  keptInWords,
  latencyInWords,
  missingInWords,
  overSeedsInWords,
  rankingInWords,
  rateInWords,
  secondsInWords,
  signalInWords,
  signed,
  times,
} from "./words.ts";

/** The columns of a study's table: a head, and what stands under it for a row. */
export const columns: readonly (readonly [head: string, cell: (row: Row) => string])[] = [
  ["compression", (row) => (row.method === floor.method ? "–" : times(row.compression))],
  ["method", (row) => row.method],
  ["embedding", (row) => bytes(row.bytes)],
  ["model", (row) => bytes(row.modelBytes)],
  ["AUC", (row) => overSeedsInWords(row.auc, fixed)],
  ["AUC − full", (row) => (row.method === full.method ? "–" : overSeedsInWords(row.difference, signed))],
  ["ids' signal kept", keptInWords],
  ["steps to full's AUC", (row) => iterationsInWords(row.iterations[0]!, row.seeds.length)],
  ["to 99.9 % of it", (row) => iterationsInWords(row.iterations[1]!, row.seeds.length)],
  ["to 99 %", (row) => iterationsInWords(row.iterations[2]!, row.seeds.length)],
  ["a step", latencyInWords],
  ["time to 99.9 %", (row) => secondsInWords(row.iterations[1]!.seconds)],
  [
    "rows/s predicted",
    (row) => (row.latency ? Math.round(row.latency.predicted).toLocaleString("en-US") : "–"),
  ],
  ["rate", rateInWords],
];

/** Rows by compression, then by AUC, best first; the floor last. */
export const inOrder = ({ rows }: Summary): Row[] =>
  rows.toSorted((a, b) => placeOf(a) - placeOf(b) || b.auc.mean - a.auc.mean);

const placeOf = ({ method, compression }: Row): number => (method === floor.method ? Infinity : compression);

/** The compressions of a study, without the full tables' 1. */
export const compressionsOf = ({ rows }: Summary): number[] =>
  [...new Set(rows.map((row) => row.compression))].filter((c) => c > 1).toSorted((a, b) => a - b);

/** What the terminal shows: a table, what could not be done, the ranking at each compression, and how small tables can be. */
export function describe(summary: Summary): string {
  const shown = columns.filter(([head]) => !["model", "rate", "to 99 %", "rows/s predicted"].includes(head));
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
    ...(isRanked ? ["By AUC; methods that share a number are not told apart:", ...ranks] : []),
    signalInWords(summary),
    headline(summary),
  ].join("\n");
}
