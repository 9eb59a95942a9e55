import { check, InputError } from "../../../core/errors.ts";
import { LONGEST } from "./kernels/job.ts";
import { lines } from "./text.ts";

/** The first record of a CSV (RFC 4180) or TSV file, and how it is written. */
export interface Header {
  readonly fields: readonly string[];
  /** A tab where the first line has one, otherwise a comma. */
  readonly separator: string;
  /** Lines that it takes. */
  readonly lines: number;
}

/**
 * Reads the header of a file.
 * @throws InputError as {@link lines} and {@link fieldsOf}.
 */
export async function headerOf(file: string): Promise<Header> {
  const held: string[] = [];
  let separator = "";
  for await (const chunk of lines(file))
    for (const text of chunk) {
      held.push(text);
      separator ||= text.includes("\t") ? "\t" : ",";
      const fields = split(held.join("\n"), separator, `${file}, line 1`);
      if (fields) return { fields, separator, lines: held.length };
      if (held.length === LONGEST) throw unclosed(file, 1);
    }
  throw unclosed(file, 1);
}

/**
 * The fields of the one record that these lines make, of which the first has number `line`.
 * @throws InputError for a quoted field that does not end, or goes on after its closing quote.
 */
export function fieldsOf(lines: readonly string[], separator: string, file: string, line: number): string[] {
  const fields =
    lines.length > LONGEST ? undefined : split(lines.join("\n"), separator, `${file}, line ${line}`);
  if (!fields) throw unclosed(file, line);
  return fields;
}

const unclosed = (file: string, line: number) =>
  new InputError(
    `${file}, line ${line}: a quoted field that begins here has no closing quote; close it, or double a quote that is text.`,
  );

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
    check(
      text[close + 1] === separator,
      () =>
        `${where}: field ${fields.length} goes on after its closing quote ("${text.slice(close + 1, close + 11)}"); double a quote that is text.`,
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
