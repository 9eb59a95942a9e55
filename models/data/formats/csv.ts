import { basename } from "node:path";
import { check } from "../../../core/errors.ts";
import { choiceOption, listOption, textOption, wholeOption } from "../../../core/options.ts";
import type { Dataset } from "../dataset.ts";
import { hashText } from "../encoders/hash.ts";
import type { Block } from "../reader/block.ts";
import type { RecordFormat } from "../reader/layout.ts";
import { prefetched } from "../reader/prefetch.ts";
import { fieldsOf, type Header, headerOf, type Quoting, quotings } from "../reader/records.ts";
import { streamed } from "../reader/streamed.ts";
import { checkReadable } from "../reader/text.ts";
import { cutBy, sourceKind, splitOption } from "../source.ts";
import { checkMulti, pairOption, partSeparatorsOf, partsOf, separated } from "./multi.ts";

/** Which columns of a CSV file are what, by their names in its header. */
export interface CsvColumns {
  /** The column of the label, 0 or 1. */
  readonly label: string;
  /** Columns of finite numbers; an empty field is 0. Nothing is scaled. */
  readonly dense: readonly string[];
  /** Columns of ids: any text. One id a row; the empty text is an id like any other. */
  readonly categorical: readonly string[];
  /**
   * Those of them that have several ids a row, and what separates these: one ASCII character, but no quote and not what
   * separates fields. The parts of a field are the ids of its bag; empty parts are none, so that a bag may be empty.
   */
  readonly multi?: { readonly [column: string]: string };
  /** Rows of each table, or one number for all (default 2³²: nothing is folded). */
  readonly rows?: number | readonly number[];
  /** What quotes mean. Default: `none` in files with tabs, `double` (RFC 4180) in all others. */
  readonly quote?: Quoting;
}

/**
 * A CSV or TSV file with a header, plain or gzip; the header tells which of comma, semicolon and tab separates. Fields may be
 * quoted ("a ""b"", c"), also over several lines, but in files with tabs quotes are text. Beside semicolons a number may have
 * a decimal comma. An id's row is the 32-bit MurmurHash3 of its UTF-8 text modulo the size of its table: no vocabulary.
 * @throws InputError, with line number and column, for columns that are not there or twice there, lines of another length,
 *   numbers that are none, labels other than 0 and 1, a file without rows.
 */
export function csv(file: string, columns: CsvColumns): Dataset {
  const { label, dense, categorical, rows = 2 ** 32 } = columns;
  const tables = typeof rows === "number" ? categorical.map(() => rows) : [...rows];
  check(
    tables.length === categorical.length,
    () =>
      `There are ${categorical.length} categorical columns, but ${tables.length} table sizes; give one for each, or one number.`,
  );
  check(
    ![...dense, ...categorical].includes(label),
    () =>
      `The label "${label}" is also a feature, which would give the answer away; leave it out of the features.`,
  );
  checkMulti(columns);
  checkReadable(file);
  return streamed({
    name: basename(file),
    dense: dense.length,
    tables,
    open: () => blocks(file, columns, tables),
  });
}

async function* blocks(file: string, columns: CsvColumns, tables: readonly number[]): AsyncGenerator<Block> {
  yield* prefetched(file, csvFormat(file, await headerOf(file, columns.quote), columns, tables));
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
  const position = positionIn(file, header);
  const plain = (text: string) => (writing.separator === ";" ? text.replace(",", ".") : text);
  const label = position(columns.label);
  const dense = columns.dense.map(position);
  const categorical = columns.categorical.map(position);
  const partSeparators = partSeparatorsOf(columns, file, writing.separator);
  const id = (text: string, t: number) => hashText(text) % tables[t]!;
  const parse: RecordFormat["parse"] = (lines, line, block, at) => {
    const fields = fieldsOf(lines, writing, file, line);
    check(
      fields.length === header.length,
      () =>
        `${file}, line ${line} has ${fields.length} columns, but the header has ${header.length}; separators inside a field need quotes.`,
    );
    const wrong = (column: number, expected: string) =>
      `${file}, line ${line}: column "${header[column]}" is "${fields[column]}", but must be ${expected}.`;
    const y = Number(fields[label]);
    check((y === 0 || y === 1) && fields[label]!.trim() !== "", () =>
      wrong(label, "0 or 1, for it is the label"),
    );
    block.labels[at] = y;
    dense.forEach((column, i) => {
      const x = Math.fround(Number(plain(fields[column]!))); // an empty field is 0
      check(Number.isFinite(x), () => wrong(column, "a finite 32-bit number or empty"));
      block.dense[at * dense.length + i] = x;
    });
    if (partSeparators)
      return categorical.map((column, t) =>
        partsOf(fields[column]!, partSeparators[t]).map((part) => id(part, t)),
      );
    categorical.forEach((column, t) => {
      block.ids[at * tables.length + t] = id(fields[column]!, t);
    });
    return undefined;
  };
  return {
    dense: dense.length,
    tables,
    columns: {
      ...writing,
      count: header.length,
      positions: [label, ...dense, ...categorical],
      header: lines,
      ...(partSeparators && { partSeparators }),
    },
    empty: `${file} has a header but no row below it; give a file that has rows.`,
    parse,
  };
}

/** Finds columns by their names. */
function positionIn(file: string, header: readonly string[]): (name: string) => number {
  const twice = header.find((name, i) => header.indexOf(name) < i);
  check(twice === undefined, () => `${file} has two columns called "${twice}"; rename one.`);
  return (name) => {
    const at = header.indexOf(name);
    check(
      at >= 0,
      () => `${file} has no column "${name}"; its columns are ${header.map((c) => `"${c}"`).join(", ")}.`,
    );
    return at;
  };
}

const namesOption = (help: string) => listOption(textOption({ help }), { form: "A,B", help });

export const csvSource = sourceKind({
  name: "csv",
  summary: "a CSV or TSV file with a header, plain or .gz",
  argument: { form: "FILE" },
  options: {
    label: textOption({ form: "COLUMN", help: "the column with 0 or 1" }),
    dense: namesOption("columns of numbers"),
    categorical: namesOption("columns of ids"),
    multi: listOption(pairOption, {
      form: "NAME:SEP",
      help: "those of them with several ids in a field, and the character between these, or: comma, space, tab",
    }),
    tableRows: wholeOption({
      from: 1,
      to: 2 ** 32,
      help: "rows of each table",
      otherwise: "2³²: nothing is folded",
    }),
    quote: choiceOption(quotings, {
      help: "how fields are quoted, as in RFC 4180 or not at all",
      otherwise: "none in files with tabs, else double",
    }),
    split: splitOption,
  },
  async open(file, { label, dense, categorical, multi = [], tableRows, quote, split }) {
    check(label !== undefined, () => "--data csv:FILE needs --label COLUMN, the column with 0 or 1.");
    check(dense !== undefined, () => "--data csv:FILE needs --dense A,B: at least one column of numbers.");
    check(
      categorical !== undefined,
      () => "--data csv:FILE needs --categorical C,D: at least one column of ids.",
    );
    const columns = { label, dense, categorical, multi: Object.fromEntries(multi.map(separated)) };
    const rows = tableRows === undefined ? {} : { rows: tableRows };
    return cutBy(csv(file!, { ...columns, ...rows, ...(quote && { quote }) }), split);
  },
});
