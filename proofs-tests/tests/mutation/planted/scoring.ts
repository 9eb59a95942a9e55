/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of other files, which have templates. */
import type { Planted } from "../planted.ts";

/** Faults of models that are used: of what a file says of its columns, and of rows that are read by it and scored. */
export const scoring: readonly Planted[] = [
  {
    file: "models/data/formats/table.ts",
    was: "const features: Features = wanted.features?.all ?? {",
    becomes: "const features: Features = {",
    tells: "Tomorrow's rows are scaled by themselves, not as the model was trained.",
    seenBy: "proofs-tests/tests/models/data/formats/known-features.test.ts",
  },
  {
    file: "models/data/formats/table.ts",
    was: "(separator === undefined ? [] : [[column, separator]])",
    becomes: "[]",
    tells: "A list of ids is one id to a model that was trained on lists.",
    seenBy: "proofs-tests/tests/models/data/formats/known-features.test.ts",
  },
  {
    file: "models/data/formats/table.ts",
    was: 'const ofFeatures = ["label", "dense", "categorical", "multi", "scale", "tableRows"] as const;',
    becomes: 'const ofFeatures = ["label", "dense", "categorical", "multi", "tableRows"] as const;',
    tells: "A scaling that is asked for beside a saved model is ignored without a word.",
    seenBy: "proofs-tests/tests/models/data/formats/known-features.test.ts",
  },
  {
    file: "models/data/source.ts",
    was: "wanted.features === undefined || kind.hasNamedColumns === true,",
    becomes: "true,",
    tells: "Flights are read by their own columns for a model of other ones.",
    seenBy: "proofs-tests/tests/models/data/formats/known-features.test.ts",
  },
  {
    file: "models/data/formats/statistics.ts",
    was: "range: [low, high] }",
    becomes: "range: [0, high] }",
    tells: "A file says that a column was fitted to numbers that it did not have.",
    seenBy: "proofs-tests/tests/models/data/formats/known-features.test.ts",
  },
  {
    file: "models/data/formats/statistics.ts",
    was: "{ ...own, separator: multi[column]! } : own",
    becomes: "own : own",
    tells: "A saved model does not say that a column has lists of ids: each list of new rows is one id.",
    seenBy: "proofs-tests/tests/models/data/formats/known-features.test.ts",
  },
  {
    file: "models/data/formats/parquet.ts",
    was: "ids[i] = own.ids[next++]!;",
    becomes: "ids[i] = own.ids[i - offsets[t]!]!;",
    tells: "Lists of ids of a Parquet file are those of other rows.",
    seenBy: "proofs-tests/tests/models/data/formats/known-features.test.ts",
  },
  {
    file: "models/data/encoders/features.ts",
    was: "&& width === shape.dense && `${tables}` === `${shape.tables}`",
    becomes: "&& width === shape.dense",
    tells:
      "A file whose columns are not those of its model is loaded, and ids are placed in tables of other sizes.",
    seenBy: "proofs-tests/tests/models/data/encoders/features.test.ts",
  },
  {
    file: "models/data/encoders/features.ts",
    was: "&& !names.includes(label)",
    becomes: "",
    tells: "A file whose label is one of its features is taken.",
    seenBy: "proofs-tests/tests/models/data/encoders/features.test.ts",
  },
  {
    file: "models/dlrm/saved/about.ts",
    was: 'asFeatures(value.features, value.config as unknown as About["config"], "its features");',
    becomes: ";",
    tells: "A model is saved with columns that are not its own.",
    seenBy: "proofs-tests/tests/models/dlrm/saved/saved.test.ts",
  },
  {
    file: "cli/training/checkpoint.ts",
    was: "...(samplingRate !== undefined && { samplingRate }),",
    becomes: "",
    tells: "A model of sampled rows is saved without a word of it: its scores are too high by far.",
    seenBy: "proofs-tests/tests/cli/training/checkpoint.test.ts",
  },
  {
    file: "models/data/reader/layout.ts",
    was: "isLabeled ? place(ROWS) : 0",
    becomes: "place(ROWS)",
    tells: "Rows that are read without labels need a first column of 0 and 1.",
    seenBy: "proofs-tests/tests/models/data/reader/parser.test.ts",
  },
  {
    file: "models/data/reader/spilled.ts",
    was: "new Float32Array(words, 4 * known, size * D)",
    becomes: "new Float32Array(words, 4 * size, size * D)",
    tells: "Rows without labels that are shuffled on disk have numbers of other rows.",
    seenBy: "proofs-tests/tests/models/data/reader/shuffled.test.ts",
  },
];
