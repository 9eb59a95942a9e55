import type { Backend } from "../../../core/backend.ts";
import { DivergedError, SizeError } from "../../../core/errors.ts";
import type { Parts } from "../../../models/data/split.ts";
import { type Dlrm, dlrm } from "../../../models/dlrm/dlrm.ts";
import { evaluate } from "../../../models/dlrm/evaluate.ts";
import { train } from "../../../models/dlrm/train.ts";
import { virtualFloats } from "../../../models/embeddings/scheme.ts";
import type { Metrics } from "../../../models/metrics/metrics.ts";
import type { Method } from "./method.ts";
import type { Outcome, Point, Setting, Trial } from "./protocol.ts";
import { fullShape, type Rows, readBy } from "./rows.ts";

/** The model of a trial, before training. Throws a SizeError where the method cannot be as small as asked. */
export function modelOf(
  method: Method,
  { compression, seed }: Pick<Trial, "compression" | "seed">,
  { dim, bottom, top }: Setting,
  rows: Rows,
  backend: Backend,
): Dlrm {
  const bytes = Math.floor((4 * virtualFloats(fullShape(rows, dim))) / compression);
  const { train, lazyRows } = readBy(method.name, rows);
  const { dense, tables } = train;
  const embedding = method.fitTo(bytes, { tables, dim }, lazyRows);
  return dlrm({ dense, tables, dim, bottom, top, embedding, backend, seed });
}

/** Bytes that stand for the tables, and of all that the model keeps. Full tables count whole, whatever was touched. */
function bytesOf({ embedding, parameters }: Dlrm, { whole }: Method) {
  const bytes = whole ? 4 * embedding.virtualSize : embedding.bytes;
  return {
    bytes,
    modelBytes: bytes + 4 * (parameters.reduce((n, p) => n + p.size, 0) - embedding.memorySize),
  };
}

/**
 * Trains one model and follows its AUC on the validation rows. The test rows are looked at whenever that AUC is the best
 * so far, so what is reported of them is of the model that validation chose. Throws where the data or the setting is
 * wrong; that a method cannot be so small, or diverges, is an outcome.
 */
export async function runTrial(
  trial: Trial,
  method: Method,
  setting: Setting,
  rows: Rows,
  backend: Backend,
  watch: (point: Point) => unknown,
): Promise<Outcome> {
  const optimizer = method.optimizer(setting, trial.rate);
  let model: Dlrm;
  try {
    model = modelOf(method, trial, setting, rows, backend);
  } catch (error) {
    return inWords("refused", error, SizeError);
  }
  try {
    const read = readBy(method.name, rows);
    const followed = await follow(model, trial, { ...setting, optimizer }, read, watch);
    const { name, learningRate } = optimizer;
    return { kind: "trained", ...bytesOf(model, method), optimizer: name, learningRate, ...followed };
  } catch (error) {
    return inWords("diverged", error, DivergedError);
  } finally {
    model.free();
  }
}

/** What is recorded of an error of this class. Any other, a bad line of the data say, is no outcome: it ends the study. */
function inWords(kind: "refused" | "diverged", error: unknown, recorded: typeof SizeError): Outcome {
  if (error instanceof recorded) return { kind, reason: error.message };
  throw error;
}

/** AUC and log loss to six digits: more would be noise, and studies are kept as text. */
const sixDigits = ({ auc, logLoss }: Metrics) => ({
  auc: Number(auc.value.toPrecision(6)),
  logLoss: Number(logLoss.toPrecision(6)),
});

/** Trains until patience or epochs end. */
async function follow(
  model: Dlrm,
  { seed }: Trial,
  {
    every,
    patience,
    ...setting
  }: Omit<Setting, "optimizer"> & Pick<Parameters<typeof train>[2], "optimizer">,
  data: Parts,
  watch: (point: Point) => unknown,
) {
  const { optimizer, batch, epochs } = setting;
  const curve: Point[] = [];
  let test = { step: 0, auc: Number.NaN, logLoss: Number.NaN };
  const walk = { optimizer, batch, epochs, shuffle: seed, patience, judge: "auc" } as const;
  const steps = train(model, data.train, { ...walk, evaluate: { on: data.validation, every } });
  for await (const { step, validation, isBest } of steps) {
    if (!validation) continue;
    const point = { step, ...sixDigits(validation) };
    curve.push(point);
    watch(point);
    if (isBest) test = { step, ...sixDigits(await evaluate(model, data.test)) };
  }
  return { steps: curve.at(-1)!.step, curve, test };
}
