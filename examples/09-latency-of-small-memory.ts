// npx tsx examples/09-latency-of-small-memory.ts
// What a training step costs with a full embedding table, and with 10 MB that stand for the same table. The paper reports
// 4.3 times faster steps where the table does not fit one device; here both run on one CPU. A number after the command
// is the largest table in MB (160; 8192 takes some minutes). Momentum needs three arrays of a table's size: where the
// machine has no room for them there is a dash. Times go to stderr: they differ from run to run.
import assert from "node:assert/strict";
import { totalmem } from "node:os";
import type { EmbeddingMaker, Optimizer } from "pss-dlrm";
import { dlrm, fast, full, random, robe, sgd, trainStep } from "pss-dlrm";

const [dim, fields, batch, memory] = [16, 8, 1024, 2_621_440]; // 10 MB of shared memory
const largest = Math.max(40, Number(process.argv[2] ?? 160));
const backend = await fast();
const offsets = Uint32Array.from({ length: batch * fields + 1 }, (_, i) => i);

/** Milliseconds of a step: the median of nine, each on uniform ids of its own, the worst case for caches. */
async function stepTime(rows: number, embedding: EmbeddingMaker, optimizer: Optimizer): Promise<number> {
  const tables = new Array<number>(fields).fill(rows);
  const model = dlrm({ dense: 4, tables, dim, bottom: [64, dim], top: [64, 1], embedding, backend, seed: 1 });
  const stream = random(2, "rows");
  const times: number[] = [];
  for (let t = 1; t <= 12; t++) {
    const ids = Uint32Array.from({ length: batch * fields }, () => stream.integer(rows));
    const labels = Float32Array.from({ length: batch }, () => stream.integer(2));
    const rowsOfStep = { size: batch, dense: new Float32Array(batch * 4), labels, bags: { ids, offsets } };
    const from = performance.now();
    await trainStep(model, rowsOfStep, t, { optimizer });
    if (t > 3) times.push(performance.now() - from);
  }
  for (const p of model.parameters) p.free();
  return times.sort((a, b) => a - b)[4]!;
}

const [sparse, dense] = [sgd(0.01), sgd(0.01, { momentum: 0.9 })]; // momentum moves every weight at every step
const shared = robe({ memory, block: dim, seed: 1 });
console.error("     table    full, SGD  full, momentum  10 MB, SGD  10 MB, momentum  full / 10 MB");
const all: number[][] = [];
for (const megabytes of [10, 40, 160, 640, 2560, 8192].filter((size) => size <= largest)) {
  const rows = Math.round((megabytes * 2 ** 20) / 4 / dim / fields);
  const fits = 3 * megabytes * 2 ** 20 < totalmem() / 2;
  const times = [
    await stepTime(rows, full(), sparse),
    fits ? await stepTime(rows, full(), dense) : Number.NaN,
    await stepTime(rows, shared, sparse),
    await stepTime(rows, shared, dense),
  ];
  if (fits) all.push(times);
  const cells = times.map((x) => (x > 0 ? `${x.toFixed(1)} ms` : "–").padStart(12)).join(" ");
  const ratios = [0, 1].map((i) => (times[i]! > 0 ? `${(times[i]! / times[i + 2]!).toFixed(2)}×` : "–"));
  console.error(`${String(megabytes).padStart(7)} MB ${cells}   ${ratios}`);
}
const grown = all[0]!.map((time, i) => all.at(-1)![i]! / time);
assert(grown[1]! > grown[3]!, "the full table's step grows, that of 10 MB does not");
console.log("a dense step grows with the full table; with shared memory it does not");
for (const rows of [1e6, 1e8, 1e10]) {
  const time = await stepTime(rows / fields, shared, sparse);
  console.error(`${rows.toExponential(0)} virtual rows in 10 MB: ${time.toFixed(1)} ms`);
}
