/** Faults of the model that a study writes, and of the walk that a reader takes. */
import type { Planted } from "../planted.ts";

const seenBy = "proofs-tests/tests/cli/study/save.test.ts";

export const studySave: readonly Planted[] = [
  {
    file: "cli/study/save.ts",
    was: "small.smallest ?? full",
    becomes: "small.smallest ?? small.nearest ?? full",
    tells: "Where nothing is shown to be small enough, what is nearest to it is written as if it were.",
    seenBy,
  },
  {
    file: "cli/study/save.ts",
    was: "await calibrate(model, validation)",
    becomes: "await calibrate(model, test)",
    tells: "The model is calibrated on the rows that it is tested on.",
    seenBy,
  },
  {
    file: "cli/study/save.ts",
    was: "validation: partQuality(await evaluate(model, validation))",
    becomes: "validation: partQuality(await evaluate(model, test))",
    tells: "The quality on the rows to choose by is that on the test rows.",
    seenBy,
  },
  {
    file: "cli/study/save.ts",
    was: "trial.method === full.method ? source.exact : undefined",
    becomes: "source.exact",
    tells: "A shared memory is written with the dictionary of full tables, whose rows it does not have.",
    seenBy,
  },
  {
    file: "cli/study/save.ts",
    was: "point.logLoss, judge }",
    becomes: 'point.logLoss, judge: "logLoss" }',
    tells: "The AUC that chose a model is called a log loss.",
    seenBy,
  },
  {
    file: "proofs-tests/experiments/tradeoff/trial.ts",
    was: "      putBack();\n",
    becomes: "",
    tells: "The last model of a trial is written in place of its best.",
    seenBy,
  },
  {
    file: "cli/tradeoff.ts",
    was: "if (given.save !== undefined) checkSave(given.save);",
    becomes: "",
    tells: "A file that is there is replaced by another model, after hours.",
    seenBy,
  },
  {
    file: "models/data/encoders/distinct.ts",
    was: "vocabulary.rowOf(hash) === 0",
    becomes: "vocabulary.rowOf(hash) > 0",
    tells: "Ids that a model knows are called new.",
    seenBy: "proofs-tests/tests/models/data/encoders/vocabulary.test.ts",
  },
];
