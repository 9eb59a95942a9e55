import { eachRead } from "../../../core/lookup.ts";
import { memoize } from "../../../core/memoize.ts";
import { orthonormal, squared } from "../../../core/numeric/matrix.ts";
import { random } from "../../../core/numeric/random.ts";
import { robeScheme } from "../../../models/embeddings/families/robe.ts";
import { lookupOf, type TableShape } from "../../../models/embeddings/scheme.ts";
import type { Promised } from "../../../theory/plan.ts";
import type { Sketch } from "../../../theory/theorem.ts";
import { normError } from "../../../theory/theorems/r03-norm.ts";
import { innerProductError } from "../../../theory/theorems/r04-inner-product.ts";
import { type LinearQuery, linearQueriesError } from "../../../theory/theorems/r05-linear-queries.ts";
import { subspaceEmbeddingError } from "../../../theory/theorems/r07-subspace-embedding.ts";
import { gramError, gramOf } from "../../../theory/theorems/r08-gram.ts";
import { denseCodesError, signRow } from "../../../theory/theorems/r09-dense-codes.ts";
import { sparseCodesError, sparseCodesSize } from "../../../theory/theorems/r10-sparse-codes.ts";
import { distancesError } from "../../../theory/theorems/r11-distances.ts";
import { columnsOf, type DrawnTable } from "./tables.ts";

/** A promise with what it was asked for. */
export interface Asked extends Promised {
  readonly delta: number;
  readonly queries: number;
  readonly rank: number;
  readonly stableRank: number;
}

/** How a theorem's promise is tried on a table. */
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

/** R of a robe whose blocks are as long as rows are. */
function robeSketch(shape: TableShape, memory: number, seed: number): Sketch {
  const scheme = robeScheme(shape, { memorySize: memory, seed });
  const [rows] = shape.tables as [number];
  const [slots, signs] = [new Uint32Array(rows * shape.dim), new Int8Array(rows * shape.dim)];
  for (let first = 0; first < rows; first += together) {
    const count = Math.min(together, rows - first);
    const ids = Uint32Array.from({ length: count }, (_, i) => first + i);
    const lookup = lookupOf(scheme, shape, { ids, offsets: Uint32Array.of(0, count) }, true);
    eachRead(lookup, (row, column, slot, sign) => {
      const k = (first + row) * shape.dim + column;
      slots[k] = slot;
      signs[k] = sign;
    });
  }
  return { memory, places: 1, slots, signs };
}

/** A table's weights one by one, and its rows whole. */
const ofWeights = ({ rows, dim }: DrawnTable, { floats }: Asked, seed: number): Sketch =>
  robeSketch({ tables: [rows], dim }, floats, seed);
const ofRows = ({ rows, dim }: DrawnTable, { floats }: Asked, seed: number): Sketch =>
  robeSketch({ tables: [rows], dim: 1 }, floats / dim, seed);

/** A vector that has something in common with the table: half of it, and noise of its own. */
const companion = memoize(({ weights }: DrawnTable): Float64Array => {
  const stream = random(1, "companion");
  const size = Math.sqrt(squared(weights) / weights.length);
  return weights.map((v) => v / 2 + size * stream.normal());
});

const columns = memoize(columnsOf);
const basis = memoize((table: DrawnTable) => orthonormal(columns(table)));
const gramIn = memoize((table: DrawnTable) => gramOf(columns(table)));

/** Rows that are read out, drawn anew with each draw of the hashes. */
function* someRows(
  { rows, dim, weights }: DrawnTable,
  { queries }: Asked,
  seed: number,
): Generator<LinearQuery> {
  const stream = random(seed, "rows to read");
  for (let q = 0; q < queries; q++) {
    const first = stream.integer(rows) * dim;
    yield { first, coefficients: weights.subarray(first, first + dim) };
  }
}

/** A weight is hashed, found and added. */
const toSketch = ({ rows, dim }: DrawnTable): number => 5 * rows * dim;

/** By theorem: how each promise of a plan is tried. */
export const measures: Readonly<Record<string, Measure>> = {
  R3: {
    work: toSketch,
    error: (table, asked, seed) => normError(ofWeights(table, asked, seed), table.weights),
  },
  R4: {
    work: (table) => 2 * toSketch(table),
    error: (table, asked, seed) =>
      innerProductError(ofWeights(table, asked, seed), { x: table.weights, y: companion(table) }),
  },
  R5: {
    work: toSketch,
    error: (table, asked, seed) =>
      linearQueriesError(ofWeights(table, asked, seed), table.weights, someRows(table, asked, seed)),
  },
  R7: {
    unfit: (table, { rank }) =>
      basis(table).length > rank
        ? `the table has rank ${basis(table).length}, and this is for rank ${rank}`
        : undefined,
    work: toSketch,
    error: (table, asked, seed) => subspaceEmbeddingError(ofRows(table, asked, seed), basis(table)),
  },
  R8: {
    unfit(table, { stableRank }) {
      const own = squared(table.weights) / gramIn(table).largest;
      return own > stableRank * (1 + 1e-9)
        ? `the table has stable rank ${own.toPrecision(3)}, and this is for ${stableRank}`
        : undefined;
    },
    work: toSketch,
    error: (table, asked, seed) => gramError(ofRows(table, asked, seed), gramIn(table)),
  },
  R9: {
    work: ({ rows }, { floats }) => (rows * floats) / 2,
    error(table, { floats }, seed) {
      const m = floats / table.dim;
      // Codes of all rows would be larger than the table: each is drawn again where it is needed.
      const code = (i: number): Int8Array => {
        const stream = random(seed, `code ${i}`);
        return signRow(m, () => stream.bits());
      };
      return denseCodesError(columns(table), m, code);
    },
  },
  R10: {
    work: ({ rows, dim }, { epsilon, delta }) =>
      5 * rows * dim * sparseCodesSize(rows * dim, epsilon, delta).t,
    error(table, { epsilon, delta }, seed) {
      const size = sparseCodesSize(table.rows * table.dim, epsilon, delta);
      return sparseCodesError(columns(table), size, random(seed, "row hashes"));
    },
  },
  R11: {
    work: ({ rows }, { floats }) => (rows * floats) / 4,
    error({ rows, dim, weights }, { floats }, seed) {
      const table = Array.from({ length: rows }, (_, i) => weights.subarray(i * dim, (i + 1) * dim));
      return distancesError(table, floats / rows, random(seed, "projection"));
    },
  },
};
