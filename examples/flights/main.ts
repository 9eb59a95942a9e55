// npm start — trains one DLRM three times on real flight delays: with full embedding tables, and with a shared memory
// a 10th and a 100th of their size. Prints a table and writes reports/flights.html. With --docs it also renews the
// numbers and the picture of the README.
import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  adagrad,
  aucDifference,
  type Dataset,
  dlrm,
  type EmbeddingMaker,
  fast,
  flights,
  full,
  metrics,
  predictions,
  robe,
  split,
  train,
} from "pss-dlrm";
import { machine } from "../../models/command/machine.ts";
import { versionOf } from "../version.ts";
import { qualityFigure, type Run } from "./plots.ts";
import { type Study, writeReport } from "./report.ts";

const { values: flags } = parseArgs({
  options: { rows: { type: "string", default: "200000" }, docs: { type: "boolean", default: false } },
});
const backend = await fast();
const protocol = { rows: Number(flags.rows), dim: 16, batch: 512, rate: 0.06, seed: 1, block: 16 };

const models: readonly { name: string; compression: number; embedding: EmbeddingMaker }[] = [
  { name: "full tables", compression: 1, embedding: full() },
  ...[10, 100].map((compression) => ({
    name: `robe ${compression}×`,
    compression,
    embedding: robe({ compression, block: protocol.block, seed: protocol.seed }),
  })),
];

interface Parts {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}

/** Trains one model for one epoch and measures it on the test rows. */
async function run(
  { name, compression, embedding }: (typeof models)[number],
  tables: readonly number[],
  parts: Parts,
) {
  const { dim, batch, rate, seed } = protocol;
  const { dense } = parts.train;
  const model = dlrm({
    dense,
    tables,
    dim,
    bottom: [32, dim],
    top: [64, 32, 1],
    embedding,
    backend,
    seed,
  });
  const steps = Math.ceil((parts.train.rows ?? 0) / batch);
  const curve: { step: number; loss: number }[] = [];
  const validation: { step: number; logLoss: number; auc: number }[] = [];
  const started = performance.now();
  let [rows, measuring, sum] = [0, 0, 0];
  const optimizer = adagrad(rate);
  for await (const step of train(model, parts.train, {
    optimizer,
    batch,
    shuffle: seed,
    steps,
    evaluate: { on: parts.validation, every: 200 },
  })) {
    rows += step.rows;
    sum += step.loss;
    if (step.step % 10 === 0) {
      curve.push({ step: step.step, loss: Number((sum / 10).toFixed(5)) });
      sum = 0;
    }
    if (step.validation) {
      const { logLoss, auc } = step.validation;
      validation.push({ step: step.step, logLoss, auc: auc.value });
    }
    measuring = progress(name, step.step, steps, step.loss, rows, started, measuring);
  }
  const seconds = (performance.now() - started) / 1000;
  const { labels, probabilities } = await predictions(model, parts.test);
  const { auc, logLoss } = metrics(labels, probabilities);
  const modelFloats = model.parameters.reduce((n, p) => n + p.size, 0);
  const result: Run = {
    name,
    compression,
    embeddingFloats: model.embedding.memory,
    modelFloats,
    auc,
    logLoss,
    rowsPerSecond: Math.round(rows / seconds),
    seconds: Number(seconds.toFixed(1)),
    curve,
    validation,
  };
  model.free();
  return { result, labels, probabilities };
}

/** On a terminal, one line that renews itself five times a second; returns when it last did. */
function progress(
  name: string,
  step: number,
  steps: number,
  loss: number,
  rows: number,
  started: number,
  last: number,
): number {
  const now = performance.now();
  if (!process.stderr.isTTY || (now - last < 200 && step < steps)) return last;
  const seconds = (now - started) / 1000;
  const left = Math.ceil((seconds / step) * (steps - step));
  process.stderr.write(
    `\r\x1b[K${name}: step ${step} of ${steps}, loss ${loss.toFixed(4)}, ${Math.round(rows / seconds)} rows/s, ${left} s left`,
  );
  if (step >= steps) process.stderr.write("\r\x1b[K");
  return now;
}

const megabytes = (floats: number): string => `${((floats * 4) / 1e6).toFixed(2)} MB`;
const range = ([low, high]: readonly [number, number]): string => `${low.toFixed(4)} … ${high.toFixed(4)}`;

function printRow({
  name,
  auc,
  difference,
  logLoss,
  embeddingFloats,
  modelFloats,
  rowsPerSecond,
}: Run): void {
  const cells = [
    name.padEnd(12),
    `${auc.value.toFixed(4)} (${range(auc.interval)})`.padEnd(26),
    (difference ? `${difference.value.toFixed(4)} (${range(difference.interval)})` : "–").padEnd(28),
    logLoss.toFixed(4).padEnd(9),
    megabytes(embeddingFloats).padStart(9),
    megabytes(modelFloats).padStart(12),
    String(rowsPerSecond).padStart(8),
  ];
  console.log(cells.join("  "));
}

async function main(): Promise<void> {
  const data = await flights({ rows: protocol.rows });
  const parts = await split(data, { by: "random", seed: protocol.seed, test: 0.1, validation: 0.02 });
  console.log(
    `Flight delays: the first ${protocol.rows} of 3,000,000 US flights of January to June 2001 (real rows;`,
  );
  console.log(
    `source: US Department of Transportation). Will a flight arrive more than 15 minutes late? Random split,`,
  );
  console.log(
    `${parts.train.rows} rows to train on, ${parts.test.rows} to test. ${data.tables.length} tables, ${data.tables.reduce((a, b) => a + b)} ids. One epoch each.\n`,
  );
  console.log(
    `${"model".padEnd(12)}  ${"AUC (95 % interval)".padEnd(26)}  ${"difference to full".padEnd(28)}  ${"log loss".padEnd(9)}  ${"embedding".padStart(9)}  ${"whole model".padStart(12)}  ${"rows/s".padStart(8)}`,
  );
  const runs: Run[] = [];
  let baseline: Float64Array | undefined;
  for (const model of models) {
    const { result, labels, probabilities } = await run(model, data.tables, parts);
    if (baseline) result.difference = aucDifference(labels, baseline, probabilities);
    baseline ??= probabilities;
    runs.push(result);
    printRow(result);
  }
  await write({
    title: "Embedding tables in a fraction of their memory",
    data: `the first ${protocol.rows} of 3,000,000 US flights of January to June 2001 (flight delays, real rows; source: US Department of Transportation), random split: ${parts.train.rows} train, ${parts.test.rows} test; ${data.tables.length} tables, ${data.tables.reduce((a, b) => a + b)} ids, dim ${protocol.dim}; one epoch, batch ${protocol.batch}, Adagrad ${protocol.rate}`,
    machine: `${machine()}, backend fast (${backend.threads} threads)`,
    command: `npm start${flags.rows === "200000" ? "" : ` -- --rows ${flags.rows}`}`,
    seed: protocol.seed,
    versions: { node: process.version, "pss-dlrm": versionOf("pss-dlrm") },
    runs,
  });
}

async function write(study: Study): Promise<void> {
  await mkdir("reports", { recursive: true });
  await writeFile("reports/flights.json", `${JSON.stringify(study)}\n`);
  await writeReport("reports/flights.html", study);
  console.log("\nPlots: reports/flights.html (one file, opens anywhere). Numbers: reports/flights.json.");
  if (!flags.docs) return;
  await writeFile("docs/flights.json", `${JSON.stringify(study, null, 1)}\n`);
  for (const theme of ["light", "dark"] as const)
    await writeFile(`docs/quality-${theme}.svg`, qualityFigure(study.runs, theme));
}

await main();
