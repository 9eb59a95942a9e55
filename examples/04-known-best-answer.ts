// npx tsx examples/04-known-best-answer.ts
// Clicks whose true probabilities are known: how near to the best possible answer does a model come? (eight seconds)
import assert from "node:assert/strict";
import type { EmbeddingMaker } from "pss-dlrm";
import {
  adam,
  delongTest,
  dlrm,
  fast,
  full,
  metrics,
  predictions,
  robe,
  synthetic,
  train,
  warmupAndDecay,
} from "pss-dlrm";

const tables = [30, 20, 10];
const [dense, dim, rate, batch, epochs] = [4, 8, 0.02, 512, 3];
const backend = await fast();
const data = synthetic({ tables, dense, rows: 150_000, signal: 2.5, seed: 1 });
const truth = data.probabilities.test; // nobody can do better than to predict these

/** Trains a DLRM with this embedding; its labels and probabilities on the test rows. */
async function trained(embedding: EmbeddingMaker) {
  const model = dlrm({ dense, tables, dim, bottom: [dim], top: [32, 1], embedding, backend, seed: 1 });
  const half = Math.ceil((data.train.rows! * epochs) / batch / 2);
  const schedule = warmupAndDecay({ decayStart: half, decaySteps: half }, rate);
  for await (const _ of train(model, data.train, { optimizer: adam(rate), batch, epochs, schedule }));
  return { memory: model.embedding.memorySize, ...(await predictions(model, data.test)) };
}

const [sole, shared] = [await trained(full()), await trained(robe({ compression: 10 }))];

/** Prints a row of the table; returns by how much the AUC falls short of the truth's, on the same rows. */
function report(name: string, floats: string | number, probabilities: Float64Array) {
  const { auc, logLoss } = metrics(sole.labels, probabilities);
  const short = delongTest(sole.labels, probabilities, truth); // paired: far sharper than either AUC alone
  const range = ({ interval }: typeof short) => interval.map((x) => x.toFixed(4)).join(" … ");
  const cells = [auc.value.toFixed(4), range(auc), logLoss.toFixed(4), short.value.toFixed(4), range(short)];
  console.log(`${name.padEnd(13)}${String(floats).padStart(6)}   ${cells.join("   ")}`);
  return short;
}

const { auc, logLoss } = data.best;
console.log(`best that can be expected: AUC ${auc.toFixed(4)}, log loss ${logLoss.toFixed(4)}\n`);
console.log("             floats   AUC      95 % interval     log loss short of the truth by");
report("the truth", "", truth);
const near = report("full tables", sole.memory, sole.probabilities);
const lost = report("robe, 10×", shared.memory, shared.probabilities);

assert(near.interval[1] < 0.005); // within 0.005 of the best AUC, with the whole interval
assert(lost.interval[0] > near.interval[1]); // 60 rows that all matter do not fit into 48 floats: sharing costs
