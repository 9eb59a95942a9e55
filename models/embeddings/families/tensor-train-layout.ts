import { checkSize } from "../../../core/errors.ts";
import type { TableShape } from "../scheme.ts";

/** Of the first, the middle and the last core. */
export type Three = readonly [number, number, number];

/** A table's slices of each core, and how many slices of tables before it lie in the same memory. */
export interface Train {
  readonly slices: Three;
  readonly before: Three;
}

export interface Layout {
  readonly rank: number;
  /** d₁, d₂, d₃. */
  readonly columns: Three;
  /** Floats of a slice. */
  readonly lengths: Three;
  /** Slices of all tables. */
  readonly slices: Three;
  /** By table; undefined where it stays whole. */
  readonly trains: readonly (Train | undefined)[];
}

/** How tables lie in the three memories at a rank. */
export function layOut({ tables, dim }: TableShape, rank: number): Layout {
  const columns = columnFactors(dim);
  const lengths = sliceLengths(columns, rank);
  const total: [number, number, number] = [0, 0, 0];
  const trains = tables.map((rows): Train | undefined => {
    if (isWhole(rows, dim, rank)) return undefined;
    const [slices, before] = [rowFactors(rows), [...total] as const];
    for (const [k, count] of slices.entries()) total[k]! += count;
    return { slices, before };
  });
  for (const [k, count] of total.entries())
    checkSize(
      count * lengths[k]! < 2 ** 32,
      () =>
        `Core ${k + 1} of tensorTrain would take ${count * lengths[k]!} floats at rank ${rank}; a memory has at most 2³² − 1, so take a smaller rank.`,
    );
  return { rank, columns, lengths, slices: total, trains };
}

const sliceLengths = ([d1, d2, d3]: Three, rank: number): Three => [d1 * rank, rank * d2 * rank, rank * d3];

function coreFloats(rows: number, dim: number, rank: number): number {
  const lengths = sliceLengths(columnFactors(dim), rank);
  return rowFactors(rows).reduce((floats, slices, k) => floats + slices * lengths[k]!, 0);
}

const isWhole = (rows: number, dim: number, rank: number): boolean =>
  coreFloats(rows, dim, rank) >= rows * dim;

/** Learnable floats at a rank: n₁·d₁·R + n₂·d₂·R² + n₃·d₃·R a table, or n·d where that is no more. */
export const tensorTrainFloats = ({ tables, dim }: TableShape, rank: number): number =>
  tables.reduce((floats, rows) => floats + Math.min(coreFloats(rows, dim, rank), rows * dim), 0);

/**
 * n₁, n₂, n₃ with a product of at least `rows`, near the cube root. The middle one, whose slices are R times as long as
 * the others, is the smallest.
 */
export function rowFactors(rows: number): Three {
  const first = leastRoot(rows);
  const last = Math.ceil(Math.sqrt(rows / first));
  return [first, Math.ceil(rows / (first * last)), last];
}

/** The least whole number whose cube is at least n. What a host's cube root gets wrong is mended. */
function leastRoot(n: number): number {
  let root = Math.round(Math.cbrt(n));
  while (root * root * root < n) root++;
  while ((root - 1) * (root - 1) * (root - 1) >= n) root--;
  return root;
}

/**
 * d₂ ≤ d₁ ≤ d₃, whole numbers with the product `dim` and the least sum, so as near to each other as such numbers are. The
 * smallest is in the middle, where slices are longest; the largest is last, since the first product has R²·d₁·d₂ terms.
 */
export function columnFactors(dim: number): Three {
  let best: Three = [1, 1, dim];
  for (let d2 = 1; d2 ** 3 <= dim; d2++) {
    if (dim % d2 > 0) continue;
    const both = dim / d2;
    for (let d1 = d2; d1 * d1 <= both; d1++) {
      const d3 = both / d1;
      if (both % d1 === 0 && d1 + d2 + d3 < best[0] + best[1] + best[2]) best = [d1, d2, d3];
    }
  }
  return best;
}
