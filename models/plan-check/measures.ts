import { eachRead } from "../../core/lookup.ts";
import { once } from "../../core/once.ts";
import { random } from "../../core/random.ts";
import { signRow } from "../../theory/dense-codes.ts";
import { eigenvalues, orthonormal, products, squaredDistance } from "../../theory/matrix.ts";
import type { Promised } from "../../theory/plan.ts";
import { sparseCodesSize } from "../../theory/sparse-codes.ts";
import { dot, squared } from "../../theory/world.ts";
import { robeScheme } from "../robe.ts";
import { lookupOf, type SharingScheme, type TableShape } from "../sharing.ts";
import { columnsOf, type DrawnTable } from "./tables.ts";

/** A promise with what it was asked for. */
export interface Asked extends Promised {
  readonly delta: number;
  readonly queries: number;
  readonly rank: number;
  readonly stableRank: number;
}

/** How a statement's promise is tried on a table. */
export interface Measure {
  /** Why it cannot be, on this table; undefined where it can. */
  unfit?(table: DrawnTable, asked: Asked): string | undefined;
  /** Steps of one draw, of some tens of nanoseconds each: a hash, or a few multiplications. */
  work(table: DrawnTable, asked: Asked): number;
  /** The error of one draw of the hashes, on the scale of ε. */
  error(table: DrawnTable, asked: Asked, seed: number): number;
}

/** Rows that are looked up at once. */
const together = 8192;

/** R·v for each of some [rows × dim] vectors. */
function sketched(
  scheme: SharingScheme,
  shape: TableShape,
  vectors: readonly Float64Array[],
): Float64Array[] {
  const [rows] = shape.tables as [number];
  const sums = vectors.map(() => new Float64Array(scheme.memory));
  for (let first = 0; first < rows; first += together) {
    const count = Math.min(together, rows - first);
    const ids = Uint32Array.from({ length: count }, (_, i) => first + i);
    const lookup = lookupOf(scheme, shape, { ids, offsets: Uint32Array.of(0, count) }, true);
    eachRead(lookup, (row, column, slot, sign) => {
      const k = (first + row) * shape.dim + column;
      for (let v = 0; v < vectors.length; v++) sums[v]![slot]! += sign * vectors[v]![k]!;
    });
  }
  return sums;
}

const robeOf = ({ rows, dim }: DrawnTable, memory: number, seed: number) => {
  const shape = { tables: [rows], dim };
  return { shape, scheme: robeScheme(shape, { memory, seed }) };
};

/** A vector that has something in common with the table: half of it, and noise of its own. */
const companion = once(({ weights }: DrawnTable): Float64Array => {
  const stream = random(1, "companion");
  const size = Math.sqrt(squared(weights) / weights.length);
  return weights.map((v) => v / 2 + size * stream.normal());
});

const columns = once(columnsOf);
const basis = once((table: DrawnTable) => orthonormal(columns(table)));
const gramOf = once((table: DrawnTable) => products(columns(table), columns(table)));
const largestOf = once((table: DrawnTable) => eigenvalues(gramOf(table)).at(-1)!);
const columnNorms = once((table: DrawnTable) => columns(table).map((c) => Math.sqrt(squared(c))));

/** The products of some columns, rows sketched whole. */
function sketchedProducts(table: DrawnTable, of: readonly Float64Array[], rows: number, seed: number) {
  const shape = { tables: [table.rows], dim: 1 };
  const made = sketched(robeScheme(shape, { memory: rows, seed }), shape, of);
  return products(made, made);
}

/** max |Ê_ik − E_ik| / ‖E_{:,k}‖, given what fills in the estimates of a row. */
function worstEntry(table: DrawnTable, estimate: (row: number, into: Float64Array) => void): number {
  const { rows, dim, weights } = table;
  const norms = columnNorms(table);
  const estimates = new Float64Array(dim);
  let worst = 0;
  for (let i = 0; i < rows; i++) {
    estimate(i, estimates);
    for (let c = 0; c < dim; c++)
      worst = Math.max(worst, Math.abs(estimates[c]! - weights[i * dim + c]!) / norms[c]!);
  }
  return worst;
}

function denseCodesError(table: DrawnTable, { floats }: Asked, seed: number): number {
  const { rows, dim, weights } = table;
  const m = floats / dim;
  const code = (i: number): Int8Array => {
    const stream = random(seed, `code ${i}`);
    return signRow(m, () => stream.bits());
  };
  const memory = new Float64Array(floats);
  for (let i = 0; i < rows; i++) {
    const own = code(i);
    const row = weights.subarray(i * dim, (i + 1) * dim).map((v) => v / m);
    for (let s = 0, at = 0; s < m; s++) for (let c = 0; c < dim; c++, at++) memory[at]! += own[s]! * row[c]!;
  }
  return worstEntry(table, (i, into) => {
    const own = code(i);
    into.fill(0);
    for (let s = 0, at = 0; s < m; s++) for (let c = 0; c < dim; c++, at++) into[c]! += own[s]! * memory[at]!;
  });
}

function sparseCodesError(table: DrawnTable, { epsilon, delta }: Asked, seed: number): number {
  const { rows, dim, weights } = table;
  const { t, w } = sparseCodesSize(rows * dim, epsilon, delta);
  const hashes = Array.from({ length: t }, (_, j) => {
    const stream = random(seed, `row hash ${j}`);
    const places = Uint32Array.from({ length: rows }, () => stream.integer(w));
    const signs = Int8Array.from({ length: rows }, () => 2 * stream.integer(2) - 1);
    const memory = new Float64Array(w * dim);
    for (let i = 0; i < rows; i++) {
      for (let c = 0; c < dim; c++) memory[places[i]! * dim + c]! += signs[i]! * weights[i * dim + c]!;
    }
    return { places, signs, memory };
  });
  const all = new Float64Array(t);
  return worstEntry(table, (i, into) => {
    for (let c = 0; c < dim; c++) {
      for (const [j, { places, signs, memory }] of hashes.entries())
        all[j] = signs[i]! * memory[places[i]! * dim + c]!;
      into[c] = all.sort()[(t - 1) / 2]!;
    }
  });
}

/** max |‖Πa − Πb‖² / ‖a − b‖² − 1| over all pairs of rows. */
function distancesError(table: DrawnTable, { floats }: Asked, seed: number): number {
  const { rows, dim, weights } = table;
  const m = floats / rows;
  const stream = random(seed, "projection");
  const signs = Array.from({ length: dim }, () => signRow(m, () => stream.bits()));
  const row = (i: number) => weights.subarray(i * dim, (i + 1) * dim);
  const projected = Array.from({ length: rows }, (_, i) =>
    Float64Array.from({ length: m }, (_, s) => row(i).reduce((sum, v, c) => sum + v * signs[c]![s]!, 0)),
  );
  let worst = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const exact = squared(row(i).map((v, c) => v - row(j)[c]!));
      const got = squared(projected[i]!.map((v, s) => v - projected[j]![s]!)) / m;
      worst = Math.max(worst, Math.abs(got / exact - 1));
    }
  }
  return worst;
}

function readOutsError(table: DrawnTable, { floats, queries }: Asked, seed: number): number {
  const { rows, dim, weights } = table;
  const { scheme, shape } = robeOf(table, floats, seed);
  const [memory] = sketched(scheme, shape, [weights]) as [Float64Array];
  const stream = random(seed, "rows to read");
  const ids = Uint32Array.from({ length: queries }, () => stream.integer(rows));
  const read = new Float64Array(queries);
  const lookup = lookupOf(scheme, shape, { ids, offsets: Uint32Array.of(0, queries) }, true);
  eachRead(lookup, (q, column, slot, sign) => {
    read[q]! += weights[ids[q]! * dim + column]! * sign * memory[slot]!;
  });
  const size = Math.sqrt(squared(weights));
  return ids.reduce((worst, id, q) => {
    const exact = squared(weights.subarray(id * dim, (id + 1) * dim));
    return Math.max(worst, Math.abs(read[q]! - exact) / (Math.sqrt(exact) * size));
  }, 0);
}

/** A weight is hashed, found and added. */
const toSketch = ({ rows, dim }: DrawnTable): number => 5 * rows * dim;

/** By statement: how each promise of a plan is tried. */
export const measures: Readonly<Record<string, Measure>> = {
  R3: {
    work: toSketch,
    error(table, { floats }, seed) {
      const { scheme, shape } = robeOf(table, floats, seed);
      const [memory] = sketched(scheme, shape, [table.weights]);
      return Math.abs(squared(memory!) / squared(table.weights) - 1);
    },
  },
  R4: {
    work: (table) => 2 * toSketch(table),
    error(table, { floats }, seed) {
      const { scheme, shape } = robeOf(table, floats, seed);
      const [x, y] = [table.weights, companion(table)];
      const [rx, ry] = sketched(scheme, shape, [x, y]);
      return Math.abs(dot(rx!, ry!) - dot(x, y)) / Math.sqrt(squared(x) * squared(y));
    },
  },
  R5: { work: toSketch, error: readOutsError },
  R7: {
    unfit: (table, { rank }) =>
      basis(table).length > rank
        ? `the table has rank ${basis(table).length}, and this is for rank ${rank}`
        : undefined,
    work: toSketch,
    error: (table, { floats }, seed) =>
      Math.max(
        ...eigenvalues(sketchedProducts(table, basis(table), floats / table.dim, seed)).map((v) =>
          Math.abs(v - 1),
        ),
      ),
  },
  R8: {
    unfit(table, { stableRank }) {
      const own = squared(table.weights) / largestOf(table);
      return own > stableRank * (1 + 1e-9)
        ? `the table has stable rank ${own.toPrecision(3)}, and this is for ${stableRank}`
        : undefined;
    },
    work: toSketch,
    error: (table, { floats }, seed) =>
      Math.sqrt(
        squaredDistance(sketchedProducts(table, columns(table), floats / table.dim, seed), gramOf(table)),
      ) / largestOf(table),
  },
  R9: {
    work: ({ rows }, { floats }) => (rows * floats) / 2,
    error: denseCodesError,
  },
  R10: {
    work: ({ rows, dim }, { epsilon, delta }) =>
      5 * rows * dim * sparseCodesSize(rows * dim, epsilon, delta).t,
    error: sparseCodesError,
  },
  R11: { work: ({ rows }, { floats }) => (rows * floats) / 4, error: distancesError },
};
