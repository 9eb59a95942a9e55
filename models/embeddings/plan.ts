import { type Formula, perTable, plus, times, variable } from "../../core/numeric/formula.ts";
import type { KeyFormula } from "../../core/numeric/hash.ts";
import { type SharingScheme, type TableShape, tableOffsets } from "./scheme.ts";

/**
 * How the vector of a bag comes from an embedding's parameters, in data: all that an export to another engine is told of an
 * embedding. Each table is in one group.
 */
export type Plan = readonly PlanGroup[];

/** Tables that are read in one way. */
export interface PlanGroup {
  readonly tables: readonly number[];
  readonly pooled: Pooled;
}

/** A vector a bag. */
export type Pooled =
  | { readonly is: "sum" | "mean"; readonly rows: Rows }
  | { readonly is: "product" | "plus"; readonly left: Pooled; readonly right: Pooled }
  /** Times a matrix [width × dim], a parameter. */
  | { readonly is: "projected"; readonly pooled: Pooled; readonly matrix: string; readonly width: number }
  /** Times a number a table, of which there is one for each of all tables. */
  | { readonly is: "scaled"; readonly pooled: Pooled; readonly factors: readonly number[] };

/** A vector an id. */
export type Rows =
  | Read
  /** Of equal width, or the right one a number. */
  | { readonly is: "add" | "multiply"; readonly left: Rows; readonly right: Rows }
  /** Where a formula of the id alone is 1; zeros where it is 0. */
  | { readonly is: "only"; readonly when: Formula; readonly rows: Rows }
  /** `width` numbers (2h + 1) / steps − 1 of a hash h below `steps`, a power of 2. */
  | { readonly is: "codes"; readonly hash: Formula; readonly steps: number; readonly width: number }
  /** Through fully connected layers, the parameters `name`.0.weight, `name`.0.bias and so on; relu after all but the last. */
  | { readonly is: "layers"; readonly rows: Rows; readonly name: string; readonly sizes: readonly number[] }
  /** Σ_rs A[j₁, r]·B[r, j₂, s]·C[s, j₃] of cores that were read as A [j₁ × r], B [r × j₂ × s] and C [j₃ × s]. */
  | {
      readonly is: "train";
      readonly cores: readonly [Read, Read, Read];
      readonly columns: readonly [number, number, number];
      readonly rank: number;
    };

/** Elements of a parameter: those of a row, which is cut into blocks. */
export interface Read extends ReadFormula {
  readonly is: "read";
  readonly from: string;
  /** Floats of a row, and of a block. */
  readonly width: number;
  readonly block: number;
  /** The one column that is read, where it is not all. */
  readonly column?: number;
}

/** Where an element is: its place among all numbers of the parameter, and whether it is negated, 1 or 0. */
export interface ReadFormula {
  readonly slot: Formula;
  readonly negative?: Formula;
}

/** How a scheme reads rows of some tables: what each term of their sum is, as formulas. */
export interface SchemeFormula {
  readonly tables: readonly number[];
  readonly terms: readonly ReadFormula[];
}

/** The number of an element in its block. */
export const element = plus(times(variable("word"), 32), variable("bit"));

/** The number of a row through all tables. */
export const rowOfAll = (offsets: readonly number[]): Formula =>
  plus(perTable(offsets.slice(0, -1)), variable("row"));

/** All tables of a shape. */
export const allTables = ({ tables }: TableShape): readonly number[] => tables.map((_, table) => table);

/** The key of a block of a row, whose rows are of tables. */
export const rowKey = (shape: TableShape, block: Formula, blocks: number): KeyFormula => ({
  table: perTable(allTables(shape)),
  row: variable("row"),
  first: perTable(tableOffsets(shape.tables).slice(0, -1)),
  block,
  blocks,
});

/** The rows that a scheme reads of a memory, by groups of tables; undefined where it has no formulas. */
export const readsOf = (
  { formulas, block }: SharingScheme,
  { dim }: TableShape,
  from: string,
): { readonly tables: readonly number[]; readonly rows: Rows }[] | undefined =>
  formulas?.().map(({ tables, terms }) => ({
    tables,
    rows: terms
      .map((term): Rows => ({ is: "read", from, width: dim, block, ...term }))
      .reduce((left, right): Rows => ({ is: "add", left, right })),
  }));
