import type { Block } from "./block.ts";
import { HEAP, NO_QUOTE, ROWS } from "./kernels/job.ts";
import type { Quoting } from "./records.ts";

/** The records of a text file as the parser needs to know them, and their definition. */
export interface RecordFormat {
  /** Features of a row. */
  readonly dense: number;
  /** Rows of each table, up to 2³². */
  readonly tables: readonly number[];
  /** Whether rows have a label. */
  readonly isLabeled: boolean;
  /** Columns of a CSV file that are kept as they are (default 0). */
  readonly texts?: number;
  /** Of CSV and TSV, whose numbers come in 64 bits; undefined for Criteo's format, whose numbers come in 32. */
  readonly columns?: {
    readonly separator: string;
    readonly quote: Quoting;
    /** Fields of a record. */
    readonly count: number;
    /** Columns of each dense feature, of each table, of the label, if there is one, and those that are kept as they are. */
    readonly positions: readonly number[];
    /** What separates the ids of each table's field, undefined where it is one id. Absent: all are. */
    readonly partSeparators?: readonly (string | undefined)[];
    /** Lines before the first record. */
    readonly header: number;
    /** What an empty field of numbers becomes. */
    readonly empty: number;
  };
  /** What to say of a file without a record. */
  readonly empty: string;
  /**
   * The definition: parses the one record that these lines make, the first of which has number `line`, into row `at`. The
   * parser hands it what is not plain. Where bags have any number of ids, they are not written but returned.
   * @throws InputError for a record that is not of the format.
   */
  parse(lines: readonly string[], line: number, block: Block, at: number): RowBags | undefined;
}

/** [T] the ids of each bag of one row. */
export type RowBags = readonly (readonly number[])[];

/** How the parser's memory is laid out for a format. */
export interface Layout {
  /** Words of the job (`kernels/job.ts`), up to the results. */
  readonly job: Uint32Array;
  /** Address and content of the table sizes, the columns' positions and what separates ids. */
  readonly constants: { readonly at: number; readonly words: Uint32Array };
  /** Where the bytes of the file go: the rest of memory. */
  readonly input: number;
}

/** Lays out the parser's memory: constants, the fields of a record, gaps, rows of all kinds, then bytes of the file. */
export function layoutOf({ dense, tables, isLabeled, texts = 0, columns }: RecordFormat): Layout {
  const { positions, count, partSeparators } = columns ?? { positions: [], count: 0 };
  const separators = (partSeparators ?? []).map((separator) => separator?.charCodeAt(0) ?? 0);
  const empty = new Uint32Array(Float64Array.of(columns?.empty ?? 0).buffer);
  const sizes = tables.map((size) => size % 2 ** 32);
  const words = Uint32Array.from([...empty, ...sizes, ...positions, ...separators]);
  let free = HEAP;
  const place = (length: number, bytes = 4) => {
    const at = Math.ceil(free / bytes) * bytes;
    free = at + bytes * length;
    return at;
  };
  const emptyAt = place(empty.length);
  const sizesAt = place(tables.length);
  const positionsAt = place(positions.length);
  const separatorsAt = place(separators.length);
  const job = Uint32Array.of(
    columns ? columns.separator.charCodeAt(0) : 0,
    columns?.quote === "double" ? '"'.charCodeAt(0) : NO_QUOTE,
    count,
    dense,
    tables.length,
    sizesAt,
    positionsAt,
    place(2 * count),
    place(4 * ROWS),
    isLabeled ? place(ROWS) : 0,
    place(ROWS * dense, columns ? 8 : 4),
    place(ROWS * tables.length * (partSeparators ? 16 : 1)),
    emptyAt,
    free,
    partSeparators ? place(ROWS * tables.length + 1) : 0,
    separatorsAt,
    texts,
    place(2 * ROWS * texts),
  );
  return { job, constants: { at: HEAP, words }, input: free };
}
