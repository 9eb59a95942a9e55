import { check } from "../../../core/errors.ts";
import { firstRowAlone } from "../batches.ts";
import type { Batch, Dataset, Inputs, Numbers } from "../dataset.ts";
import type { Shape } from "../shape.ts";
import { type Features, shapeOf } from "./features.ts";
import { encoderOf } from "./scaling.ts";

/** Where the raw rows, whose first columns are the features, have what else is known of a row. */
export interface Extra {
  /** The column of numbers that is a row's weight. */
  readonly weight?: number | undefined;
  /** The column of ids, one id a row, that is a row's group. */
  readonly group?: number | undefined;
  /** Sees each batch before it is encoded, and after. */
  readonly see?: (raw: Inputs<Numbers>, encoded: Inputs) => void;
}

/**
 * `raw` with its columns made features, of the shape that {@link shapeOf} says: dense values, of which missing ones are NaN,
 * scaled in 64 bits and rounded to 32 last; hashed ids placed in their tables.
 */
export function encoded(raw: Dataset<Batch<Numbers>>, features: Features, extra?: Extra): Dataset;
export function encoded(raw: Dataset<Inputs<Numbers>>, features: Features, extra?: Extra): Dataset<Inputs>;
export function encoded(
  raw: Dataset<Inputs<Numbers>>,
  features: Features,
  extra: Extra = {},
): Dataset<Inputs> {
  const { see } = extra;
  const encode = batchEncoder(raw, features, extra);
  return encodedBy(raw, shapeOf(features), (batch) => {
    const made = encode(batch);
    see?.(batch, made);
    return made;
  });
}

/** The rows that `encode` makes of those of `raw`, and of any selection of them. */
function encodedBy(
  raw: Dataset<Inputs<Numbers>>,
  shape: Pick<Shape, "dense" | "tables">,
  encode: (batch: Inputs<Numbers>) => Inputs,
): Dataset<Inputs> {
  return {
    name: raw.name,
    ...shape,
    get rows() {
      return raw.rows;
    },
    async *batches(size, shuffle) {
      for await (const batch of raw.batches(size, shuffle)) yield encode(batch);
    },
    select: (keep) => encodedBy(raw.select(keep), shape, encode),
  };
}

/** What makes batches of raw ones, which are of this shape. */
export function batchEncoder(
  { name, dense: rawDense, tables: { length: rawTables } }: Shape,
  { dense, categorical }: Features,
  { weight, group }: Extra = {},
): (raw: Inputs<Numbers> & Partial<Batch<Numbers>>) => Inputs {
  const encoders = dense.map(({ scaling }) => encoderOf(scaling));
  const rowsOf = categorical.map(
    ({ rows, vocabulary }) => vocabulary?.rowOf ?? ((hash: number) => hash % rows),
  );
  return (raw) => {
    const { size, labels, texts } = raw;
    const values = new Float32Array(size * Math.max(1, encoders.length)).fill(encoders.length === 0 ? 1 : 0);
    for (const [i, encode] of encoders.entries())
      for (let row = 0; row < size; row++)
        values[row * encoders.length + i] = encode(raw.dense[row * rawDense + i]!);
    const bags = rowsOf.length === 0 ? firstRowAlone(size) : placed(raw, rowsOf, rawTables);
    return {
      size,
      dense: values,
      bags,
      ...(labels && { labels }),
      ...(texts && { texts }),
      ...(weight !== undefined && { weights: weightsOf(raw, rawDense, weight, name) }),
      ...(group !== undefined && { groups: groupsOf(raw, rawTables, group) }),
    };
  };
}

/** The bags of the first tables, each hashed id in its row of them. */
function placed(
  { size, bags }: Inputs<Numbers>,
  rowsOf: readonly ((hash: number) => number)[],
  rawTables: number,
): Inputs["bags"] {
  const offsets = new Uint32Array(size * rowsOf.length + 1);
  const ids = new Uint32Array(bags.ids.length);
  let [bag, end] = [0, 0];
  for (let row = 0; row < size; row++)
    for (const [t, rowOf] of rowsOf.entries()) {
      const from = row * rawTables + t;
      for (let i = bags.offsets[from]!; i < bags.offsets[from + 1]!; i++) ids[end++] = rowOf(bags.ids[i]!);
      offsets[++bag] = end;
    }
  return { ids: ids.subarray(0, end), offsets };
}

function weightsOf({ size, dense }: Inputs<Numbers>, width: number, at: number, name: string): Float32Array {
  const weights = Float32Array.from({ length: size }, (_, row) => dense[row * width + at]!);
  for (const [row, weight] of weights.entries())
    check(
      weight >= 0 && weight < Infinity,
      () =>
        `A weight of "${name}" is ${Number.isNaN(weight) ? "missing" : dense[row * width + at]}; weights are 32-bit numbers from 0 up.`,
    );
  return weights;
}

const groupsOf = ({ size, bags }: Inputs<Numbers>, tables: number, at: number): Uint32Array =>
  Uint32Array.from({ length: size }, (_, row) => bags.ids[bags.offsets[row * tables + at]!]!);
