import { check, shown } from "../../../core/errors.ts";
import { counted } from "../../../core/format.ts";
import { choiceOption, type Given, listOption, textOption, wholeOption } from "../../../core/options.ts";
import type { Batch, Dataset } from "../dataset.ts";
import { ColumnStatistics } from "../encoders/column.ts";
import { DistinctSketch, rowsFor, sharing } from "../encoders/distinct.ts";
import { encoded, type Features } from "../encoders/features.ts";
import { fitted, type Scaling, scalingInWords, scalings } from "../encoders/scaling.ts";
import type { Source, Wanted } from "../source.ts";
import { type Part, type Parts, partOf, selected } from "../split.ts";
import { type Piece, piecesOf, survey } from "../survey.ts";
import { partByGroup, partByTime } from "./cut.ts";

/** Columns that a table is asked for: raw values, NaN where a number is missing, ids hashed to 32 bits. */
export interface RawColumns {
  readonly label: string;
  readonly dense: readonly string[];
  readonly categorical: readonly string[];
}

const namesOption = (help: string) => listOption(textOption({ help }), { form: "A,B", help });

/** Options of rows that have named columns, whatever the format of their file. */
export const tableOptions = {
  label: textOption({ form: "COLUMN", help: "the column with 0 or 1" }),
  dense: namesOption("columns of numbers"),
  categorical: namesOption("columns of ids"),
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
 * What `--data KIND[:FILE]` with these options is, cut by any seed. A walk over all rows comes first: it counts them, fits the
 * scaling of each column of numbers and chooses the size of each table, by the rows to train on.
 * @param open makes the raw rows of a file.
 */
export async function tableSource(
  kind: string,
  file: string | undefined,
  options: TableOptions,
  open: (file: string, columns: RawColumns) => Dataset,
  wanted: Wanted,
): Promise<(seed: number) => Promise<Source>> {
  const columns = columnsOf(kind, options);
  const files = filesOf(kind, file, options);
  const raw = rawColumns(columns);
  const data = files.map((each) => open(each, raw));
  const extra = {
    weight: placeOf(columns.weight, raw.dense),
    group: placeOf(columns.group, raw.categorical),
  };
  return async (seed) => {
    const [pieces, parts] = await cut(data, (first) =>
      partFrom(first, columns, raw, options.split ?? "random", seed),
    );
    const statistics = statisticsOf(columns);
    const weights = weighed(extra.weight);
    const found = await survey(pieces, {
      watch: wanted.watch,
      see(batch, of) {
        statistics.see(batch, of);
        weights.see(batch, of);
      },
    });
    weights.check(data[0]!.name);
    const features = statistics.features(options.scale ?? "quantile", options.tableRows);
    const encode = (part: Dataset) => encoded(part, features, extra);
    return {
      ...{ train: encode(parts.train), validation: encode(parts.validation), test: encode(parts.test) },
      survey: found,
      features,
      columns: statistics.inWords(features),
    };
  };
}

/** The columns that were asked for, by what they are. */
interface Columns {
  readonly label: string;
  readonly dense: readonly string[];
  readonly categorical: readonly string[];
  readonly weight: string | undefined;
  readonly group: string | undefined;
  readonly time: string | undefined;
}

function columnsOf(kind: string, options: TableOptions): Columns {
  const { label, dense = [], categorical = [], weight, group, time, split, scale, tableRows } = options;
  check(label !== undefined, () => `--data ${kind}:FILE needs --label COLUMN, the column with 0 or 1.`);
  check(
    dense.length + categorical.length > 0,
    () =>
      `--data ${kind}:FILE needs columns to learn from: --dense A,B for numbers, --categorical C,D for ids, or both.`,
  );
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
    scale === undefined || dense.length > 0,
    () => "--scale is of columns of numbers, but none is named; add --dense A,B, or leave --scale out.",
  );
  check(
    tableRows === undefined || categorical.length > 0,
    () =>
      "--table-rows is of columns of ids, but none is named; add --categorical A,B, or leave --table-rows out.",
  );
  return { label, dense, categorical, weight, group, time };
}

/** What is read: columns that are asked for twice once, those that are no features behind those that are. */
function rawColumns({ label, dense, categorical, weight, group, time }: Columns): RawColumns {
  const numbers = [weight, time].filter((column) => column !== undefined);
  const ids = group === undefined ? [] : [group];
  return {
    label,
    dense: [...dense, ...new Set(numbers.filter((column) => !dense.includes(column)))],
    categorical: [...categorical, ...ids.filter((column) => !categorical.includes(column))],
  };
}

/** Where a column is among those that are read. */
const placeOf = (column: string | undefined, all: readonly string[]): number | undefined =>
  column === undefined ? undefined : all.indexOf(column);

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

/** The parts, and the walk that sees all rows of them once. */
async function cut(
  [first, second, third]: readonly Dataset[],
  partsOf: (data: Dataset) => Promise<(row: number) => Part>,
): Promise<[readonly Piece[], Parts]> {
  if (second !== undefined) {
    const parts = { train: first!, validation: second, test: third! };
    return [piecesOf(parts), parts];
  }
  const part = await partsOf(first!);
  return [[{ data: first!, part }], selected(first!, part)];
}

function partFrom(
  data: Dataset,
  { group, time }: Columns,
  raw: RawColumns,
  by: NonNullable<TableOptions["split"]>,
  seed: number,
): Promise<(row: number) => Part> {
  if (by === "group") return partByGroup(data, placeOf(group, raw.categorical)!, seed);
  if (by === "time") return partByTime(data, placeOf(time, raw.dense)!);
  return partOf(data, { by, seed });
}

/** Sums the weights of each part, if rows have some: of a part that weighs nothing no metric is defined. */
function weighed(at: number | undefined) {
  const sums = { train: 0, validation: 0, test: 0 };
  return {
    see({ dense, size }: Batch, of: readonly Part[]): void {
      if (at === undefined) return;
      const width = dense.length / size;
      for (const [row, part] of of.entries()) sums[part] += dense[row * width + at]!;
    },
    check(name: string): void {
      for (const [part, sum] of Object.entries(sums))
        check(
          at === undefined || sum !== 0,
          () =>
            `All weights of the ${part} rows of ${shown(name)} are 0: none of them counts; give a weight above 0.`,
        );
    },
  };
}

/** What a walk gathers of the columns of the rows to train on. */
function statisticsOf({ dense, categorical }: Columns) {
  const numbers = dense.map((name) => new ColumnStatistics(name));
  const ids = categorical.map(() => new DistinctSketch());
  return {
    see({ dense: values, bags, size }: Batch, parts: readonly Part[]): void {
      const [width, tables] = [values.length / size, (bags.offsets.length - 1) / size];
      for (let row = 0; row < size; row++) {
        if (parts[row] !== "train") continue;
        for (const [i, column] of numbers.entries()) column.add(values[row * width + i]!);
        for (const [t, sketch] of ids.entries()) {
          const bag = row * tables + t;
          for (let i = bags.offsets[bag]!; i < bags.offsets[bag + 1]!; i++) sketch.add(bags.ids[i]!);
        }
      }
    },
    features: (kind: Scaling["kind"], rows: number | undefined): Features => ({
      dense: dense.map((column, i) => ({ column, scaling: fitted(kind, numbers[i]!) })),
      categorical: categorical.map((column, t) => ({ column, rows: rows ?? rowsFor(ids[t]!) })),
    }),
    inWords: (features: Features): string[] => [
      ...features.dense.map(({ column, scaling }, i) => {
        const { missing } = numbers[i]!;
        const coarse = levels(numbers[i]!);
        const gaps = missing > 0 ? `; ${counted(missing, "missing value")}, which become 0` : "";
        return `${column}: ${scalingInWords(scaling)}${gaps}${coarse}`;
      }),
      ...features.categorical.map(({ column, rows }, t) => {
        const { all } = ids[t]!;
        const shared = all && sharing(all, rows);
        const found = `${all ? "" : "about "}${counted(ids[t]!.count(), "different id")}`;
        return `${column}: ${found} in ${counted(rows, "row")}${shared ? `, ${shared} of which share theirs with another` : ""}`;
      }),
    ],
  };
}

/** A warning where 32-bit floats tell few values of a column apart: a time of day in milliseconds since 1970, for example. */
function levels({ low, high }: ColumnStatistics): string {
  const apart = (high - low) / (Math.max(Math.abs(low), Math.abs(high)) * 2 ** -23);
  return apart > 0 && apart < 4096
    ? `; 32-bit numbers tell only about ${counted(Math.ceil(apart), "value")} of it apart: subtract a constant from it first`
    : "";
}
