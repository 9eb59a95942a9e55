import { existsSync } from "node:fs";
import type { Backend } from "../core/backend.ts";
import { check, InputError } from "../core/errors.ts";
import { requireWritable } from "../core/file.ts";
import type { Optimizer } from "../core/optimizers/optimizer.ts";
import { flagOf, switchOption, textOption, wholeOption } from "../core/options.ts";
import { lazyRows } from "../models/data/lazy-rows.ts";
import type { Source } from "../models/data/source.ts";
import { type Dlrm, dlrm } from "../models/dlrm/dlrm.ts";
import { evaluate } from "../models/dlrm/evaluate.ts";
import { describe, restore } from "../models/dlrm/saved/load.ts";
import { checkpointIn, save } from "../models/dlrm/saved/save.ts";
import { train } from "../models/dlrm/train.ts";
import { backendFlag, backendFrom, describeAgreement } from "./backend.ts";
import { type Flags, jsonFlag, type Texts, verb } from "./flags.ts";
import {
  configFlag,
  configFrom,
  embeddingFlag,
  layerFlags,
  layersFrom,
  optimizerFlag,
  optimizerFrom,
  rateFlag,
  seedFlag,
} from "./model.ts";
import { progressLine, standardError } from "./progress.ts";
import { dataFlag, openRows } from "./source.ts";
import { describeTraining, type Trained, trainingReport } from "./trained.ts";

const flags = {
  data: dataFlag,
  config: configFlag,
  ...layerFlags,
  embedding: embeddingFlag,
  optimizer: optimizerFlag,
  lr: rateFlag,
  batch: wholeOption({ from: 1, help: "rows of a step", otherwise: "the config's, or 256" }),
  epochs: wholeOption({ from: 1, default: 1, help: "walks over the rows" }),
  steps: wholeOption({ from: 1, help: "ends after so many" }),
  evalEvery: wholeOption({ from: 1, help: "measures on the validation rows every so many steps" }),
  patience: wholeOption({ from: 1, help: "ends after so many measurements that are no better" }),
  seed: seedFlag("of the split, weights, hashes and order of the rows"),
  backend: backendFlag,
  checkpoint: textOption({ form: "DIR", help: "is saved to every minute and at the end" }),
  resume: switchOption({ help: "goes on from the checkpoint" }),
  json: jsonFlag,
};

type TrainFlags = Flags<typeof flags>;

/** `pss-dlrm train` */
export const trainVerb = verb({
  name: "train",
  about:
    "Trains on 80 % of the rows, and measures on the 10 % for the test. VALIDATE=1 before the command checks each kernel form against the reference.",
  flags,
  async run(given, { texts }) {
    const opened = await backendFrom(given.backend);
    const trained = await trainFrom(await prepare(given, texts, opened.backend), given);
    const agreement = await opened.agreement();
    if (given.json)
      console.log(JSON.stringify({ ...trainingReport(trained), ...(agreement && { agreement }) }));
    else
      console.log(
        [describeTraining(trained), ...(agreement ? [describeAgreement(agreement)] : [])].join("\n"),
      );
    return agreement?.first ? 1 : 0;
  },
});

/** All that is ready before the first step. */
interface Setup {
  readonly source: Source;
  readonly model: Dlrm;
  readonly optimizer: Optimizer;
  readonly batch: number;
  /** Steps that a checkpoint has taken. */
  readonly done: number;
  /** What a run that goes on must have been given, too. */
  readonly settings: Texts;
}

/** Opens the data, makes the model and, with `--resume`, loads it. */
export async function prepare(given: TrainFlags, texts: Texts, backend: Backend): Promise<Setup> {
  const config = configFrom(given);
  const optimizer = optimizerFrom(given.optimizer, given.lr, config);
  const { kind, options } = given.embedding;
  const [asked, layers] = [kind.make(options), layersFrom(given, config)];
  const { checkpoint: folder, seed } = given;
  if (folder !== undefined) requireWritable(checkpointIn(folder));
  const source = await (await openRows(given.data, config))(seed);
  const { dense, tables } = source.train;
  check(
    config === undefined || config.dense === dense,
    () =>
      `Config ${given.config} takes ${config!.dense} dense features, but this data has ${dense}; leave --config out and give --bottom and --top.`,
  );
  const embedding = options.lazyRows ? kind.make(options, { rows: await lazyRowsBySource(source) }) : asked;
  const model = dlrm({ dense, tables, ...layers, embedding, backend, seed });
  const settings = settingsOf(texts);
  const done = given.resume ? await resume(folder, settings, model, optimizer) : 0;
  return { source, model, optimizer, batch: given.batch ?? config?.batch ?? 256, done, settings };
}

const lazyRowsBySource = ({ train, validation, test }: Source) => lazyRows(train, validation, test);

/** Flags that may change between a run and the run that goes on from its checkpoint. */
const free = new Set(["resume", "json", "checkpoint", "epochs", "steps", "evalEvery", "patience"]);
const settingsOf = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => !free.has(name)));

async function resume(
  folder: string | undefined,
  now: Texts,
  model: Dlrm,
  optimizer: Optimizer,
): Promise<number> {
  if (folder === undefined)
    throw new InputError("--resume needs --checkpoint DIR, the folder to go on from.");
  const path = checkpointIn(folder);
  check(
    existsSync(path),
    () => `There is no checkpoint at ${path}; train with --checkpoint ${folder} first, without --resume.`,
  );
  const { settings = {} } = await describe(path);
  for (const name of new Set([...Object.keys(settings), ...Object.keys(now)])) {
    check(
      settings[name] === now[name],
      () =>
        `The checkpoint in ${folder} was trained with ${flagOf(name)} ${settings[name] ?? "(not given)"}, but now it is ${now[name] ?? "not given"}; give the same flags to go on.`,
    );
  }
  return (await restore(path, model, { optimizer })).training?.step ?? 0;
}

/** Trains, showing on `screen` how far it is, and measures. */
export async function trainFrom(setup: Setup, given: Schedule, screen = standardError): Promise<Trained> {
  const { now } = screen;
  const { source, model, batch, done } = setup;
  const checkpoint = checkpointOf(given, setup, now);
  const options = optionsFrom(setup, given);
  const expected =
    source.train.rows === undefined ? Infinity : Math.ceil(source.train.rows / batch) * options.epochs;
  const steps = Math.min(options.steps ?? Infinity, expected);
  const line = progressLine({ steps, done, silent: given.json === true }, screen);
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

/** How long a training goes on, and what is saved of it. */
type Schedule = Partial<
  Pick<TrainFlags, "steps" | "evalEvery" | "patience" | "epochs" | "seed" | "checkpoint" | "resume" | "json">
>;

function optionsFrom({ source, optimizer, batch, done }: Setup, given: Schedule) {
  const { steps, evalEvery: every, patience, epochs = 1, seed = 0 } = given;
  check(
    patience === undefined || every !== undefined,
    () => "--patience counts evaluations: it needs --eval-every N.",
  );
  return {
    optimizer,
    batch,
    epochs,
    done,
    shuffle: seed,
    ...(steps !== undefined && { steps }),
    ...(patience !== undefined && { patience }),
    ...(every !== undefined && { evaluate: { on: source.validation, every } }),
  };
}

/** Writes `--checkpoint`, if it was asked for: when a minute has passed, and when told to. */
function checkpointOf(
  { checkpoint: folder, resume: goesOn }: Schedule,
  { model, settings }: Setup,
  now: () => number,
) {
  check(
    folder === undefined || goesOn === true || !existsSync(checkpointIn(folder)),
    () => `${folder} already holds a checkpoint; add --resume to go on from it, or name another folder.`,
  );
  let saved = now();
  const write = async (step: number): Promise<void> => {
    if (folder !== undefined) await save(checkpointIn(folder), model, { training: { step }, settings });
    saved = now();
  };
  return {
    write,
    due: (step: number) => (now() - saved < 60_000 ? Promise.resolve() : write(step)),
  };
}
