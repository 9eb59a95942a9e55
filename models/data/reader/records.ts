import { check, InputError, shown, shownWord } from "../../../core/errors.ts";
import { LARGEST, LONGEST } from "./kernels/job.ts";
import { lines } from "./text.ts";

/** What quotes of a file mean: `double`, those of RFC 4180; `none`, they are text. */
export const quotings = ["double", "none"] as const;
export type Quoting = (typeof quotings)[number];

/** How the fields of a file's records are told apart. */
export interface Writing {
  /** Of the first line, outside quotes: a tab where it has one, a semicolon where it has one and no comma, otherwise a comma. */
  readonly separator: string;
  readonly quote: Quoting;
}

/** The first record of a CSV (RFC 4180) or TSV file, and how it is written. */
export interface Header extends Writing {
  /** Names of the columns, without spaces around them. */
  readonly fields: readonly string[];
  /** Lines that it takes. */
  readonly lines: number;
}

/**
 * Reads the header of a file. Where nothing is said of quotes they are text in files with tabs, since programs that write
 * those seldom quote, and a field may begin with an inch mark; elsewhere they are those of RFC 4180.
 * @throws InputError as {@link lines} and {@link fieldsOf}, for lines that end in CR alone, and for a first line without a name.
 */
export async function headerOf(file: string, quote?: Quoting): Promise<Header> {
  const held: string[] = [];
  let bytes = 0;
  let writing: Writing | undefined;
  for await (const chunk of lines(file))
    for (const text of chunk) {
      held.push(text);
      writing ??= writingOf(file, text, quote);
      bytes += Buffer.byteLength(text) + 2; // its end may be two
      if (bytes > LARGEST) throw tooLarge(file, 1);
      const fields = split(held.join("\n"), writing, `${shownWord(file)}, line 1`);
      if (fields) return { ...writing, fields: namesIn(fields, file), lines: held.length };
      if (held.length === LONGEST) throw unclosed(file, 1);
    }
  throw unclosed(file, 1);
}

/** The names of the columns, without spaces around them. Throws an InputError where there is none. */
function namesIn(fields: readonly string[], file: string): string[] {
  const names = fields.map((name) => name.trim());
  check(
    names.some((name) => name !== ""),
    () =>
      `${shownWord(file)}, line 1 names no column, but the header must be the first line; delete what stands above it.`,
  );
  return names;
}

function writingOf(file: string, first: string, quote: Quoting | undefined): Writing {
  check(
    first.lastIndexOf("\r") <= first.lastIndexOf('"'), // within quotes it may be text
    () => `${shownWord(file)} ends its lines in CR alone; convert it, for example with tr '\\r' '\\n'.`,
  );
  const bare = first.replace(/(^|[,;\t])"[^"]*"/g, "$1"); // what quotes hold separates nothing
  const separator = bare.includes("\t") ? "\t" : bare.includes(";") && !bare.includes(",") ? ";" : ",";
  return { separator, quote: quote ?? (separator === "\t" ? "none" : "double") };
}

/**
 * The fields of the one record that these lines make, of which the first has number `line`.
 * @throws InputError for a quoted field that does not end, or goes on after its closing quote.
 */
export function fieldsOf(lines: readonly string[], writing: Writing, file: string, line: number): string[] {
  const fields =
    lines.length > LONGEST ? undefined : split(lines.join("\n"), writing, `${shownWord(file)}, line ${line}`);
  if (!fields) throw unclosed(file, line);
  return fields;
}

const unclosed = (file: string, line: number) =>
  new InputError(
    `${shownWord(file)}, line ${line}: a quoted field that begins here has no closing quote; close it, or double a quote that is text.`,
  );

/** The refusal of a record of more than {@link LARGEST} bytes. */
export const tooLarge = (file: string, line: number) =>
  new InputError(
    `${shownWord(file)}, line ${line}: what begins here has no end within ${LARGEST / 2 ** 20} MiB, the most that a row may take; give a text file with a row in each line.`,
  );

/** The fields of a record, or undefined where it ends within a quoted field and so goes on in the next line. */
function split(text: string, { separator, quote }: Writing, where: string): string[] | undefined {
  if (quote === "none" || !text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  for (let from = 0; ; ) {
    if (text[from] !== '"') {
      const end = text.indexOf(separator, from);
      fields.push(end < 0 ? text.slice(from) : text.slice(from, end));
      if (end < 0) return fields;
      from = end + 1;
      continue;
    }
    const close = closingQuote(text, from + 1);
    if (close < 0) return undefined;
    fields.push(text.slice(from + 1, close).replaceAll('""', '"'));
    if (close + 1 === text.length) return fields;
    check(
      text[close + 1] === separator,
      () =>
        `${where}: field ${fields.length} goes on after its closing quote (${shown(text.slice(close + 1, close + 11))}); double a quote that is text.`,
    );
    from = close + 2;
  }
}

/** Where the first quote from `from` on stands that is not doubled; −1 where there is none. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return -1;
}
