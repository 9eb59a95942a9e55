/** Faults of rows that are as wide as their ids are frequent. */
import type { Planted } from "../planted.ts";

const family = "models/embeddings/families/by-frequency.ts";
const choice = "models/embeddings/own-choice.ts";
const signal = "models/data/id-signal.ts";
const ofSignal = "proofs-tests/tests/models/data/id-signal.test.ts";
const ofFamily = "proofs-tests/tests/models/embeddings/own/by-frequency.test.ts";
const ofPeers = "proofs-tests/tests/models/embeddings/peer-embeddings.test.ts";
const ofOwn = "proofs-tests/tests/models/embeddings/own/own-rows.test.ts";

export const byFrequency: readonly Planted[] = [
  {
    file: family,
    was: "starts[i] = parts[p]!.width * next[p]!++;",
    becomes: "starts[i] = next[p]!++;",
    tells: "Rows of several floats lie over each other.",
    seenBy: ofPeers,
  },
  {
    file: family,
    was: "numbers[place] = offsets[table]! + ids[i]!;",
    becomes: "numbers[place] = ids[i]!;",
    tells: "Ids of one number share a float, whatever their tables: not what the exported model reads.",
    seenBy: ofPeers,
  },
  {
    file: family,
    was: "bytes: bytesOf(parts, options) + packedOwn(own).length",
    becomes: "bytes: bytesOf(parts, options)",
    tells:
      "The bytes that say which ids have rows are not counted: at equal memory it has more than the others.",
    seenBy: ofFamily,
  },
  {
    file: choice,
    was: "(weight) => weight ** temperature",
    becomes: "(weight) => weight",
    tells: "Widths follow frequency itself, whatever the temperature.",
    seenBy: ofFamily,
  },
  {
    file: choice,
    was: "Math.max(1, Math.floor(sharedPart * room))",
    becomes: "1",
    tells: "Rare ids share what happens to be left, not the part that was asked for.",
    seenBy: ofFamily,
  },
  {
    file: "models/embeddings/known.ts",
    was: "byCounts(await lazyRows(train))",
    becomes: "byCounts(await lazyRows(train, validation, test))",
    tells: "Rows that a model is measured on have decided which of their ids get wide rows.",
    seenBy: "proofs-tests/tests/models/embeddings/own/known.test.ts",
  },
  {
    file: "models/embeddings/known.ts",
    was: "byWeights(await idSignal(train))",
    becomes: "byWeights(await idSignal(test))",
    tells: "The labels that a model is measured on have decided which ids get rows.",
    seenBy: "proofs-tests/tests/models/embeddings/own/known.test.ts",
  },
  {
    file: signal,
    was: "h[at]! + 1 / variance",
    becomes: "h[at]!",
    tells: "What an id told by chance counts whole: rare ids seem to tell most.",
    seenBy: ofSignal,
  },
  {
    file: signal,
    was: "z[i] = z[i]! + effects[at]!",
    becomes: "z[i] = z[i]!",
    tells: "Finer tables are given what coarser ones have told already.",
    seenBy: ofSignal,
  },
  {
    file: signal,
    was: "ids.rows[a]!.length - ids.rows[b]!.length",
    becomes: "a - b",
    tells: "Tables tell in the order of their columns, so what a finer one tells depends on where it stands.",
    seenBy: ofSignal,
  },
  {
    file: signal,
    was: "(sums.g2 - sums.h) / sums.h2",
    becomes: "sums.g2 / sums.h2",
    tells: "Chance is taken for effects: a table that tells nothing gets rows.",
    seenBy: ofSignal,
  },
  {
    file: "proofs-tests/experiments/tradeoff/trial.ts",
    was: "own?.[needs]",
    becomes: "own?.frequency",
    tells: "A study of rows by signal is one of rows by frequency.",
    seenBy: "proofs-tests/tests/experiments/tradeoff/trial.test.ts",
  },
  {
    file: "models/data/number-set.ts",
    was: "this.times[at]! += times;",
    becomes: "this.times[at] = times;",
    tells: "Every id seems to occur once.",
    seenBy: "proofs-tests/tests/models/embeddings/own/known.test.ts",
  },
  {
    file: "models/embeddings/own-rows.ts",
    was: "  sound(bits.isAtEnd());\n",
    becomes: "",
    tells: "A damaged list of ids is taken for a sound one.",
    seenBy: ofOwn,
  },
  {
    file: "models/embeddings/own-rows.ts",
    was: "while (count * 2 ** k < sum) k++;",
    becomes: "while (k < 4) k++;",
    tells: "The list of ids takes up to twice the bytes that it could, which rows then lack.",
    seenBy: ofOwn,
  },
  {
    file: "models/export/torch/numbers.ts",
    was: "        if seen == 64:",
    becomes: "        if seen == 6400:",
    tells: "In torch the rows of a model with many of their own are those of other ids.",
    seenBy: "proofs-tests/tests/models/export/torch.test.ts",
  },
  {
    file: family,
    was: "only(choose(isOwned, 0, 1), shared)",
    becomes: "shared",
    tells: "In other engines ids with a row of their own read what others share, too.",
    seenBy: "proofs-tests/tests/models/export/onnx.test.ts",
  },
];
