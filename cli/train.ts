import type { Backend } from "../core/backend.ts";
import { check, shownWord } from "../core/errors.ts";
import { counted } from "../core/format.ts";
import { choiceOption, numberOption, switchOption, textOption, wholeOption } from "../core/options.ts";
import type { Source } from "../models/data/source.ts";
import { type Dlrm, dlrm } from "../models/dlrm/dlrm.ts";
import { nothingMeasured } from "../models/dlrm/early-stopping.ts";
import { predictions } from "../models/dlrm/evaluate.ts";
import { load } from "../models/dlrm/saved/load.ts";
import { backendFlag, backendFrom, describeAgreement } from "./common/backend.ts";
import { knownWithLine } from "./common/known.ts";
import { dataFlag, openRows } from "./common/source.ts";
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
import { passingLine, standardError } from "./progress.ts";
import { nextWith } from "./scoring/next.ts";
import { checkFolder, modelIn, openCheckpoint } from "./training/checkpoint.ts";
import { interruptible } from "./training/interrupt.ts";
import { describeTraining, trainingReport } from "./training/report.ts";
import { type Setup, trainFrom } from "./training/run.ts";
import { checkPatience, checkUsed, measurementsOf } from "./training/unused.ts";
import { optimizerOf, samplingRateOf, type WarmStart, warmStart } from "./training/warm.ts";

const flags = {
  data: dataFlag,
  config: configFlag,
  ...layerFlags,
  embedding: embeddingFlag,
  optimizer: optimizerFlag,
  lr: rateFlag,
  batch: wholeOption({ from: 1, help: "rows of a step", otherwise: "the config's, or 256" }),
  epochs: wholeOption({ from: 1, default: 1, help: "walks over the rows" }),
  steps: wholeOption({ from: 1, help: "ends after so many, if the epochs have as many" }),
  evalEvery: wholeOption({
    from: 1,
    help: "measures on the validation rows every so many steps",
    otherwise: "after each of several epochs",
  }),
  patience: wholeOption({ from: 1, help: "ends after so many measurements that are no better" }),
  keep: choiceOption(["best", "last"], {
    default: "best",
    help: "which model is kept: the best of those measured, or the last",
  }),
  samplingRate: numberOption({
    above: 0,
    to: 1,
    help: "share of the rows labeled 0 that the data kept; probabilities are then of all rows",
  }),
  from: textOption({
    form: "FILE",
    help: "a saved model that goes on with these rows: its layers, embedding, optimizer, columns and scales",
  }),
  seed: seedFlag("of the split, weights, hashes and order of the rows"),
  backend: backendFlag,
  checkpoint: textOption({ form: "DIR", help: "is saved to every so many seconds and at the end" }),
  saveEvery: numberOption({
    above: 0,
    to: 300, // others take a folder for abandoned after ten minutes
    form: "SECONDS",
    help: "between two savings to the checkpoint",
    otherwise: "60",
  }),
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
    checkUsed(given);
    if (given.checkpoint !== undefined) checkFolder(given.checkpoint, given.resume === true);
    const opened = await backendFrom(given.backend);
    const setup = await prepare(given, texts, opened.backend);
    const screen = standardError;
    const interrupt = interruptible();
    const checkpoint =
      given.checkpoint === undefined
        ? undefined
        : await openCheckpoint(given.checkpoint, setup, {
            goesOn: given.resume === true,
            saveEvery: given.saveEvery ?? 60,
            now: screen.now(),
            warn: (sentence) => void screen.out.write(`${sentence}\n`),
          });
    if (!given.json) screen.out.write(`${planInWords(given, setup)}\n`);
    const trained = await trainFrom({ ...setup, from: checkpoint?.from ?? setup.from }, given, {
      ...{ screen, interrupt },
      ...(checkpoint && { checkpoint }),
    }).finally(() => {
      interrupt.end();
      checkpoint?.end();
    });
    if ("stopped" in trained) {
      screen.out.write(
        `${interrupt.signal} after step ${trained.state.step}. ${checkpoint ? `It is saved in ${checkpoint.folder}; add --resume to go on.` : "Nothing is saved; with --checkpoint DIR it would be."}\n`,
      );
      return interrupt.code;
    }
    const agreement = await opened.agreement();
    if (given.json)
      console.log(JSON.stringify({ ...trainingReport(trained), ...(agreement && { agreement }) }));
    else
      console.log(
        [
          describeTraining(trained),
          `next        ${nextInWords(given, trained)}`,
          ...(agreement ? [describeAgreement(agreement)] : []),
        ].join("\n"),
      );
    return agreement?.first ? 1 : 0;
  },
});

/** What a training is about to do. */
function planInWords({ from, embedding, epochs }: TrainFlags, { source, batch }: Setup): string {
  const { name } = source.train;
  const what =
    from === undefined ? `Trains ${embedding.kind.name} embeddings on` : `${shownWord(from)} goes on with`;
  return `${what} ${name}: ${counted(epochs, "epoch")} of ${counted(Math.ceil(source.survey.parts.train.rows / batch), "step")}.`;
}

/** What to do with a model that was trained. */
function nextInWords({ checkpoint, data }: TrainFlags, { source }: Pick<Setup, "source">): string {
  if (checkpoint === undefined) return "add --checkpoint DIR to keep the model, and score new rows with it";
  return nextWith(modelIn(checkpoint), data!.kind, source.features !== undefined);
}

/** Opens the data and makes the model: a training that goes on is put into it when its folder is opened. */
export async function prepare(given: TrainFlags, texts: Texts, backend: Backend): Promise<Setup> {
  const start = given.from === undefined ? undefined : await warmStart(given.from, texts);
  const config = configFrom(given);
  const optimizer =
    (start && optimizerOf(start, given.lr)) ?? optimizerFrom(given.optimizer, given.lr, config);
  const samplingRate = samplingRateOf(given.samplingRate, start);
  const reading = passingLine(given.json === true);
  const watch = (rows: number) => reading.show(`reading: ${rows} rows`);
  const known = start?.about.features && { all: start.about.features, file: start.file };
  const open = await openRows(given.data, start?.about.config ?? config, { watch, features: known });
  const source = await open(given.seed);
  reading.end();
  const batch = given.batch ?? config?.batch ?? 256;
  checkPatience(given, measurementsOf(given, Math.ceil(source.survey.parts.train.rows / batch)));
  const model = start ? await loaded(start, source, backend) : await fresh(given, source, backend);
  return {
    ...{ source, model, optimizer, settings: settingsOf(texts) },
    optimizerOptions: start?.about.optimizer?.options ?? given.optimizer.options,
    batch,
    from: { step: 0, ...nothingMeasured },
    ...(samplingRate !== undefined && { samplingRate }),
    ...(start && { start: { ...start, before: await predictions(model, source.test) } }),
  };
}

/** The saved model. Throws an InputError where the rows are not of its shape. */
async function loaded({ file, about }: WarmStart, { train }: Source, backend: Backend): Promise<Dlrm> {
  const { dense, tables } = about.config;
  check(
    dense === train.dense && `${tables}` === `${train.tables}`,
    () =>
      `"${train.name}" has ${train.dense} numbers and ${train.tables.length} columns of ids a row, which are not those of ${shownWord(file)}: ${dense} and ${tables.length}, or tables of other sizes.`,
  );
  return (await load(file, { backend })).model;
}

async function fresh(given: TrainFlags, source: Source, backend: Backend): Promise<Dlrm> {
  const config = configFrom(given);
  const { kind, options } = given.embedding;
  const { dense, tables } = source.train;
  check(
    config === undefined || config.dense === dense,
    () =>
      `Config ${given.config} takes ${config!.dense} dense features, but this data has ${dense}; leave --config out and give --bottom and --top.`,
  );
  const known = await knownWithLine(kind.needs?.(options), source, given.json === true);
  const embedding = kind.make(options, known);
  return dlrm({ dense, tables, ...layersFrom(given, config), embedding, backend, seed: given.seed });
}

/** Flags that may change between a run and the run that goes on from its checkpoint. */
const free = new Set([
  ...["resume", "json", "checkpoint", "epochs", "steps", "evalEvery", "patience", "saveEvery"],
  // Of a training that has diverged the way on is a smaller rate; which rate it had when is in the file's history.
  "lr",
]);
const settingsOf = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => !free.has(name)));
