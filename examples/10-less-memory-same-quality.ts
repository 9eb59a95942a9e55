// npx tsx examples/10-less-memory-same-quality.ts
// The paper's trade in small: where few ids carry the signal, a hundredth of the memory keeps the quality of full tables;
// where every id has an effect of its own, it cannot. `npx pss-dlrm tradeoff` does this over seeds, sizes and methods.
import assert from "node:assert/strict";
import { adagrad, delongTest, dlrm, fast, full, predictions, robe, synthetic, train } from "pss-dlrm";

const tables = [60_000, 30_000, 10_000];
const layers = { dense: 4, tables, dim: 8, bottom: [16, 8], top: [16, 1], seed: 1 };
const backend = await fast();

/** Validation AUC on the way, and the probabilities of the test rows at its best. */
async function trained(data: ReturnType<typeof synthetic>, embedding: ReturnType<typeof full>) {
  const model = dlrm({ ...layers, embedding, backend });
  const options = {
    optimizer: adagrad(0.02),
    batch: 256,
    epochs: 4,
    evaluate: { on: data.validation, every: 20 },
  };
  const curve: { step: number; auc: number }[] = [];
  let [best, test] = [0, await predictions(model, data.test)];
  for await (const { step, validation } of train(model, data.train, options)) {
    if (!validation) continue;
    curve.push({ step, auc: validation.auc.value });
    if (validation.auc.value <= best) continue;
    [best, test] = [validation.auc.value, await predictions(model, data.test)];
  }
  model.free();
  return { curve, best, ...test };
}

for (const [signal, planted] of [
  ["8 ids of each table carry the signal", { carriers: 8 }],
  ["every id has an effect of its own", { exponent: 0, occurring: 3000, interaction: 0, signal: 2.5 }],
] as const) {
  const data = synthetic({ tables, dense: 4, rows: 30_000, seed: 3, ...planted });
  const whole = await trained(data, full());
  const small = await trained(data, robe({ compression: 100 }));
  const { value, interval } = delongTest(whole.labels, whole.probabilities, small.probabilities);
  const steps = (curve: typeof whole.curve) => curve.find(({ auc }) => auc >= 0.99 * whole.best)?.step;
  const [ours, theirs] = [steps(small.curve), steps(whole.curve)!];
  console.log(`${signal}; a hundredth of the memory:`);
  console.log(`  AUC − full ${value.toFixed(3)} (${interval.map((end) => end.toFixed(3)).join(" … ")})`);
  console.log(`  99 % of full's AUC after ${ours ?? "more than all"} steps, full tables after ${theirs}`);
  if ("carriers" in planted) assert(interval[1] > -0.005, "the signal that fits is kept");
  else assert(interval[1] < -0.02, "the signal that does not fit is lost");
}
