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
    was: "where[2 * i + 1] = parts[p]!.width * next[p]!++;",
    becomes: "where[2 * i + 1] = next[p]!++;",
    tells: "Rows of several floats lie over each other.",
    seenBy: ofPeers,
  },
  {
    file: family,
    was: "unowned[place] = offsets[tableOf[i]!]! + numbers[i]!;",
    becomes: "unowned[place] = numbers[i]!;",
    tells: "Ids of one number share a float, whatever their tables: not what the exported model reads.",
    seenBy: ofPeers,
  },
  {
    file: family,
    was: "places[i]! += firsts[reader[i]!]!;",
    becomes: "places[i]! += reader[i]!;",
    tells: "Ids are given vectors of other ids, whose rows are of another width.",
    seenBy: ofPeers,
  },
  {
    file: "models/embeddings/computed-rows.ts",
    was: "rows.numbers[row] !== id || rows.tables[row] !== table",
    becomes: "rows.numbers[row] !== id",
    tells: "Ids of one number have one vector, whatever their tables, where their hashes meet.",
    seenBy: "proofs-tests/tests/models/embeddings/own/computed-rows.test.ts",
  },
  {
    file: "models/embeddings/computed-rows.ts",
    was: "at = (at + 1) & (known.length - 1);",
    becomes: "at = at + 1;",
    tells:
      "Where the hashes of a batch meet at the end of the list, an id has two vectors, or is not found again.",
    seenBy: "proofs-tests/tests/models/embeddings/own/computed-rows.test.ts",
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
    was: "byWeights(await idSignal(train, watch))",
    becomes: "byWeights(await idSignal(test, watch))",
    tells: "The labels that a model is measured on have decided which ids get rows.",
    seenBy: "proofs-tests/tests/models/embeddings/own/known.test.ts",
  },
  {
    file: signal,
    was: "h[i]! + 1 / variance",
    becomes: "h[i]!",
    tells: "What an id told by chance counts whole: rare ids seem to tell most.",
    seenBy: ofSignal,
  },
  {
    file: signal,
    was: "if (last !== undefined) eachId(ids, last, bags, (i, at) => (z[i] = z[i]! + told[at]!));",
    becomes: "",
    tells: "Finer tables are given what coarser ones have told already.",
    seenBy: ofSignal,
  },
  {
    file: signal,
    was: "told[at] = speaks?.[at] === 0 ? 0 : effect;",
    becomes: "told[at] = effect;",
    tells: "Ids that memory is too small for take from others what these could tell.",
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
    file: signal,
    was: "information[at] = h[i]!;",
    becomes: "information[at] = weight;",
    tells: "Ids that tell nothing seem to need no memory.",
    seenBy: ofSignal,
  },
  {
    file: "models/data/lazy-rows.ts",
    was: "return low < high ?",
    becomes: "return low <= high ?",
    tells: "Of a table with few gaps, each id seems to have a row of its own.",
    seenBy: "proofs-tests/tests/models/data/lazy-rows.test.ts",
  },
  {
    file: "theory/theorems/r19-kept-signal.ts",
    was: "sorted.subarray(0, memory)",
    becomes: "sorted.subarray(0, memory / 2)",
    tells: "The most that a memory can keep is said to be less than some memories keep.",
    seenBy: "proofs-tests/tests/theory/kept-signal.test.ts",
  },
  {
    file: "theory/theorems/r19-kept-signal.ts",
    was: "all + u[k]! ** 2",
    becomes: "all + Math.abs(u[k]!)",
    tells: "A memory is said to keep more of each effect than it does.",
    seenBy: "proofs-tests/tests/theory/kept-signal.test.ts",
  },
  {
    file: "theory/theorems/r19-kept-signal.ts",
    was: "(signal[i]! * w * s)",
    becomes: "(signal[i]! * s)",
    tells: "A sketch is said to keep of rare ids what it keeps of frequent ones.",
    seenBy: "proofs-tests/tests/theory/kept-signal.test.ts",
  },
  {
    file: "cli/signal.ts",
    was: "source.exact ?? source",
    becomes: "source",
    tells: "Ids that meet in a hashed table are taken for one.",
    seenBy: "proofs-tests/tests/cli/study/signal.test.ts",
  },
  {
    file: "cli/signal.ts",
    was: "if (gain === 0)",
    becomes: "if (gain < 0)",
    tells: "Of ids that tell nothing, every memory is said to keep all.",
    seenBy: "proofs-tests/tests/cli/study/signal.test.ts",
  },
  {
    file: "proofs-tests/experiments/tradeoff/predicted.ts",
    was: "least + kept * (most - least)",
    becomes: "kept * most",
    tells: "Memories that keep nothing of the ids are said to be worse than the model without ids.",
    seenBy: "proofs-tests/tests/experiments/tradeoff/predicted.test.ts",
  },
  {
    file: "proofs-tests/experiments/tradeoff/scaling.ts",
    was: "mean(1) + slope",
    becomes: "slope",
    tells: "A scaling law is off by what the losses that it was fitted at have in common.",
    seenBy: "proofs-tests/tests/experiments/tradeoff/scaling.test.ts",
  },
  {
    file: "config/docs/kept.ts",
    was: "if (!rows.has(key)) rows.set(key, row);",
    becomes: "rows.set(key, row);",
    tells: "A picture shows a method at the few rates of a later study, not at all that were tried.",
    seenBy: "proofs-tests/tests/docs/kept.test.ts",
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
