import type { Backend } from "../core/backend.ts";
import { check } from "../core/errors.ts";
import { choiceOption, numberOption, switchOption, textOption, wholeOption } from "../core/options.ts";
import { lazyRows } from "../models/data/lazy-rows.ts";
import type { Source } from "../models/data/source.ts";
import { dlrm } from "../models/dlrm/dlrm.ts";
import { nothingMeasured } from "../models/dlrm/early-stopping.ts";
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
import { passingLine, standardError } from "./progress.ts";
import { dataFlag, openRows } from "./source.ts";
import { checkFolder, openCheckpoint } from "./training/checkpoint.ts";
import { interruptible } from "./training/interrupt.ts";
import { describeTraining, trainingReport } from "./training/report.ts";
import { type Setup, trainFrom } from "./training/run.ts";
import { checkPatience, checkUsed, measurementsOf } from "./training/unused.ts";

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
            optimizerOptions: given.optimizer.options,
            now: screen.now(),
            warn: (sentence) => void screen.out.write(`${sentence}\n`),
          });
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
        [describeTraining(trained), ...(agreement ? [describeAgreement(agreement)] : [])].join("\n"),
      );
    return agreement?.first ? 1 : 0;
  },
});

/** Opens the data and makes the model: a training that goes on is put into it when its folder is opened. */
export async function prepare(given: TrainFlags, texts: Texts, backend: Backend): Promise<Setup> {
  const config = configFrom(given);
  const optimizer = optimizerFrom(given.optimizer, given.lr, config);
  const { kind, options } = given.embedding;
  const [asked, layers] = [kind.make(options), layersFrom(given, config)];
  const { seed } = given;
  const reading = passingLine(given.json === true);
  const watch = (rows: number) => reading.show(`reading: ${rows} rows`);
  const source = await (await openRows(given.data, config, watch))(seed);
  reading.end();
  const { dense, tables } = source.train;
  check(
    config === undefined || config.dense === dense,
    () =>
      `Config ${given.config} takes ${config!.dense} dense features, but this data has ${dense}; leave --config out and give --bottom and --top.`,
  );
  const batch = given.batch ?? config?.batch ?? 256;
  checkPatience(given, measurementsOf(given, Math.ceil(source.survey.parts.train.rows / batch)));
  const embedding = options.lazyRows ? kind.make(options, { rows: await lazyRowsBySource(source) }) : asked;
  const model = dlrm({ dense, tables, ...layers, embedding, backend, seed });
  const begin = { step: 0, ...nothingMeasured };
  return { source, model, optimizer, batch, from: begin, settings: settingsOf(texts) };
}

const lazyRowsBySource = ({ train, validation, test }: Source) => lazyRows(train, validation, test);

/** Flags that may change between a run and the run that goes on from its checkpoint. */
const free = new Set([
  ...["resume", "json", "checkpoint", "epochs", "steps", "evalEvery", "patience", "saveEvery"],
  // Of a training that has diverged the way on is a smaller rate; which rate it had when is in the file's history.
  "lr",
]);
const settingsOf = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => !free.has(name)));
