import { check, InputError, shown, shownWord } from "../../../core/errors.ts";
import type { Dataset } from "../dataset.ts";
import { hashText } from "../encoders/hash.ts";
import { type Block, emptyBlock } from "../reader/block.ts";
import { dataFiles, filesNamed, rowsOf } from "../reader/files.ts";
import { streamed } from "../reader/streamed.ts";
import { sourceKind } from "../source.ts";
import { type Columns, labelIn, mustBe, numberIn, positionsIn, tablesOf } from "./columns.ts";
import { resolved } from "./packages.ts";
import { tableOptions, tableSource } from "./table.ts";

/**
 * Parquet files, one or several whose rows follow one another: the same rows as {@link csv} gives of the same content. A
 * number or a truth value is an id by its shortest text: 36, where a CSV file may have 36.0. What is null is missing, which as an id is the empty text. Memory grows with
 * the row groups of a file, not with the file.
 * @throws InputError, with row and column, for columns that are not there or hold lists or dates, numbers that are none or not
 *   finite in 32 bits, labels other than 0 and 1, a file that is damaged, and where the packages that read Parquet are not
 *   installed.
 */
export function parquet(files: string | readonly string[], columns: Columns): Dataset {
  resolved("Parquet files", ["hyparquet", "hyparquet-compressors"]);
  const tables = tablesOf(columns);
  const found = dataFiles(files, "Parquet");
  return streamed({
    name: found.name,
    dense: columns.dense.length,
    tables,
    open: () => rowsOf(found, (file) => opened(file, columns, tables)),
  });
}

/** Finds the columns of a file; then its rows can be read, a block for each row group. */
async function opened(
  file: string,
  columns: Columns,
  tables: readonly number[],
): Promise<() => AsyncGenerator<Block>> {
  const { missing = 0 } = columns;
  const { names, groups, read } = await reader(file);
  const { label, dense, categorical } = positionsIn(names, columns, shownWord(file));
  return async function* () {
    let from = 0;
    for (const size of groups) {
      const block = emptyBlock(size, dense.length, tables.length);
      /** Reads a column into every `stride`-th cell of `cells`, from cell `first` on. */
      const fill = (
        column: number,
        cells: Float32Array | Uint32Array,
        [first, stride]: readonly [number, number],
        numberOf: (value: unknown) => number | undefined,
        expected: string,
      ) =>
        read(column, from, from + size, (row, value) => {
          const x = numberOf(value);
          check(
            x !== undefined,
            () =>
              `${shownWord(file)}, row ${from + row + 1}: column ${shown(names[column])} is ${shown(value)}, but must be ${expected}.`,
          );
          cells[first + row * stride] = x;
        });
      await fill(label, block.labels, [0, 1], (value) => labelIn(numeral(value)), mustBe.label);
      for (const [i, column] of dense.entries())
        await fill(
          column,
          block.dense,
          [i, dense.length],
          (value) => numberIn(numeral(value), missing),
          mustBe.number,
        );
      for (const [t, column] of categorical.entries())
        await fill(
          column,
          block.ids,
          [t, tables.length],
          (value) => (isPlain(value) ? hashText(text(value)) % tables[t]! : undefined),
          "a text, a number or a truth value",
        );
      if (size > 0) yield block;
      from += size;
    }
  };
}

type Plain = string | number | bigint | boolean | null | undefined;

const isPlain = (value: unknown): value is Plain =>
  value === null || ["string", "number", "bigint", "boolean", "undefined"].includes(typeof value);

/** What a CSV file has for a value. */
const text = (value: Plain): string => String(value ?? "");

/** What a CSV file has for a number, of which truth values are two; something that is none for what can be no number. */
const numeral = (value: unknown): string =>
  !isPlain(value) ? "not plain" : typeof value === "boolean" ? text(Number(value)) : text(value);

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

export const parquetSource = sourceKind({
  name: "parquet",
  summary: "a Parquet file, or several: A,B or day*.parquet",
  argument: { form: "FILE", isOptional: true },
  options: tableOptions,
  open: (file, options, wanted) =>
    tableSource(
      "parquet",
      file,
      options,
      (each, columns) => parquet(filesNamed(each), { ...columns, missing: Number.NaN }),
      wanted,
    ),
});
