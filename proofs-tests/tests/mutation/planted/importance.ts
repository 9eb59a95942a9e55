/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of other files, which have templates. */
import type { Planted } from "../planted.ts";

const metrics = "proofs-tests/tests/models/metrics/permuted.test.ts";
const model = "proofs-tests/tests/models/dlrm/importance.test.ts";
const words = "proofs-tests/tests/cli/report/importance.test.ts";

/** Faults of what is said of a model's columns. */
export const importance: readonly Planted[] = [
  {
    file: "models/metrics/permuted.ts",
    was: "for (const [row, lender] of order.entries()) influences[lender]! += own[row]!;",
    becomes: "",
    tells: "Intervals of log loss forget that a row lends its value to another.",
    seenBy: metrics,
  },
  {
    file: "models/metrics/permuted.ts",
    was: "Math.sqrt(ofRows + ofPermutations)",
    becomes: "Math.sqrt(ofRows)",
    tells: "Intervals are of these permutations: others would give other numbers.",
    seenBy: metrics,
  },
  {
    file: "models/metrics/permuted.ts",
    was: "Math.sqrt(ofRows + ofPermutations)",
    becomes: "Math.sqrt(ofPermutations)",
    tells: "Intervals are of these rows: others would give other numbers.",
    seenBy: metrics,
  },
  {
    file: "models/metrics/permuted.ts",
    was: "sum + s ** 2 - squares[row]!, 0) / (R * (R - 1))",
    becomes: "sum + s ** 2, 0) / R ** 2",
    tells: "The chance of permutations is counted twice and more.",
    seenBy: metrics,
  },
  {
    file: "models/metrics/permuted.ts",
    was: "weight / total[labels[row]!]!",
    becomes: "weight / (total[0]! + total[1]!)",
    tells: "Rows of the rarer label count too little in what AUC falls by.",
    seenBy: metrics,
  },
  {
    file: "models/dlrm/importance.ts",
    was: "random(seed, `importance/${r}`)",
    becomes: "random(seed, `importance`)",
    tells: "Several permutations are one and the same: intervals look too certain.",
    seenBy: model,
  },
  {
    file: "models/dlrm/importance.ts",
    was: "const scored = { labels, probabilities, weights };",
    becomes: "const scored = { labels, probabilities };",
    tells: "Rows that count more than others do not.",
    seenBy: model,
  },
  {
    file: "models/dlrm/importance.ts",
    was: "dense === data.dense && `${tables}` === `${data.tables}`",
    becomes: "dense === data.dense",
    tells: "Rows with tables of other sizes are measured.",
    seenBy: "proofs-tests/tests/cli/clicks/importance.test.ts",
  },
  {
    file: "models/data/permuted-rows.ts",
    was: "(t === table ? moved!.order[row]! : row)",
    becomes: "row",
    tells: "No table matters.",
    seenBy: "proofs-tests/tests/models/data/permuted-rows.test.ts",
  },
  {
    file: "models/data/permuted-rows.ts",
    was: "data.batches(4096, { seed, epoch: 0 })",
    becomes: "data.batches(4096)",
    tells: "The first rows of a file are said to be drawn at random.",
    seenBy: "proofs-tests/tests/models/data/permuted-rows.test.ts",
  },
  {
    file: "cli/report/importance.ts",
    was: "lossOf(each).interval[0] <= 0 &&",
    becomes: "",
    tells: "Columns that are needed are named as those that could be left out.",
    seenBy: words,
  },
  {
    file: "cli/report/importance.ts",
    was: ".sort((a, b) => lossOf(b).value - lossOf(a).value)",
    becomes: "",
    tells: "Columns do not stand by their importance.",
    seenBy: words,
  },
  {
    file: "cli/report/importance.ts",
    was: "[...notShown, ...harmful].at(-1)",
    becomes: "[...notShown, ...harmful].at(0)",
    tells: "The column to leave out next is not the least important one.",
    seenBy: words,
  },
  {
    file: "models/data/source.ts",
    was: '["split", "time", "group"]',
    becomes: '["time", "group"]',
    tells: "A split that is asked for is ignored without a word.",
    seenBy: "proofs-tests/tests/cli/clicks/importance.test.ts",
  },
];
