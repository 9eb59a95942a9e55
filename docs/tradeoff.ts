import { differenceOf, ranking } from "../models/tradeoff/ranking.ts";
import { headline } from "../models/tradeoff/report.ts";
import { type Study, summaryOf } from "../models/tradeoff/study.ts";
import type { Row } from "../models/tradeoff/summary.ts";
import { columns, compressionsOf, inOrder } from "../models/tradeoff/table.ts";
import {
  iterationsInWords,
  latencyInWords,
  missingInWords,
  overSeedsInWords,
  rankingInWords,
  rateInWords,
  signed,
  times,
  verdictOf,
} from "../models/tradeoff/words.ts";
import { table } from "./table.ts";

/** Where, how and from what a study was made. */
function provenanceOf({ protocol, provenance }: Study): string {
  const { setting, rates, seeds } = protocol;
  const { batch, epochs, every, patience, optimizer, dim, bottom, top } = setting;
  return [
    `Data: ${provenance.data}.`,
    `Model: dim ${dim}, bottom ${bottom.join("-")}, top ${top.join("-")}.`,
    `Training: ${optimizer}, batch ${batch}, at most ${epochs} epochs, measured every ${every} steps, ended after ${patience} measurements without a better AUC.`,
    `Rates: ${rates.join(", ")} times the usual, all at seed ${seeds[0]}, the best by validation AUC at seeds ${seeds.slice(1).join(", ")}.`,
    `Machine: ${provenance.machine}, ${provenance.backend}, pss-dlrm ${provenance.version}.`,
    `Measured by \`${provenance.command}\`.`,
  ].join("\n");
}

/** What a study says in a sentence, its measurements, and how it was made. */
export function studyTable(study: Study): string {
  const summary = summaryOf(study);
  const shown = columns.filter(([head]) => !["model", "rows/s predicted", "time to 99.9 %"].includes(head));
  const rows = inOrder(summary).map((row) => shown.map(([, cell]) => cell(row)));
  const missing = missingInWords(summary).map((line) => `- ${line}`);
  return [
    `**${headline(summary)}**`,
    "",
    table(
      shown.map(([head]) => head),
      rows,
    ),
    "",
    ...(missing.length > 0 ? [...missing, ""] : []),
    provenanceOf(study),
  ].join("\n");
}

/** Methods by AUC at each compression; those that share a number are not told apart. */
export function rankingTable(study: Study): string {
  const summary = summaryOf(study);
  const rows = compressionsOf(summary).map((compression) => [
    times(compression),
    rankingInWords(ranking(summary.rows, compression)),
  ]);
  return table(["compression", "by AUC; methods that share a number are not told apart"], rows);
}

/** The paper's four numbers, each beside what a study has of one method at one compression. */
export function paperTable(study: Study, method: string, compression: number): string {
  const { rows } = summaryOf(study);
  const row = rows.find((r) => r.method === method && r.compression === compression);
  if (row === undefined) throw new Error(`The study has no ${method} at ${compression}×.`);
  return table(
    ["", "the paper, Criteo-TB on GPUs", "here"],
    [
      ["memory", "10,000× less", `${times(compression)} less`],
      ["quality", "no loss", `AUC − full ${overSeedsInWords(row.difference, signed)}`],
      ["iterations", "4.5×", toFull(row)],
      ["a step", "4.3× faster", latencyInWords(row)],
    ],
  );
}

const toFull = (row: Row): string =>
  row.iterations
    .map(
      (one) =>
        `${iterationsInWords(one, row.seeds.length)} to ${100 * one.share} % of the AUC of full tables`,
    )
    .join("; ");

/** Every other method of a study's one compression beside `reference`, seed by seed. */
export function besideTable(study: Study, reference: string): string {
  const rows = summaryOf(study).rows.filter(({ compression }) => compression > 1);
  const base = rows.find(({ method }) => method === reference);
  if (base === undefined) throw new Error(`The study has no ${reference}.`);
  const lines = rows
    .filter((row) => row !== base)
    .map((row) => ({ row, difference: differenceOf(row, base) }))
    .toSorted((a, b) => b.difference.mean - a.difference.mean)
    .map(({ row, difference }) => [
      row.method,
      overSeedsInWords(difference, signed),
      verdictOf(difference),
      rateInWords(row),
    ]);
  return table(["method", `AUC − ${reference}`, `beside ${reference}`, "rate"], lines);
}
