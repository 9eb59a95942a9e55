import { random } from "../../core/numeric/random.ts";
import { collisionProbability } from "../../theory/theorems/r01-collision.ts";
import { largestLoadBound } from "../../theory/theorems/r15-load.ts";
import type { LazyRows } from "../data/lazy-rows.ts";
import type { Embedding } from "./embedding.ts";
import type { SharingScheme, TableShape } from "./scheme.ts";

/** How an embedding uses its memory. */
export interface Inspection {
  readonly name: string;
  readonly tables: number;
  readonly rows: number;
  readonly dim: number;
  /** Learnable floats, the bytes of all that stands for the tables, and the floats of the full tables. */
  readonly memorySize: number;
  readonly bytes: number;
  readonly virtualSize: number;
  readonly compression: number;
  readonly guarantee: string;
  /** Loads of slots; absent where weights are no sums of slots. */
  readonly load?: Load;
}

/** How many virtual weights read each slot. */
export interface Load {
  /** Virtual weights counted: all of them, or this many drawn at random. */
  readonly counted: number;
  readonly exact: boolean;
  /** Per slot, over what was counted. */
  readonly mean: number;
  readonly largest: number;
  /** What independent blocks would stay below, 99 times in 100. */
  readonly largestBound: number;
  readonly unused: number;
  /** P(two different weights of different rows share a slot), from the loads, and 1/m. */
  readonly collision: number;
  readonly expectedCollision: number;
}

/** Weights counted at most; more are sampled by rows. */
const limit = 5_000_000;

/** Memory, loads and collisions of an embedding. */
export function inspect(embedding: Embedding): Inspection {
  const { name, tables, dim, memorySize, bytes, virtualSize, scheme, origin } = embedding;
  return {
    name,
    tables: tables.length,
    rows: virtualSize / dim,
    dim,
    memorySize,
    bytes,
    virtualSize,
    compression: (4 * virtualSize) / bytes,
    guarantee: scheme?.guarantee ?? "none: not a sum of slots",
    ...(scheme && { load: loadOf(scheme, { tables, dim }, origin?.rows) }),
  };
}

/** Loads of slots by all rows of these tables; of lazy ones by those that are kept. */
function loadOf(scheme: SharingScheme, { tables: whole, dim }: TableShape, lazy?: LazyRows): Load {
  const tables = lazy ? lazy.rows.map(({ length }) => length) : whole;
  const rows = tables.reduce((a, b) => a + b, 0);
  const exact = rows * dim <= limit;
  const loads = new Uint32Array(scheme.memorySize);
  let counted = 0;
  const count = (table: number, place: number) => {
    const row = lazy ? lazy.rows[table]![place]! : place;
    for (let column = 0; column < dim; column++) {
      for (const { slot } of scheme.slotsOf(table, row, column)) {
        loads[slot]!++;
        counted++;
      }
    }
  };
  if (exact)
    tables.forEach((n, table) => {
      for (let row = 0; row < n; row++) count(table, row);
    });
  else sampleRows(tables, rows, Math.floor(limit / 10 / dim), count);
  return { counted, exact, ...statistics(loads, counted) };
}

/** Different rows: one that is counted twice would seem to share all its slots with another. */
function sampleRows(
  tables: readonly number[],
  rows: number,
  draws: number,
  count: (table: number, row: number) => void,
): void {
  const stream = random(0, "inspect");
  const drawn = new Set<number>();
  while (drawn.size < draws) drawn.add(Math.floor(stream.uniform() * rows));
  for (let row of drawn) {
    let table = 0;
    while (row >= tables[table]!) row -= tables[table++]!;
    count(table, row);
  }
}

function statistics(loads: Uint32Array, counted: number) {
  let [largest, unused, pairs] = [0, 0, 0];
  for (const load of loads) {
    largest = Math.max(largest, load);
    if (load === 0) unused++;
    pairs += load * (load - 1);
  }
  return {
    mean: counted / loads.length,
    largest,
    largestBound: largestLoadBound(counted, loads.length, 0.01),
    unused,
    collision: counted > 1 ? pairs / (counted * (counted - 1)) : 0,
    expectedCollision: collisionProbability(loads.length, false),
  };
}
