import { openBackend } from "../backends/index.ts";
import { check, shown, shownWord } from "../core/errors.ts";
import { writeWhole } from "../core/file.ts";
import { counted } from "../core/format.ts";
import { listOption, numberOption, switchOption, textOption, wholeOption } from "../core/options.ts";
import { sources } from "../models/data/registry.ts";
import type { Source } from "../models/data/source.ts";
import type { Judge } from "../models/dlrm/early-stopping.ts";
import { openFolder } from "../proofs-tests/experiments/tradeoff/folder.ts";
import { latenciesOf } from "../proofs-tests/experiments/tradeoff/latency.ts";
import { checkMethods, methodByName } from "../proofs-tests/experiments/tradeoff/method.ts";
import {
  allTrials,
  cellsOf,
  keyOf,
  type Point,
  type Protocol,
  type Setting,
  type Trial,
  trialsLeft,
} from "../proofs-tests/experiments/tradeoff/protocol.ts";
import { type Study, summaryOf } from "../proofs-tests/experiments/tradeoff/study.ts";
import { describe } from "../proofs-tests/experiments/tradeoff/table.ts";
import { cellInWords } from "../proofs-tests/experiments/tradeoff/words.ts";
import { runTrials } from "../proofs-tests/experiments/tradeoff/work.ts";
import { backendFlag } from "./common/backend.ts";
import { machine, version } from "./common/machine.ts";
import { dataFlag, dataTexts, openRows } from "./common/source.ts";
import { commandLine, type Flags, fileFlag, jsonFlag, type Texts, verb } from "./flags.ts";
import { configFlag, configFrom, layerFlags, layersFrom, optimizerFlag, optimizerFrom } from "./model.ts";
import { studyLine } from "./progress.ts";
import { nextWith } from "./scoring/next.ts";
import { dataInWords, lastKept, studyRows, whyNoAuc } from "./study/rows.ts";
import { checkSave, type SavedCell, saveAnswer, savedInWords } from "./study/save.ts";
import { checkPatience, measurementsOf } from "./training/unused.ts";

const usualPatience = 8;

const usualSeeds: readonly number[] = [0, 1, 2, 3, 4];

/** Full tables and the sharing that this package is about: a method more makes each answer less certain. */
const usualMethods: readonly string[] = ["full", "robe"];

const flags = {
  data: dataFlag,
  config: configFlag,
  ...layerFlags,
  methods: listOption(textOption({ help: "" }), {
    form: "A,B",
    help: "full first; embeddings of train, with their options and an optimizer, like robe:block=8:sign=none:optimizer=sgd",
    otherwise: usualMethods.join(", "),
  }),
  compressions: listOption(numberOption({ above: 1, help: "" }), {
    help: "full tables' bytes over a method's",
    otherwise: "10,100,1000,10000",
  }),
  skip: listOption(textOption({ help: "" }), {
    form: "A@N",
    help: "leaves out what takes too long, like dhe@10",
  }),
  seeds: listOption(wholeOption({ from: 0, help: "" }), {
    help: "of split, weights, hashes and order of the rows",
    otherwise: usualSeeds.join(),
  }),
  lrMultipliers: listOption(numberOption({ above: 0, help: "" }), {
    help: "times the optimizer's usual rate: all at the first seed, the best by validation AUC at the others",
    otherwise: "0.3,1,3",
  }),
  optimizer: optimizerFlag,
  batch: wholeOption({ from: 1, help: "rows of a step", otherwise: "the config's, or 512" }),
  epochs: wholeOption({ from: 1, help: "at most", otherwise: "4" }),
  evaluations: wholeOption({ from: 1, default: 8, help: "measurements an epoch" }),
  tolerance: numberOption({
    above: 0,
    default: 0.001,
    form: "AUC",
    help: "that small tables may lose: which of them are shown to lose less is said; of one-label rows, whose AUC is undefined, log loss",
  }),
  patience: wholeOption({
    from: 1,
    help: "measurements without a better AUC that end a training",
    otherwise: `${usualPatience}`,
  }),
  quick: switchOption({ help: "60,000 rows, three methods, up to 1000x: some minutes" }),
  out: textOption({
    form: "DIR",
    default: "reports/tradeoff",
    help: "results, trial by trial; the same command goes on where it stopped, and several processes share the work",
  }),
  noLatency: switchOption({ help: "does not time steps, which needs an idle machine" }),
  backend: backendFlag,
  save: textOption({
    form: "FILE",
    help: "writes the smallest model that is shown to be small enough, or full tables where none is",
  }),
  html: fileFlag("a page"),
  svg: textOption({ form: "DIR", help: "the page's pictures" }),
  json: jsonFlag,
};

type TradeoffFlags = Flags<typeof flags>;

/** `pss-dlrm tradeoff` */
export const tradeoffVerb = verb({
  name: "tradeoff",
  about:
    "Trains the same model with every method at equal memory: quality over seeds, iterations to the quality of full tables, time of a step.",
  flags,
  complete: ({ texts }) => (texts.quick === undefined ? texts : { ...quickFor(texts), ...texts }),
  async run(given, { texts }) {
    const { html, svg } = given;
    checkUsed(given);
    if (given.save !== undefined) checkSave(given.save);
    const { study, saved } = await studyFrom(given, dataTexts(texts));
    if (html !== undefined || svg !== undefined) {
      const { pageOf, picturesAsFiles } = await import("./report/tradeoff.ts"); // its plots take long to load
      if (html !== undefined) await writeWhole(html, pageOf(study));
      if (svg !== undefined)
        for (const [name, picture] of Object.entries(picturesAsFiles(study)))
          await writeWhole(`${svg}/${name}.svg`, picture);
    }
    const summary = summaryOf(study);
    console.log(
      given.json
        ? JSON.stringify({ ...study, summary, ...(saved && { saved }) })
        : [
            ...[describe(summary), `${study.provenance.data}; ${study.provenance.machine}`],
            `repeat      ${study.provenance.command}`,
            ...(saved ? [savedInWords(saved)] : []),
            `next        ${nextInWords(given, saved)}`,
          ].join("\n"),
    );
    return 0;
  },
});

/** What to do with what a study found. */
function nextInWords({ data }: TradeoffFlags, saved: SavedCell | undefined): string {
  if (saved === undefined)
    return "add --save FILE to the same command to write the model; what is done is not done again";
  return nextWith(saved.file, data!.kind, saved.hasFeatures);
}

/** What a study is about to do. */
const planInWords = (protocol: Protocol, { train }: Pick<Source, "train">, out: string): string =>
  `Trains ${cellsOf(protocol).map(cellInWords).join(", ")} on ${train.name}: ${counted(trialsLeft(protocol, new Map()), "model")} at most, at ${counted(protocol.seeds.length, "seed")}; results are kept in ${shownWord(out)}.`;

/** Throws an InputError for a flag that a study could make nothing of. */
function checkUsed({ data, methods = usualMethods, compressions, quick: isQuick }: TradeoffFlags): void {
  check(
    data?.options.group === undefined || data.options.split === "group",
    () =>
      "A study ranks methods by AUC over all rows, so --group is used by --split group alone; add that, or leave --group out.",
  );
  check(
    compressions === undefined || isQuick || methods.some((method) => method !== "full"),
    () =>
      "--compressions is of methods that compress, but --methods names full alone; name others, or leave --compressions out.",
  );
  check(
    data?.options.multi !== undefined ||
      !methods.some((method) => method.split(":").includes("pooling=mean")),
    () =>
      "A method has pooling=mean, which is of bags of several ids, but each field of this data is one id; name the columns of lists by --multi NAME:SEP.",
  );
}

/** What `--quick` means where no flag says otherwise; a file has the rows that it has. */
function quickFor({ data = "" }: Texts): Texts {
  const kind = sources.find(({ name }) => name === data.split(":")[0]);
  return { ...(kind && "rows" in kind.options && { rows: "60000" }), ...quick };
}

const quick: Texts = {
  methods: "full,robe,rowHash",
  compressions: "10,100,1000",
  lrMultipliers: "0.3,1",
  epochs: "3",
};

/** Does what is left of a study in its folder, and reads what others did. */
async function studyFrom(
  given: TradeoffFlags,
  data: Texts,
): Promise<{ readonly study: Study; readonly saved?: SavedCell }> {
  const config = configFrom(given);
  const open = lastKept(await openRows(given.data, config, { exact: true }));
  const line = studyLine(given.json === true);
  const seeds = given.seeds ?? usualSeeds;
  const noAuc = await whyNoAuc(open, seeds);
  if (noAuc !== undefined) line.warn(noAuc);
  const methods = (given.methods ?? usualMethods).map(methodByName);
  const rows = studyRows(open, layersFrom(given, config).dim, methods);
  const first = await rows(seeds[0]!);
  const protocol = protocolFrom(given, data, first, noAuc === undefined ? "auc" : "logLoss");
  line.say(planInWords(protocol, first, given.out));
  const folder = await openFolder(given.out, protocol.setting, line.warn);
  const backend = await openBackend(given.backend);
  const means = { backend, folder, open: rows };
  const known = await runTrials(protocol, means, line.tell);
  const latencies = given.noLatency ? [] : await latenciesOf(protocol, known, means, line.times);
  const study: Study = {
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
  const watch = (trial: Trial, point: Point) => line.tell({ kind: "measured", trial, point });
  const saved =
    given.save === undefined ? undefined : await saveAnswer(given.save, study, { backend, rows, watch });
  line.end();
  return { study, ...(saved && { saved }) };
}

/** The comparison that the flags ask for, on these rows; `data` says which rows, for whoever goes on. */
export function protocolFrom(
  given: TradeoffFlags,
  data: Texts,
  rows: Counted,
  judge: Judge = "auc",
): Protocol {
  const protocol: Protocol = {
    setting: { ...settingFrom(given, data, rows), ...(judge === "logLoss" && { judge }) },
    methods: given.methods ?? usualMethods,
    compressions: given.compressions ?? [10, 100, 1000, 10_000],
    rates: given.lrMultipliers ?? [0.3, 1, 3],
    skipped: given.skip ?? [],
    seeds: given.seeds ?? usualSeeds,
    tolerance: given.tolerance,
  };
  checkProtocol(protocol);
  return protocol;
}

const isEmpty = (options: object): boolean => Object.keys(options).length === 0;

/** Rows that were counted, and whether flags alone say which they are. */
type Counted = Pick<Source, "survey" | "best" | "exact">;

function settingFrom(given: TradeoffFlags, data: Texts, { survey, best, exact }: Counted): Setting {
  const config = configFrom(given);
  const batch = given.batch ?? config?.batch ?? 512;
  const steps = Math.ceil(survey.parts.train.rows / batch);
  const [epochs, every] = [given.epochs ?? 4, Math.max(1, Math.floor(steps / given.evaluations))];
  checkPatience(
    given,
    measurementsOf({ epochs, steps: undefined, evalEvery: every }, steps),
    "raise --epochs or --evaluations",
  );
  return {
    data,
    ...layersFrom(given, config),
    batch,
    epochs,
    every,
    patience: given.patience ?? usualPatience,
    optimizer: optimizerFrom(given.optimizer, undefined, config).name,
    ...(isEmpty(given.optimizer.options) ? {} : { optimizerOptions: given.optimizer.options }),
    ...(exact && { vocabulary: true }),
    // Rows that are drawn are what the flags say; those of a file may become others under the same name.
    ...(best === undefined && { labels: survey.stretches.map(({ ones }) => ones) }),
  };
}

function checkProtocol({ methods, compressions, rates, seeds, skipped }: Protocol): void {
  checkMethods(methods);
  for (const [flag, values] of Object.entries({ compressions, "lr-multipliers": rates, seeds })) {
    const twice = values.find((value, i) => values.indexOf(value) < i);
    check(
      twice === undefined,
      () => `--${flag} has ${twice} twice, which would count the same trials twice; give it once.`,
    );
  }
  for (const cell of skipped)
    check(
      methods.some((method) => compressions.some((c) => cell === `${method}@${c}` && method !== "full")),
      () =>
        `--skip leaves out a method at a compression of this study, like robe@${compressions[0]}, but was given ${shown(cell)}.`,
    );
}
