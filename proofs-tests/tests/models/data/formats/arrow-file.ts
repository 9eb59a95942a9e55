import {
  type DataType,
  Field,
  type RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Table,
  type Vector,
  vectorFromArray,
} from "apache-arrow";

/** Columns by their names: type, and values. */
export type Columns = Readonly<Record<string, readonly [DataType, readonly unknown[]]>>;

/** The table that these columns are. */
export function tableOf(columns: Columns): Table {
  const names = Object.keys(columns);
  const schema = new Schema(names.map((name) => new Field(name, columns[name]![0], true)));
  const vectors = names.map((name): [string, Vector] => {
    const [type, values] = columns[name]!;
    return [name, vectorFromArray(values as unknown[], type)];
  });
  return new Table(schema, Object.fromEntries(vectors));
}

/** The bytes of a file, or of a stream, of these columns in batches of so many rows. */
export function arrowBytes(columns: Columns, size: number, kind: "file" | "stream" = "file"): Buffer {
  const writer = kind === "file" ? new RecordBatchFileWriter() : new RecordBatchStreamWriter();
  const whole = tableOf(columns);
  for (let from = 0; from < whole.numRows; from += size)
    for (const batch of whole.slice(from, from + size).batches) writer.write(batch as RecordBatch);
  if (whole.numRows === 0) writer.write(whole);
  writer.finish();
  return Buffer.from(writer.toUint8Array(true));
}
