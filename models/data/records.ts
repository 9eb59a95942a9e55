import { InputError, require } from "../../core/errors.ts";
import { lines } from "./text.ts";

/** One record of a CSV file, and the number of the line on which it begins. */
export interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

/** A quoted field spans at most so many lines: beyond that the quote is a mistake, and the rest of the file not its text. */
const LONGEST = 1000;

/**
 * The records of a CSV (RFC 4180) or TSV file, the header among them, a list for each chunk that is read. The separator is
 * a tab where the first line has one, otherwise a comma.
 * @throws InputError for a quoted field that does not end, or goes on after its closing quote.
 */
export async function* records(file: string): AsyncGenerator<CsvRecord[]> {
  let separator: string | undefined;
  let number = 0;
  let open: { text: string; line: number } | undefined;
  const unclosed = (line: number) =>
    new InputError(
      `${file}, line ${line}: a quoted field that begins here has no closing quote; close it, or double a quote that is text.`,
    );
  for await (const chunk of lines(file)) {
    const complete: CsvRecord[] = [];
    for (const text of chunk) {
      number++;
      separator ??= text.includes("\t") ? "\t" : ",";
      const record: { text: string; line: number } = open
        ? { text: `${open.text}\n${text}`, line: open.line }
        : { text, line: number };
      const fields = split(record.text, separator, `${file}, line ${record.line}`);
      open = fields ? undefined : record;
      if (fields) complete.push({ fields, line: record.line });
      else if (number - record.line >= LONGEST) throw unclosed(record.line);
    }
    if (complete.length > 0) yield complete;
  }
  if (open) throw unclosed(open.line);
}

/** The fields of a record, or undefined where it ends within a quoted field and so goes on in the next line. */
function split(text: string, separator: string, where: string): string[] | undefined {
  if (!text.includes('"')) return text.split(separator);
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
    require(text[close + 1] === separator, () =>
      `${where}: field ${fields.length} goes on after its closing quote ("${text.slice(close + 1, close + 11)}"); double a quote that is text.`);
    from = close + 2;
  }
}

/** Where the first quote from `from` on stands that is not doubled; −1 where there is none. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return -1;
}
