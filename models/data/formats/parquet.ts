import { check, InputError, shown, shownWord } from "../../../core/errors.ts";
import type { Dataset, Inputs } from "../dataset.ts";
import { hashText } from "../encoders/hash.ts";
import { type Block, emptyBlock, narrowed } from "../reader/block.ts";
import { dataFiles, rowsOf } from "../reader/files.ts";
import { type Source as BlockSource, streamed } from "../reader/streamed.ts";
import {
  bitsOf,
  type Columns,
  isPlain,
  type Labeled,
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
import { resolved } from "./packages.ts";
import { rowsKind } from "./rows.ts";
import { tableFormat, tableKind } from "./table.ts";

/**
 * Parquet files, one or several whose rows follow one another: the same rows as {@link csv} gives of the same content. A
 * number or a truth value is an id by its shortest text: 36, where a CSV file may have 36.0. What is null is missing, which as an id is the empty text. Memory grows with
 * the row groups of a file, not with the file.
 * @throws InputError, with row and column, for columns that are not there or hold lists or dates, numbers that are none or not
 *   finite in 32 bits, labels other than 0 and 1, a file that is damaged, and where the packages that read Parquet are not
 *   installed.
 */
export function parquet(files: string | readonly string[], columns: Labeled<Columns>): Dataset;
export function parquet(files: string | readonly string[], columns: Columns): Dataset<Inputs>;
export function parquet(files: string | readonly string[], columns: Columns): Dataset<Inputs> {
  const source = sourceOf(files, columns);
  return streamed({ ...source, open: () => narrowed(source.open()) });
}

function sourceOf(files: string | readonly string[], columns: Columns & Partial<RawColumns>): BlockSource {
  resolved("Parquet files", ["hyparquet", "hyparquet-compressors"]);
  const tables = tablesOf(columns);
  const found = dataFiles(files, "Parquet");
  return {
    name: found.name,
    dense: columns.dense.length,
    tables,
    open: () => rowsOf(found, (file) => opened(file, columns, tables)),
  };
}

/**
 * Finds the columns of a file; then its rows can be read, a block for each row group. Long: a few lines for each kind of column,
 * all of which need to know where a value stands.
 */
async function opened(
  file: string,
  columns: Columns & Partial<RawColumns>,
  tables: readonly number[],
): Promise<() => AsyncGenerator<Block>> {
  const { missing = 0 } = columns;
  const { names, groups, read } = await reader(file);
  const where = shownWord(file);
  const { label, dense, categorical, texts } = positionsIn(names, columns, where);
  const bits = bitsOf(columns);
  const separators = partSeparatorsOf(columns, where);
  const hashed = (id: string, t: number) => hashText(id) % tables[t]!;
  const idsIn = (value: unknown, t: number) =>
    isPlain(value) ? partsOf(plainText(value), separators?.[t]) : undefined;
  return async function* () {
    let from = 0;
    for (const size of groups) {
      /** Gives `take` what `of` makes of each value of a column. */
      const each = <Value>(
        [column, expected]: readonly [number, string],
        of: (value: unknown) => Value | undefined,
        take: (row: number, value: Value) => void,
      ) =>
        read(column, from, from + size, (row, value) => {
          const found = of(value);
          check(
            found !== undefined,
            () =>
              `${where}, row ${from + row + 1}: column ${shown(names[column])} is ${shown(value)}, but must be ${expected}.`,
          );
          take(row, found);
        });
      const block = emptyBlock(size, dense.length, tables.length, {
        isLabeled: label !== undefined,
        texts: texts.length,
        isWide: true,
      });
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

interface Reader {
  /** Names of the columns. */
  readonly names: readonly string[];
  /** Rows of each row group. */
  readonly groups: readonly number[];
  /** Gives `take` each value of a column in the rows from `from` to `to`, which are numbered from 0. */
  read(column: number, from: number, to: number, take: (row: number, value: unknown) => void): Promise<void>;
}

async function reader(file: string): Promise<Reader> {
  const [{ asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema }, { compressors }] =
    await Promise.all([import("hyparquet"), import("hyparquet-compressors")]);
  const damaged = (reason: string) =>
    new InputError(`${shownWord(file)} cannot be read as Parquet (${reason}); write it again, or as CSV.`);
  const understood = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      throw damaged(shown((error as Error).message));
    });
  const buffer = await asyncBufferFromFile(file);
  const metadata = await understood(parquetMetadataAsync(buffer));
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  return {
    names,
    groups: metadata.row_groups.map(({ num_rows }) => Number(num_rows)),
    async read(column, from, to, take) {
      const chunks: ArrayLike<unknown>[] = [];
      await understood(
        parquetRead({
          file: buffer,
          metadata,
          compressors,
          columns: [names[column]!],
          rowStart: from,
          rowEnd: to,
          // Nobody would hear of an error of this callback, so it only collects.
          onChunk: ({ columnData }) => chunks.push(columnData),
        }),
      );
      const count = chunks.reduce((sum, { length }) => sum + length, 0);
      if (count !== to - from)
        throw damaged(`column ${shown(names[column])} has ${count} values in a group of ${to - from} rows`);
      let row = 0;
      for (const chunk of chunks) for (let i = 0; i < chunk.length; i++) take(row++, chunk[i]);
    },
  };
}

const format = tableFormat({
  name: "parquet",
  summary: "a Parquet file, or several: A,B or day*.parquet",
  options: {},
  open: (files, columns) => streamed(sourceOf(files, columns)),
});

export const parquetSource = tableKind(format);
export const parquetRows = rowsKind(format);
