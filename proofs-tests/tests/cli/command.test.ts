import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary.ts";
import { run } from "./command.ts";

const folder = temporaryFolder();
function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A Criteo row: label, 13 integers (one missing, one negative), 26 categories (one missing). */
const criteoRow = (i: number): string =>
  [
    i % 3 === 0 ? 1 : 0,
    ...Array.from({ length: 13 }, (_, k) => (k === 4 ? "" : k === 5 ? -2 : (i * (k + 1)) % 90)),
    ...Array.from({ length: 26 }, (_, t) =>
      t === 7 ? "" : (((i % (t + 2)) * 2654435761) >>> 0).toString(16).padStart(8, "0"),
    ),
  ].join("\t");
const rows = Array.from({ length: 600 }, (_, i) => criteoRow(i));
const plain = file("rows.tsv", `${rows.join("\n")}\n`);

const small = [
  "--config",
  "criteo-kaggle",
  "--embedding",
  "robe",
  "--compression",
  "10000",
  "--bottom",
  "8-4",
  "--top",
  "8-1",
  "--dim",
  "4",
];
const spoilt = (change: (fields: string[]) => void): string => {
  const fields = rows[1]!.split("\t");
  change(fields);
  return [rows[0], fields.join("\t"), ...rows.slice(2)].join("\n");
};
const csvOf = (second: string) => `label,price,shop\n1,2.5,a\n${second}\n0,1,b\n1,2,c\n`;
const csvFlags = ["--label", "label", "--dense", "price", "--categorical", "shop", "--table-rows", "100"];
const synthetic = ["train", "--data", "synthetic", "--rows", "2000"];

interface TrainedReport {
  readonly quality: unknown;
  readonly embedding: { readonly floats: number; readonly fullFloats: number };
  readonly strengths: { readonly fields: readonly number[] };
}

/** Bad input, and words that its one sentence must contain. */
const bad: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["a missing file", ["train", "--data", "criteo:/nowhere/rows.tsv"], ["/nowhere/rows.tsv"]],
  [
    "a wrong column count",
    [
      "train",
      "--data",
      `criteo:${file(
        "short.tsv",
        spoilt((f) => f.pop()),
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
      `criteo:${file(
        "word.tsv",
        spoilt((f) => (f[3] = "many")),
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
      `criteo:${file(
        "hex.tsv",
        spoilt((f) => (f[20] = "xyz")),
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
      `criteo:${file(
        "label.tsv",
        spoilt((f) => (f[0] = "2")),
      )}`,
      ...small,
    ],
    ["line 2", "2"],
  ],
  ["an empty file", ["train", "--data", `criteo:${file("empty.tsv", "")}`, ...small], ["empty"]],
  [
    "a broken gzip",
    ["train", "--data", `criteo:${file("broken.gz", gzipSync(rows.join("\n")).subarray(0, 400))}`, ...small],
    ["broken.gz"],
  ],
  [
    "NaN in a CSV",
    ["train", "--data", `csv:${file("nan.csv", csvOf("0,NaN,b"))}`, ...csvFlags],
    ["line 3", "price", "NaN"],
  ],
  [
    "Infinity in a CSV",
    ["train", "--data", `csv:${file("inf.csv", csvOf("0,Infinity,b"))}`, ...csvFlags],
    ["line 3", "price", "Infinity"],
  ],
  [
    "a column that is not there",
    ["train", "--data", `csv:${file("fine.csv", csvOf("0,1,b"))}`, "--label", "click", ...csvFlags.slice(2)],
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
  ["no golden file", ["golden", file("other.json", "{}")], ["format"]],
  ["an unknown backend", [...synthetic, "--backend", "tpu"], ["tpu", "gpu:webasm"]],
  ["a mode that is not here", [...synthetic, "--backend", "gpu:webgl2"], ["webgl2", "browser"]],
  ["a shape that nobody times", ["bench", "--shape", "huge"], ["huge", "criteo-kaggle"]],
  ["a case that is not there", ["bench", "--case", "sort"], ["sort", "train step"]],
  ["no time", ["bench", "--seconds", "0"], ["--seconds"]],
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
  ["no data", ["train"], ["--data", "synthetic:REGIME"]],
  ["data that nobody knows", ["train", "--data", "clicks"], ['"clicks"', "flights"]],
  ["no file of Criteo's", ["train", "--data", "criteo"], ["--data criteo:FILE"]],
  ["an empty name of a file", ["train", "--data", "csv:", ...csvFlags], ["--data csv:FILE"]],
  ["a CSV without its label", ["train", "--data", "csv:x", ...csvFlags.slice(2)], ["--label COLUMN"]],
  ["a CSV without numbers", ["train", "--data", "csv:x", "--label", "y"], ["--dense A,B"]],
  ["a CSV without ids", ["train", "--data", "csv:x", "--label", "y", "--dense", "n"], ["--categorical C,D"]],
  ["an unknown split", ["train", "--data", "flights", "--split", "half"], ['"half"', "random, order"]],
  ["a split of what is drawn", [...synthetic, "--split", "order"], ["--split is of criteo, csv, flights"]],
  ["an unknown pooling", [...synthetic, "--pooling", "max"], ['"max"', "sum, mean, learned"]],
  ["an unknown optimizer", [...synthetic, "--optimizer", "lion"], ['"lion"', "sgd, adagrad"]],
  [
    "data that a config is not for",
    [
      ...["train", "--data", `csv:${file("two.csv", csvOf("0,1,b"))}`, ...csvFlags],
      ...["--config", "criteo-kaggle", "--embedding", "robe", "--compression", "1000"],
    ],
    ["criteo-kaggle takes 13 dense features", "has 1"],
  ],
  ["resuming from nowhere", [...synthetic, "--resume"], ["--checkpoint DIR"]],
  ["patience with nothing to wait for", [...synthetic, "--patience", "3"], ["--eval-every N"]],
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
  ["two embeddings to inspect", ["inspect", "one", "other"], ["given 2 words: one, other"]],
];

describe("bad input gives one sentence, exit code 2, and nothing else", () => {
  it.each(bad)("%s", async (_, args, words) => {
    const { code, out, err } = await run(...args);
    expect(err.trim().split("\n"), err).toHaveLength(1);
    for (const word of words) expect(err).toContain(word);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});

describe("train", () => {
  it("shows validations as it goes, but for JSON nothing", async () => {
    const flags = ["--tables", "9,5", "--rows", "800", "--batch", "64", "--eval-every", "4"];
    const plain = await run("train", "--data", "synthetic", ...flags);
    const json = await run("train", "--data", "synthetic", ...flags, "--json");
    expect(plain.err.match(/^step \d+: validation/gm)).toEqual(
      [4, 8, 10].map((step) => `step ${step}: validation`),
    );
    expect([plain.code, json.code, json.err]).toEqual([0, 0, ""]);
    expect(plain.out).toMatch(/^synthetic clicks \(seed 0\): 10 steps/);
    expect(JSON.parse(json.out)).toMatchObject({ steps: 10, data: "synthetic clicks (seed 0)" });
  });

  it("does what its flags say together", async () => {
    const flags = "--tables 9,5 --rows 400 --dim 4 --bottom 6-4 --top 3-1 --optimizer adam --lr 0.01";
    const more = "--batch 32 --epochs 2 --steps 12 --eval-every 2 --patience 9 --seed 4 --backend cpu";
    const own = "--embedding robe --compression 2 --block 2 --sign none --storage f16 --rounding stochastic";
    const { out } = await run(
      "train",
      "--data",
      "synthetic",
      ...`${flags} ${more} ${own} --table-scale`.split(" "),
      "--json",
    );
    expect(JSON.parse(out)).toMatchObject({
      ...{ data: "synthetic clicks (seed 4)", steps: 12, quality: { rows: 40 } },
      embedding: { name: "robe", floats: 28, bytes: 2 * 28, fullFloats: 4 * 14 },
      optimizer: { name: "adam", rate: 0.01, batch: 32 },
    });
  });

  it("reads plain, CRLF and gzip alike, and prints JSON that says what it did", async () => {
    const crlf = file("crlf.tsv", `${rows.join("\r\n")}\r\n`);
    const gzip = file("rows.gz", gzipSync(rows.join("\n")));
    const results = await Promise.all(
      [plain, crlf, gzip].map((path) => run("train", "--data", `criteo:${path}`, ...small, "--json")),
    );
    const quality = results.map(({ out }) =>
      JSON.stringify((JSON.parse(out) as { quality: unknown }).quality),
    );
    expect(new Set(quality).size).toBe(1);
    expect(JSON.parse(results[0]!.out)).toMatchObject({
      steps: expect.any(Number),
      embedding: { name: "robe" },
    });
  });

  it.each(["hashEmbedding", "memcom", "mixedDimension"])("keeps %s within its memory", async (name) => {
    const size = ["--embedding", name, "--compression", "2", "--optimizer", "rowWiseAdagrad"];
    const { out } = await run(...synthetic, ...size, "--json");
    const { embedding } = JSON.parse(out) as {
      embedding: { name: string; floats: number; fullFloats: number };
    };
    expect(embedding.name).toBe(name);
    expect(embedding.floats).toBeLessThanOrEqual(embedding.fullFloats / 2);
    expect(embedding.floats).toBeGreaterThan(0.45 * embedding.fullFloats);
  });

  it.each(["robe", "cafe"])(
    "goes on from a checkpoint to the very result of a run without a break: %s",
    async (name) => {
      const [whole, parts] = [join(folder, `whole ${name}`), join(folder, `parts ${name}`)];
      const flags = [...synthetic, "--embedding", name, "--compression", "2", "--seed", "5"];
      await run(...flags, "--checkpoint", whole, "--epochs", "2");
      await run(...flags, "--checkpoint", parts, "--steps", "4");
      const again = await run(...flags, "--checkpoint", parts);
      expect(again.err).toContain("--resume");
      await run(...flags, "--checkpoint", parts, "--epochs", "2", "--resume");
      const bytes = (path: string) => readFileSync(join(path, "checkpoint.safetensors"));
      expect(bytes(parts).equals(bytes(whole))).toBe(true);
      expect(readdirSync(parts)).toEqual(["checkpoint.safetensors"]);
      expect((await run(...flags, "--lr", "1", "--checkpoint", parts, "--resume")).err).toContain("--lr");
      expect((await run("inspect", parts)).out).toContain(name);
    },
  );

  it("keeps of full tables what the data touches, to the same quality, and says what carries the signal", async () => {
    const shape = ["--tables", "300000,20000,30", "--rows", "3000", "--dim", "4", "--bottom", "8-4"];
    const flags = ["train", "--data", "synthetic:fits", ...shape, "--json"];
    const kept = join(folder, "touched");
    const [whole, touched] = await Promise.all([
      run(...flags),
      run(...flags, "--lazy-rows", "--checkpoint", kept),
    ]);
    const [expected, found] = [whole, touched].map(({ out }) => JSON.parse(out) as TrainedReport);
    expect(found!.quality).toEqual(expected!.quality);
    expect(found!.embedding.fullFloats).toBe(expected!.embedding.floats);
    expect(found!.embedding.floats).toBeLessThan(4 * 3 * 3000);
    expect(found!.strengths.fields).toHaveLength(3);
    const { code, err } = await run("inspect", kept);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("--lazy-rows") });
  });
});

describe("golden", () => {
  it("exits with 1 and the name of the array when a number is altered", async () => {
    const golden = JSON.parse(readFileSync("proofs-tests/golden/files/dlrm-onehot-dot-sgd.json", "utf8")) as {
      losses: number[];
    };
    golden.losses[2]! += 1e-6;
    const { code, out } = await run("golden", "--failures", file("altered.json", JSON.stringify(golden)));
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL losses/);
  });
});

describe("help", () => {
  it.each([
    [[]],
    [["train"]],
    [["golden"]],
    [["inspect"]],
    [["bench"]],
    [["prove"]],
    [["plan"]],
    [["tradeoff"]],
  ])("%j fits 80 columns", async (verb) => {
    const { code, out } = await run(...verb, "--help");
    const lines = out.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(80);
  });
});
