// npx tsx examples/03-your-own-scheme.ts
// A sharing scheme of your own: frequent ids own their rows, the rare ones share. Nothing else changes.
import assert from "node:assert/strict";
import {
  adagrad,
  cpu,
  dlrm,
  gather,
  lookupOf,
  type SharingScheme,
  sharedMemory,
  synthetic,
  type TableShape,
  train,
} from "pss-dlrm";

/** Ids below `hot` own a row in each table; every other one reads a row of a common pool, chosen by a Fibonacci hash. */
function frequencySplit({ tables, dim }: TableShape, hot: number, pool: number): SharingScheme {
  const coldFrom = tables.length * hot;
  const rowInMemory = (table: number, row: number): number => {
    if (row < hot) return table * hot + row;
    const hash = Math.imul(row * tables.length + table, 0x9e3779b1) >>> 0; // 2³² / golden ratio, made odd
    return coldFrom + Math.floor((hash / 2 ** 32) * pool);
  };
  return {
    name: "frequencySplit",
    memory: (coldFrom + pool) * dim,
    block: dim, // a row's floats lie next to each other
    start: (table, row) => rowInMemory(table, row) * dim, // the fast path, a block at a time
    explain: (table, row, column) => [{ slot: rowInMemory(table, row) * dim + column, sign: 1 }], // the definition
    guarantee: "none: a demonstration",
  };
}

const [tables, dim] = [[20_000, 5_000, 1_000], 8];
const data = synthetic({ tables, dense: 4, rows: 20_000, seed: 7 });
const embedding = sharedMemory((shape) => frequencySplit(shape, 100, 300));
const model = dlrm({
  dense: 4,
  tables,
  dim,
  bottom: [16, dim],
  top: [16, 1],
  embedding,
  backend: cpu,
  seed: 1,
});
const { virtual, memory, scheme } = model.embedding;
console.log(`${virtual} virtual weights share ${memory} floats: ${(virtual / memory).toFixed(1)}× smaller`);

// Fast path and definition must agree: what `gather` reads is what `explain` says.
const [weights] = model.embedding.parameters;
const values = await weights!.tensor.data();
for (const id of [0, 99, 100, 999]) {
  const bags = { ids: Uint32Array.of(id, id, id), offsets: Uint32Array.of(0, 1, 2, 3) }; // one bag for each table
  const read = await gather(weights!.tensor, { lookup: lookupOf(scheme!, { tables, dim }, bags) }).data();
  const said = tables.flatMap((_, table) =>
    Array.from({ length: dim }, (_, column) => values[scheme!.explain(table, id, column)[0]!.slot]!),
  );
  assert.deepEqual(Array.from(read), said);
}

const losses: number[] = [];
for await (const { loss } of train(model, data.train, { optimizer: adagrad(0.05), batch: 128, epochs: 3 }))
  losses.push(loss);
const mean = (part: number[]) => part.reduce((sum, x) => sum + x, 0) / part.length;
console.log(
  `loss: first 50 steps ${mean(losses.slice(0, 50)).toFixed(4)}, last 50 ${mean(losses.slice(-50)).toFixed(4)}`,
);
assert(mean(losses.slice(-50)) < mean(losses.slice(0, 50)) - 0.03);
