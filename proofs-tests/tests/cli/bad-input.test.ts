import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { folder, put } from "../models/data/files.ts";
import { run } from "./command.ts";
import { plain, rows, small, synthetic } from "./train-words.ts";

const spoilt = (change: (fields: string[]) => void): string => {
  const fields = rows[1]!.split("\t");
  change(fields);
  return [rows[0], fields.join("\t"), ...rows.slice(2)].join("\n");
};
const csvOf = (second: string) => `label,price,shop\n1,2.5,a\n${second}\n0,1,b\n1,2,c\n`;
const csvFlags = ["--label", "label", "--dense", "price", "--categorical", "shop", "--table-rows", "100"];

/** Bad input, and words that its one sentence must contain. */
const bad: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["a missing file", ["train", "--data", "criteo:/nowhere/rows.tsv"], ["/nowhere/rows.tsv"]],
  [
    "a wrong column count",
    [
      "train",
      "--data",
      `criteo:${put(
        spoilt((f) => f.pop()),
        "short.tsv",
      )}`,
      ...small,
    ],
    ["line 2", "39", "40"],
  ],
  [
    "a dense field that is no number",
    [
      "train",
      "--data",
      `criteo:${put(
        spoilt((f) => (f[3] = "many")),
        "word.tsv",
      )}`,
      ...small,
    ],
    ["line 2", "many"],
  ],
  [
    "a category that is no hexadecimal",
    [
      "train",
      "--data",
      `criteo:${put(
        spoilt((f) => (f[20] = "xyz")),
        "hex.tsv",
      )}`,
      ...small,
    ],
    ["line 2", "xyz"],
  ],
  [
    "a label other than 0 and 1",
    [
      "train",
      "--data",
      `criteo:${put(
        spoilt((f) => (f[0] = "2")),
        "label.tsv",
      )}`,
      ...small,
    ],
    ["line 2", "2"],
  ],
  ["an empty file", ["train", "--data", `criteo:${put("", "empty.tsv")}`, ...small], ["empty"]],
  [
    "a broken gzip",
    ["train", "--data", `criteo:${put(gzipSync(rows.join("\n")).subarray(0, 400), "broken.gz")}`, ...small],
    ["broken.gz"],
  ],
  [
    "NaN in a CSV",
    ["train", "--data", `csv:${put(csvOf("0,NaN,b"), "nan.csv")}`, ...csvFlags],
    ["line 3", "price", "NaN"],
  ],
  [
    "Infinity in a CSV",
    ["train", "--data", `csv:${put(csvOf("0,Infinity,b"), "inf.csv")}`, ...csvFlags],
    ["line 3", "price", "Infinity"],
  ],
  [
    "a column that is not there",
    ["train", "--data", `csv:${put(csvOf("0,1,b"), "fine.csv")}`, "--label", "click", ...csvFlags.slice(2)],
    ["click", "shop"],
  ],
  ["an unknown flag", [...synthetic, "--embeding", "robe"], ["--embeding", "--help"]],
  ["an unknown regime", ["train", "--data", "synthetic:soft"], ["soft", "fits, hard"]],
  ["a regime of no tables", ["train", "--data", "synthetic:hard"], ["--config criteo-tb", "--tables"]],
  ["an unknown scheme", [...synthetic, "--embedding", "robez"], ["robez", "rowHash"]],
  [
    "Z larger than m",
    [...synthetic, "--embedding", "robe", "--memory-size", "8", "--block", "16"],
    ["16", "8"],
  ],
  ["compression below 1", [...synthetic, "--embedding", "robe", "--compression", "0.5"], ["0.5"]],
  ["dimensions that do not fit", [...synthetic, "--bottom", "32-8"], ["16", "32-8"]],
  ["a number that is none", [...synthetic, "--lr", "fast"], ["--lr", "fast"]],
  [
    "less memory than one number a row",
    [...synthetic, "--embedding", "memcom", "--compression", "1000"],
    ["memcom needs at least", "bytes"],
  ],
  ["no size", [...synthetic, "--embedding", "hashEmbedding"], ["hashEmbedding", "--compression"]],
  [
    "a temperature above 1",
    [...synthetic, "--embedding", "mixedDimension", "--compression", "2", "--temperature", "1.5"],
    ["--temperature", "1.5"],
  ],
  [
    "row-wise state on memory without rows",
    [...synthetic, "--embedding", "robe", "--compression", "2", "--optimizer", "rowWiseAdagrad"],
    ["rows", "adagrad"],
  ],
  ["a loss that becomes NaN", [...synthetic, "--optimizer", "sgd", "--lr", "1e9"], ["step", "--lr"]],
  [
    "tables too large to keep whole",
    ["train", "--data", `criteo:${plain}`, "--config", "criteo-tb"],
    ["104.5", "robe"],
  ],
  [
    "resuming from nothing",
    [...synthetic, "--checkpoint", join(folder, "none"), "--resume"],
    ["no checkpoint"],
  ],
  ["no golden file", ["golden", put("{}", "other.json")], ["format"]],
  ["an unknown backend", [...synthetic, "--backend", "tpu"], ["tpu", "gpu:webasm"]],
  ["a mode that is not here", [...synthetic, "--backend", "gpu:webgl2"], ["webgl2", "browser"]],
  ["a shape that nobody times", ["bench", "--shape", "huge"], ["huge", "criteo-kaggle"]],
  ["a case that is not there", ["bench", "--case", "sort"], ["sort", "train step"]],
  ["no time", ["bench", "--seconds", "0"], ["--seconds"]],
  ["a profile of one case", ["bench", "--profile", "--case", "sum"], ["takes no --case"]],
  ["seconds of a profile", ["bench", "--profile", "--seconds", "0.5"], ["takes no --seconds"]],
  ["a picture of a profile", ["bench", "--profile", "--svg", join(folder, "p.svg")], ["takes no --svg"]],
  ["saving nowhere", [...synthetic, "--save-every", "5"], ["--checkpoint DIR"]],
  ["a name over two lines", ["inspect", "no\nfolder"], ["no\\u{a}folder"]],
  ["a name that no system takes", ["golden", "long".repeat(2000)], ["ENAMETOOLONG", "…"]],
  ["a checkpoint where nothing can be made", [...synthetic, "--checkpoint", "/proc/nope"], ["/proc"]],
  ["a page where a folder is", ["prove", "--html", folder], [folder, "it is a folder"]],
  ["a page in a file", ["prove", "--html", join(plain, "page.html")], [plain, "is a file, no folder"]],
  [
    "a study's page below a file",
    ["prove", "--convergence", "--html", join(plain, "new", "page.html")],
    [plain, "is a file, no folder"],
  ],
  ["a picture in a file", ["bench", "--svg", join(plain, "bench.svg")], [plain, "is a file, no folder"]],
  ["a checkpoint in a file", [...synthetic, "--checkpoint", plain], [plain, "is a file, no folder"]],
  ["an unknown verb", ["trian"], ["trian", "train"]],
  ["no data", ["train"], ["--data", "synthetic[:REGIME]"]],
  ["data that nobody knows", ["train", "--data", "clicks"], ['"clicks"', "flights"]],
  ["no file of Criteo's", ["train", "--data", "criteo"], ["--data criteo:FILE"]],
  ["an empty name of a file", ["train", "--data", "csv:", ...csvFlags], ["--data csv:FILE"]],
  ["a CSV without its label", ["train", "--data", "csv:x", ...csvFlags.slice(2)], ["--label COLUMN"]],
  ["a CSV without numbers", ["train", "--data", "csv:x", "--label", "y"], ["--dense A,B"]],
  [
    "a CSV without features",
    ["train", "--data", "csv:x", "--label", "y"],
    ["--dense A,B", "--categorical C,D"],
  ],
  ["an unknown split", ["train", "--data", "flights", "--split", "half"], ['"half"', "random, order"]],
  [
    "a split of what is drawn",
    [...synthetic, "--split", "order"],
    ["--split is of arrow, criteo, csv, flights"],
  ],
  ["an unknown pooling", [...synthetic, "--pooling", "max"], ['"max"', "sum, mean, learned"]],
  ["an unknown optimizer", [...synthetic, "--optimizer", "lion"], ['"lion"', "sgd, adagrad"]],
  [
    "data that a config is not for",
    [
      ...["train", "--data", `csv:${put(csvOf("0,1,b\n".repeat(50).trimEnd()), "two.csv")}`, ...csvFlags],
      ...["--config", "criteo-kaggle", "--embedding", "robe", "--compression", "1000"],
    ],
    ["criteo-kaggle takes 13 dense features", "has 1"],
  ],
  ["resuming from nowhere", [...synthetic, "--resume"], ["--checkpoint DIR"]],
  ["words after the flags of train", [...synthetic, "more", "words"], ['"more words"']],
  ["a flag without its text", ["train", "--data"], ["--data needs a value after it."]],
  ["a plan without a table", ["plan", "--epsilon", "0.1"], ["--rows N --dim D"]],
  ["a plan without rows", ["plan", "--dim", "4", "--epsilon", "0.1"], ["--rows N --dim D"]],
  ["a plan without a dim", ["plan", "--rows", "4", "--epsilon", "0.1"], ["--rows N --dim D"]],
  [
    "a thing that nobody can keep",
    [..."plan --rows 4 --dim 4 --epsilon 0.1 --keep face".split(" ")],
    ["face", "norm"],
  ],
  ["no embedding to inspect", ["inspect"], ["--tables 1000,50"]],
  ["a folder without a model to inspect", ["inspect", folder], [folder, "no model.safetensors"]],
  ["a file that is no model to inspect", ["inspect", plain], [plain, "no saved model"]],
  [
    "a flag of another model",
    ["inspect", plain, "--compression", "3"],
    ["--compression", plain, "leave it out"],
  ],
  ["lazy rows of no data", ["inspect", "--tables", "9", "--lazy-rows"], ["--lazy-rows", "trained with it"]],
  ["two embeddings to inspect", ["inspect", "one", "other"], ["given 2 words: one, other"]],
];

describe("bad input gives one sentence, exit code 2, and nothing else", () => {
  it.each(bad)("%s", async (_, args, words) => {
    const { code, out, err } = await run(...args);
    const lines = err.trim().split("\n");
    if (lines.length > 1) expect(lines.shift()).toMatch(/^Trains .* epochs? of \d+ steps?\.$/); // said before it begins
    expect(lines, err).toHaveLength(1);
    for (const word of words) expect(err).toContain(word);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});
