import { check } from "../../../core/errors.ts";
import type { Batch, Dataset } from "../dataset.ts";
import { encoderOf, type Scaling } from "./scaling.ts";

/** A column of numbers and how it is scaled. */
interface DenseFeature {
  readonly column: string;
  readonly scaling: Scaling;
}

/** A column of ids: an id's row is its hash modulo the rows of its table. */
interface IdFeature {
  readonly column: string;
  readonly rows: number;
}

/**
 * What columns become features of a model: whoever has this and other rows of the same columns can read them as the model
 * was trained. It is plain JSON, which a saved model keeps.
 */
export interface Features {
  readonly dense: readonly DenseFeature[];
  readonly categorical: readonly IdFeature[];
}

/** Where the raw rows, whose first columns are the features, have what else is known of a row. */
export interface Extra {
  /** The column of numbers that is a row's weight. */
  readonly weight?: number | undefined;
  /** The column of ids, one id a row, that is a row's group. */
  readonly group?: number | undefined;
}

/**
 * `raw` with its columns made features: dense values scaled, of which missing ones are NaN, and hashed ids folded into
 * their tables. A model needs at least one of either: rows without numbers get a constant 1, rows without ids the one row of a
 * table of its own.
 */
export function encoded(raw: Dataset, features: Features, extra: Extra = {}): Dataset {
  const encode = batchEncoder(raw, features, extra);
  const tables = features.categorical.map(({ rows }) => rows);
  return {
    name: raw.name,
    dense: Math.max(1, features.dense.length),
    tables: tables.length === 0 ? [1] : tables,
    get rows() {
      return raw.rows;
    },
    async *batches(size, shuffle) {
      for await (const batch of raw.batches(size, shuffle)) yield encode(batch);
    },
    select: (keep) => encoded(raw.select(keep), features, extra),
  };
}

function batchEncoder(
  { name, dense: rawDense, tables: { length: rawTables } }: Dataset,
  { dense, categorical }: Features,
  { weight, group }: Extra,
): (raw: Batch) => Batch {
  const encoders = dense.map(({ scaling }) => encoderOf(scaling));
  const sizes = categorical.map(({ rows }) => rows);
  return (raw) => {
    const { size, labels } = raw;
    const values = new Float32Array(size * Math.max(1, encoders.length)).fill(encoders.length === 0 ? 1 : 0);
    for (const [i, encode] of encoders.entries())
      for (let row = 0; row < size; row++)
        values[row * encoders.length + i] = encode(raw.dense[row * rawDense + i]!);
    const bags = sizes.length === 0 ? oneRow(size) : folded(raw, sizes, rawTables);
    return {
      size,
      dense: values,
      bags,
      labels,
      ...(weight !== undefined && { weights: weightsOf(raw, rawDense, weight, name) }),
      ...(group !== undefined && { groups: groupsOf(raw, rawTables, group) }),
    };
  };
}

const oneRow = (size: number) => ({
  ids: new Uint32Array(size),
  offsets: Uint32Array.from({ length: size + 1 }, (_, i) => i),
});

/** The bags of the first tables, each id modulo the rows of its table. */
function folded({ size, bags }: Batch, sizes: readonly number[], rawTables: number): Batch["bags"] {
  const offsets = new Uint32Array(size * sizes.length + 1);
  const ids = new Uint32Array(bags.ids.length);
  let [bag, end] = [0, 0];
  for (let row = 0; row < size; row++)
    for (const [t, rows] of sizes.entries()) {
      const from = row * rawTables + t;
      for (let i = bags.offsets[from]!; i < bags.offsets[from + 1]!; i++) ids[end++] = bags.ids[i]! % rows;
      offsets[++bag] = end;
    }
  return { ids: ids.subarray(0, end), offsets };
}

function weightsOf({ size, dense }: Batch, width: number, at: number, name: string): Float32Array {
  const weights = Float32Array.from({ length: size }, (_, row) => dense[row * width + at]!);
  for (const weight of weights)
    check(
      weight >= 0,
      () =>
        `A weight of "${name}" is ${Number.isNaN(weight) ? "missing" : weight}; weights are numbers from 0 up.`,
    );
  return weights;
}

const groupsOf = ({ size, bags }: Batch, tables: number, at: number): Uint32Array =>
  Uint32Array.from({ length: size }, (_, row) => bags.ids[bags.offsets[row * tables + at]!]!);
