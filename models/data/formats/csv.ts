import { check, shown, shownWord } from "../../../core/errors.ts";
import { choiceOption } from "../../../core/options.ts";
import type { Dataset } from "../dataset.ts";
import { hashText } from "../encoders/hash.ts";
import type { Block } from "../reader/block.ts";
import { type DataFiles, dataFiles, filesNamed, rowsOf } from "../reader/files.ts";
import type { RecordFormat } from "../reader/layout.ts";
import { fieldsOf, type Header, headerOf, type Quoting, quotings } from "../reader/records.ts";
import { streamed } from "../reader/streamed.ts";
import { sourceKind } from "../source.ts";
import { tableOptions, tableSource } from "./table.ts";

/** Which columns of a CSV file are what, by their names in its header. */
export interface CsvColumns {
  /** The column of the label, 0 or 1. */
  readonly label: string;
  /** Columns of finite numbers. Nothing is scaled. */
  readonly dense: readonly string[];
  /** What an empty or blank field of numbers becomes (default 0), also NaN. */
  readonly missing?: number;
  /** Columns of ids: any text. One id a row; the empty text is an id like any other. */
  readonly categorical: readonly string[];
  /** Rows of each table, or one number for all (default 2³²: nothing is folded). */
  readonly rows?: number | readonly number[];
  /** What quotes mean. Default: `none` in files with tabs, `double` (RFC 4180) in all others. */
  readonly quote?: Quoting;
}

/**
 * A CSV or TSV file with a header, plain or gzip, or several of the same header, whose rows follow one another. The header
 * tells which of comma, semicolon and tab separates. Fields may be quoted ("a ""b"", c"), also over several lines, but in
 * files with tabs quotes are text. Beside semicolons a number may have a decimal comma. An id's row is the 32-bit MurmurHash3
 * of its UTF-8 text modulo the size of its table: no vocabulary. Blank lines at the end of a file are no rows.
 * @throws InputError, with line number and column, for columns that are not there or twice there, lines of another length or
 *   of more than 1 MiB, numbers that are none or not finite in 32 bits, labels other than 0 and 1, a file without rows.
 */
export function csv(files: string | readonly string[], columns: CsvColumns): Dataset {
  const tables = tablesOf(columns);
  const found = dataFiles(files);
  return streamed({
    name: found.name,
    dense: columns.dense.length,
    tables,
    open: () => blocks(found, columns, tables),
  });
}

/**
 * The rows of each table.
 * @throws InputError for columns that cannot be wanted together, whatever the files have.
 */
function tablesOf({ label, dense, categorical, rows = 2 ** 32, missing = 0 }: CsvColumns): number[] {
  const tables = typeof rows === "number" ? categorical.map(() => rows) : [...rows];
  check(
    tables.length === categorical.length,
    () =>
      `There are ${categorical.length} categorical columns, but ${tables.length} table sizes; give one for each, or one number.`,
  );
  check(
    ![...dense, ...categorical].includes(label),
    () =>
      `The label ${shown(label)} is also a feature, which would give the answer away; leave it out of the features.`,
  );
  check(
    Number.isNaN(missing) || Number.isFinite(Math.fround(missing)),
    () => `What a missing number becomes must be NaN or a finite 32-bit number, but it is ${shown(missing)}.`,
  );
  for (const [list, names] of [
    ["dense", dense],
    ["categorical", categorical],
  ] as const) {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    check(
      twice === undefined,
      () => `Column ${shown(twice)} stands twice among the ${list} columns; name it once.`,
    );
  }
  return tables;
}

async function* blocks(
  files: DataFiles,
  columns: CsvColumns,
  tables: readonly number[],
): AsyncGenerator<Block> {
  let first: Headed | undefined;
  yield* rowsOf(files, async (file) => {
    const header = await headerOf(file, columns.quote);
    first ??= { file, header };
    checkSameColumns(first, { file, header });
    return csvFormat(file, header, columns, tables);
  });
}

interface Headed {
  readonly file: string;
  readonly header: Header;
}

function checkSameColumns(first: Headed, other: Headed): void {
  const [a, b] = [first.header.fields, other.header.fields];
  const at = (a.length > b.length ? a : b).findIndex((_, i) => a[i] !== b[i]);
  const column = (name: string | undefined) => (name === undefined ? "missing" : shown(name));
  check(
    at < 0,
    () =>
      `${shownWord(other.file)} has other columns than ${shownWord(first.file)}: column ${at + 1} is ${column(b[at])}, not ${column(a[at])}; give files with the same header.`,
  );
}

/**
 * The definition of a file under this header; `file` is what its errors name.
 * @throws InputError for columns that the header does not have, or has twice.
 */
export function csvFormat(
  file: string,
  { fields: header, lines, ...writing }: Header,
  columns: CsvColumns,
  tables: readonly number[],
): RecordFormat {
  const plain = (text: string) => (writing.separator === ";" ? text.replace(",", ".") : text);
  const { missing = 0 } = columns;
  const where = shownWord(file);
  const { label, dense, categorical } = positionsIn(header, columns, where);
  const parse: RecordFormat["parse"] = (lines, line, block, at) => {
    const fields = fieldsOf(lines, writing, file, line);
    check(fields.length === header.length, () =>
      fields.length === 1 && fields[0]!.trim() === ""
        ? `${where}, line ${line} is blank, but the header has ${header.length} columns; only the last lines may be blank.`
        : `${where}, line ${line} has ${fields.length} columns, but the header has ${header.length}; separators inside a field need quotes.`,
    );
    const wrong = (column: number, expected: string) =>
      `${where}, line ${line}: column ${shown(header[column])} is ${shown(fields[column])}, but must be ${expected}.`;
    const y = Number(fields[label]);
    check((y === 0 || y === 1) && fields[label]!.trim() !== "", () =>
      wrong(label, "0 or 1, for it is the label"),
    );
    block.labels[at] = y;
    dense.forEach((column, i) => {
      const text = fields[column]!;
      const isMissing = text.trim() === "";
      const x = isMissing ? missing : Math.fround(Number(plain(text)));
      check(isMissing || Number.isFinite(x), () =>
        wrong(column, "a finite 32-bit number, or empty where it is missing"),
      );
      block.dense[at * dense.length + i] = x;
    });
    categorical.forEach((column, t) => {
      block.ids[at * tables.length + t] = hashText(fields[column]!) % tables[t]!;
    });
  };
  return {
    dense: dense.length,
    tables,
    columns: {
      ...writing,
      count: header.length,
      positions: [label, ...dense, ...categorical],
      header: lines,
      empty: missing,
    },
    empty: `${where} has a header but no row below it; give a file that has rows.`,
    parse,
  };
}

/** Columns that a file may have. */
const MOST_COLUMNS = 4096;

/** Where a header has the columns; `where` it stands, for sentences. */
function positionsIn(header: readonly string[], columns: CsvColumns, where: string) {
  check(
    header.length <= MOST_COLUMNS,
    () =>
      `The header of ${where} has ${header.length} columns, but may have ${MOST_COLUMNS} at most; keep those that are used.`,
  );
  const twice = header.find((name, i) => header.indexOf(name) < i);
  check(twice === undefined, () => `${where} has two columns called ${shown(twice)}; rename one.`);
  const position = (name: string) => {
    const at = header.indexOf(name);
    check(at >= 0, () => `${where} has no column ${shown(name)}; its columns are ${listed(header)}.`);
    return at;
  };
  return {
    label: position(columns.label),
    dense: columns.dense.map(position),
    categorical: columns.categorical.map(position),
  };
}

/** The first names of a list, and how many more there are. */
const listed = (names: readonly string[], most = 20): string =>
  names.slice(0, most).map(shown).join(", ") +
  (names.length > most ? ` and ${names.length - most} more` : "");

export const csvSource = sourceKind({
  name: "csv",
  summary: "a CSV or TSV file with a header, plain or .gz, or several: A,B or day*.csv",
  argument: { form: "FILE", isOptional: true },
  options: {
    ...tableOptions,
    quote: choiceOption(quotings, {
      help: "how fields are quoted, as in RFC 4180 or not at all",
      otherwise: "none in files with tabs, else double",
    }),
  },
  open: (file, { quote, ...options }, wanted) =>
    tableSource(
      "csv",
      file,
      options,
      (each, columns) => csv(filesNamed(each), { ...columns, missing: Number.NaN, ...(quote && { quote }) }),
      wanted,
    ),
});
