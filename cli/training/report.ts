import { shownWord } from "../../core/errors.ts";
import { bytes, count, counted, grouped, percent } from "../../core/format.ts";
import type { Optimizer } from "../../core/optimizers/optimizer.ts";
import type { Source } from "../../models/data/source.ts";
import { partNames } from "../../models/data/split.ts";
import { drift } from "../../models/data/survey.ts";
import type { Dlrm } from "../../models/dlrm/dlrm.ts";
import type { Estimate } from "../../models/metrics/auc.ts";
import type { Metrics } from "../../models/metrics/metrics.ts";
import type { ReliabilityBin } from "../../models/metrics/reliability.ts";
import { commandLine } from "../flags.ts";
import { digits, labeled, notesOfQuality, type Quality, qualityInWords } from "./quality.ts";
import type { WarmStart } from "./warm.ts";

/** A model that was trained, its quality on the test rows, and all that is worth saying of it. */
export interface Trained extends Quality {
  readonly source: Source;
  readonly start?: WarmStart;
  readonly model: Dlrm;
  readonly optimizer: Optimizer;
  readonly batch: number;
  /** On the test rows. */
  readonly quality: Metrics;
  /** Of a model that went on: what it was on these test rows before. */
  readonly before?: Metrics;
  /** AUC minus that before; absent where rows have weights. */
  readonly gain?: Estimate;
  readonly reliability: readonly ReliabilityBin[];
  readonly steps: number;
  /** How many `--steps` asked for, where the epochs had fewer. */
  readonly stepsAsked?: number;
  /** The measurement on the validation rows for which this model was kept; absent where it is simply the last. */
  readonly kept?: { readonly step: number; readonly value: number };
  /** How far the logit was moved after the last step, to say as many ones as there are among the validation rows. */
  readonly shift: number;
  readonly rowsPerSecond: number;
  readonly seconds: number;
  /** Loss of the first batch, and a running mean over about the last hundred; NaN where no step was left to take. */
  readonly firstLoss: number;
  readonly lastLoss: number;
}

/** Floats and bytes of the model, of its embedding, and floats of both had the tables been kept whole. */
function sizesOf({ parameters, embedding: { memorySize, bytes, virtualSize } }: Dlrm) {
  const model = parameters.reduce((n, p) => n + p.size, 0);
  return {
    embedding: { floats: memorySize, bytes, fullFloats: virtualSize },
    model: {
      floats: model,
      bytes: bytes + 4 * (model - memorySize),
      fullFloats: model - memorySize + virtualSize,
    },
  };
}

/** What `train --json` prints. */
export function trainingReport({ source, model, optimizer, batch, ...result }: Trained) {
  const { best, realized, strengths, survey, features, columns } = source;
  const sizes = sizesOf(model);
  const { name, scheme } = model.embedding;
  const { quality, before, gain, reliability, withinGroups, kept, steps, stepsAsked, shift } = result;
  const { rowsPerSecond, seconds, firstLoss, lastLoss } = result;
  return {
    data: source.train.name,
    rows: survey.parts,
    ...(columns && { columns }),
    ...(features && { features }),
    ...(before && { before }),
    ...(gain && { gain }),
    quality,
    reliability,
    ...(withinGroups && { withinGroups }),
    notes: notesOf({ source, quality, steps, stepsAsked }),
    ...{ steps, ...(kept && { kept }), shift, rowsPerSecond, seconds, firstLoss, lastLoss },
    ...(best && { best, realized, strengths }),
    embedding: { name, ...sizes.embedding, guarantee: scheme?.guarantee ?? null },
    model: sizes.model,
    optimizer: { name: optimizer.name, rate: optimizer.learningRate, batch },
    command: commandLine(process.argv.slice(2)),
  };
}

/** What `train` prints. */
export function describeTraining(trained: Trained): string {
  const { source, model } = trained;
  const sizes = sizesOf(model);
  return [
    walkInWords(trained),
    `rows        ${rowsInWords(source)}`,
    ...labeled("columns", listed(source.columns ?? [], 12)),
    ...keptInWords(trained),
    ...beforeInWords(trained),
    ...qualityInWords(trained, "test row"),
    ...gainInWords(trained),
    ...labeled("note", notesOf(trained)),
    ...bestInWords(source),
    `embedding   ${model.embedding.name}: ${memory(sizes.embedding)}`,
    `whole model ${memory(sizes.model)}`,
    `repeat      ${commandLine(process.argv.slice(2))}`,
  ].join("\n");
}

const listed = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most
    ? lines
    : [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more, which --json lists`];

function walkInWords({ source, steps, rowsPerSecond, seconds, firstLoss, lastLoss }: Trained): string {
  if (Number.isNaN(firstLoss))
    return `${source.train.name}: no step was left to take after ${counted(steps, "step")}: --steps, --epochs or --patience had ended the training`;
  return `${source.train.name}: ${counted(steps, "step")} in ${seconds.toFixed(1)} s, ${count(Math.round(rowsPerSecond))} rows/s; loss ${firstLoss.toFixed(4)} at first, ${lastLoss.toFixed(4)} at the end`;
}

function rowsInWords({ survey: { parts } }: Source): string {
  const [train, validation, test] = partNames.map(
    (part) => `${count(parts[part].rows)} (${percent(parts[part].ones / parts[part].rows)})`,
  );
  return `${train} to train on, ${validation} to choose by, ${test} to test on; in brackets those labeled 1`;
}

const keptInWords = ({ kept, steps, shift }: Trained): string[] => [
  ...(kept === undefined
    ? []
    : [
        `kept        the model of step ${kept.step} of ${steps}: its validation log loss, ${kept.value.toFixed(4)}, is the best`,
      ]),
  ...(shift === 0
    ? []
    : [
        `calibrated  the logit moved by ${shift > 0 ? "+" : "−"}${Math.abs(shift).toFixed(4)}, to say as many ones as there are among the rows to choose by`,
      ]),
];

const beforeInWords = ({ before, start }: Trained): string[] =>
  before && start
    ? [
        `before      AUC ${digits(before.auc.value, 4)}, log loss ${before.logLoss.toFixed(4)}: ${shownWord(start.file)} on the same test rows, as it came`,
      ]
    : [];

function gainInWords({ before, gain, quality }: Trained): string[] {
  if (!before) return [];
  const signed = (x: number) => `${x < 0 ? "−" : "+"}${digits(Math.abs(x), 4)}`;
  const interval = gain ? ` (95 % interval ${gain.interval.map(signed).join(" … ")})` : "";
  const change = quality.auc.value - before.auc.value;
  return [
    `gained      AUC ${Number.isNaN(change) ? "–" : signed(change)}${interval}, log loss ${signed(quality.logLoss - before.logLoss)}`,
  ];
}

function bestInWords({ best, realized }: Source): string[] {
  if (!best || !realized) return [];
  return [
    `best        AUC ${best.auc.toFixed(4)}, log loss ${best.logLoss.toFixed(4)}: what the true probabilities reach on average; on these labels ${realized.auc.toFixed(4)}, ${realized.logLoss.toFixed(4)}`,
  ];
}

/** What to think of before trusting these numbers. */
function notesOf({
  source,
  quality,
  steps,
  stepsAsked,
}: Pick<Trained, "source" | "quality" | "steps"> & { stepsAsked?: number | undefined }): string[] {
  const moved = drift(source.survey);
  const { train } = source.survey.parts;
  return [
    ...(stepsAsked === undefined
      ? []
      : [
          `The epochs have ${counted(steps, "step")}, fewer than --steps ${stepsAsked}: raise --epochs for more.`,
        ]),
    ...(moved === undefined ? [] : [moved]),
    ...(train.ones === 0 || train.ones === train.rows
      ? [`All rows to train on are labeled ${train.ones > 0 ? 1 : 0}: there is nothing to learn from them.`]
      : []),
    ...notesOfQuality(quality, "test rows"),
  ];
}

function memory(own: ReturnType<typeof sizesOf>["model"]): string {
  const size = `${count(own.floats)} floats, ${bytes(own.bytes)}`;
  const full = 4 * own.fullFloats;
  if (own.bytes === full) return `${size} (nothing is shared)`;
  return `${size} (${bytes(full)} with full tables, ${grouped(full / own.bytes, 4)} times as much)`;
}
