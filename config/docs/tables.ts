/**
 * Tables of the documents, made from what commands printed. `npx tsx config/docs/tables.ts --write` renews
 * them and the output of the documents' programs.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { medianAndQuartiles, type Timing } from "../../cli/bench/bench.ts";
import type { Study } from "../../examples/flights/report.ts";
import type { Study as TradeoffStudy } from "../../proofs-tests/experiments/tradeoff/study.ts";
import { planted } from "../../proofs-tests/tests/mutation/planted/index.ts";
import type { Recorded } from "../../proofs-tests/tests/mutation/planted.ts";
import type { Report } from "../../proofs-tests/tests/mutation/score.ts";
import { allArrows, drawn } from "../imports.ts";
import { withOutputs } from "./blocks.ts";
import { type Engines, enginesTable } from "./engines-table.ts";
import { gradientsTable } from "./gradients.ts";
import { joined, predictedTable, scalingTable } from "./kept.ts";
import { count, sources } from "./lines.ts";
import { killsTable, scoresTable, survivorsTable, todayTable } from "./mutation.ts";
import { type InPage, pageTable } from "./page-table.ts";
import { ofAllFlights, picturesOf } from "./pictures.ts";
import { publishedTable } from "./published.ts";
import {
  allPeers,
  anatomyTable,
  type Parsing,
  type Profile,
  parsingTable,
  type Rates,
  ratesTable,
} from "./speed.ts";
import { table } from "./table.ts";
import { type Convergence, convergenceTable, type Proof, theoremsTable } from "./theory.ts";
import {
  besideTable,
  headlineOf,
  type Power,
  paperTable,
  powerTable,
  rankingTable,
  studyTable,
  sweepTable,
  type Walked,
  walkedTable,
} from "./tradeoff.ts";
import { type Weight, weightsTable } from "./weights.ts";

/** A folder's size. */
type Size = Pick<ReturnType<typeof count>[number], "folder" | "files" | "code">;

/** What `npx pss-dlrm bench --json` prints. */
interface Bench {
  readonly machine: string;
  readonly command: string;
  readonly timings: readonly Timing[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const text = (path: string) => readFileSync(`${root}${path}`, "utf8");
const whole = (x: number) => Math.round(x).toLocaleString("en-US");
const fixed = (x: number) => x.toFixed(4).replace("-", "−");
const range = ([low, high]: readonly [number, number]) => `${fixed(low)} … ${fixed(high)}`;

/** The flights study: quality and memory of each model, and how it was made. */
export function flightsTable({ runs, data, machine }: Study): string {
  const rows = runs.map(({ name, embeddingFloats, modelFloats, auc, difference, logLoss }) => [
    name,
    whole(embeddingFloats),
    whole(modelFloats),
    `${fixed(auc.value)} (${range(auc.interval)})`,
    difference ? `${fixed(difference.value)} (${range(difference.interval)})` : "–",
    fixed(logLoss),
  ]);
  const heads = [
    "model",
    "embedding floats",
    "all floats",
    "AUC (95 % interval)",
    "AUC − full (paired)",
    "log loss",
  ];
  return `${table(heads, rows)}\n\nData: ${data}.\nMachine: ${machine}.`;
}

/** A ratio in two digits, or as a whole number. */
const times = (ratio: number): string => `${ratio < 99.5 ? ratio.toPrecision(2) : ratio.toFixed(0)}×`;

/** Medians of the benchmark, a line a case, and the command that measured them. */
export function benchTable({ timings, machine, command }: Bench): string {
  const backends = [...new Set(timings.map((t) => t.backend))];
  const cases = [...new Set(timings.map((t) => t.name))];
  const rows = cases.map((name) => {
    const own = backends.map((b) => timings.find((t) => t.name === name && t.backend === b)!);
    return [
      `${name}, ${own[0]!.shape}`,
      ...own.map(medianAndQuartiles),
      ...own.filter((_, b) => b !== 1).map(({ median }) => times(median / own[1]!.median)),
    ];
  });
  const heads = [
    "milliseconds: median (quartiles)",
    ...backends.map((b) => `\`${b}\``),
    ...backends.filter((_, b) => b !== 1).map((other) => `${backends[1]} against ${other}`),
  ];
  return `${table(heads, rows)}\n\nMachine: ${machine}. Measured by \`${command}\`.`;
}

/** Lines of code by folder, largest first. */
export function linesTable(sizes: readonly Size[]): string {
  const purpose: Readonly<Record<string, string>> = {
    core: "ops, gradients, hashes, optimizers",
    backends: "what computes the ops",
    cli: "the command line, benchmarks, report pages",
    models: "DLRM, embeddings, data, metrics, training",
    "proofs-tests": "laws, mutants, golden files, experiments, tests",
    theory: "theorems and their proofs",
    examples: "numbered examples, the flights study, the page",
    config: "builds the kernels, and tables and output of this page",
    "(root)": "public surface, settings",
  };
  const known = sizes.filter(({ folder }) => purpose[folder] !== undefined);
  return table(
    ["folder", "files", "lines of code", "what"],
    known.map(({ folder, files, code }) => [`\`${folder}\``, files, whole(code), purpose[folder]!]),
  );
}

/** Sizes of all folders now. */
export const sizesNow = (): Size[] => count(sources());

/** What a command printed as JSON. */
const data = <Printed>(name: string): Printed => JSON.parse(text(`docs/data/${name}.json`)) as Printed;

const study = (name: string): TradeoffStudy => data(`tradeoff/${name}`);
const mutation = (when: "before" | "after" | "now"): Report => data(`mutation-${when}`);

type Tables = Readonly<Record<string, () => string>>;

/** Every table of the documents, by page and marker. */
export const pages: Readonly<Record<string, Tables>> = {
  "README.md": {
    headline: () => headlineOf(study("whole"), "robe:storage=f16", [10, 100, 10_000]),
    walked: () => walkedTable(data<Walked>("walk")),
    flights: () => flightsTable(data<Study>("flights")),
    paper: () => paperTable(study("fits"), "robe", 10_000),
  },
  "docs/theory.md": {
    theorems: () => theoremsTable(data<Proof>("prove")),
    convergence: () => convergenceTable(data<Convergence>("convergence")),
  },
  "docs/speed.md": {
    bench: () => benchTable(data<Bench>("bench")),
    peers: () => allPeers(data("peers"), "fast, 2 threads"),
    gpu: () => benchTable(data<Bench>("gpu-bench")),
    "gpu-peers": () => allPeers(data("gpu-peers"), "gpu:webgpu"),
    rates: () => ratesTable(data<Rates>("rates")),
    parsing: () => parsingTable(data<Parsing>("parse")),
    anatomy: () => anatomyTable(data<Profile>("profile")),
  },
  "docs/tradeoff.md": {
    power: () => powerTable(data<Power>("power")),
    paper: () => paperTable(study("fits"), "robe", 10_000),
    fits: () => studyTable(study("fits")),
    hard: () => studyTable(study("hard")),
    whole: () => studyTable(study("whole")),
    ranking: () => rankingTable(study("flights")),
    flights: () => studyTable(study("flights")),
    "few-bits-whole": () => studyTable(study("few-bits-whole")),
    "by-frequency": () => studyTable(study("by-frequency")),
    "by-signal": () => studyTable(study("by-signal")),
    published: () => publishedTable(study("criteo-like"), "robe"),
    "paper-criteo-like": () => paperTable(study("criteo-like"), "robe", 10_000),
    "criteo-like": () => studyTable(study("criteo-like")),
    "kept-whole": () =>
      predictedTable(joined(ofAllFlights.map(study)), data("signal/whole"), {
        method: "robe:storage=f16",
        bits: 16,
      }),
    "kept-flights": () =>
      predictedTable(joined([study("flights")]), data("signal/flights"), {
        method: "robe:storage=f16",
        bits: 16,
      }),
    "kept-criteo-like": () =>
      predictedTable(joined([study("criteo-like")]), data("signal/criteo-like"), {
        method: "robe",
        bits: 32,
      }),
    scaling: () =>
      scalingTable([
        { title: "all flights", summary: joined(ofAllFlights.map(study)), method: "robe:storage=f16" },
        { title: "300,000 flights", summary: joined([study("flights")]), method: "robe:storage=f16" },
        { title: "like Criteo-Kaggle", summary: joined([study("criteo-like")]), method: "robe" },
      ]),
  },
  "docs/tried.md": {
    sweep: () => sweepTable(study("fits"), "robe"),
    "sweep-flights": () => sweepTable(study("flights"), "robe"),
    iterations: () => besideTable(study("iterations"), "robe"),
    variants: () => besideTable(study("variants"), "robe"),
    "few-bits": () => besideTable(study("few-bits"), "robe:storage=f16"),
  },
  "docs/design.md": { lines: () => linesTable(sizesNow()), graph: () => drawn(allArrows()) },
  "docs/command-line.md": {
    weights: () => weightsTable(data<Weight[]>("weights")),
  },
  "docs/export.md": {
    engines: () => enginesTable(data<Engines>("engines")),
    page: () => pageTable(data<InPage>("page")),
  },
  "docs/gradients.md": { gradients: gradientsTable },
  "docs/mutation.md": {
    kills: () => killsTable(planted, data<Recorded[]>("planted")),
    scores: () => scoresTable(mutation("before"), mutation("after")),
    survivors: () => survivorsTable(mutation("after")),
    today: () => todayTable(mutation("now")),
  },
};

/** Paths of all documents. */
export const documents = (): string[] => [
  "README.md",
  ...readdirSync(`${root}docs`).flatMap((file) => (file.endsWith(".md") ? [`docs/${file}`] : [])),
];

/** The pictures of docs/tradeoff.md, as SVG files by their path. */
export const pictures = (): Record<string, string> => picturesOf(study);

/** What stands between `<!-- name -->` and `<!-- /name -->` in `page`. */
export function between(page: string, name: string): string {
  const [, rest] = page.split(`<!-- ${name} -->\n`);
  const [inside] = rest?.split(`\n<!-- /${name} -->`) ?? [];
  if (inside === undefined || rest === inside)
    throw new Error(`The page has no <!-- ${name} --> … <!-- /${name} -->.`);
  return inside;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes("--write")) {
  for (const [path, svg] of Object.entries(pictures())) writeFileSync(`${root}${path}`, svg);
  for (const path of documents()) {
    let page = text(path);
    for (const [name, make] of Object.entries(pages[path] ?? {})) {
      const was = `<!-- ${name} -->\n${between(page, name)}\n`;
      page = page.replace(was, () => `<!-- ${name} -->\n${make()}\n`);
    }
    writeFileSync(`${root}${path}`, await withOutputs(page));
  }
}
