import { count, counted } from "../../core/format.ts";
import { type ComparedColumn, comparedInWords } from "../../models/data/encoders/compared.ts";
import { commandLine } from "../flags.ts";
import { labeled, notesOfQuality, type Quality, qualityInWords } from "../training/quality.ts";
import { columnsWith } from "./scores-file.ts";

/** Rows that were scored, and all that is worth saying of it. */
export interface Scored {
  /** The file of the model, and what `--data` said. */
  readonly model: string;
  readonly data: string;
  readonly rows: number;
  readonly seconds: number;
  /** Of all rows. */
  readonly probability: { readonly mean: number; readonly low: number; readonly high: number };
  readonly columns: readonly ComparedColumn[];
  /** The file of scores, `-` for standard output; undefined where none are kept. */
  readonly out: string | undefined;
  readonly keys: readonly string[];
  /** Where labels were read, too. */
  readonly measured: Quality | undefined;
}

/** What `predict --json` prints. */
export function scoringReport(scored: Scored) {
  const { model, data, rows, seconds, probability, columns, out, keys, measured } = scored;
  return {
    ...{ model, data, rows, seconds, rowsPerSecond: rows / seconds, probability },
    scores: out === undefined ? null : { file: out, columns: columnsWith(keys) },
    ...(measured && measured),
    columns,
    notes: notesOf(scored),
    command: commandLine(process.argv.slice(2)),
  };
}

/** What `predict` prints at its end. */
export function describeScoring(scored: Scored): string {
  const { rows, seconds, probability, columns, out, keys, measured } = scored;
  const { mean, low, high } = probability;
  const missing = columns
    .filter((each) => each.missing > 0)
    .map((each) => `${each.column}: ${counted(each.missing, "missing value")}, which become 0`);
  return [
    `scored      ${counted(rows, "row")} in ${seconds.toFixed(1)} s, ${count(Math.round(rows / seconds))} rows/s`,
    `probability ${short(mean)} on average, from ${short(low)} to ${short(high)}`,
    ...labeled("columns", missing),
    ...(measured ? qualityInWords(measured, "row") : []),
    ...labeled("note", notesOf(scored)),
    ...(out === undefined || out === "-" ? [] : [`scores      ${out}: ${columnsWith(keys).join(", ")}`]),
    `next        ${nextInWords(scored)}`,
  ].join("\n");
}

const short = (p: number): string => String(Number(p.toPrecision(4)));

const notesOf = ({ columns, measured }: Scored): string[] => [
  ...columns.map(comparedInWords).filter((sentence) => sentence !== undefined),
  ...(measured ? notesOfQuality(measured.quality, "rows") : []),
];

function nextInWords({ model, data, keys, measured }: Scored): string {
  if (measured)
    return `${commandLine(["train", "--from", model, "--data", data, "--checkpoint", "DIR"])} goes on with these rows`;
  const join =
    keys.length === 0 ? "scores are in the order of the rows" : `scores are joined by ${keys.join(", ")}`;
  return `${join}; when their labels are known, ${commandLine(["predict", "--model", model, "--data", data, "--evaluate"])} measures them`;
}
