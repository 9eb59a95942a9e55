import { shown } from "../../../core/errors.ts";
import type { Dataset, Inputs } from "../dataset.ts";
import { narrowed } from "../reader/block.ts";
import { type Source as BlockSource, streamed } from "../reader/streamed.ts";
import type { Columns, Labeled, RawColumns } from "./columns.ts";
import { resolved } from "./packages.ts";
import { rowsKind } from "./rows.ts";
import { tableFormat, tableKind } from "./table.ts";
import { damaged, type TypedFile, typedSource, understood } from "./typed.ts";

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

const sourceOf = (files: string | readonly string[], columns: Columns & Partial<RawColumns>): BlockSource => {
  resolved("Parquet files", ["hyparquet", "hyparquet-compressors"]);
  return typedSource(files, "Parquet", columns, opened);
};

/** Reads what a file has; a group is a row group. */
async function opened(path: string): Promise<TypedFile> {
  const [{ asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema }, { compressors }] =
    await Promise.all([import("hyparquet"), import("hyparquet-compressors")]);
  const file = await asyncBufferFromFile(path);
  const metadata = await understood(path, "Parquet", parquetMetadataAsync(file));
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  return {
    names,
    *groups() {
      let from = 0;
      for (const { num_rows } of metadata.row_groups) {
        const [rowStart, size] = [from, Number(num_rows)];
        yield {
          size,
          async read(column, take) {
            const chunks: ArrayLike<unknown>[] = [];
            const [columns, rowEnd] = [[names[column]!], rowStart + size];
            // Nobody would hear of an error of this callback, so it only collects.
            const onChunk = ({ columnData }: { columnData: ArrayLike<unknown> }) => chunks.push(columnData);
            const reading = { file, metadata, compressors, columns, rowStart, rowEnd, onChunk };
            await understood(path, "Parquet", parquetRead(reading));
            const count = chunks.reduce((sum, { length }) => sum + length, 0);
            if (count !== size)
              throw damaged(
                path,
                "Parquet",
                `column ${shown(names[column])} has ${count} values in a group of ${size} rows`,
              );
            let row = 0;
            for (const chunk of chunks) for (let i = 0; i < chunk.length; i++) take(row++, chunk[i]);
          },
        };
        from += size;
      }
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
export const parquetKinds = { source: parquetSource, rows: parquetRows };
