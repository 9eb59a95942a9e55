import { bytes, count, counted, grouped } from "../core/format.ts";
import type { Optimizer } from "../core/optimizers/optimizer.ts";
import type { Source } from "../models/data/source.ts";
import type { Dlrm } from "../models/dlrm/dlrm.ts";
import type { Metrics } from "../models/metrics/metrics.ts";
import { commandLine } from "./flags.ts";

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
  const { best, realized, strengths } = source;
  const sizes = sizesOf(model);
  const { name, scheme } = model.embedding;
  return {
    data: source.train.name,
    ...result,
    ...(best && { best, realized, strengths }),
    embedding: { name, ...sizes.embedding, guarantee: scheme?.guarantee ?? null },
    model: sizes.model,
    optimizer: { name: optimizer.name, rate: optimizer.learningRate, batch },
    command: commandLine(process.argv.slice(2)),
  };
}

/** What `train` prints. */
export function describeTraining(trained: Trained): string {
  const { source, model, quality, steps, rowsPerSecond, seconds, firstLoss, lastLoss } = trained;
  const { best, realized } = source;
  const { auc, logLoss, normalizedEntropy, calibration, rows } = quality;
  const sizes = sizesOf(model);
  const [low, high] = auc.interval.map((x) => x.toFixed(4));
  const lines = [
    `${source.train.name}: ${counted(steps, "step")} in ${seconds.toFixed(1)} s, ${count(Math.round(rowsPerSecond))} rows/s; loss ${firstLoss.toFixed(4)} at first, ${lastLoss.toFixed(4)} at the end`,
    `quality     AUC ${auc.value.toFixed(4)} (95 % interval ${low} … ${high}), log loss ${logLoss.toFixed(4)}, on ${counted(rows, "test row")}`,
    `            normalized entropy ${normalizedEntropy.toFixed(4)}, calibration ${calibration.toFixed(3)}`,
  ];
  if (best && realized) {
    lines.push(
      `best        AUC ${best.auc.toFixed(4)}, log loss ${best.logLoss.toFixed(4)}: what the true probabilities reach on average; on these labels ${realized.auc.toFixed(4)}, ${realized.logLoss.toFixed(4)}`,
    );
  }
  lines.push(
    `embedding   ${model.embedding.name}: ${memory(sizes.embedding)}`,
    `whole model ${memory(sizes.model)}`,
    `repeat      ${commandLine(process.argv.slice(2))}`,
  );
  return lines.join("\n");
}

function memory(own: ReturnType<typeof sizesOf>["model"]): string {
  const size = `${count(own.floats)} floats, ${bytes(own.bytes)}`;
  const full = 4 * own.fullFloats;
  if (own.bytes === full) return `${size} (nothing is shared)`;
  return `${size} (${bytes(full)} with full tables, ${grouped(full / own.bytes, 4)} times as much)`;
}
