import type { Optimizer } from "../../../../core/optimizers/optimizer.ts";
import type { Dataset } from "../../../../models/data/dataset.ts";
import type { Parts } from "../../../../models/data/split.ts";
import type { Dlrm } from "../../../../models/dlrm/dlrm.ts";
import { evaluate } from "../../../../models/dlrm/evaluate.ts";
import { trainStep } from "../../../../models/dlrm/train.ts";

/** What a trial must come to, written down without any code of studies. */
export async function trainedPlainly(
  model: Dlrm,
  { train, validation, test }: Parts,
  how: { optimizer: Optimizer; batch: number; epochs: number; every: number; patience: number; seed: number },
) {
  const { optimizer, batch: size, epochs, every, patience, seed } = how;
  const end = epochs * Math.ceil((await rowsOf(train)) / size);
  const on = async (rows: Dataset, step: number) => {
    const { auc, logLoss } = await evaluate(model, rows);
    return { step, auc: Number(auc.value.toPrecision(6)), logLoss: Number(logLoss.toPrecision(6)) };
  };
  const curve: { step: number; auc: number; logLoss: number }[] = [];
  const tests: typeof curve = [];
  const best = () => curve.findIndex(({ auc }) => auc === Math.max(...curve.map((point) => point.auc)));
  for (let step = 0, epoch = 0; epoch < epochs; epoch++)
    for await (const batch of train.batches(size, { seed, epoch })) {
      await trainStep(model, batch, ++step, { optimizer, share: batch.size / size });
      if (step % every !== 0 && step !== end) continue;
      curve.push(await on(validation, step));
      tests.push(await on(test, step));
      if (curve.length - 1 - best() >= patience) return { steps: step, curve, test: tests[best()]! };
    }
  return { steps: end, curve, test: tests[best()]! };
}

async function rowsOf(data: Dataset): Promise<number> {
  let rows = 0;
  for await (const { size } of data.batches(1000)) rows += size;
  return rows;
}
