import type { Agreement } from "../backends/validate.ts";
import { check, shown, shownWord } from "../core/errors.ts";
import { count, counted } from "../core/format.ts";
import { listOption, switchOption, textOption } from "../core/options.ts";
import { comparison } from "../models/data/encoders/compared.ts";
import type { RowsKind } from "../models/data/formats/rows.ts";
import { filesNamed } from "../models/data/reader/files.ts";
import { rowKinds } from "../models/data/registry.ts";
import { type About, featuresOf } from "../models/dlrm/saved/about.ts";
import { describe, load } from "../models/dlrm/saved/load.ts";
import { backendFlag, backendFrom, describeAgreement } from "./common/backend.ts";
import { withArgument } from "./common/help.ts";
import { checkOut } from "./common/out.ts";
import { type Chooser, type Flags, jsonFlag, verb } from "./flags.ts";
import { passingLine, standardError } from "./progress.ts";
import { describeScoring, type Scored, scoringReport } from "./scoring/report.ts";
import { type AddScores, checkKeys, writeScores } from "./scoring/scores-file.ts";
import { Stopped, scoreAll, type Walked } from "./scoring/walk.ts";
import { interruptible } from "./training/interrupt.ts";
import { qualityOf } from "./training/quality.ts";

const dataFlag: Chooser<RowsKind> = { what: "data", all: rowKinds, help: "which rows" };

const columnsOption = (help: string) =>
  listOption(textOption({ form: "COLUMN", help }), {
    form: "COLUMN,…",
    help,
    otherwise: "the number of the row",
  });

const flags = {
  model: textOption({ form: "FILE", help: "a saved model: DIR/model.safetensors of train --checkpoint DIR" }),
  data: dataFlag,
  out: textOption({
    form: "FILE",
    help: "the scores, as CSV; - is standard output",
    otherwise: "-, or with --evaluate nowhere",
  }),
  overwrite: switchOption({ help: "replaces the file of scores" }),
  key: columnsOption("columns that stand before each score, as they are"),
  evaluate: switchOption({ help: "measures the scores by the labels that the rows have" }),
  backend: backendFlag,
  json: jsonFlag,
};

type PredictFlags = Flags<typeof flags>;

/** `pss-dlrm predict` */
export const predictVerb = verb({
  name: "predict",
  about:
    "Scores rows with a saved model, which says by which columns they are read. They need no label, and may have ids that it never saw.",
  flags,
  /** Long: one walk over the rows, from the flags to the report. */
  async run(given) {
    const { model: path, data, key: keys = [], evaluate = false, json = false } = given;
    check(
      path !== undefined,
      () => "Say which model: --model FILE, which is DIR/model.safetensors of train --checkpoint DIR.",
    );
    check(data !== undefined, () => `Say which rows: --data ${rowKinds.map(withArgument).join(", ")}.`);
    const out = given.out ?? (evaluate ? undefined : "-");
    checkFlags(given, out);
    const about = await describe(path);
    const features = featuresOf(about, shownWord(path));
    const compared = comparison(features);
    const wanted = { features, isLabeled: evaluate, texts: keys, see: compared.see };
    const rows = data.kind.open(data.argument, data.options, wanted);
    if (out !== undefined && out !== "-")
      checkOut(out, [path, ...filesNamed(data.argument!)], given.overwrite === true);
    const screen = standardError;
    const say = (text: string) => void screen.out.write(`${text}\n`);
    if (!json) say(planInWords(path, about, rows.name));
    const opened = await backendFrom(given.backend);
    const { model } = await load(path, { backend: opened.backend });
    const [line, interrupt, begun] = [passingLine(json), interruptible(), screen.now()];
    const walking = {
      samplingRate: about.samplingRate ?? 1,
      isMeasured: evaluate,
      watch: (done: number) => line.show(`${done} rows`),
      now: screen.now,
      interrupt,
    };
    let found: Walked | undefined;
    const work = async (add?: AddScores) => {
      found = await scoreAll(model, rows, { ...walking, add });
    };
    try {
      await (out === undefined ? work() : writeScores(out === "-" ? undefined : out, keys, work));
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      say(
        `${interrupt.signal} after ${counted(error.rows, "row")}.${out === undefined || out === "-" ? "" : ` ${shownWord(out)} is not written.`}`,
      );
      return interrupt.code;
    } finally {
      line.end();
      interrupt.end();
    }
    const { predictions, ...walk } = found!;
    report(
      {
        ...walk,
        ...{
          model: path,
          data: `${data.kind.name}:${data.argument}`,
          out,
          keys,
          columns: compared.columns(),
        },
        seconds: (screen.now() - begun) / 1000,
        measured: predictions && qualityOf(predictions, about.samplingRate),
      },
      await opened.agreement(),
      json,
    );
    return (await opened.agreement())?.first ? 1 : 0;
  },
});

/** Throws an InputError for flags that cannot be together. */
function checkFlags(given: PredictFlags, out: string | undefined): void {
  const { data, key = [], evaluate = false } = given;
  for (const name of ["weight", "group"])
    check(
      evaluate || data!.options[name] === undefined,
      () => `--${name} is of rows that are measured; add --evaluate, or leave --${name} out.`,
    );
  check(
    out !== "-" || given.json !== true,
    () => "--json prints what was done, and so cannot share standard output with the scores; add --out FILE.",
  );
  for (const name of ["key", "overwrite"] as const)
    check(
      (out !== undefined && (out !== "-" || name === "key")) || given[name] === undefined,
      () => `--${name} is of a file of scores; add --out FILE, or leave --${name} out.`,
    );
  checkKeys(key);
}

/** What is about to be done. */
function planInWords(path: string, { features, embedding, config }: About, rows: string): string {
  const { dense, categorical, label } = features!;
  return `Scores ${rows} with ${shownWord(path)}: the probability of ${shown(label)}, by ${counted(dense.length, "column")} of numbers and ${count(categorical.length)} of ids; ${embedding.family} embeddings of dim ${config.dim}.`;
}

/** Says what was done, where the scores are not. */
function report(scored: Scored, agreement: Agreement | undefined, json: boolean): void {
  if (json) console.log(JSON.stringify({ ...scoringReport(scored), ...(agreement && { agreement }) }));
  else {
    const text = [describeScoring(scored), ...(agreement ? [describeAgreement(agreement)] : [])].join("\n");
    if (scored.out === "-") standardError.out.write(`${text}\n`);
    else console.log(text);
  }
}
