import type { Optimizer } from "../../core/optimizer.ts";
import type { Dlrm } from "../dlrm.ts";
import type { Metrics } from "../metrics.ts";
import type { Source } from "./source.ts";
import { bytes, commandLine, count, grouped } from "./verb.ts";

/** A model that was trained, and all that is worth saying of it. */
export interface Trained {
  readonly source: Source;
  readonly model: Dlrm;
  readonly optimizer: Optimizer;
  readonly batch: number;
  /** On the test rows. */
  readonly quality: Metrics;
  readonly steps: number;
  readonly rowsPerSecond: number;
  readonly seconds: number;
  /** Loss of the first batch, and a running mean over about the last hundred. */
  readonly firstLoss: number;
  readonly lastLoss: number;
}

/** Floats of the model, of its embedding, and of both had the tables been kept whole. */
function floatsOf({ parameters, embedding: { memory, virtual } }: Dlrm) {
  const model = parameters.reduce((n, p) => n + p.size, 0);
  return { model, memory, fullModel: model - memory + virtual, fullTables: virtual };
}

/** What `train --json` prints. */
export function trainingReport({ source, model, optimizer, batch, ...result }: Trained) {
  const { best, realised, strengths } = source;
  const floats = floatsOf(model);
  const { name, scheme } = model.embedding;
  return {
    data: source.train.name,
    ...result,
    ...(best && { best, realised, strengths }),
    embedding: {
      name,
      floats: floats.memory,
      fullFloats: floats.fullTables,
      guarantee: scheme?.guarantee ?? null,
    },
    model: { floats: floats.model, fullFloats: floats.fullModel },
    optimizer: { name: optimizer.name, rate: optimizer.rate, batch },
    command: commandLine(process.argv.slice(2)),
  };
}

/** What `train` prints. */
export function describeTraining(trained: Trained): string {
  const { source, model, quality, steps, rowsPerSecond, seconds, firstLoss, lastLoss } = trained;
  const { best, realised } = source;
  const { auc, logLoss, normalisedEntropy, calibration, rows } = quality;
  const floats = floatsOf(model);
  const [low, high] = auc.interval.map((x) => x.toFixed(4));
  const lines = [
    `${source.train.name}: ${steps} steps in ${seconds.toFixed(1)} s, ${count(Math.round(rowsPerSecond))} rows/s; loss ${firstLoss.toFixed(4)} at first, ${lastLoss.toFixed(4)} at the end`,
    `quality     AUC ${auc.value.toFixed(4)} (95 % interval ${low} … ${high}), log loss ${logLoss.toFixed(4)}, on ${count(rows)} test rows`,
    `            normalised entropy ${normalisedEntropy.toFixed(4)}, calibration ${calibration.toFixed(3)}`,
  ];
  if (best && realised) {
    lines.push(
      `best        AUC ${best.auc.toFixed(4)}, log loss ${best.logLoss.toFixed(4)}: what the true probabilities reach on average; on these labels ${realised.auc.toFixed(4)}, ${realised.logLoss.toFixed(4)}`,
    );
  }
  lines.push(
    `embedding   ${model.embedding.name}: ${memory(floats.memory, floats.fullTables)}`,
    `whole model ${memory(floats.model, floats.fullModel)}`,
    `repeat      ${commandLine(process.argv.slice(2))}`,
  );
  return lines.join("\n");
}

function memory(own: number, full: number): string {
  const size = `${count(own)} floats, ${bytes(own * 4)}`;
  if (own === full) return `${size} (nothing is shared)`;
  const ratio = grouped(full / own, 4);
  return `${size} (${bytes(full * 4)} with full tables, ${ratio} times as much)`;
}
