import { check, shownWord } from "../../../core/errors.ts";
import {
  choiceOption,
  flagOf,
  type Given,
  listOption,
  type Options,
  textOption,
  wholeOption,
} from "../../../core/options.ts";
import type { Batch, Dataset, Inputs, Numbers } from "../dataset.ts";
import { encoded } from "../encoders/encoded.ts";
import type { Features } from "../encoders/features.ts";
import { isScaled, type Scaling, scalings } from "../encoders/scaling.ts";
import { filesNamed } from "../reader/files.ts";
import {
  type Encoded,
  type KnownFeatures,
  type Source,
  type SourceKind,
  sourceKind,
  type Wanted,
} from "../source.ts";
import { type Part, type Parts, partOf, partsOf, selected } from "../split.ts";
import { type Piece, piecesOf, survey } from "../survey.ts";
import { type Asked, columnsBy, placeOf, rawColumns } from "./asked.ts";
import type { Columns, Labeled, RawColumns } from "./columns.ts";
import { partByGroup, partByTime } from "./cut.ts";
import { pairOption, separated } from "./multi.ts";
import { statisticsOf, weighed } from "./statistics.ts";

/** A format of files whose columns have names. */
export interface TableFormat<Declared extends Options> {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** How its files are written. */
  readonly options: Declared;
  /** The rows of these files as they are, with labels where the columns name one. */
  open(files: readonly string[], columns: RawColumns, writing: Given<Declared>): Dataset<Inputs<Numbers>>;
}

/** The format that is described. */
export const tableFormat = <Declared extends Options>(format: TableFormat<Declared>): TableFormat<Declared> =>
  format;

const namesOption = (help: string) => listOption(textOption({ help }), { form: "A,B", help });

/** Options of rows that have named columns, whatever the format of their file. */
export const tableOptions = {
  label: textOption({ form: "COLUMN", help: "the column with 0 or 1" }),
  dense: namesOption("columns of numbers"),
  categorical: namesOption("columns of ids"),
  multi: listOption(pairOption, {
    form: "NAME:SEP",
    help: "those of them with several ids in a field, and the character between these, or: comma, space, tab",
  }),
  scale: choiceOption(Object.keys(scalings) as Scaling["kind"][], {
    default: "quantile",
    help: "how numbers are scaled, fitted to the rows to train on",
  }),
  tableRows: wholeOption({
    from: 1,
    to: 2 ** 32,
    help: "rows of each table",
    otherwise: "four to eight for each id that occurs, more where few ids would share one",
  }),
  weight: textOption({ form: "COLUMN", help: "how much each row counts" }),
  group: textOption({ form: "COLUMN", help: "what a row belongs to, such as its user" }),
  time: textOption({ form: "COLUMN", help: "when a row happened, a number" }),
  split: choiceOption(["random", "order", "group", "time"], {
    default: "random",
    help: "cuts 80 % to train on, 10 % to choose by, 10 % to test on: by the seed, by their order, whole groups, or by time",
  }),
  train: textOption({ form: "FILE", help: "rows to train on, where each part has a file" }),
  validation: textOption({ form: "FILE", help: "rows to choose by" }),
  test: textOption({ form: "FILE", help: "rows to test on" }),
};

type TableOptions = Given<typeof tableOptions>;

/**
 * The kind of rows that files of this format are. A walk over all rows comes first: it counts them, fits the scaling of each
 * column of numbers and chooses the size of each table, by the rows to train on. Where features are known, of a model that was
 * trained before, they are read by these: nothing is fitted.
 */
export const tableKind = <Declared extends Options>(
  format: TableFormat<Declared>,
): SourceKind<typeof tableOptions & Declared> =>
  sourceKind({
    name: format.name,
    summary: format.summary,
    argument: { form: "FILE", isOptional: true },
    hasNamedColumns: true,
    options: { ...tableOptions, ...format.options },
    open: (file, options, wanted) => tableSource(format, file, options, wanted),
    whole: async (file, options, wanted) => wholeTable(format, file, options, wanted),
  });

async function tableSource<Declared extends Options>(
  format: TableFormat<Declared>,
  file: string | undefined,
  options: TableOptions & Given<Declared>,
  wanted: Wanted,
): Promise<(seed: number) => Promise<Source>> {
  const columns = columnsOf(format.name, options, wanted.features);
  const files = filesOf(format.name, file, options);
  const raw = rawColumns(columns);
  // They name a label, so the rows have one.
  const data = files.map((each) => format.open(filesNamed(each), raw, options) as RawRows);
  const extra = {
    weight: placeOf(columns.weight, raw.dense),
    group: placeOf(columns.group, raw.categorical),
  };
  return async (seed) => {
    const [pieces, parts] = await cut(data, (first) =>
      partFrom(first, columns, raw, options.split ?? "random", seed),
    );
    const statistics = statisticsOf(columns, raw.dense, wanted.exact);
    const weights = weighed(extra.weight);
    const found = await survey(pieces, {
      watch: wanted.watch,
      see(batch, of) {
        statistics.see(batch, of);
        weights.see(batch, of);
      },
    });
    weights.check(data[0]!.name);
    const features: Features = wanted.features?.all ?? {
      label: columns.label,
      ...statistics.fitted(options.scale ?? tableOptions.scale.default, options.tableRows),
    };
    const exact = statistics.exactly(features);
    const readBy = (all: Features): Encoded => ({
      ...partsOf((part) => encoded(parts[part], all, extra)),
      features: all,
    });
    return {
      ...readBy(features),
      survey: found,
      columns: statistics.inWords(features),
      ...(exact && { exact: readBy(exact) }),
    };
  };
}

/** All rows, those of a file a part after one another. */
function wholeTable<Declared extends Options>(
  format: TableFormat<Declared>,
  file: string | undefined,
  options: TableOptions & Given<Declared>,
  { features }: Wanted,
): Dataset {
  check(
    features !== undefined,
    () =>
      `--data ${format.name} is read by the columns that a saved model names, but this one names none: it was not trained on such a file.`,
  );
  const columns = columnsOf(format.name, options, features);
  const raw = rawColumns(columns);
  const files = filesOf(format.name, file, options).flatMap(filesNamed);
  // They name a label, so the rows have one.
  const data = format.open(files, raw, options) as RawRows;
  return encoded(data, features.all, { weight: placeOf(columns.weight, raw.dense) });
}

function columnsOf(kind: string, options: TableOptions, known: KnownFeatures | undefined): Labeled<Asked> {
  const { weight, group, time, split, scale, tableRows } = options;
  const features = known ? knownColumns(known, options) : featureColumns(kind, options);
  check(
    split !== "group" || group !== undefined,
    () => "--split group needs --group COLUMN, whose rows stay together.",
  );
  check(
    split !== "time" || time !== undefined,
    () => "--split time needs --time COLUMN, a column of numbers.",
  );
  check(
    time === undefined || split === "time",
    () => "--time is what --split time cuts by; add --split time, or leave --time out.",
  );
  check(
    scale === undefined || features.dense.length > 0,
    () => "--scale is of columns of numbers, but none is named; add --dense A,B, or leave --scale out.",
  );
  check(
    tableRows === undefined || features.categorical.length > 0,
    () =>
      "--table-rows is of columns of ids, but none is named; add --categorical A,B, or leave --table-rows out.",
  );
  return { ...features, weight, group, time };
}

function featureColumns(kind: string, options: TableOptions): Labeled<RawColumns> {
  const { label, dense = [], categorical = [], multi = [], scale } = options;
  check(label !== undefined, () => `--data ${kind}:FILE needs --label COLUMN, the column with 0 or 1.`);
  check(
    dense.length + categorical.length > 0,
    () =>
      `--data ${kind}:FILE needs columns to learn from: --dense A,B for numbers, --categorical C,D for ids, or both.`,
  );
  const wide = isScaled(scale ?? tableOptions.scale.default) ? dense : [];
  return { label, dense, wide, categorical, multi: Object.fromEntries(multi.map(separated)) };
}

/** Options that say what features say. */
export const ofFeatures = ["label", "dense", "categorical", "multi", "scale", "tableRows"] as const;

function knownColumns({ all, file }: KnownFeatures, options: TableOptions): Labeled<RawColumns> {
  for (const name of ofFeatures)
    check(
      options[name] === undefined,
      () =>
        `${flagOf(name)} cannot be given beside ${shownWord(file)}, which says how its columns are read; leave ${flagOf(name)} out.`,
    );
  return columnsBy(all);
}

function filesOf(kind: string, file: string | undefined, { train, validation, test, split }: TableOptions) {
  const own = [train, validation, test];
  if (file !== undefined) {
    check(
      own.every((each) => each === undefined),
      () =>
        `--data ${kind}:${file} is cut in three; for a file a part write --data ${kind} --train FILE --validation FILE --test FILE.`,
    );
    return [file];
  }
  check(
    own.every((each) => each !== undefined),
    () =>
      `--data ${kind} needs a FILE: --data ${kind}:FILE, which is cut in three, or a file for each part: --train FILE --validation FILE --test FILE.`,
  );
  check(
    split === undefined,
    () => "--split cuts one file in three, but each part has a file; leave --split out.",
  );
  return own as string[];
}

/** Rows of files as they are. */
type RawRows = Dataset<Batch<Numbers>>;

/** The parts, and the walk that sees all rows of them once. */
async function cut(
  [first, second, third]: readonly RawRows[],
  partsOf: (data: RawRows) => Promise<(row: number) => Part>,
): Promise<[readonly Piece[], Parts<RawRows>]> {
  if (second !== undefined) {
    const parts = { train: first!, validation: second, test: third! };
    return [piecesOf(parts), parts];
  }
  const part = await partsOf(first!);
  return [[{ data: first!, part }], selected(first!, part)];
}

function partFrom(
  data: RawRows,
  { group, time }: Asked,
  raw: Columns,
  by: NonNullable<TableOptions["split"]>,
  seed: number,
): Promise<(row: number) => Part> {
  if (by === "group") return partByGroup(data, placeOf(group, raw.categorical)!, seed);
  if (by === "time") return partByTime(data, placeOf(time, raw.dense)!);
  return partOf(data, { by, seed });
}
