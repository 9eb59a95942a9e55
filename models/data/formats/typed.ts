import { check, InputError, shown, shownWord } from "../../../core/errors.ts";
import { hashText } from "../encoders/hash.ts";
import { type Block, emptyBlock } from "../reader/block.ts";
import type { Kind } from "../reader/file.ts";
import { dataFiles, rowsOf } from "../reader/files.ts";
import type { Source } from "../reader/streamed.ts";
import {
  bitsOf,
  type Columns,
  isPlain,
  labelIn,
  mustBe,
  numberIn,
  numeral,
  plainText,
  positionsIn,
  type RawColumns,
  tablesOf,
} from "./columns.ts";
import { partSeparatorsOf, partsOf } from "./multi.ts";

/** A file whose columns have values of types, not texts. */
export interface TypedFile {
  /** Names of the columns. */
  readonly names: readonly string[];
  /** Its rows in their order, some at a time. */
  groups(): AsyncIterable<TypedGroup> | Iterable<TypedGroup>;
}

/** Rows that are read together. */
export interface TypedGroup {
  readonly size: number;
  /** Gives `take` the value that each row has in a column; null where there is none. */
  read(column: number, take: (row: number, value: unknown) => void): Promise<void>;
}

/**
 * The rows of these files as they are, which `open` opens. What is null is missing, which as an id is the empty text.
 * @throws InputError, with row and column, for columns that are not there, and values that are none of theirs.
 */
export function typedSource(
  files: string | readonly string[],
  kind: Kind,
  columns: Columns & Partial<RawColumns>,
  open: (file: string) => Promise<TypedFile>,
): Source {
  const tables = tablesOf(columns);
  const found = dataFiles(files, kind);
  return {
    name: found.name,
    dense: columns.dense.length,
    tables,
    open: () => rowsOf(found, async (file) => blocksOf(file, await open(file), columns, tables)),
  };
}

/** What `work` gives; what it throws, but for a sentence, is damage of a file of this kind. */
export const understood = <Result>(file: string, kind: Kind, work: Promise<Result>): Promise<Result> =>
  work.catch((error: unknown) => {
    throw error instanceof InputError ? error : damaged(file, kind, shown((error as Error).message));
  });

export const damaged = (file: string, kind: Kind, reason: string): InputError =>
  new InputError(`${shownWord(file)} cannot be read as ${kind} (${reason}); write it again, or as CSV.`);

/**
 * Finds the columns of a file; then its rows can be read, a block for each group. Long: a few lines for each kind of column,
 * all of which need to know where a value stands.
 */
function blocksOf(
  file: string,
  { names, groups }: TypedFile,
  columns: Columns & Partial<RawColumns>,
  tables: readonly number[],
): () => AsyncGenerator<Block> {
  const { missing = 0 } = columns;
  const where = shownWord(file);
  const { label, dense, categorical, texts } = positionsIn(names, columns, where);
  const bits = bitsOf(columns);
  const separators = partSeparatorsOf(columns, where);
  const has = { isLabeled: label !== undefined, texts: texts.length, isWide: true };
  const hashed = (id: string, t: number) => hashText(id) % tables[t]!;
  const idsIn = (value: unknown, t: number) =>
    isPlain(value) ? partsOf(plainText(value), separators?.[t]) : undefined;
  return async function* () {
    let from = 0;
    for await (const { size, read } of groups()) {
      /** Gives `take` what `of` makes of each value of a column. */
      const each = <Value>(
        [column, expected]: readonly [number, string],
        of: (value: unknown) => Value | undefined,
        take: (row: number, value: Value) => void,
      ) =>
        read(column, (row, value) => {
          const found = of(value);
          check(
            found !== undefined,
            () =>
              `${where}, row ${from + row + 1}: column ${shown(names[column])} is ${shown(value)}, but must be ${expected}.`,
          );
          take(row, found);
        });
      const block = emptyBlock(size, dense.length, tables.length, has);
      if (label !== undefined)
        await each(
          [label, mustBe.label],
          (value) => labelIn(numeral(value)),
          (row, y) => {
            block.labels![row] = y;
          },
        );
      for (const [i, column] of dense.entries())
        await each(
          [column, mustBe[bits[i]!]],
          (value) => numberIn(numeral(value), missing, bits[i]!),
          (row, x) => {
            block.dense[row * dense.length + i] = x;
          },
        );
      const bags = separators && tables.map(() => new TableBags(size));
      for (const [t, column] of categorical.entries())
        await each(
          [column, separators?.[t] === undefined ? mustBe.id : mustBe.list],
          (value) => idsIn(value, t),
          (row, ids) => {
            if (!bags) block.ids[row * tables.length + t] = hashed(ids[0]!, t);
            else for (const id of ids) bags[t]!.add(row, hashed(id, t));
          },
        );
      for (const [i, column] of texts.entries())
        await each(
          [column, mustBe.id],
          (value) => (isPlain(value) ? plainText(value) : undefined),
          (row, text) => {
            block.texts![row * texts.length + i] = text;
          },
        );
      if (size > 0) yield bags ? { ...block, ...together(size, bags) } : block;
      from += size;
    }
  };
}

/** The bags of one table, which come row by row. */
class TableBags {
  readonly ids: number[] = [];
  /** Ids of each row. */
  readonly counts: Uint32Array;

  constructor(size: number) {
    this.counts = new Uint32Array(size);
  }

  add(row: number, id: number): void {
    this.ids.push(id);
    this.counts[row]!++;
  }
}

/** The bags of all tables as a block has them: those of a row side by side. */
function together(size: number, tables: readonly TableBags[]): Pick<Block, "ids"> & { offsets: Uint32Array } {
  const T = tables.length;
  const offsets = new Uint32Array(size * T + 1);
  for (let bag = 0; bag < size * T; bag++)
    offsets[bag + 1] = offsets[bag]! + tables[bag % T]!.counts[Math.floor(bag / T)]!;
  const ids = new Uint32Array(offsets[size * T]!);
  for (const [t, own] of tables.entries()) {
    let next = 0;
    for (let bag = t; bag < size * T; bag += T)
      for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++) ids[i] = own.ids[next++]!;
  }
  return { ids, offsets };
}
