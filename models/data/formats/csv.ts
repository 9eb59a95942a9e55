import { check, shown, shownWord } from "../../../core/errors.ts";
import { counted } from "../../../core/format.ts";
import { choiceOption } from "../../../core/options.ts";
import type { Dataset, Inputs } from "../dataset.ts";
import { hashText } from "../encoders/hash.ts";
import { type Block, narrowed } from "../reader/block.ts";
import { type DataFiles, dataFiles, rowsOf } from "../reader/files.ts";
import type { RecordFormat } from "../reader/layout.ts";
import { prefetched } from "../reader/prefetch.ts";
import { fieldsOf, type Header, headerOf, type Quoting, quotings } from "../reader/records.ts";
import { type Source as BlockSource, streamed } from "../reader/streamed.ts";
import {
  bitsOf,
  type Columns,
  type Labeled,
  labelIn,
  mustBe,
  numberIn,
  positionsIn,
  type RawColumns,
  tablesOf,
} from "./columns.ts";
import { partSeparatorsOf, partsOf } from "./multi.ts";
import { rowsKind } from "./rows.ts";
import { tableFormat, tableKind } from "./table.ts";

/** Which columns of a CSV file are what, and how it is written. */
export interface CsvColumns extends Columns {
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
export function csv(files: string | readonly string[], columns: Labeled<CsvColumns>): Dataset;
export function csv(files: string | readonly string[], columns: CsvColumns): Dataset<Inputs>;
export function csv(files: string | readonly string[], columns: CsvColumns): Dataset<Inputs> {
  const source = sourceOf(files, columns);
  return streamed({ ...source, open: () => narrowed(source.open()) });
}

function sourceOf(files: string | readonly string[], columns: CsvColumns & Partial<RawColumns>): BlockSource {
  const tables = tablesOf(columns);
  const found = dataFiles(files);
  return {
    name: found.name,
    dense: columns.dense.length,
    tables,
    open: () => blocks(found, columns, tables),
  };
}

async function* blocks(
  files: DataFiles,
  columns: CsvColumns & Partial<RawColumns>,
  tables: readonly number[],
): AsyncGenerator<Block> {
  let first: Headed | undefined;
  yield* rowsOf(files, async (file) => {
    const header = await headerOf(file, columns.quote);
    first ??= { file, header };
    checkSameColumns(first, { file, header });
    const format = csvFormat(file, header, columns, tables);
    return () => prefetched(file, format);
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
 * The definition of a file under this header; `file` is what its errors name. Long: a few lines for each kind of column, all of
 * which need to know where a field stands.
 * @throws InputError for columns that the header does not have, or has twice.
 */
export function csvFormat(
  file: string,
  { fields: header, lines, ...writing }: Header,
  columns: CsvColumns & Partial<RawColumns>,
  tables: readonly number[],
): RecordFormat {
  const plain = (text: string) => (writing.separator === ";" ? text.replace(",", ".") : text);
  const { missing = 0 } = columns;
  const where = shownWord(file);
  const { label, dense, categorical, texts } = positionsIn(header, columns, where);
  const bits = bitsOf(columns);
  const partSeparators = partSeparatorsOf(columns, where, writing);
  const id = (text: string, t: number) => hashText(text) % tables[t]!;
  const parse: RecordFormat["parse"] = (lines, line, block, at) => {
    const fields = fieldsOf(lines, writing, file, line);
    check(fields.length === header.length, () =>
      fields.length === 1 && fields[0]!.trim() === ""
        ? `${where}, line ${line} is blank, but the header has ${header.length} columns; only the last lines may be blank.`
        : `${where}, line ${line} has ${counted(fields.length, "column")}, but the header has ${header.length}; separators inside a field need quotes.`,
    );
    const wrong = (column: number, expected: string) =>
      `${where}, line ${line}: column ${shown(header[column])} is ${shown(fields[column])}, but must be ${expected}.`;
    if (label !== undefined) {
      const y = labelIn(fields[label]!);
      check(y !== undefined, () => wrong(label, mustBe.label));
      block.labels![at] = y;
    }
    dense.forEach((column, i) => {
      const x = numberIn(plain(fields[column]!), missing, bits[i]!);
      check(x !== undefined, () => wrong(column, mustBe[bits[i]!]));
      block.dense[at * dense.length + i] = x;
    });
    texts.forEach((column, i) => {
      block.texts![at * texts.length + i] = fields[column]!;
    });
    if (partSeparators)
      return categorical.map((column, t) => {
        const parts = partsOf(fields[column]!, partSeparators[t]);
        check(parts !== undefined, () => wrong(column, mustBe.list));
        return parts.map((part) => id(part, t));
      });
    categorical.forEach((column, t) => {
      block.ids[at * tables.length + t] = id(fields[column]!, t);
    });
    return undefined;
  };
  return {
    dense: dense.length,
    tables,
    isLabeled: label !== undefined,
    texts: texts.length,
    columns: {
      ...writing,
      count: header.length,
      positions: [...dense, ...categorical, ...(label === undefined ? [] : [label]), ...texts],
      header: lines,
      empty: missing,
      ...(partSeparators && { partSeparators }),
    },
    empty: `${where} has a header but no row below it; give a file that has rows.`,
    parse,
  };
}

const format = tableFormat({
  name: "csv",
  summary: "a CSV or TSV file with a header, plain or .gz, or several: A,B or day*.csv",
  options: {
    quote: choiceOption(quotings, {
      help: "how fields are quoted, as in RFC 4180 or not at all",
      otherwise: "none in files with tabs, else double",
    }),
  },
  open: (files, columns, { quote }) => streamed(sourceOf(files, { ...columns, ...(quote && { quote }) })),
});

export const csvSource = tableKind(format);
export const csvRows = rowsKind(format);
export const csvKinds = { source: csvSource, rows: csvRows };
