import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Backend, delongTest, full, robe } from "pss-dlrm";
import { qualityFigure, type Run } from "./plots.ts";
import { type Study, writeReport } from "./report.ts";
import { type Model, type Parts, type Protocol, trained } from "./train.ts";

/** How many of the 3,000,000 flights there are unless `--rows` says so. */
const usualRows = 200_000;

/** What the command line asks for. */
export function asked(args: readonly string[]): { rows: number; docs: boolean; check: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string", default: String(usualRows) },
      docs: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
    },
  });
  return { rows: Number(values.rows), docs: values.docs, check: values.check };
}

/** The command that makes the study of so many rows again. */
export const commandOf = (rows: number): string =>
  `npm start${rows === usualRows ? "" : ` -- --rows ${rows}`}`;

/** How all models of the study are trained. */
export const protocolOn = <B extends Backend>(backend: B) =>
  ({ dim: 16, batch: 512, rate: 0.06, seed: 1, block: 16, backend }) as const;

/** Full embedding tables, and a shared memory a 10th and a 100th of their size. */
export const modelsOf = ({ block, seed }: { block: number; seed: number }): Model[] => [
  { name: "full tables", compression: 1, embedding: full() },
  ...[10, 100].map((compression) => ({
    name: `robe ${compression}×`,
    compression,
    embedding: robe({ compression, block, seed }),
  })),
];

/** The rows of the study, in words. */
export function dataInWords(
  rows: number,
  tables: readonly number[],
  { train, test }: Pick<Parts, "train" | "test">,
  { dim, batch, rate }: Protocol,
): string {
  return `the first ${rows} of 3,000,000 US flights of January to June 2001 (flight delays, real rows; source: US Department of Transportation), random split: ${train.rows} train, ${test.rows} test; ${tables.length} tables, ${idsOf(tables)} ids, dim ${dim}; one epoch, batch ${batch}, Adagrad ${rate}`;
}

/** How many ids the tables have together. */
export const idsOf = (tables: readonly number[]): number => tables.reduce((a, b) => a + b);

/** Trains each model and holds it against the first on the same rows; `each` is told of a run when it is over. */
export async function compared(
  models: readonly Model[],
  tables: readonly number[],
  parts: Parts,
  protocol: Protocol,
  each: (run: Run) => void,
): Promise<Run[]> {
  const runs: Run[] = [];
  let baseline: Float64Array | undefined;
  for (const model of models) {
    const { result, labels, probabilities } = await trained(model, tables, parts, protocol);
    if (baseline) result.difference = delongTest(labels, baseline, probabilities);
    baseline ??= probabilities;
    runs.push(result);
    each(result);
  }
  return runs;
}

/** Writes the study below `folder`: its numbers and its page, and with `docs` the README's numbers and picture. */
export async function writeStudy(study: Study, folder: string, docs: boolean): Promise<void> {
  const at = (path: string) => join(folder, path);
  await mkdir(at("reports"), { recursive: true });
  await writeFile(at("reports/flights.json"), `${JSON.stringify(study)}\n`);
  await writeReport(at("reports/flights.html"), study);
  if (!docs) return;
  await writeFile(at("docs/data/flights.json"), `${JSON.stringify(study, null, 1)}\n`);
  for (const theme of ["light", "dark"] as const)
    await writeFile(at(`docs/quality-${theme}.svg`), qualityFigure(study.runs, theme));
}
