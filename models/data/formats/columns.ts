import { check, shown } from "../../../core/errors.ts";
import { checkMulti } from "./multi.ts";

/** Which columns of a file are what, by their names. */
export interface Columns {
  /** The column of the label, 0 or 1. Absent: the rows are read without, to be scored. */
  readonly label?: string | undefined;
  /** Columns of finite numbers. Nothing is scaled. */
  readonly dense: readonly string[];
  /** What an empty or blank field of numbers becomes (default 0), also NaN. */
  readonly missing?: number;
  /** Columns of ids: any text. One id a row; the empty text is an id like any other. */
  readonly categorical: readonly string[];
  /** Rows of each table, or one number for all (default 2³²: nothing is folded). */
  readonly rows?: number | readonly number[];
  /**
   * The categorical columns that have several ids a row, and what separates these: one ASCII character, but no quote and not
   * what separates fields. The parts of a field are the ids of its bag; empty parts are none, so that a bag may be empty.
   */
  readonly multi?: { readonly [column: string]: string };
  /** Columns whose fields are kept as they are, besides. */
  readonly texts?: readonly string[];
}

/** Columns whose numbers keep all of their digits until they are scaled. */
export interface RawColumns extends Columns {
  /** The dense columns whose numbers need only be finite in 64 bits. What is made of all others has 32, and they must fit. */
  readonly wide: readonly string[];
}

/** Columns of rows that have a label. */
export type Labeled<Of> = Of & { readonly label: string };

/**
 * The rows of each table.
 * @throws InputError for columns that cannot be wanted together, whatever the files have.
 */
export function tablesOf(columns: Columns): number[] {
  const { label, dense, categorical, rows = 2 ** 32, missing = 0, texts = [] } = columns;
  const tables = typeof rows === "number" ? categorical.map(() => rows) : [...rows];
  check(
    tables.length === categorical.length,
    () =>
      `There are ${categorical.length} categorical columns, but ${tables.length} table sizes; give one for each, or one number.`,
  );
  check(
    label === undefined || ![...dense, ...categorical].includes(label),
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
    ["kept", texts],
  ] as const) {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    check(
      twice === undefined,
      () => `Column ${shown(twice)} stands twice among the ${list} columns; name it once.`,
    );
  }
  checkMulti(columns);
  return tables;
}

/** Columns that a file may have. */
const MOST_COLUMNS = 4096;

/** Where a header has the columns; `where` it stands, for sentences. */
export function positionsIn(header: readonly string[], columns: Columns, where: string) {
  check(
    header.length <= MOST_COLUMNS,
    () =>
      `The header of ${where} has ${header.length} columns, but may have ${MOST_COLUMNS} at most; keep those that are used.`,
  );
  const position = (name: string) => {
    const at = header.indexOf(name);
    check(at >= 0, () => `${where} has no column ${shown(name)}; its columns are ${listed(header)}.`);
    check(
      header.lastIndexOf(name) === at,
      () => `${where} has two columns called ${shown(name)}; rename one.`,
    );
    return at;
  };
  return {
    label: columns.label === undefined ? undefined : position(columns.label),
    dense: columns.dense.map(position),
    categorical: columns.categorical.map(position),
    texts: (columns.texts ?? []).map(position),
  };
}

/** The label that a text is, if it is one. */
export const labelIn = (text: string): number | undefined =>
  text.trim() === "" || (Number(text) !== 0 && Number(text) !== 1) ? undefined : Number(text);

/** The bits in which each dense column's numbers must be finite. */
export const bitsOf = ({ dense, wide = [] }: Columns & Partial<RawColumns>): (32 | 64)[] =>
  dense.map((column) => (wide.includes(column) ? 64 : 32));

/** The number that a text is, `missing` where it is empty or blank; undefined where it is none, or not finite in so many bits. */
export function numberIn(text: string, missing: number, bits: 32 | 64): number | undefined {
  if (text.trim() === "") return missing;
  const x = Number(text);
  return Number.isFinite(bits === 32 ? Math.fround(x) : x) ? x : undefined;
}

/** A value that is no text yet, and can be one. */
type Plain = string | number | bigint | boolean | null | undefined;

export const isPlain = (value: unknown): value is Plain =>
  value === null || ["string", "number", "bigint", "boolean", "undefined"].includes(typeof value);

/** What a CSV file has for a value. */
export const plainText = (value: Plain): string => String(value ?? "");

/** What a CSV file has for a number, of which truth values are two; something that is none for what can be no number. */
export const numeral = (value: unknown): string =>
  !isPlain(value) ? "not plain" : plainText(typeof value === "boolean" ? Number(value) : value);

/** What a label, a number and an id must be, in a sentence. */
export const mustBe = {
  label: "0 or 1, for it is the label",
  32: "a finite 32-bit number, or empty where it is missing",
  64: "a finite number, or empty where it is missing",
  id: "a text, a number or a truth value",
  ids: "a text, a number, a truth value, or a list of them",
  list: "ids and what separates them, without brackets or quotes",
};

/** The first names of a list, and how many more there are. */
export const listed = (names: readonly string[], most = 20): string =>
  names.slice(0, most).map(shown).join(", ") +
  (names.length > most ? ` and ${names.length - most} more` : "");
