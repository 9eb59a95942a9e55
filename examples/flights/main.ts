// npm start — trains one DLRM three times on real flight delays: with full embedding tables, and with a shared memory
// a 10th and a 100th of their size. Prints a table and writes reports/flights.html. With --docs it also renews the
// numbers and the picture of the README.
import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { aucDifference, fast, flights, full, robe, split } from "pss-dlrm";
import { machine } from "../../models/command/machine.ts";
import { versionOf } from "../version.ts";
import { qualityFigure, type Run } from "./plots.ts";
import { type Study, writeReport } from "./report.ts";
import { cellsOf, heads, type Model, trained } from "./train.ts";

const { values: flags } = parseArgs({
  options: { rows: { type: "string", default: "200000" }, docs: { type: "boolean", default: false } },
});
const backend = await fast();
const protocol = { rows: Number(flags.rows), dim: 16, batch: 512, rate: 0.06, seed: 1, block: 16 };

const models: readonly Model[] = [
  { name: "full tables", compression: 1, embedding: full() },
  ...[10, 100].map((compression) => ({
    name: `robe ${compression}×`,
    compression,
    embedding: robe({ compression, block: protocol.block, seed: protocol.seed }),
  })),
];

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
  console.log(heads.join("  "));
  const runs: Run[] = [];
  let baseline: Float64Array | undefined;
  for (const model of models) {
    const { result, labels, probabilities } = await trained(model, data.tables, parts, {
      ...protocol,
      backend,
    });
    if (baseline) result.difference = aucDifference(labels, baseline, probabilities);
    baseline ??= probabilities;
    runs.push(result);
    console.log(cellsOf(result).join("  "));
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
