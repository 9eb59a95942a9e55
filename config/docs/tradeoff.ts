import { count, duration } from "../../core/format.ts";
import { headline } from "../../proofs-tests/experiments/tradeoff/headline.ts";
import type { OverSeeds } from "../../proofs-tests/experiments/tradeoff/over-seeds.ts";
import {
  bestPoint,
  type Cell,
  cellsOf,
  keyOf,
  type Point,
  qualityOf,
  stepTo,
} from "../../proofs-tests/experiments/tradeoff/protocol.ts";
import { betterThan, differenceOf, ranking } from "../../proofs-tests/experiments/tradeoff/ranking.ts";
import { outcomesOf, type Study, summaryOf } from "../../proofs-tests/experiments/tradeoff/study.ts";
import type { Row, Summary } from "../../proofs-tests/experiments/tradeoff/summary.ts";
import { columnsBy, compressionsOf, inOrder } from "../../proofs-tests/experiments/tradeoff/table.ts";
import {
  fixed,
  iterationsInWords,
  judgeWords,
  keptInWords,
  missingInWords,
  optimizerInWords,
  overSeedsInWords,
  rankingInWords,
  signalInWords,
  signed,
  times,
  verdictOf,
} from "../../proofs-tests/experiments/tradeoff/words.ts";
import type { Claims } from "../../proofs-tests/tests/power/studies.ts";
import { table } from "./table.ts";

/** Where, how and from what a study was made. */
function provenanceOf({ protocol, provenance }: Study): string {
  const { setting, rates, seeds } = protocol;
  const { batch, epochs, every, patience, dim, bottom, top } = setting;
  return [
    `Data: ${provenance.data}.`,
    `Model: dim ${dim}, bottom ${bottom.join("-")}, top ${top.join("-")}.`,
    `Training: ${optimizerInWords(setting)}, batch ${batch}, at most ${epochs} epochs, measured every ${every} steps, ended after ${patience} measurements without a better AUC.`,
    `Rates: ${rates.join(", ")} times the usual, all at seed ${seeds[0]}, the best by validation AUC at seeds ${seeds.slice(1).join(", ")}.`,
    `Machine: ${provenance.machine}, ${provenance.backend}, pss-dlrm ${provenance.version}.`,
    ...(provenance.floor ? [`The floor was trained later, on ${provenance.floor.machine}.`] : []),
    `Measured by \`${provenance.command}\`.`,
  ].join("\n");
}

/** What a study says in a sentence, its measurements, and how it was made. */
export function studyTable(study: Study): string {
  const summary = summaryOf(study);
  const shown = columnsBy(summary.judge).filter(
    ([head]) => !["model", "rows/s predicted", "time to 99.9 %"].includes(head),
  );
  const rows = inOrder(summary).map((row) => shown.map(([, cell]) => cell(row)));
  return [
    `**${headline(summary)}**`,
    "",
    table(
      shown.map(([head]) => head),
      rows,
    ),
    "",
    ...listOfMissing(summary),
    signalInWords(summary),
    provenanceOf(study),
  ].join("\n");
}

/** What could not be done, as a list with an empty line after it; nothing where nothing is missing. */
function listOfMissing(summary: Summary): string[] {
  const lines = missingInWords(summary).map((line) => `- ${line}`);
  return lines.length > 0 ? [...lines, ""] : [];
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
    ["", "the paper, Criteo-TB on GPUs", "here, synthetic clicks"],
    [
      ["memory", "10,000× less", `${times(compression)} less`],
      ["quality", "no loss", `AUC − full ${overSeedsInWords(row.difference, signed)}`],
      ...row.iterations.map((one) => [
        `steps to ${100 * one.share} % of full tables' AUC (times theirs)`,
        one.share === 1 ? "4.5×" : "–",
        iterationsInWords(one, row.seeds.length),
      ]),
      ["time of a step (times faster), GPUs there, two CPU cores here", "4.3×", speedInWords(row)],
    ],
  );
}

const speedInWords = ({ latency }: Row): string =>
  latency ? `${latency.step.toPrecision(3)} ms (${latency.speedup.toPrecision(3)}×)` : "–";

/**
 * Every other method of a study beside `reference` at the same compression, seed by seed, and what it does to iterations.
 * A gain is bold where it is shown with all comparisons of the study taken at once.
 */
export function besideTable(study: Study, reference: string): string {
  const summary = summaryOf(study);
  const better = betterThan(summary.rows, reference);
  const found = compressionsOf(summary).flatMap((compression) => {
    const own = summary.rows.filter((row) => row.compression === compression);
    const base = own.find(({ method }) => method === reference);
    if (base === undefined) throw new Error(`The study has no ${reference} at ${compression}×.`);
    return own
      .map((row) => ({ row, base, difference: differenceOf(row, base) }))
      .toSorted((a, b) => b.difference.mean - a.difference.mean);
  });
  const reached = iterationHeads.filter((_, i) => found.some(({ row }) => row.iterations[i]!.reached > 0));
  const rows = found.map(({ row, base, difference }) => [
    ...cellsOfRow(["compression", "method"], row),
    ...(row === base ? ["–", "–"] : verdictCells(difference, better.includes(row))),
    ...cellsOfRow(["ids' signal kept", ...reached, "rate"], row),
  ]);
  const beside = [`AUC − ${reference}`, `beside ${reference}`];
  const heads = ["compression", "method", ...beside, "ids' signal kept", ...reached, "rate"];
  const end = [...listOfMissing(summary), signalInWords(summary), provenanceOf(study)];
  return [table(heads, rows), "", ...end].join("\n");
}

/** Columns of a study's table: the iterations to each share, in the order of `shares`. */
const iterationHeads = judgeWords.auc.steps;

const columnsByAuc = columnsBy("auc");

/** What stands in a study's table under these heads. */
const cellsOfRow = (heads: readonly string[], row: Row): string[] =>
  heads.map((head) => columnsByAuc.find(([name]) => name === head)![1](row));

const verdictCells = (difference: OverSeeds, better: boolean): string[] => [
  overSeedsInWords(difference, signed),
  better ? `**${verdictOf(difference)}**` : verdictOf(difference),
];

/**
 * The full tables and one method at each rate that was tried, at the first seed: the best validation AUC, and the steps to
 * 99 % of the best of full tables.
 */
export function sweepTable({ protocol, trials }: Study, method: string): string {
  const { rates, seeds } = protocol;
  const outcomes = outcomesOf({ trials });
  const curveOf = (cell: Cell, rate: number): readonly Point[] => {
    const outcome = outcomes.get(keyOf({ ...cell, rate, seed: seeds[0]! }));
    return outcome?.kind === "trained" ? outcome.curve : [];
  };
  const cells = cellsOf(protocol).filter((cell) => cell.method === "full" || cell.method === method);
  const bestOf = (curve: readonly Point[]) => qualityOf(bestPoint(curve, "auc"), "auc");
  const target = 0.99 * bestOf(rates.flatMap((rate) => curveOf(cells[0]!, rate)));
  const words = (curve: readonly Point[]) => {
    if (curve.length === 0) return "–";
    const step = stepTo(curve, target, "auc");
    return `${fixed(bestOf(curve))}${step === undefined ? "" : `, ${step} steps`}`;
  };
  return table(
    ["compression", "method", ...rates.map((rate) => `${rate} × usual`)],
    cells.map((cell) => [
      times(cell.compression),
      cell.method,
      ...rates.map((rate) => words(curveOf(cell, rate))),
    ]),
  );
}

/** How often studies of known loss call a memory small enough. */
export function powerTable({ claims, seed, studies }: Power): string {
  const percent = (x: number) => (100 * x).toFixed(1);
  const rows = claims.map(({ what, loss, tolerance, claims: own, studies: of, interval }) => [
    `${what[0]!.toUpperCase()}${what.slice(1)}`,
    ...[tolerance, loss].map((x) => x.toFixed(4)),
    `${own} of ${of}: ${percent(own / of)} % (${interval.map(percent).join(" … ")})`,
  ]);
  return `${table(["tolerance", "its value", "true loss", "called small enough"], rows)}\n\nMeasured by \`npm run power -- --studies ${studies} --seed ${seed} --json\`.`;
}

/** What `npm run power -- --json` prints. */
export interface Power {
  readonly studies: number;
  readonly seed: number;
  readonly claims: readonly Claims[];
}

/** What the best method of real rows keeps of the ids' signal, at each compression, for the first lines that people read. */
export function headlineOf(study: Study, method: string, compressions: readonly number[]): string {
  const { rows } = summaryOf(study);
  const own = compressions.map(
    (compression) => rows.find((row) => row.method === method && row.compression === compression)!,
  );
  const listed = (all: readonly string[]) => `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
  const kept = own.map(
    (row, i) => `${keptInWords(row)}${i === 0 ? " of the ids' signal" : ""} at ${times(row.compression)}`,
  );
  const lost = own.map(({ difference }) => fixed(-difference.mean));
  return `On three million real flights the best method tried keeps ${listed(kept)}: ${listed(lost)} AUC less than full tables.`;
}

/** What `npm run walk -- --json` prints. */
export interface Walked {
  readonly machine: string;
  readonly rows: number;
  readonly days: readonly {
    readonly model: string;
    readonly on: string;
    readonly auc: number;
    readonly best: number;
  }[];
  readonly steps: readonly { readonly command: string; readonly seconds: number }[];
}

/** Models of the walk beside the best possible, and how long its commands took. */
export function walkedTable({ machine, rows, days, steps }: Walked): string {
  const cells = days.map(({ model, on, auc, best }) => [
    `\`${model}\` on ${on}`,
    ...[auc, best, best - auc].map((x) => x.toFixed(4)),
  ]);
  const took = steps
    .filter(({ command }) => command.startsWith("npx pss-dlrm"))
    .map(({ command, seconds }) => `${command.split(" ")[2]} ${duration(seconds)}`);
  return `${table(["model", "AUC", "best possible", "below it by"], cells)}\n\n${count(rows)} rows a day. The commands took: ${took.join(", ")}. Machine: ${machine}.`;
}
