import { existsSync } from "node:fs";
import type { Backend } from "../core/backend.ts";
import { InputError, require } from "../core/errors.ts";
import { requireWritable } from "../core/file.ts";
import { touchedRows } from "../models/data/lazy-rows.ts";
import { configByName, configs } from "../models/dlrm/configs.ts";
import { type Dlrm, dlrm } from "../models/dlrm/dlrm.ts";
import { evaluate } from "../models/dlrm/evaluate.ts";
import { checkpointIn, load, progressOf, save } from "../models/dlrm/saved.ts";
import { train } from "../models/dlrm/train.ts";
import { families } from "../models/embeddings/registry.ts";
import { backendFrom, backendNames, describeAgreement } from "./backend.ts";
import { type Flags, listed, text, type Verb, whole } from "./flags.ts";
import { embeddingFlags, embeddingFrom, layersFrom, optimizerFrom, optimizerNames } from "./model.ts";
import { progressLine, standardError } from "./progress.ts";
import { openSource, type Source, sourceFlags } from "./source.ts";
import { describeTraining, type Trained, trainingReport } from "./trained.ts";

const flag = { type: "string" } as const;

/** `pss-dlrm train` */
export const trainVerb: Verb = {
  name: "train",
  summary: "train a DLRM: quality, memory, speed",
  options: {
    ...sourceFlags,
    dim: flag,
    bottom: flag,
    top: flag,
    ...embeddingFlags,
    touched: { type: "boolean" },
    optimizer: flag,
    lr: flag,
    batch: flag,
    epochs: flag,
    steps: flag,
    evaluate: flag,
    patience: flag,
    seed: flag,
    backend: flag,
    checkpoint: flag,
    resume: { type: "boolean" },
  },
  help: `pss-dlrm train --data WHAT [flags]

  --data WHAT     criteo:FILE or csv:FILE (plain or .gz), flights, synthetic
                  csv: --label COL --dense A,B --categorical C,D --table-rows N
                  synthetic:fits, synthetic:hard with --config or --tables
  --rows N        of flights, synthetic; --tables 100,50 of synthetic, criteo
  --split         random (default, by --seed) or order; 80 % train, 10 % test
  --config        ${Object.keys(configs).join(" or ")}: layers, tables, optimizer
  --dim 16 --bottom 64-16 --top 64-32-1   layers in place of the config's
  --embedding     ${listed(families.map((f) => f.name))}
                  size: --compression C or --memory FLOATS; full: --touched
                  robe: --block Z --index LAW --hash NAME --sign MODE
                  others: --hashes K, --bias, --temperature A from 0 to 1
                  --collisions C --threshold N --operation add|mult
                  --hot-share 0.7; --rank R, --width W of tensorTrain, dhe
                  --pooling sum|mean|learned --table-scale
                  --storage f32|f16 --rounding nearest|stochastic (of f16)
  --optimizer     ${optimizerNames.join(", ")}
  --lr RATE --batch 256 --epochs 1 --steps N --seed 0
  --evaluate N    validate every N steps; --patience K stops after K worse ones
  --checkpoint DIR    saved every minute and at the end; --resume goes on
  --backend       fast (default); all: ${backendNames}
                  --json: one JSON object; VALIDATE=1 before it checks each form`,
  async run(flags) {
    const opened = await backendFrom(flags, "fast");
    const trained = await trainFrom(await prepare(flags, opened.backend), flags);
    const agreement = await opened.agreement();
    if (flags.json)
      console.log(JSON.stringify({ ...trainingReport(trained), ...(agreement && { agreement }) }));
    else
      console.log(
        [describeTraining(trained), ...(agreement ? [describeAgreement(agreement)] : [])].join("\n"),
      );
    return agreement?.first ? 1 : 0;
  },
};

/** All that is ready before the first step. */
interface Setup {
  readonly source: Source;
  readonly model: Dlrm;
  readonly optimizer: ReturnType<typeof optimizerFrom>;
  readonly batch: number;
  /** Steps that a checkpoint has taken. */
  readonly done: number;
}

/** Opens the data, makes the model and, with `--resume`, loads it. */
export async function prepare(flags: Flags, backend: Backend): Promise<Setup> {
  const configName = text(flags, "config");
  const config = configName === undefined ? undefined : configByName(configName);
  const optimizer = optimizerFrom(flags, config);
  const [asked, layers] = [embeddingFrom(flags), layersFrom(flags, config)];
  const folder = text(flags, "checkpoint");
  if (folder !== undefined) requireWritable(checkpointIn(folder));
  const source = await openSource(flags, config);
  const { dense, tables } = source.train;
  require(config === undefined || config.dense === dense, () =>
    `Config ${configName} takes ${config!.dense} dense features, but this data has ${dense}; leave --config out and give --bottom and --top.`);
  const embedding = flags.touched ? embeddingFrom(flags, await touchedBySource(source)) : asked;
  const model = dlrm({ dense, tables, ...layers, embedding, backend, seed: whole(flags, "seed", 0) ?? 0 });
  const done = flags.resume ? await resume(flags, model) : 0;
  return { source, model, optimizer, batch: whole(flags, "batch", 1) ?? config?.batch ?? 256, done };
}

const touchedBySource = ({ train, validation, test }: Source) => touchedRows(train, validation, test);

/** Flags that may change between a run and the run that goes on from its checkpoint. */
const free = new Set(["resume", "json", "help", "checkpoint", "epochs", "steps", "evaluate", "patience"]);
const settingsOf = (flags: Flags) =>
  Object.fromEntries(Object.entries(flags).filter(([name]) => !free.has(name)));

async function resume(flags: Flags, model: Dlrm): Promise<number> {
  const folder = text(flags, "checkpoint");
  if (folder === undefined)
    throw new InputError("--resume needs --checkpoint DIR, the folder to go on from.");
  const { settings } = await progressOf(folder);
  const now = settingsOf(flags);
  for (const name of new Set([...Object.keys(settings), ...Object.keys(now)])) {
    require(settings[name] === now[name], () =>
      `The checkpoint in ${folder} was trained with --${name} ${settings[name] ?? "(not given)"}, but now it is ${now[name] ?? "not given"}; give the same flags to go on.`);
  }
  return (await load(folder, model)).step;
}

/** Trains, showing on `screen` how far it is, and measures. */
export async function trainFrom(setup: Setup, flags: Flags, screen = standardError): Promise<Trained> {
  const { now } = screen;
  const { source, model, batch, done } = setup;
  const checkpoint = checkpointOf(flags, model, now);
  const options = optionsFrom(setup, flags);
  const expected =
    source.train.rows === undefined ? Infinity : Math.ceil(source.train.rows / batch) * options.epochs;
  const steps = Math.min(options.steps ?? Infinity, expected);
  const line = progressLine({ steps, done, silent: flags.json === true }, screen);
  const started = now();
  let [step, rows, firstLoss, lastLoss] = [done, 0, Number.NaN, Number.NaN];
  for await (const taken of train(model, source.train, options)) {
    ({ step } = taken);
    rows += taken.rows;
    if (Number.isNaN(firstLoss)) firstLoss = taken.loss;
    lastLoss = Number.isNaN(lastLoss) ? taken.loss : 0.99 * lastLoss + 0.01 * taken.loss;
    line.show(step, rows, lastLoss, taken.validation);
    await checkpoint.due(step);
  }
  const seconds = (now() - started) / 1000;
  line.end();
  await checkpoint.write(step);
  const quality = await evaluate(model, source.test);
  return { ...setup, quality, steps: step, rowsPerSecond: rows / seconds, seconds, firstLoss, lastLoss };
}

function optionsFrom({ source, optimizer, batch, done }: Setup, flags: Flags) {
  const [steps, every, patience] = [
    whole(flags, "steps", 1),
    whole(flags, "evaluate", 1),
    whole(flags, "patience", 1),
  ];
  require(patience === undefined || every !== undefined, () =>
    "--patience counts evaluations: it needs --evaluate N.");
  return {
    optimizer,
    batch,
    epochs: whole(flags, "epochs", 1) ?? 1,
    done,
    shuffle: whole(flags, "seed", 0) ?? 0,
    ...(steps !== undefined && { steps }),
    ...(patience !== undefined && { patience }),
    ...(every !== undefined && { evaluate: { on: source.validation, every } }),
  };
}

/** Writes `--checkpoint`, if it was asked for: when a minute has passed, and when told to. */
function checkpointOf(flags: Flags, model: Dlrm, now: () => number) {
  const folder = text(flags, "checkpoint");
  require(folder === undefined || flags.resume === true || !existsSync(checkpointIn(folder)), () =>
    `${folder} already holds a checkpoint; add --resume to go on from it, or name another folder.`);
  let saved = now();
  const write = async (step: number): Promise<void> => {
    if (folder !== undefined) await save(folder, model, { step, settings: settingsOf(flags) });
    saved = now();
  };
  return {
    write,
    due: (step: number) => (now() - saved < 60_000 ? Promise.resolve() : write(step)),
  };
}
