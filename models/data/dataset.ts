/**
 * Categorical ids in the EmbeddingBag convention, sample-major: bag b·T + t holds the ids of table t in sample b,
 * `ids[offsets[b·T+t] … offsets[b·T+t+1])`. A bag may be empty; an id may repeat.
 */
export interface Bags {
  /** Every id of the batch, one after the other; each is a row of its table. */
  readonly ids: Uint32Array;
  /** [samples × tables + 1] where each bag starts; the last entry is `ids.length`. */
  readonly offsets: Uint32Array;
}

/** Numbers of rows: 32 bits of each where a model reads them, 64 where they are as a file has them, to be scaled. */
export type Numbers = Float32Array | Float64Array;

/** What a model reads of B samples with D dense features and T bags each: all that a prediction needs. */
export interface Inputs<Of extends Numbers = Float32Array> {
  readonly size: number;
  /** [B × D] */
  readonly dense: Of;
  readonly bags: Bags;
  /** [B × K] what a file has in columns that are kept as they are, which no model reads. */
  readonly texts?: readonly string[];
}

/** A mini-batch of B samples and their labels: what training and measuring need. */
export interface Batch<Of extends Numbers = Float32Array> extends Inputs<Of> {
  /** [B] 0 or 1 (any number in [0, 1] for a soft label). */
  readonly labels: Float32Array;
  /** [B] how much each row counts, from 0 up. Absent: all alike. */
  readonly weights?: Float32Array;
  /** [B] a number for whatever a row belongs to, such as its user: quality is then measured within each group, too. */
  readonly groups?: Uint32Array;
}

/** How to walk a dataset once: in its own order, or shuffled by (seed, epoch). */
export interface Shuffle {
  readonly seed: number;
  readonly epoch: number;
}

/** Rows of (dense features, categorical bags, label) that can be walked any number of times; of `Inputs` without labels. */
export interface Dataset<Rows extends Inputs<Numbers> = Batch> {
  /** What the rows are, in words that a report can print: "flight delays", "synthetic clicks". */
  readonly name: string;
  /** D, dense features a row. */
  readonly dense: number;
  /** [T] rows of each table: every id of table t is below `tables[t]`. */
  readonly tables: readonly number[];
  /** Number of rows, where it is known without reading everything. */
  readonly rows: number | undefined;
  /** Whether a walk reads memory alone. */
  readonly isInMemory?: true;
  /** Batches of `size` rows, the last one shorter. Without `shuffle`: in the dataset's own order. */
  batches(size: number, shuffle?: Shuffle): AsyncIterable<Rows>;
  /** The rows whose number (0-based, in the dataset's own order) satisfies `keep`. */
  select(keep: (row: number) => boolean): Dataset<Rows>;
}
