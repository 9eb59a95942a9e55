import { existsSync } from "node:fs";
import type { Backend } from "../../core/backend.ts";
import { check, shownWord } from "../../core/errors.ts";
import { requireWritable } from "../../core/file.ts";
import { bytes, grouped } from "../../core/format.ts";
import type { Source } from "../../models/data/source.ts";
import { calibrate } from "../../models/dlrm/calibrate.ts";
import { evaluate } from "../../models/dlrm/evaluate.ts";
import type { Json } from "../../models/dlrm/saved/json.ts";
import { partQuality, type SavedQuality } from "../../models/dlrm/saved/quality.ts";
import { save } from "../../models/dlrm/saved/save.ts";
import { methodByName } from "../../proofs-tests/experiments/tradeoff/method.ts";
import {
  bestRate,
  type Cell,
  full,
  judgeOf,
  type Point,
  type Trial,
} from "../../proofs-tests/experiments/tradeoff/protocol.ts";
import type { Rows } from "../../proofs-tests/experiments/tradeoff/rows.ts";
import { outcomesOf, type Study, summaryOf } from "../../proofs-tests/experiments/tradeoff/study.ts";
import { type Best, runTrial } from "../../proofs-tests/experiments/tradeoff/trial.ts";
import { cellInWords } from "../../proofs-tests/experiments/tradeoff/words.ts";
import { version } from "../common/machine.ts";
import { dataOf, runOf } from "../training/checkpoint.ts";

/** A model that a study wrote. */
export interface SavedCell extends Trial {
  readonly file: string;
  /** Whether it is the smallest that is shown to be small enough; else it is full tables. */
  readonly isSmallEnough: boolean;
  readonly bytes: number;
  readonly fullBytes: number;
  readonly quality: SavedQuality;
  /** Whether raw rows can be scored by it: whether it knows their columns. */
  readonly hasFeatures: boolean;
}

/** Throws an InputError where a study cannot write a model to `path`: to be asked before it begins. */
export function checkSave(path: string): void {
  requireWritable(path);
  check(
    !existsSync(path),
    () => `${shownWord(path)} is there already; name another file with --save, or move it away.`,
  );
}

/** What the saving of a study's model needs besides the study. */
interface Means {
  readonly backend: Backend;
  readonly rows: (seed: number) => Promise<Source & Rows>;
  readonly watch: (trial: Trial, point: Point) => void;
}

/**
 * Trains what the study's headline names once more, at the rate and the first seed of the study, and writes it to `path`:
 * the smallest memory that is shown to be small enough, or full tables where none is. It is the model of the study's own trial, to
 * the bit, but for its last bias, which is calibrated as that of any model that is kept; with the state of its optimizer, so that
 * training can go on.
 */
export async function saveAnswer(
  path: string,
  study: Study,
  { backend, rows, watch }: Means,
): Promise<SavedCell> {
  const { protocol } = study;
  const { small, rows: cells } = summaryOf(study);
  const { method, compression }: Cell = small.smallest ?? full;
  const rate = bestRate({ method, compression }, protocol, outcomesOf(study));
  const refused = (reason: string) => `Nothing is saved to ${shownWord(path)}: ${reason}`;
  check(rate !== undefined, () => refused(`${cellInWords(full)} tables did not train.`));
  const trial: Trial = { method, compression, rate, seed: protocol.seeds[0]! };
  const source = await rows(trial.seed);
  let quality: SavedQuality | undefined;
  const keep = async (best: Best) => {
    quality = await write(path, study, trial, source, best);
  };
  const outcome = await runTrial(trial, methodByName(method), protocol.setting, source, backend, {
    watch: (point) => watch(trial, point),
    keep,
  });
  check(quality !== undefined && outcome.kind === "trained", () =>
    refused("reason" in outcome ? outcome.reason : "no measurement was defined."),
  );
  return {
    file: path,
    ...trial,
    isSmallEnough: small.smallest !== undefined,
    bytes: outcome.bytes,
    fullBytes: cells.find((row) => row.method === full.method)?.bytes ?? outcome.bytes,
    quality,
    hasFeatures: source.features !== undefined,
  };
}

/** Calibrates the model, measures it, and writes it. */
async function write(
  path: string,
  { protocol, provenance }: Study,
  trial: Trial,
  source: Source & Rows,
  { model, optimizer, point, last }: Best,
): Promise<SavedQuality> {
  const { setting } = protocol;
  const { step } = point;
  const judge = judgeOf(setting);
  const own = trial.method === full.method ? source.exact : undefined;
  const { validation, test, features } = own ?? source;
  const shift = await calibrate(model, validation);
  const quality = {
    validation: partQuality(await evaluate(model, validation)),
    test: partQuality(await evaluate(model, test)),
  };
  const rows = source.survey.parts.train.rows;
  await save(path, model, {
    ...(features && { features }),
    optimizer: {
      name: optimizer.name,
      learningRate: optimizer.learningRate,
      options: methodByName(trial.method).optimizerOptions(setting) as Record<string, Json>,
    },
    training: {
      step,
      worse: 0,
      best: { step, value: judge === "auc" ? point.auc! : point.logLoss, judge },
      ended: { step: last, early: last < Math.ceil(rows / setting.batch) * setting.epochs, shift },
    },
    data: dataOf(source),
    history: [{ ...runOf({ source, optimizer, batch: setting.batch }, 0), study: provenance.command }],
    settings: Object.fromEntries(Object.entries(setting.data).map(([name, text]) => [name, `${text}`])),
    version: version(),
    quality,
  });
  return quality;
}

/** What was saved, and why that. */
export function savedInWords({
  file,
  isSmallEnough,
  bytes: own,
  fullBytes,
  rate,
  seed,
  quality,
  ...cell
}: SavedCell): string {
  const { auc, logLoss, rows } = quality.test;
  const what = isSmallEnough
    ? `${cellInWords(cell)}, ${bytes(own)} in place of ${bytes(fullBytes)}`
    : `full tables, ${bytes(own)}, since nothing smaller is shown to be small enough`;
  return `saved       ${shownWord(file)}: ${what}; rate ${rate}×, seed ${seed}: AUC ${auc ? auc.value.toFixed(4) : "–"}, log loss ${logLoss.toFixed(4)} on ${grouped(rows, 12)} test rows`;
}
