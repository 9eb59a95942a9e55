import { cpu } from "../../backends/cpu/index.ts";
import { eachRead, type Lookup } from "../../core/lookup.ts";
import { authorsPrime } from "../../core/numeric/hash.ts";
import { authorsCoefficients } from "../../core/numeric/hash-by-name.ts";
import { embeddingBag, embeddingBagGrad } from "../../core/ops/embedding-bag.ts";
import { tensor } from "../../core/tensor.ts";
import { lookupOf } from "../../models/embeddings/scheme.ts";
import { chunkHashRule } from "./chunk-hash.ts";
import { exactly, type Recomputed } from "./compare.ts";
import type { Golden } from "./golden.ts";
import { type Rule, robeRule } from "./rules.ts";

/** Format robe-constants-1: the prime and r1 … r10 of the ROBE authors' programs, by seed. */
export const recomputeConstants = (): Recomputed[] =>
  Object.entries(authorsCoefficients).map(([seed, drawn]) => ({
    array: `constants.${seed}`,
    shape: [drawn.length + 1],
    values: [authorsPrime, ...drawn],
    ...exactly("table of constants"),
  }));

/** Format robe-index-1: where each component of each looked-up row lies in the shared array, and its sign. */
export async function recomputeIndices(golden: Golden): Promise<Recomputed[]> {
  const madeBy = JSON.stringify(golden.peek("made_by") ?? "") + golden.text("formula", "");
  const results: Recomputed[] = [];
  for (const one of golden.cases("cases")) {
    const rule = one.has("start") ? chunkHashRule(one, madeBy) : robeRule(one, madeBy);
    const lookup = lookupOfAll(rule);
    results.push(...(rule.extra ?? []), ...byDefinition(one.path, rule), ...byLookup(one.path, rule, lookup));
    if (one.has("embedding_first3")) results.push(await firstThree(one.path, rule, lookup));
    if (one.has("weight_grad")) results.push(await weightGradient(one.path, rule, lookup));
  }
  return results;
}

/** Every id as a sample of its own, with one bag a table and all but one empty. */
function lookupOfAll({ scheme, shape, rows, tableOf }: Rule): Lookup {
  const offsets = [0];
  for (let a = 0; a < rows.length; a++) {
    for (let t = 0; t < shape.tables.length; t++) offsets.push(t < tableOf(a) ? a : a + 1);
  }
  return lookupOf(scheme, shape, { ids: Uint32Array.from(rows), offsets: Uint32Array.from(offsets) });
}

function byDefinition(path: string, { scheme, rows, columns, tableOf }: Rule): Recomputed[] {
  const places = rows.flatMap((row, a) =>
    Array.from({ length: columns }, (_, c) => scheme.slotsOf(tableOf(a), row, c)[0]!),
  );
  const shape = [rows.length, columns];
  const how = exactly("definition");
  return [
    { array: `${path}.index`, shape, values: places.map((place) => place.slot), ...how },
    { array: `${path}.sign`, shape, values: places.map((place) => place.sign), ...how },
  ];
}

function byLookup(path: string, rule: Rule, lookup: Lookup): Recomputed[] {
  const { rows, columns, shape: tables } = rule;
  const index: number[] = [];
  const sign: number[] = [];
  eachRead(lookup, (bag, column, slot, s) => {
    if (column >= columns) return;
    const at = Math.floor(bag / tables.tables.length) * columns + column;
    index[at] = slot;
    sign[at] = s;
  });
  const shape = [rows.length, columns];
  const how = exactly("fast path");
  return [
    { array: `${path}.index`, shape, values: index, ...how },
    { array: `${path}.sign`, shape, values: sign, ...how },
  ];
}

/** The rows of the first three ids, where the array holds w[i] = ((37·i mod 1024) − 512) / 1024: exact in float32. */
async function firstThree(path: string, rule: Rule, lookup: Lookup): Promise<Recomputed> {
  const { columns, shape, scheme } = rule;
  const weights = Float32Array.from(
    { length: scheme.memorySize },
    (_, i) => (((37 * i) % 1024) - 512) / 1024,
  );
  const read = await embeddingBag(tensor(cpu, [scheme.memorySize], weights), { lookup }).data();
  const values = [0, 1, 2].flatMap((a) => {
    const from = bagOf(rule, a) * shape.dim;
    return Array.from(read.subarray(from, from + columns));
  });
  return { array: `${path}.embedding_first3`, shape: [3, columns], values, ...exactly("gather") };
}

/** [place, value] of the non-zero entries of the array's gradient under g[a][c] = ((11·(a·d+c) mod 64) − 32) / 64. */
async function weightGradient(path: string, rule: Rule, lookup: Lookup): Promise<Recomputed> {
  const { rows, columns, shape } = rule;
  const bags = lookup.bags.length - 1;
  const upstream = new Float32Array(bags * shape.dim);
  for (let a = 0; a < rows.length; a++) {
    for (let c = 0; c < columns; c++) {
      upstream[bagOf(rule, a) * shape.dim + c] = (((11 * (a * columns + c)) % 64) - 32) / 64;
    }
  }
  const gradient = await embeddingBagGrad(tensor(cpu, [bags, shape.dim], upstream), { lookup }).data();
  const entries = Array.from(gradient, (value, place) => [place, value]).filter(([, value]) => value !== 0);
  return {
    array: `${path}.weight_grad`,
    shape: [entries.length, 2],
    values: entries.flat(),
    ...exactly("scatter"),
  };
}

const bagOf = ({ shape, tableOf }: Rule, a: number): number => a * shape.tables.length + tableOf(a);
