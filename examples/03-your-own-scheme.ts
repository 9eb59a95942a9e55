// npx tsx examples/03-your-own-scheme.ts
// A sharing scheme of your own: frequent ids own their rows, the rare ones share. Nothing else changes.
import assert from "node:assert/strict";
import type { SharingScheme, TableShape } from "pss-dlrm";
import { adagrad, cpu, dlrm, embeddingBag, lookupOf, sharedMemory, synthetic, train } from "pss-dlrm";

/** Ids below `hot` own a row in each table; every other one reads a row of a common pool, chosen by a Fibonacci hash. */
function frequencySplit({ tables, dim }: TableShape, hot: number, pool: number): SharingScheme {
  const rowInMemory = (table: number, row: number): number => {
    if (row < hot) return table * hot + row;
    const hash = Math.imul(row * tables.length + table, 0x9e3779b1) >>> 0; // times 2³² / golden ratio, modulo 2³²
    return tables.length * hot + Math.floor((hash / 2 ** 32) * pool);
  };
  return {
    name: "frequencySplit",
    memorySize: (tables.length * hot + pool) * dim,
    block: dim, // a row's floats lie next to each other
    blockStart: (table, row) => rowInMemory(table, row) * dim, // the fast path, a block at a time
    slotsOf: (table, row, column) => [{ slot: rowInMemory(table, row) * dim + column, sign: 1 }], // the definition
    guarantee: "none: a demonstration",
  };
}

const [tables, dim] = [[20_000, 5_000, 1_000], 8] as const;
const data = synthetic({ tables, dense: 4, rows: 10_000, seed: 7 });
const embedding = sharedMemory((shape) => frequencySplit(shape, 100, 300));
const setting = { dense: 4, tables, dim, bottom: [16, dim], top: [16, 1], backend: cpu, seed: 1 };
const model = dlrm({ ...setting, embedding });
const { virtualSize, memorySize, scheme, parameters } = model.embedding;
console.log(
  `${virtualSize} weights in ${memorySize} floats: ${(virtualSize / memorySize).toFixed(1)} times fewer`,
);

// What `embeddingBag` reads by the fast path is what the definition says.
const weights = parameters[0]!.tensor;
const values = await weights.data();
for (const id of [0, 99, 100, 999]) {
  const bags = { ids: Uint32Array.of(id, id, id), offsets: Uint32Array.of(0, 1, 2, 3) }; // one bag a table
  const read = await embeddingBag(weights, { lookup: lookupOf(scheme!, { tables, dim }, bags) }).data();
  read.forEach((value, i) => {
    const [place] = scheme!.slotsOf(Math.floor(i / dim), id, i % dim);
    assert.equal(value, values[place!.slot]);
  });
}
console.log("what is read is what slotsOf says: ids 0 and 99 (own rows), 100 and 999 (shared rows)");

const losses: number[] = [];
const options = { optimizer: adagrad(0.05), batch: 128, epochs: 3 };
for await (const { loss } of train(model, data.train, options)) losses.push(loss);
const mean = (some: number[]) => some.reduce((sum, x) => sum + x, 0) / some.length;
const [first, last] = [mean(losses.slice(0, 50)), mean(losses.slice(-50))];
console.log(`loss: ${first.toFixed(4)} over the first 50 steps, ${last.toFixed(4)} over the last 50`);
assert(last < first - 0.03);
