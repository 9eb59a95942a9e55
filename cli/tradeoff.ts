import { openBackend } from "../backends/index.ts";
import { integer, require } from "../core/errors.ts";
import { writeWhole } from "../core/file.ts";
import { count } from "../core/format.ts";
import type { Dataset } from "../models/data/dataset.ts";
import { touchedRows } from "../models/data/lazy-rows.ts";
import { type Parts, trainShare } from "../models/data/split.ts";
import { configByName, type NamedConfig } from "../models/dlrm/configs.ts";
import { virtualFloats } from "../models/embeddings/scheme.ts";
import { openFolder } from "../proofs-tests/experiments/tradeoff/folder.ts";
import { latenciesOf } from "../proofs-tests/experiments/tradeoff/latency.ts";
import { checkMethods, usualMethods } from "../proofs-tests/experiments/tradeoff/method.ts";
import {
  allTrials,
  keyOf,
  type Protocol,
  type Setting,
} from "../proofs-tests/experiments/tradeoff/protocol.ts";
import { type Study, summaryOf } from "../proofs-tests/experiments/tradeoff/study.ts";
import { describe } from "../proofs-tests/experiments/tradeoff/table.ts";
import type { Rows } from "../proofs-tests/experiments/tradeoff/trial.ts";
import { runTrials } from "../proofs-tests/experiments/tradeoff/work.ts";
import { backendNames } from "./backend.ts";
import { commandLine, type Flags, names, numbers, text, type Verb, whole, writable } from "./flags.ts";
import { machine, version } from "./machine.ts";
import { layersFrom, optimizerFrom } from "./model.ts";
import { studyLine } from "./progress.ts";
import { openRows, sourceFlags } from "./source.ts";

const flag = { type: "string" } as const;

/** `pss-dlrm tradeoff` */
export const tradeoffVerb: Verb = {
  name: "tradeoff",
  summary: "compression against quality, iterations and latency",
  options: {
    ...sourceFlags,
    dim: flag,
    bottom: flag,
    top: flag,
    methods: flag,
    compressions: flag,
    seeds: flag,
    skip: flag,
    rates: flag,
    optimizer: flag,
    batch: flag,
    epochs: flag,
    evaluations: flag,
    patience: flag,
    backend: flag,
    out: flag,
    html: flag,
    svg: flag,
    quick: { type: "boolean" },
    "no-latency": { type: "boolean" },
  },
  help: `pss-dlrm tradeoff --data WHAT [flags]

  Trains the same model with every method at equal memory: quality over
  seeds, iterations to the quality of full tables, time of a step.

  --data WHAT     as in train, with --rows, --tables, --split and so on
  --config, --dim 16 --bottom 64-16 --top 64-32-1    as in train
  --methods A,B   full first; families of train, with options like
                  robe:block=8:sign=none:optimizer=sgd
                  default ${usualMethods.slice(0, 4).join(",")},…
  --compressions  10,100,1000,10000: full tables' bytes over a method's;
                  --skip dhe@10,… leaves out what takes too long
  --seeds 0,1,2   of split, weights, hashes and order of the rows
  --rates 0.3,1,3 times the optimizer's usual rate: all at the first seed,
                  the best by validation AUC at the others
  --optimizer adagrad --batch 512 --epochs 4 at most
  --evaluations 8 an epoch; --patience 8 of them without a better AUC end it
  --quick         60,000 rows, three methods, up to 1000x: some minutes
  --out DIR       results, trial by trial (default reports/tradeoff). The same
                  command goes on where it stopped; several processes with it
                  share the work
  --no-latency    do not time steps, which needs an idle machine
  --html FILE     a page; --svg DIR its pictures; --json one JSON object
  --backend       fast (default); all: ${backendNames}`,
  async run(flags) {
    const [html, svg] = [writable(flags, "html"), text(flags, "svg")];
    const study = await studyFrom(flags);
    if (html !== undefined || svg !== undefined) {
      const { pageOf, picturesAsFiles } = await import("./report/tradeoff.ts"); // its plots take long to load
      if (html !== undefined) await writeWhole(html, pageOf(study));
      if (svg !== undefined)
        for (const [name, picture] of Object.entries(picturesAsFiles(study)))
          await writeWhole(`${svg}/${name}.svg`, picture);
    }
    const summary = summaryOf(study);
    console.log(
      flags.json
        ? JSON.stringify({ ...study, summary })
        : `${describe(summary)}\n${study.provenance.data}; ${study.provenance.machine}\nrepeat: ${study.provenance.command}`,
    );
    return 0;
  },
};

/** What `--quick` means where no flag says otherwise. */
const quick: Flags = {
  rows: "60000",
  methods: "full,robe,rowHash",
  compressions: "10,100,1000",
  rates: "0.3,1",
  epochs: "3",
};

/** Does what is left of a study in its folder, and reads what others did. */
async function studyFrom(flags: Flags): Promise<Study> {
  const given = flags.quick ? { ...quick, ...flags } : flags;
  const name = text(given, "config");
  const config = name === undefined ? undefined : configByName(name);
  const open = await openRows(given, config);
  const { dim } = layersFrom(given, config);
  const rows = lastKept(async (seed) => withTouched(await open(seed), dim));
  const first = await rows(seedsFrom(given)[0]!);
  const protocol = protocolFrom(given, config, first.train);
  const folder = await openFolder(text(given, "out") ?? "reports/tradeoff", protocol.setting);
  const backend = await openBackend(text(given, "backend") ?? "fast");
  const line = studyLine(flags.json === true);
  const means = { backend, folder, open: rows };
  const known = await runTrials(protocol, means, line.tell);
  const latencies = given["no-latency"] ? [] : await latenciesOf(protocol, known, means, line.times);
  line.end();
  return {
    protocol,
    provenance: {
      machine: machine(),
      backend: backend.device ? `${backend.name} (${backend.device.name})` : backend.name,
      version: version(),
      data: dataInWords(first),
      command: commandLine(process.argv.slice(2)),
    },
    trials: allTrials(protocol).flatMap((trial) => {
      const outcome = known.get(keyOf(trial));
      return outcome ? [{ trial, outcome }] : [];
    }),
    latencies,
  };
}

/** `open`, which gives what it gave last without opening it again: rows are large, and take long to make. */
function lastKept(open: (seed: number) => Promise<Rows>): (seed: number) => Promise<Rows> {
  let last: { readonly seed: number; readonly rows: Promise<Rows> } | undefined;
  return (seed) => {
    if (last?.seed !== seed) last = { seed, rows: open(seed) };
    return last.rows;
  };
}

/** Floats of full tables from which on only the rows that the data touches are kept: 1 GB. They train to the same bits. */
const largest = 2 ** 28;

/** Rows, and which of their tables' they touch where full tables would be too large. */
export async function withTouched(parts: Parts, dim: number): Promise<Rows> {
  const { train, validation, test } = parts;
  if (virtualFloats({ tables: train.tables, dim }) <= largest) return parts;
  return { ...parts, touched: await touchedRows(train, validation, test) };
}

const seedsFrom = (flags: Flags): number[] => numbers(flags, "seeds") ?? [0, 1, 2];

/** The comparison that the flags ask for, on the rows of `train`. */
export function protocolFrom(flags: Flags, config: NamedConfig | undefined, train: Dataset): Protocol {
  const protocol: Protocol = {
    setting: settingFrom(flags, config, train),
    methods: text(flags, "methods") === undefined ? usualMethods : names(flags, "methods"),
    compressions: numbers(flags, "compressions") ?? [10, 100, 1000, 10_000],
    rates: numbers(flags, "rates") ?? [0.3, 1, 3],
    skipped: names(flags, "skip"),
    seeds: seedsFrom(flags),
  };
  check(protocol);
  return protocol;
}

function settingFrom(flags: Flags, config: NamedConfig | undefined, train: Dataset): Setting {
  const batch = whole(flags, "batch", 1) ?? config?.batch ?? 512;
  const evaluations = whole(flags, "evaluations", 1) ?? 8;
  const all = whole(flags, "rows", 1); // of a file, not of its part for training
  const rows = train.rows ?? (all && Math.round(trainShare * all));
  require(rows !== undefined, () =>
    "tradeoff measures so many times an epoch, but a file does not say how many rows it has; give --rows.");
  return {
    data: Object.fromEntries(
      Object.keys(sourceFlags).flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
    ),
    ...layersFrom(flags, config),
    batch,
    epochs: whole(flags, "epochs", 1) ?? 4,
    every: Math.max(1, Math.floor(Math.ceil(rows / batch) / evaluations)),
    patience: whole(flags, "patience", 1) ?? 8,
    optimizer: optimizerFrom(flags, config).name,
  };
}

function check({ methods, compressions, rates, seeds, skipped }: Protocol): void {
  checkMethods(methods);
  for (const cell of skipped)
    require(methods.some((method) =>
      compressions.some((c) => cell === `${method}@${c}` && method !== "full"),
    ), () =>
      `--skip leaves out a method at a compression of this study, like robe@${compressions[0]}, but was given "${cell}".`);
  for (const compression of compressions)
    require(compression > 1, () =>
      `Every compression must be above 1 (the full tables are there anyway), but one is ${compression}.`);
  for (const rate of rates) require(rate > 0, () => `Every rate must be above 0, but one is ${rate}.`);
  for (const seed of seeds) integer("A seed", seed, 0);
}

/** The rows in words: how many, unless they are of a file that was not walked to its end. */
export function dataInWords({ train, validation, test }: Parts): string {
  const sizes = [train, validation, test].map(({ rows }) => rows);
  const known = sizes.every((rows) => rows !== undefined) ? sizes.map(count).join(" + ") : "uncounted";
  return `${train.name}: ${known} rows to train on, choose by and test on; ${train.tables.length} tables, ${count(train.tables.reduce((a, b) => a + b))} rows of them`;
}
