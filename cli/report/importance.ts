import { shownWord } from "../../core/errors.ts";
import { aligned, counted } from "../../core/format.ts";
import { flagOf } from "../../core/options.ts";
import type { Features } from "../../models/data/encoders/features.ts";
import { pairOf } from "../../models/data/formats/multi.ts";
import type { ColumnImportance, Importance } from "../../models/dlrm/importance.ts";
import type { About } from "../../models/dlrm/saved/about.ts";
import type { Estimate } from "../../models/metrics/auc.ts";
import { commandLine, type Texts } from "../flags.ts";

/** What was measured of a saved model, on which rows. */
interface Measured {
  readonly found: Importance;
  readonly file: string;
  readonly about: About;
  /** The name of the rows. */
  readonly data: string;
  /** The flags that say which rows. */
  readonly texts: Texts;
}

/** A column with its name, ids and rows. */
interface Named extends ColumnImportance {
  readonly name: string;
  /** Different ids among the rows that it was trained on, about, where the model says so. */
  readonly distinct?: number;
  /** Of its table. */
  readonly rows?: number;
}

/** How much is lost without it, by the metric that there is. */
const lossOf = ({ aucDrop, logLossRise }: ColumnImportance): Estimate => aucDrop ?? logLossRise;

/** The most important first. */
function ranked({ found, about }: Measured): Named[] {
  return found.columns
    .flatMap((column) => named(column, about))
    .sort((a, b) => lossOf(b).value - lossOf(a).value);
}

/** Without features a column is named by its place; with them, what stands for columns that are not there is left out. */
function named(column: ColumnImportance, { features, config }: About): Named[] {
  const { kind, place } = column;
  if (kind === "number") {
    const name = features ? features.dense[place]?.column : `number ${place + 1}`;
    return name === undefined ? [] : [{ ...column, name }];
  }
  const feature = features?.categorical[place];
  if (features && !feature) return [];
  return [
    {
      ...column,
      name: feature?.column ?? `table ${place + 1}`,
      ...(feature && { distinct: feature.distinct }),
      rows: config.tables[place]!,
    },
  ];
}

/** Columns without which no loss is shown, and those without which the model is shown to be better. */
function verdict(columns: readonly Named[]) {
  return {
    notShown: columns.filter((each) => lossOf(each).interval[0] <= 0 && lossOf(each).interval[1] >= 0),
    harmful: columns.filter((each) => lossOf(each).interval[1] < 0),
  };
}

/** What `importance --json` prints. */
export function importanceReport(measured: Measured) {
  const { found, file, data } = measured;
  const columns = ranked(measured);
  const names = (all: readonly Named[]) => all.map(({ name }) => name);
  const { notShown, harmful } = verdict(columns);
  return {
    model: file,
    ...{ data, sampled: found.sampled, quality: found.quality, columns },
    ...{ notShownToMatter: names(notShown), betterWithout: names(harmful) },
    command: commandLine(process.argv.slice(2)),
  };
}

/** What `importance` prints. */
export function importanceInWords(measured: Measured): string {
  const columns = ranked(measured);
  return [
    headline(measured, columns),
    ...table(columns),
    ...notes(measured, columns),
    next(measured, columns),
  ].join("\n");
}

function headline({ found: { quality, sampled }, file, data }: Measured, columns: readonly Named[]): string {
  const rows = sampled
    ? `${counted(quality.rows, "row")} drawn at random from`
    : `all ${counted(quality.rows, "row")} of`;
  const { value } = quality.auc;
  const auc = Number.isNaN(value) ? "" : `AUC ${value.toFixed(4)}, `;
  return `${counted(columns.length, "column")} of ${shownWord(file)} on ${rows} ${shownWord(data)}: ${auc}log loss ${quality.logLoss.toFixed(4)} as they are`;
}

function table(columns: readonly Named[]): string[] {
  const hasAuc = columns.some(({ aucDrop }) => aucDrop);
  return aligned([
    [
      "column",
      "kind",
      ...(hasAuc ? ["AUC falls by", "95 % interval"] : []),
      "log loss rises by",
      "95 % interval",
    ],
    ...columns.map((column) => [
      shownWord(column.name),
      kindInWords(column),
      ...(column.aucDrop ? cells(column.aucDrop) : []),
      ...cells(column.logLossRise),
    ]),
  ]);
}

function kindInWords({ kind, distinct, rows }: Named): string {
  if (kind === "number") return "number";
  const size = counted(rows!, "row");
  return distinct === undefined ? `ids in ${size}` : `${counted(distinct, "id")} in ${size}`;
}

const cells = ({ value, interval }: Estimate): string[] => [digits(value), interval.map(digits).join(" … ")];

/** To four places, as people write it. */
const digits = (x: number): string => {
  const text = Math.abs(x).toFixed(4);
  return x < 0 && Number(text) > 0 ? `−${text}` : text;
};

const listed = (columns: readonly Named[]): string => columns.map(({ name }) => shownWord(name)).join(", ");

function notes({ found: { quality } }: Measured, columns: readonly Named[]): string[] {
  const { notShown, harmful } = verdict(columns);
  const why = quality.notes.auc ?? "An interval of AUC needs two rows of each label.";
  return [
    ...(columns.some(({ aucDrop }) => aucDrop) ? [] : [`note  Columns are sorted by log loss. ${why}`]),
    ...(notShown.length === 0
      ? []
      : [
          `note  Not shown to matter: ${listed(notShown)}. Their tables could be left out or be tiny. Leave out one, train and measure again: of columns that say the same, none is missed while the others are there.`,
        ]),
    ...(harmful.length === 0
      ? []
      : [
          `note  Better without: ${listed(harmful)}. What the model learned from them does not hold for these rows.`,
        ]),
  ];
}

/** Training without the least important column that is not shown to matter, or asking how small the tables can be. */
function next({ about: { features }, texts }: Measured, columns: readonly Named[]): string {
  const { notShown, harmful } = verdict(columns);
  const least = [...notShown, ...harmful].at(-1);
  const without = features && least && withoutColumn(features, least);
  if (without && without.dense.length + without.categorical.length > 0)
    return `next  ${commandLine(["train", ...words(texts, without)])}`;
  if (least && columns.length === 1) return "next  train on more rows, or on other columns";
  return `next  ${commandLine(["tradeoff", ...words(texts, features)])}`;
}

const withoutColumn = ({ label, dense, categorical }: Features, { kind, place }: Named): Features => ({
  label,
  dense: dense.filter((_, i) => kind !== "number" || i !== place),
  categorical: categorical.filter((_, i) => kind !== "ids" || i !== place),
});

/** The flags that say which rows, and which of their columns. */
function words(texts: Texts, features: Features | undefined): string[] {
  const pairs = (features?.categorical ?? []).flatMap(({ column, separator }) =>
    separator === undefined ? [] : [pairOf(column, separator)],
  );
  const columns = features && {
    label: features.label,
    dense: features.dense.map(({ column }) => column).join(),
    categorical: features.categorical.map(({ column }) => column).join(),
    multi: pairs.join(),
  };
  return Object.entries({ ...texts, ...columns }).flatMap(([name, text]) =>
    text === "" ? [] : [flagOf(name), text],
  );
}
