import type { Backend } from "../../../core/backend.ts";
import { DivergedError, SizeError } from "../../../core/errors.ts";
import type { Optimizer } from "../../../core/optimizers/optimizer.ts";
import type { Parts } from "../../../models/data/split.ts";
import { type Dlrm, dlrm } from "../../../models/dlrm/dlrm.ts";
import { evaluate } from "../../../models/dlrm/evaluate.ts";
import { snapshot } from "../../../models/dlrm/snapshot.ts";
import { train } from "../../../models/dlrm/train.ts";
import { virtualFloats } from "../../../models/embeddings/scheme.ts";
import type { Metrics } from "../../../models/metrics/metrics.ts";
import type { Method } from "./method.ts";
import { bestPoint, judgeOf, type Outcome, type Point, type Setting, type Trial } from "./protocol.ts";
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
  const { train, lazyRows, own } = readBy(method.name, rows);
  const { dense, tables } = train;
  const { needs } = method;
  const known = {
    rows: lazyRows,
    own: needs === undefined || needs === "rows" ? undefined : own?.[needs],
  };
  const embedding = method.fitTo(bytes, { tables, dim }, known);
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

/** A model as it was at its best, with the state of its optimizer. */
export interface Best {
  readonly model: Dlrm;
  readonly optimizer: Optimizer;
  /** Quality on the validation rows, at the step that the model was trained to. */
  readonly point: Point;
  /** Steps until patience or epochs ended the training. */
  readonly last: number;
}

/** Who is told what happens to a model. */
interface Told {
  /** Each measurement on the validation rows. */
  readonly watch?: (point: Point) => unknown;
  /** The model at its best, before it is freed. */
  readonly keep?: (best: Best) => Promise<void>;
}

/**
 * Trains one model and follows its quality on the validation rows. The test rows are looked at whenever that is the best
 * so far, so what is reported of them is of the model that validation chose. Throws where the data or the setting is wrong; that a method cannot be so small, or diverges, is an outcome.
 */
export async function runTrial(
  trial: Trial,
  method: Method,
  setting: Setting,
  rows: Rows,
  backend: Backend,
  { watch = () => {}, keep }: Told = {},
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
    const hold = keep ? () => snapshot(model) : undefined;
    const { putBack, ...followed } = await follow(model, trial, { ...setting, optimizer }, read, watch, hold);
    if (keep && putBack) {
      putBack();
      const point = bestPoint(followed.curve, judgeOf(setting));
      await keep({ model, optimizer, point, last: followed.steps });
    }
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
  auc: Number.isNaN(auc.value) ? null : Number(auc.value.toPrecision(6)),
  logLoss: Number(logLoss.toPrecision(6)),
});

/** Trains until patience or epochs end. What `hold` gave of the best model is given back. */
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
  hold?: () => Promise<() => void>,
) {
  const { optimizer, batch, epochs } = setting;
  const curve: Point[] = [];
  let putBack: (() => void) | undefined;
  let test: Point = { step: 0, auc: null, logLoss: Number.NaN };
  const walk = { optimizer, batch, epochs, shuffle: seed, patience, judge: judgeOf(setting) };
  const steps = train(model, data.train, { ...walk, evaluate: { on: data.validation, every } });
  for await (const { step, validation, isBest } of steps) {
    if (!validation) continue;
    const point = { step, ...sixDigits(validation) };
    curve.push(point);
    watch(point);
    if (!isBest) continue;
    test = { step, ...sixDigits(await evaluate(model, data.test)) };
    putBack = await hold?.();
  }
  return { steps: curve.at(-1)!.step, curve, test, putBack };
}
