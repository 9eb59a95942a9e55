import { fast } from "../backends/fast/index.ts";
import { check, shownWord } from "../core/errors.ts";
import { counted } from "../core/format.ts";
import { textOption, wholeOption } from "../core/options.ts";
import { importance } from "../models/dlrm/importance.ts";
import { describe, load } from "../models/dlrm/saved/load.ts";
import { dataFlag, dataTexts, wholeRows } from "./common/source.ts";
import { jsonFlag, verb } from "./flags.ts";
import { seedFlag } from "./model.ts";
import { passingLine, standardError } from "./progress.ts";
import { importanceInWords, importanceReport } from "./report/importance.ts";

const flags = {
  model: textOption({ form: "FILE", help: "the saved model" }),
  data: dataFlag,
  repeats: wholeOption({ from: 2, to: 1000, default: 5, help: "permutations of each column" }),
  sample: wholeOption({
    from: 2,
    default: 100_000,
    help: "rows that are measured at most, drawn at random from all",
  }),
  seed: seedFlag("of the permutations, the rows that are drawn, and synthetic clicks"),
  json: jsonFlag,
};

/** `pss-dlrm importance` */
export const importanceVerb = verb({
  name: "importance",
  about:
    "What a saved model loses when the values of a column are permuted among the rows: how much it needs each column, with intervals. Rows are read by the columns that the model names; give rows that it was not trained on.",
  flags,
  async run({ model: file, data, repeats, sample, seed, json }, { texts }) {
    check(file !== undefined, () => "importance needs --model FILE, a saved model.");
    const about = await describe(file);
    const dataset = await wholeRows(data, { file, about }, seed);
    if (!json)
      standardError.out.write(
        `Permutes each column of ${shownWord(file)} among the rows of ${shownWord(dataset.name)}, ${counted(repeats, "time")}, and measures what is lost.\n`,
      );
    const passing = passingLine(json === true);
    const backend = await fast();
    try {
      const { model } = await load(file, { backend });
      const watch = (done: number, of: number) => passing.show(`${done} of ${of} columns`);
      const found = await importance(model, dataset, { repeats, seed, rows: sample, watch });
      passing.end();
      const measured = { found, file, about, data: dataset.name, texts: dataTexts(texts) };
      console.log(json ? JSON.stringify(importanceReport(measured)) : importanceInWords(measured));
    } finally {
      await backend.destroy();
    }
    return 0;
  },
});
