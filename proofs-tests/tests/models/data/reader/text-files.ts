import fc from "fast-check";
import { criteoFormat } from "../../../../../models/data/formats/criteo.ts";
import { type CsvColumns, csvFormat } from "../../../../../models/data/formats/csv.ts";
import type { RecordFormat } from "../../../../../models/data/reader/layout.ts";
import { headerOf, type Quoting } from "../../../../../models/data/reader/records.ts";
import { criteoLine } from "../formats/criteo-lines.ts";
import { csvRecord } from "../formats/csv-lines.ts";
import { upTo } from "../rows.ts";

/** Opens a file, whose header may be refused. */
export type Open = (file: string) => Promise<RecordFormat>;

/** A format of text files, and files of it. */
export interface TextFormat {
  readonly name: string;
  readonly text: fc.Arbitrary<Buffer>;
  /** With tables of so many rows. */
  open(size: number): Open;
}

/** Ends of a file: none, or blank lines. */
const lastLines = fc.constantFrom("", "", "\n", "\n\r\n\n", "\n\r\r\n\r");

/** Lines with ends of all kinds, perhaps after a byte order mark, perhaps without the last end or with blank lines. */
const textOf = (lines: fc.Arbitrary<string[]>) =>
  fc
    .tuple(
      lines,
      fc.array(fc.constantFrom("\n", "\r\n"), { minLength: 1 }),
      fc.boolean(),
      fc.boolean(),
      lastLines,
    )
    .map(([all, ends, mark, last, blank]) => {
      const text = all.map((line, i) => line + ends[i % ends.length]!).join("");
      return Buffer.from((mark ? "\uFEFF" : "") + (last ? text : text.replace(/\r?\n$/, "")) + blank);
    });

const columns = { label: "y", dense: ["b", "a"], categorical: ["u", "v", "u"], missing: Number.NaN };
export const header = (separator: string) => ["u", "y", "a", '"x ""x"""', "b", "v"].join(separator);

/** A file under {@link header}. */
export const openCsv =
  (
    size: number,
    quote?: Quoting,
    multi: { readonly [column: string]: string } = {},
    more: Partial<CsvColumns> = {},
  ): Open =>
  async (file) =>
    csvFormat(file, await headerOf(file, quote), { ...columns, multi, ...more }, [size, 2 ** 32, 5]);

export const openCriteo =
  (size: number): Open =>
  async (file) =>
    criteoFormat(
      file,
      upTo(26).map((t) => (t % 3 === 0 ? 2 ** 32 : size)),
    );

export const formats: readonly TextFormat[] = [
  { name: "Criteo", text: textOf(fc.array(criteoLine, { maxLength: 8 })), open: openCriteo },
  ...(
    [
      ["CSV", ",", "double", undefined],
      ["CSV with semicolons", ";", "double", undefined],
      ["TSV", "\t", "none", undefined],
      ["TSV with quotes", "\t", "double", "double"],
      ["CSV with several ids", ",", "double", undefined, { u: "a" }],
      ["TSV with several ids", "\t", "none", undefined, { v: " ", u: "," }],
      ["CSV that is read without labels", ",", "double", undefined, {}, { label: undefined }],
      ["CSV with fields that are kept", ",", "double", undefined, {}, { texts: ["v", "u"] }],
      ["TSV with all of these", "\t", "none", undefined, { v: " " }, { label: undefined, texts: ["y"] }],
    ] as const
  ).map(([name, separator, quote, said, multi, more]) => ({
    name,
    text: textOf(
      fc
        .array(csvRecord(separator, quote), { maxLength: 30 })
        .map((records) => [
          quote === "none" ? header(separator).replace(/"x.*"/, "x") : header(separator),
          ...records,
        ]),
    ),
    open: (size: number) => openCsv(size, said, multi, more),
  })),
];
