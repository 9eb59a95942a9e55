import { eachRead } from "../../core/lookup.ts";
import { exactValue } from "../../core/numeric/formula.ts";
import type { Embedding } from "../../models/embeddings/embedding.ts";
import { rowsName } from "../../models/embeddings/full-scheme.ts";
import {
  blockByBlock,
  lookupOf,
  type SharingScheme,
  type TableShape,
} from "../../models/embeddings/scheme.ts";
import { type EmbeddingLaw, embeddingLaw } from "./embedding-law.ts";

/** Why laws of slots are silent where weights are no sums of slots. */
export const noScheme = ({ scheme }: Embedding) =>
  scheme ? undefined : "is no signed sum of slots of one memory";

/** Ends a law that fails. */
export function fail(sentence: string): never {
  throw new Error(sentence);
}

const placeInWords = ({ slot, sign }: { slot: number; sign: number }): string =>
  `${sign < 0 ? "−" : "+"} slot ${slot}`;

const weightInWords = (table: number, row: number, column: number): string =>
  `table ${table}, row ${row}, column ${column}`;

/** The fast path's (slot, sign) pairs for each column of a row, read back from a lookup of that row alone. */
function placesOf(scheme: SharingScheme, shape: TableShape, table: number, row: number): string[][] {
  const offsets = Uint32Array.from({ length: shape.tables.length + 1 }, (_, t) => (t > table ? 1 : 0));
  const places: string[][] = Array.from({ length: shape.dim }, () => []);
  const lookup = lookupOf(scheme, shape, { ids: Uint32Array.of(row), offsets });
  eachRead(lookup, (_, column, slot, sign) => places[column]!.push(placeInWords({ slot, sign })));
  return places;
}

const bitIdentity = embeddingLaw({
  law: "the fast path is its definition in unbounded integers, slot by slot and sign by sign",
  silent: noScheme,
  check({ embedding: { scheme, tables, dim }, stream }) {
    for (let k = 0; k < 5; k++) {
      const table = stream.integer(tables.length);
      const row = k === 0 ? tables[table]! - 1 : stream.integer(tables[table]!);
      const fast = placesOf(scheme!, { tables, dim }, table, row);
      for (let column = 0; column < dim; column++) {
        const slow = scheme!.slotsOf(table, row, column).map(placeInWords);
        if (`${fast[column]}` !== `${slow}`)
          fail(
            `${weightInWords(table, row, column)}: ${fast[column]} by the fast path, ${slow} by definition`,
          );
      }
    }
    return 0;
  },
});

const atOnce = embeddingLaw({
  law: "all blocks at once are what they are one by one",
  silent: ({ scheme }) => (scheme?.locateBatch ? undefined : "has no way but block by block"),
  check({ embedding: { scheme, tables, dim }, bags }) {
    const shape = { tables, dim };
    const [all, each] = [scheme!, blockByBlock(scheme!)].map((way) => lookupOf(way, shape, bags));
    if (`${all!.starts}` !== `${each!.starts}`) fail(`starts ${all!.starts}, one by one ${each!.starts}`);
    if (`${all!.signs}` !== `${each!.signs}`) fail(`signs ${all!.signs}, one by one ${each!.signs}`);
    return 0;
  },
});

/** (slot, sign) of a weight by formulas; a slot that memory does not have is none. */
function placesByFormula(
  { scheme, adaptation, origin }: Embedding,
  table: number,
  row: number,
  column: number,
): string[] {
  const { block } = scheme!;
  const lazy = (origin?.rows?.rows ?? []).map((rows, t) => [rowsName(t), rows] as const);
  const arrays = new Map<string, ArrayLike<number>>([...(adaptation?.arrays ?? []), ...lazy]);
  const s = column % block;
  const at = { table, row, block: (column - s) / block, word: s >>> 5, bit: s & 31, arrays };
  const group = scheme!.formulas!().find(({ tables }) => tables.includes(table));
  return (group?.terms ?? []).flatMap((term) => {
    const slot = Number(exactValue(term.slot, at));
    const sign = term.negative && exactValue(term.negative, at) === 1n ? -1 : 1;
    return slot < scheme!.memorySize ? [placeInWords({ slot, sign })] : [];
  });
}

const formulas = embeddingLaw({
  law: "the formulas that other engines are given are the definition, slot by slot and sign by sign",
  silent: ({ scheme }) => (scheme?.formulas ? undefined : "has no formulas"),
  check({ embedding, stream }) {
    const { scheme, tables, dim } = embedding;
    for (let k = 0; k < 5; k++) {
      const table = stream.integer(tables.length);
      const row = k === 0 ? tables[table]! - 1 : stream.integer(tables[table]!);
      for (let column = 0; column < dim; column++) {
        const formula = placesByFormula(embedding, table, row, column);
        const slow = scheme!.slotsOf(table, row, column).map(placeInWords);
        if (`${formula}` !== `${slow}`)
          fail(`${weightInWords(table, row, column)}: ${formula} by formulas, ${slow} by definition`);
      }
    }
    return 0;
  },
});

const range = embeddingLaw({
  law: "every slot lies inside memory",
  silent: noScheme,
  check({ embedding: { scheme, tables, dim }, stream }) {
    const [table, column] = [stream.integer(tables.length), stream.integer(dim)];
    const row = stream.integer(tables[table]!);
    for (const { slot } of scheme!.slotsOf(table, row, column)) {
      if (!(Number.isInteger(slot) && slot >= 0 && slot < scheme!.memorySize))
        fail(`${weightInWords(table, row, column)}: slot ${slot} of ${scheme!.memorySize}`);
    }
    return 0;
  },
});

const contiguity = embeddingLaw({
  law: "the elements of a block lie next to each other, round the end of memory",
  silent: noScheme,
  check({ embedding: { scheme, tables, dim }, stream }) {
    const { block, memorySize, slotsOf } = scheme!;
    const table = stream.integer(tables.length);
    const row = stream.integer(tables[table]!);
    for (let column = 1; column < dim; column++) {
      if (column % block === 0) continue;
      const [left, here] = [slotsOf(table, row, column - 1), slotsOf(table, row, column)];
      for (const [i, { slot }] of here.entries()) {
        if (slot !== (left[i]!.slot + 1) % memorySize)
          fail(
            `${weightInWords(table, row, column)}: slot ${slot}, after slot ${left[i]!.slot} of one block`,
          );
      }
    }
    return 0;
  },
});

/** Where virtual weights live, said in several ways that must agree. */
export const slotLaws: readonly EmbeddingLaw[] = [bitIdentity, atOnce, formulas, range, contiguity];
