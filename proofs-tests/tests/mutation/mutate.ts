/**
 * `npm run mutate [-- PATH…]` changes the program in small ways, one change at a time, and counts those that some test sees.
 * It tries the files below each PATH, or all that `scope` names. `--sample N` draws N changes a folder, the same ones each
 * time for the same `--seed`. `--json FILE` keeps the report, as far as it is, after each folder of the top level; a folder
 * of which the file has what the same command found in the same texts is not tried again. `--since FILE` tries only files
 * that changed since that report, N in all, and ends with exit code 1 where too few are seen.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { MutantResult } from "@stryker-mutator/api/core";
import { Stryker } from "@stryker-mutator/core";
import ts from "typescript";
import { machine } from "../../../cli/common/machine.ts";
import { check, InputError, integer, orRefusal } from "../../../core/errors.ts";
import { draw, notMade, placeOf, rangeOf } from "./draw.ts";
import { keyOf } from "./sample.ts";
import {
  changedSince,
  describeReport,
  dropSince,
  folderOf,
  joined,
  keptOf,
  type Report,
  reportOf,
  type Verdict,
} from "./score.ts";
import { survivors } from "./survivors.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What makes numbers that people read, and the host side of backends. Laws of their own hold the core and the kernels. */
const scope = [
  ...["models", "theory", "proofs-tests/experiments", "cli", "examples/flights", "config/docs"],
  ...["backends/validate.ts", "backends/instrument.ts", "backends/index.ts", "backends/fast", "backends/gpu"],
];

/** What a verdict of the mutation tester means here; changes that are not drawn have none. */
const statuses: Readonly<Partial<Record<MutantResult["status"], Verdict["status"]>>> = {
  Killed: "killed",
  Timeout: "killed",
  RuntimeError: "killed",
  Survived: "survived",
  NoCoverage: "uncovered",
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: "string" },
      seed: { type: "string", default: "0" },
      json: { type: "string" },
      since: { type: "string" },
    },
  });
  const { since, seed } = values;
  const most = values.sample === undefined ? Infinity : integer("--sample", Number(values.sample), 1);
  const all = filesBelow(positionals.length > 0 ? positionals : scope);
  check(all.length > 0, () => `There is no source file below ${positionals.join(", ")}.`);
  const before = since === undefined ? undefined : (JSON.parse(readFileSync(since, "utf8")) as Report);
  const files = before ? changedSince(all, before, hashOf) : all;
  // Without paths: each folder's changes are the same ones, whichever others are tried.
  const options = process.argv.slice(2).filter((word) => !positionals.includes(word));
  const command = ["npm run mutate --", ...options].join(" ");
  const made = { command, machine: machine() };
  const groups = before ? [files] : by(folderOf, files);
  const { json } = values;
  const found = json !== undefined && existsSync(json) ? JSON.parse(readFileSync(json, "utf8")) : undefined;
  let report = keptOf(found, made, by(folderOf, filesBelow(scope)), hashOf);
  const untried = groups.filter((group) => group.some((file) => report.tried[file] === undefined));
  for (const together of by(([file]) => file!.split("/")[0]!, untried)) {
    const verdicts = await verdictsOf(together, most, seed);
    report = joined(report, reportOf(verdicts, { ...made, files: together.flat() }, hashOf, survivors));
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`);
  }
  console.log(describeReport(report, survivors));
  if (before === undefined) return;
  const drop = dropSince(report, before, survivors);
  console.log(drop ?? `${files.length} files changed since ${since}; no drop of the score is shown.`);
  if (drop !== undefined) process.exitCode = 1;
}

const by = <T>(keyOf: (one: T) => string, all: readonly T[]): T[][] =>
  [...new Set(all.map(keyOf))].map((key) => all.filter((one) => keyOf(one) === key));

const hashOf = (file: string): string =>
  createHash("sha256")
    .update(readFileSync(join(root, file)))
    .digest("hex")
    .slice(0, 16);

function filesBelow(paths: readonly string[]): string[] {
  return execFileSync("git", ["ls-files", "-z", "--", ...paths], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("/kernels/"));
}

/**
 * Tries `most` changes of each group of files; that the tests run without a change, and what each of them runs, is found once
 * for all. Only where a change was drawn is a file made slower by being changed and counted.
 */
async function verdictsOf(
  groups: readonly (readonly string[])[],
  most: number,
  seed: string,
): Promise<Verdict[]> {
  process.chdir(root);
  const drawn = (await Promise.all(groups.map((files) => draw(root, files, most, seed)))).flat();
  const sample = join(root, "reports/mutation/sample.json");
  mkdirSync(dirname(sample), { recursive: true });
  writeFileSync(sample, JSON.stringify(drawn.map(keyOf)));
  process.env.SEED = "1"; // of fast-check: another run, the same verdicts
  process.env.MUTANT_SAMPLE = sample;
  process.env.MUTANT_FOLDERS = groups.flat().map(folderOf).join(" ");
  const results = await new Stryker({
    mutate: drawn.map((change) => rangeOf(root, change)),
    mutator: { plugins: null, excludedMutations: notMade },
    testRunner: "vitest",
    vitest: { configFile: "proofs-tests/tests/mutation/vitest.config.ts" },
    plugins: ["@stryker-mutator/vitest-runner", samplePlugin()],
    checkers: ["sample"],
    ignorePatterns: ["dist", "*.tmp"],
    concurrency: 2,
    timeoutFactor: 1.5,
    timeoutMS: 5000,
    dryRunTimeoutMinutes: 60, // counting what each test runs makes hot loops many times slower
    reporters: ["progress-append-only"],
    tempDirName: "reports/mutation/sandbox",
    allowEmpty: true,
    allowConsoleColors: false,
  }).runMutationTest();
  return results.flatMap(verdictOf);
}

/** The mutation tester loads its plugins as JavaScript. */
function samplePlugin(): string {
  const path = join(root, "reports/mutation/sample.mjs");
  const source = readFileSync(new URL("./sample.ts", import.meta.url), "utf8");
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  writeFileSync(path, ts.transpileModule(source, { compilerOptions }).outputText);
  return path;
}

/** The mutation tester's columns count from 1 here, and from 0 where it makes changes. */
function verdictOf({
  fileName,
  location: { start, end },
  replacement = "",
  status: said,
}: MutantResult): Verdict[] {
  const status = statuses[said];
  if (status === undefined) return [];
  const from = { line: start.line - 1, column: start.column - 1 };
  const location = { start: from, end: { line: end.line - 1, column: end.column - 1 } };
  return [{ ...placeOf(root, { fileName, location, replacement }), status }];
}

const refusal = await orRefusal(main());
if (refusal instanceof InputError) {
  console.error(refusal.message);
  process.exitCode = 2;
}
