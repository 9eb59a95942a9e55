import type { Backend } from "../../core/backend.ts";
import { checkSize, InputError } from "../../core/errors.ts";
import { checkLookup, type Lookup, wordsPerBlock } from "../../core/lookup.ts";
import type { Sequence } from "../../core/numeric/sequence.ts";
import type { Bags } from "../data/dataset.ts";
import type { SchemeFormula } from "./plan.ts";

/** The tables of a model: rows of each, and floats a row. */
export interface TableShape {
  /** [T] rows of each table. */
  readonly tables: readonly number[];
  /** d, floats a row. */
  readonly dim: number;
}

/** What an embedding is made for. */
export interface EmbeddingSetting extends TableShape {
  readonly backend: Backend;
  readonly seed: number;
  /**
   * Given where weights are to be filled with others, of which there are so many: they start at 0, and what would take more
   * is refused before any memory is taken for it.
   */
  readonly blank?: number | undefined;
}

/** Throws a SizeError where an array of so many floats is to be filled with numbers that are fewer. */
export const checkBlank = (floats: number, { blank = Infinity }: Pick<EmbeddingSetting, "blank">): void =>
  checkSize(
    floats <= blank,
    () => `An array of ${floats} floats is to be filled, but there are only ${blank} numbers.`,
  );

/** N: floats of the full tables, which a sharing scheme stands for with fewer. */
export const virtualFloats = ({ tables, dim }: TableShape): number =>
  tables.reduce((n, rows) => n + rows, 0) * dim;

/** [T + 1] rows of all tables before each one, and of all. */
export function tableOffsets(tables: readonly number[]): number[] {
  const offsets = [0];
  for (const [t, rows] of tables.entries()) offsets.push(offsets[t]! + rows);
  return offsets;
}

/** Numbers of rows through all tables, in as few bytes as hold each of them exactly. */
export type RowNumbers = Uint32Array | Float64Array;

/** `length` numbers of 0 … `rows`. */
export const rowNumbers = (length: number, rows: number): RowNumbers =>
  rows < 2 ** 32 ? new Uint32Array(length) : new Float64Array(length);

/** One sample that reads every row of every table, in order. */
export const everyRow = ({ tables }: TableShape): Bags => ({
  ids: Uint32Array.from(tables.flatMap((rows) => Array.from({ length: rows }, (_, i) => i))),
  offsets: Uint32Array.from(tableOffsets(tables)),
});

/** One term of a virtual weight: memory[slot], negated where sign is −1. */
export interface Place {
  readonly slot: number;
  readonly sign: 1 | -1;
}

/**
 * A parameter sharing scheme: where each virtual weight (table, row, column) lives in a memory of m floats. A weight is
 * the signed sum of one or more slots. `blockStart` and `signs` are the exact fast path, block by block; `slotsOf` is the
 * definition, element by element, in unbounded integers. A law pairs them.
 */
export interface SharingScheme {
  readonly name: string;
  /** m, floats of learnable memory. */
  readonly memorySize: number;
  /** Floats of a row that lie next to each other in memory: 1 … dim. A row's last block may be shorter. */
  readonly block: number;
  /** Memory rows that are summed for one row of `table`; 1 where absent. */
  copies?(table: number): number;
  /** First slot of a block, below m. */
  blockStart(table: number, row: number, block: number, copy: number): number;
  /** 32 signs of a block: bit s of word w is set where element 32·w + s is negated. Absent: no signs. */
  signs?(table: number, row: number, block: number, word: number, copy: number): number;
  /**
   * What `blockStart` and `signs` say of every block of a list of rows, at once: row i of the list is row `rows[i]` of table
   * `tables[i]`. Absent where a scheme has no faster way than block by block.
   */
  locateBatch?(
    tables: Uint32Array,
    rows: Uint32Array,
    starts: Uint32Array,
    signs: Uint32Array | undefined,
  ): void;
  /** All slots of one virtual weight. */
  slotsOf(table: number, row: number, column: number): Place[];
  /** The same as formulas, by groups of tables, for engines other than this program's. Absent where there are none. */
  formulas?(): readonly SchemeFormula[];
  /** Floats a row, where memory is made of whole rows (row-wise optimizers need that). */
  readonly rowLength?: number;
  /** Floats of the array of which this memory holds only what is read; steps are then taken as on that array. */
  readonly whole?: number;
  /** The published guarantee that this scheme's hypotheses meet, or why there is none. */
  readonly guarantee: string;
  /** Fills a new memory; by default uniform on ±1/√(rows of the largest table). */
  initialize?(memory: Float64Array | Float32Array, numbers: Sequence): void;
}

/** The same scheme by `blockStart` and `signs` alone: the definition of `locateBatch`, and what a variant of a scheme changes. */
export function blockByBlock({ locateBatch: _, ...scheme }: SharingScheme): SharingScheme {
  return scheme;
}

/**
 * The lookup of a batch under a scheme. Bag b·T + t reads table t. `separate` makes every id a bag of its own (for
 * weighted pooling). It can be renewed for other ids in the same array.
 */
export function lookupOf(scheme: SharingScheme, shape: TableShape, bags: Bags, separate = false): Lookup {
  const { tables, dim } = shape;
  const { ids } = bags;
  const blocks = Math.ceil(dim / scheme.block);
  const words = wordsPerBlock(scheme.block);
  const copies = tables.map((_, table) => scheme.copies?.(table) ?? 1);
  const { items, ends } = countItems(bags, copies, separate);
  const starts = new Uint32Array(items * blocks);
  const signs = scheme.signs && new Uint32Array(items * blocks * words);
  const tableOfId = scheme.locateBatch && tablesOf(bags, tables.length);
  const renew = () => {
    checkRows(tables, bags);
    if (scheme.locateBatch) scheme.locateBatch(tableOfId!, ids, starts, signs);
    else eachBlock(scheme, bags, copies, blocks, starts, signs);
    checkLookup(lookup);
  };
  const lookup = {
    dim,
    block: scheme.block,
    starts,
    bags: ends,
    memorySize: scheme.memorySize,
    ...(signs && { signs }),
    source: { ids, renew },
  };
  renew();
  return lookup;
}

/** Throws an InputError where a bag reads a row that its table does not have. */
export function checkRows(tables: readonly number[], { ids, offsets }: Bags): void {
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    const table = bag % tables.length;
    for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++) {
      if (ids[i]! >= tables[table]!)
        throw new InputError(outside(ids[i]!, table, tables[table]!, Math.floor(bag / tables.length)));
    }
  }
}

/** The table of each id of a batch. */
export function tablesOf({ ids, offsets }: Bags, count: number): Uint32Array {
  const tables = new Uint32Array(ids.length);
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    const table = bag % count;
    for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++) tables[i] = table;
  }
  return tables;
}

/** Starts and signs, block by block. */
function eachBlock(
  scheme: SharingScheme,
  { ids, offsets }: Bags,
  copies: readonly number[],
  blocks: number,
  starts: Uint32Array,
  signs: Uint32Array | undefined,
): void {
  const words = wordsPerBlock(scheme.block);
  let at = 0;
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    const table = bag % copies.length;
    for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++) {
      const row = ids[i]!;
      for (let copy = 0; copy < copies[table]!; copy++) {
        for (let block = 0; block < blocks; block++, at++) {
          starts[at] = scheme.blockStart(table, row, block, copy);
          for (let w = 0; signs && w < words; w++)
            signs[at * words + w] = scheme.signs!(table, row, block, w, copy);
        }
      }
    }
  }
}

/** Number of items of a batch, and the offsets of its bags (or of its ids) into them. */
function countItems({ ids, offsets }: Bags, copies: readonly number[], separate: boolean) {
  const ends = new Uint32Array(separate ? ids.length + 1 : offsets.length);
  let items = 0;
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    const each = copies[bag % copies.length]!;
    for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++) {
      items += each;
      if (separate) ends[i + 1] = items;
    }
    if (!separate) ends[bag + 1] = items;
  }
  return { items, ends };
}

const outside = (row: number, table: number, rows: number, sample: number): string =>
  `Sample ${sample} of the batch looks up row ${row} of table ${table}, which has only ${rows} rows (0 … ${rows - 1}); give the table more rows or take the id modulo its size.`;

/** Uniform on ±limit. */
export function fillUniform(
  values: Float64Array | Float32Array,
  limit: number,
  stream: { uniform(): number },
): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * stream.uniform() - 1) * limit;
}
