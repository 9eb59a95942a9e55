import { check, shown, shownWord } from "../../../core/errors.ts";
import type { Dataset, Inputs } from "../dataset.ts";
import { narrowed } from "../reader/block.ts";
import { type Source as BlockSource, streamed } from "../reader/streamed.ts";
import { type Batch, batchOf, type ValueList, type ValueOf } from "./arrow/columns.ts";
import { kinds, type Message, messages } from "./arrow/messages.ts";
import { type Field, fieldsOf, strange } from "./arrow/schema.ts";
import type { Columns, Labeled, RawColumns } from "./columns.ts";
import { rowsKind } from "./rows.ts";
import { tableFormat, tableKind } from "./table.ts";
import { type TypedFile, type TypedGroup, typedSource, understood } from "./typed.ts";

/**
 * Files of Arrow's columns, which Feather (version 2) is, too, or streams of them, one or several whose rows follow one another:
 * the same rows as {@link csv} gives of the same content. Whole numbers, floats, truth values and texts are read, also of
 * dictionaries, of views, and packed by LZ4; by zstd where `hyparquet-compressors` is installed. A number or a truth value is
 * an id by its shortest text: 36, where a CSV file may have 36.0. What is null is missing, which as an id is the empty text.
 * Memory grows with the batches of a file and its dictionaries, not with the file.
 * @throws InputError, with row and column, for columns that are not there or hold lists, dates or decimals, numbers that are none
 *   or not finite in 32 bits, labels other than 0 and 1, and a file that is damaged or cut short.
 */
export function arrow(files: string | readonly string[], columns: Labeled<Columns>): Dataset;
export function arrow(files: string | readonly string[], columns: Columns): Dataset<Inputs>;
export function arrow(files: string | readonly string[], columns: Columns): Dataset<Inputs> {
  const source = sourceOf(files, columns);
  return streamed({ ...source, open: () => narrowed(source.open()) });
}

const sourceOf = (files: string | readonly string[], columns: Columns & Partial<RawColumns>): BlockSource =>
  typedSource(files, "Arrow", columns, opened);

/** Rows of a batch, which may have any number, that are read together. */
const TOGETHER = 65_536;

async function opened(file: string): Promise<TypedFile> {
  const fields = await understood(file, "Arrow", schemaOf(file));
  return {
    names: fields.map(({ name }) => name),
    async *groups() {
      const batches = batchesOf(file, fields);
      try {
        for (;;) {
          const { done, value } = await understood(file, "Arrow", batches.next());
          if (done) return;
          yield* groupsOf(file, fields, value);
        }
      } finally {
        await batches.return(undefined);
      }
    },
  };
}

/** The rows of a batch, at most so many at a time: what is asked of a row takes no more memory, however many there are. */
function* groupsOf(file: string, fields: readonly Field[], { batch, list }: Rows): Generator<TypedGroup> {
  const known = new Map<number, Promise<ValueOf>>();
  for (let from = 0; from < batch.size; from += TOGETHER) {
    const size = Math.min(TOGETHER, batch.size - from);
    yield {
      size,
      async read(column, take) {
        const field = fields[column]!;
        const other = strange(field);
        check(
          other === undefined,
          () =>
            `${shownWord(file)}: column ${shown(field.name)} holds ${other}, but must hold texts, numbers or truth values; make these of them.`,
        );
        if (!known.has(column)) known.set(column, batch.values(column, list));
        const values = async () => {
          const of = await known.get(column)!;
          for (let row = 0; row < size; row++) take(row, of(from + row));
        };
        await understood(file, "Arrow", values());
      },
    };
  }
}

/** A batch, and the dictionaries as they are when it comes. */
interface Rows {
  readonly batch: Batch;
  list(id: number): ValueList;
}

async function schemaOf(file: string): Promise<Field[]> {
  for await (const { kind, header } of messages(file)) {
    if (kind !== kinds.schema) break;
    return fieldsOf(header);
  }
  throw new RangeError("it does not begin with a schema");
}

async function* batchesOf(file: string, fields: readonly Field[]): AsyncGenerator<Rows> {
  const dictionaries = new Map<number, ValueList>();
  for await (const message of messages(file)) {
    const { kind, header } = message;
    if (kind === kinds.dictionary) {
      const [id, rows] = [header.long(0), header.table(1)];
      const field = fields.find(({ dictionary }) => dictionary?.id === id);
      if (field === undefined || rows === undefined || strange(field)) continue; // of a part of a column, or of no use
      const own = await listOf(field, { ...message, rows });
      const before = header.byte(2) === 1 ? dictionaries.get(id) : undefined; // more of it, or all of it
      dictionaries.set(id, before ? joined(before, own) : own);
    }
    if (kind !== kinds.rows) continue;
    const now = new Map(dictionaries);
    yield {
      batch: batchOf(fields, { ...message, rows: header }),
      list: (id) => now.get(id) ?? missing(),
    };
  }
}

function missing(): never {
  throw new RangeError("a dictionary is missing");
}

/** The values of a dictionary that a message has. */
async function listOf(
  { dictionary: _, ...field }: Field,
  message: Message & { readonly rows: Message["header"] },
): Promise<ValueList> {
  const batch = batchOf([field], message);
  return { length: batch.size, at: await batch.values(0, missing) };
}

const joined = (first: ValueList, second: ValueList): ValueList => ({
  length: first.length + second.length,
  at: (i) => (i < first.length ? first.at(i) : second.at(i - first.length)),
});

const format = tableFormat({
  name: "arrow",
  summary: "an Arrow or Feather file, or a stream, or several: A,B or day*.arrow",
  options: {},
  open: (files, columns) => streamed(sourceOf(files, columns)),
});

export const arrowSource = tableKind(format);
const arrowRows = rowsKind(format);
export const arrowKinds = { source: arrowSource, rows: arrowRows };
