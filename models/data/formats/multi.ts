import { check, shown } from "../../../core/errors.ts";
import { type Option, textOption } from "../../../core/options.ts";
import { isPartSeparator } from "../encoders/features.ts";

/** Which of the categorical columns have several ids a field, and what separates these. */
interface MultiColumns {
  readonly categorical: readonly string[];
  readonly multi?: { readonly [column: string]: string };
}

/** Throws an InputError for a column that is not categorical, and for what is not one ASCII character. */
export function checkMulti({ categorical, multi = {} }: MultiColumns): void {
  for (const [column, separator] of Object.entries(multi)) {
    check(
      categorical.includes(column),
      () =>
        `The column ${shown(column)} of several ids is not among the categorical ones; name it there, too.`,
    );
    check(
      isPartSeparator(separator),
      () =>
        `What separates the ids of column ${shown(column)} must be one ASCII character and no quote, but it is ${JSON.stringify(separator.slice(0, 20))}.`,
    );
  }
}

/**
 * What separates the ids of each categorical column; undefined where none has several.
 * @param between what separates the columns of `file`, if anything does. Throws an InputError where it is the same.
 */
export function partSeparatorsOf({ categorical, multi = {} }: MultiColumns, file: string, between?: string) {
  const separators = new Map(Object.entries(multi));
  for (const [column, separator] of separators)
    check(
      separator !== between,
      () =>
        `${file} separates its columns by ${JSON.stringify(between)}, so the ids of column ${shown(column)} must be separated by another character.`,
    );
  return separators.size === 0 ? undefined : categorical.map((column) => separators.get(column));
}

/** The ids of a field, all but empty ones; the field itself where nothing separates any. */
export const partsOf = (field: string, separator: string | undefined): readonly string[] =>
  separator === undefined ? [field] : field.split(separator).filter((part) => part !== "");

/** `genres:|`: a column, and what separates its ids. Such pairs stand in a list, of which commas and spaces are no part. */
const pair = /^(?<column>.+):(?<separator>.|comma|space|tab)$/u;
const named: { readonly [word: string]: string } = { comma: ",", space: " ", tab: "\t" };

/** A text that {@link separated} takes apart. */
export const pairOption: Option<string> = {
  ...textOption({ help: "" }),
  accept(value, name) {
    check(
      typeof value === "string" && pair.test(value),
      () =>
        `${name} must be NAME:SEP, as in genres:|, where SEP is one character or comma, space or tab, but it is ${shown(value)}.`,
    );
    return value;
  },
};

/** The column of a pair, and what separates its ids. */
export function separated(text: string): [column: string, separator: string] {
  const { column, separator } = pair.exec(text)!.groups as { column: string; separator: string };
  return [column, named[separator] ?? separator];
}

/** What {@link separated} takes apart into these. */
export const pairOf = (column: string, separator: string): string =>
  `${column}:${Object.keys(named).find((word) => named[word] === separator) ?? separator}`;
