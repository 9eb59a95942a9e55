import { check, InputError, shown, shownWord } from "../../../core/errors.ts";
import { counted } from "../../../core/format.ts";
import type { Given } from "../../../core/options.ts";
import type { Dataset } from "../dataset.ts";
import { DistinctSketch, rowsFor, tableInWords } from "../encoders/distinct.ts";
import type { Block } from "../reader/block.ts";
import { dataFiles, filesNamed, rowsOf } from "../reader/files.ts";
import { MISSING } from "../reader/kernels/job.ts";
import type { RecordFormat } from "../reader/layout.ts";
import { prefetched } from "../reader/prefetch.ts";
import { streamed } from "../reader/streamed.ts";
import { cutBy, type Source, sourceKind, splitOption, tablesOption, type Wanted } from "../source.ts";
import { partOf, selected } from "../split.ts";
import { survey } from "../survey.ts";

const DENSE = 13;
const CATEGORICAL = 26;
const COLUMNS = 1 + DENSE + CATEGORICAL;
const ZERO = 48;
const MINUS = 45;

/**
 * Click logs in Criteo's format, one file or several whose rows follow one another, plain or gzip: tab separated, no header; a label, 13 whole numbers (which may be missing
 * or negative), 26 hexadecimal categories of up to 8 digits (which may be missing). A dense value x becomes ln(max(x, 0) + 1),
 * 0 where it is missing. A category is its own row, as a 32-bit number modulo the size of its table: no vocabulary.
 * @param options.tables rows of each of the 26 tables (default 2³² each: nothing is folded).
 * @throws InputError, with the line number, for a line that is not of this format.
 */
export function criteo(
  files: string | readonly string[],
  options: { readonly tables?: readonly number[] } = {},
): Dataset {
  const tables = options.tables ?? new Array<number>(CATEGORICAL).fill(2 ** 32);
  check(
    tables.length === CATEGORICAL,
    () =>
      `Criteo's format has ${CATEGORICAL} tables, but ${tables.length} table sizes are given; give one for each.`,
  );
  const found = dataFiles(files);
  return streamed({
    name: `Criteo clicks (${found.name})`,
    dense: DENSE,
    tables,
    open: () => rowsOf(found, async (file) => () => prefetched(file, criteoFormat(file, tables))),
  });
}

/** The definition of the format; `file` is what its errors name. */
export const criteoFormat = (file: string, tables: readonly number[]): RecordFormat => ({
  dense: DENSE,
  tables,
  isLabeled: true,
  empty: `${shownWord(file)} is empty; give a file that has rows.`,
  parse([line], number, block, at) {
    if (!parse(line!, block, at, tables)) throw wrong(file, number, line!);
  },
});

/** Parses `line` into row `at`; false where it is not of the format (then {@link wrong} finds out why). */
function parse(line: string, block: Block, at: number, tables: readonly number[]): boolean {
  const label = line.charCodeAt(0) - ZERO;
  if (label !== 0 && label !== 1) return false;
  block.labels![at] = label;
  let from = 1; // at the tab before each field
  for (let i = 0; i < DENSE; i++) {
    if (line.charCodeAt(from) !== TAB) return false;
    const to = fieldEnd(line, from + 1);
    const value = whole(line, from + 1, to);
    if (value === undefined) return false;
    block.dense[at * DENSE + i] = value > 0 ? Math.log(value + 1) : 0;
    from = to;
  }
  for (let t = 0; t < CATEGORICAL; t++) {
    if (line.charCodeAt(from) !== TAB) return false;
    const to = fieldEnd(line, from + 1);
    const value = hexadecimal(line, from + 1, to);
    if (value === undefined) return false;
    block.ids[at * CATEGORICAL + t] = value % tables[t]!;
    from = to;
  }
  return from === line.length;
}

const TAB = 9;

function fieldEnd(line: string, from: number): number {
  let end = from;
  while (end < line.length && line.charCodeAt(end) !== TAB) end++;
  return end;
}

/** The whole number at [from, to) of `line`, 0 where that is empty, undefined where it is something else. */
function whole(line: string, from: number, to: number): number | undefined {
  const negative = line.charCodeAt(from) === MINUS;
  const first = negative ? from + 1 : from;
  if (first === to) return negative ? undefined : 0;
  let value = 0;
  for (let i = first; i < to; i++) {
    const digit = line.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** The 1 to 8 hexadecimal digits at [from, to) of `line`, {@link MISSING} where that is empty, undefined otherwise. */
function hexadecimal(line: string, from: number, to: number): number | undefined {
  if (from === to) return MISSING;
  if (to - from > 8) return undefined;
  let value = 0;
  for (let i = from; i < to; i++) {
    const code = line.charCodeAt(i);
    const digit = code <= 57 ? code - ZERO : (code | 32) - 87; // | 32: capitals as small letters
    if (digit < 0 || digit > 15 || (digit < 10 && code > 57)) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

function wrong(file: string, number: number, line: string): InputError {
  const fields = line.split("\t");
  const where = `${shownWord(file)}, line ${number}`;
  if (line.trim() === "") return new InputError(`${where} is blank; only the last lines of a file may be.`);
  if (fields.length !== COLUMNS)
    return new InputError(
      `${where} has ${counted(fields.length, "column")}, but Criteo's format has ${COLUMNS}: a label, ${DENSE} numbers and ${CATEGORICAL} categories, separated by tabs.`,
    );
  if (fields[0] !== "0" && fields[0] !== "1")
    return new InputError(`${where}: the label is ${shown(fields[0])}, but must be 0 or 1.`);
  const dense = fields.slice(1, 1 + DENSE).findIndex((field) => whole(field, 0, field.length) === undefined);
  if (dense >= 0)
    return new InputError(
      `${where}: dense feature ${dense + 1} (column ${dense + 2}) is ${shown(fields[1 + dense])}, but must be a whole number or empty.`,
    );
  const table = fields
    .slice(1 + DENSE)
    .findIndex((field) => hexadecimal(field, 0, field.length) === undefined);
  return new InputError(
    `${where}: category ${table + 1} (column ${table + DENSE + 2}) is ${shown(fields[1 + DENSE + table])}, but must be 1 to 8 hexadecimal digits or empty.`,
  );
}

const criteoOptions = {
  tables: { ...tablesOption, otherwise: "the config's, or four to eight for each id that occurs" },
  split: splitOption,
};

const sizesOf = (options: Given<typeof criteoOptions>, wanted: Wanted): readonly number[] | undefined =>
  options.tables ?? wanted.tables;

export const criteoSource = sourceKind({
  name: "criteo",
  summary: "click logs in Criteo's format, plain or .gz, a file or several: A,B or day_*",
  argument: { form: "FILE" },
  options: criteoOptions,
  async open(argument, options, wanted) {
    const files = filesNamed(argument!);
    const tables = sizesOf(options, wanted);
    if (tables) return cutBy(criteo(files, { tables }), options.split, wanted.watch);
    return (seed) => sized(files, { ...options, seed }, wanted);
  },
  async whole(argument, options, wanted) {
    const tables = sizesOf(options, wanted);
    return criteo(filesNamed(argument!), tables && { tables });
  },
});

/** Rows in tables of sizes that a first walk chooses, by the ids of the rows to train on. */
async function sized(
  files: readonly string[],
  { split: by = splitOption.default, seed }: Given<typeof criteoOptions> & { readonly seed: number },
  { watch }: Wanted,
): Promise<Source> {
  const data = criteo(files);
  const part = await partOf(data, { by, seed });
  const sketches = Array.from({ length: CATEGORICAL }, () => new DistinctSketch());
  const found = await survey([{ data, part }], {
    watch,
    see({ bags: { ids } }, parts) {
      for (const [i, id] of ids.entries())
        if (parts[Math.floor(i / CATEGORICAL)] === "train") sketches[i % CATEGORICAL]!.add(id);
    },
  });
  const tables = sketches.map(rowsFor);
  return {
    ...selected(criteo(files, { tables }), part),
    survey: found,
    columns: tables.map((rows, t) => tableInWords(`category ${t + 1}`, sketches[t]!, { rows })),
  };
}
