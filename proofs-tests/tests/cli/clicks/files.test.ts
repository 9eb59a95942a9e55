import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Random, random } from "../../../../core/numeric/random.ts";
import { csvSource } from "../../../../models/data/formats/csv.ts";
import { sources } from "../../../../models/data/registry.ts";
import { partNames } from "../../../../models/data/split.ts";
import { fullFamily } from "../../../../models/embeddings/families/full.ts";
import { families } from "../../../../models/embeddings/registry.ts";
import { rocAuc } from "../../../../models/metrics/auc.ts";
import { put } from "../../models/data/files.ts";
import { upTo } from "../../models/data/rows.ts";
import { run } from "../command.ts";
import {
  clicks,
  columns,
  dataWords,
  fileOf,
  linesOf,
  type PartFiles,
  seeds,
  trainedOn,
  trainedWith,
} from "./clicks.ts";

const oneOf = <Value>(stream: Random, ...values: Value[]): Value => values[stream.integer(values.length)]!;

describe.each(seeds)("a file with inch marks and tabs (seed %i)", (seed) => {
  const stream = random(seed, "inches");
  const queries = upTo(200).map((i) => `${oneOf(stream, '"', "")}tv ${i}${oneOf(stream, '"', '""', "")}`);
  const rows = upTo(600).map((i) => ({ click: i % 2, price: i, query: oneOf(stream, ...queries) }));
  const text = ["click\tprice\tquery", ...rows.map((row) => Object.values(row).join("\t"))].join("\n");

  it("is read to its last row, and each id is one of its own", async () => {
    const file = put(`${text}\n`, `inches-${seed}.tsv`);
    const words = ["--label", "click", "--dense", "price", "--categorical", "query", "--split", "order"];
    const { code, out } = await run("train", "--data", `csv:${file}`, ...words, "--table-rows", "1000");
    const ids = new Set(rows.slice(0, 480).map(({ query }) => query)).size;
    expect([code, out]).toEqual([0, expect.stringMatching(/^rows {8}480 \(.*, 60 \(.*, 60 \(/m)]);
    expect(out).toContain(`query: ${ids} different ids in 1,000 rows`);
  });
});

describe.each(seeds)("120 clicks in one file (seed %i)", (seed) => {
  const stream = random(seed, "files");
  const lines = linesOf(clicks(120, seed));
  const text = lines.join("\n");
  const qualityOf = async (content: string | Uint8Array) => (await trainedOn(put(content))).quality;

  it("train to the same bits however they are written", async () => {
    const spaced = (line: string) => line.replace(/(^|,)/g, `$1${oneOf(stream, " ", "  ")}`);
    const unspacedIds = (line: string) => line.replace(/, *([ui]\d)/g, ",$1"); // spaces would be of them
    const decimal = (line: string) => line.replaceAll(",", ";").replaceAll(".", ",");
    const cut = 1 + stream.integer(text.length - 2);
    const ways = [
      lines.map((line, i) => (i === 0 ? spaced(line) : unspacedIds(spaced(line)))).join("\n"),
      `${lines.map(decimal).join("\n")}${oneOf(stream, "", "\n", "\n\n", "\n\r\n")}`,
      Buffer.concat([text.slice(0, cut), "", text.slice(cut)].map((piece) => gzipSync(piece))),
      `\uFEFF${lines.map((line) => line.replace(/[^,]+/g, '"$&"')).join(oneOf(stream, "\r\n", "\n"))}`,
    ];
    const expected = await qualityOf(`${text}\n`);
    for (const way of ways) expect(await qualityOf(way)).toEqual(expected);
  });

  it("are refused for what they are where they are packed, or have ends of lines that nobody reads", async () => {
    const noise = Buffer.from(upTo(50).map(() => stream.integer(256)));
    const strangers: [string | Uint8Array, string][] = [
      [Buffer.concat([Buffer.from("504b0304", "hex"), noise]), "is a zip archive, which is not read here"],
      [Buffer.concat([Buffer.from("425a6839314159265359", "hex"), noise]), "is packed by bzip2"],
      [Buffer.concat([Buffer.from("fd377a585a00", "hex"), noise]), "is packed by xz"],
      [Buffer.from(text, "utf16le"), "is UTF-16 text"],
      [lines.join("\r"), "ends its lines in CR alone"],
    ];
    for (const [content, sentence] of strangers) {
      const file = put(content, `clicks-${seed}.csv.gz`);
      const { code, out, err } = await run("train", "--data", `csv:${file}`, ...columns);
      expect([code, out, err]).toEqual([2, "", expect.stringMatching(/^\/.*\.gz .*; .*\.\n$/)]);
      expect(err).toContain(sentence);
    }
  });

  it("get tables by their ids, and a compression compresses those", async () => {
    const file = put(text);
    const { features, embedding } = await trainedOn(file, "--dim", "4");
    const sizes = features.categorical.map(({ rows }) => rows);
    for (const [size, ids] of [
      [sizes[0]!, 50],
      [sizes[1]!, 30],
    ] as const) {
      expect(size).toBeGreaterThanOrEqual(ids);
      expect(size).toBeLessThanOrEqual(128 * ids);
    }
    const full = 4 * (sizes[0]! + sizes[1]!);
    expect(embedding.floats).toBe(full);
    const floats = async (...words: string[]) =>
      (await trainedOn(file, "--dim", "4", ...words)).embedding.floats;
    expect(await floats("--embedding", "robe", "--compression", "100")).toBe(Math.floor(full / 100));
    expect(await floats("--lazy-rows")).toBeLessThanOrEqual(4 * 80);
    expect(await floats("--table-rows", "1000")).toBe(8000);
  });
});

const genres = "Action Comedy Drama War Horror SciFi Romance Crime Music Sport".split(" ");

/** Films with one to four genres, of which three carry all the signal. */
function films(count: number, seed: number) {
  const stream = random(seed, "films");
  return upTo(count).map(() => {
    const left = [...genres];
    const own = upTo(1 + stream.integer(4)).map(() => left.splice(stream.integer(left.length), 1)[0]!);
    const has = (genre: string) => Number(own.includes(genre));
    const logit = 2 * has("Drama") - 2 * has("Horror") + has("Action") - 0.5;
    const label = Number(stream.uniform() < 1 / (1 + Math.exp(-logit)));
    return { label, logit, start: `${label},${stream.uniform().toFixed(3)}`, own };
  });
}

describe.each(seeds)("genres of films (seed %i)", (seed) => {
  it("teach as much as lists in one column as they do in columns of their own: nearly all there is", async () => {
    const all = films(8500, seed);
    const cut = { test: all.slice(0, 4000), validation: all.slice(4000, 4500), train: all.slice(4500) };
    const aucWith = async (
      header: string,
      lineOf: (film: (typeof all)[number]) => string,
      ...ids: string[]
    ) => {
      const files = partNames.map((name) => [
        name,
        put(
          [`label,price,${header}`, ...cut[name].map((film) => `${film.start},${lineOf(film)}`)].join("\n"),
        ),
      ]);
      const words = ["--label", "label", "--dense", "price", "--table-rows", "100", "--batch", "64"];
      const data = dataWords(Object.fromEntries(files) as PartFiles);
      return (await trainedWith(...data, ...words, "--categorical", ...ids)).quality.auc.value!;
    };
    const best = rocAuc(
      cut.test.map(({ label }) => label),
      cut.test.map(({ logit }) => logit),
    );
    // A model that has learned all signal ranks the same rows nearly as the truth does: well within its standard errors.
    const [lists, ofColumns] = [
      await aucWith("genres", ({ own }) => own.join("|"), "genres", "--multi", "genres:|"),
      await aucWith(
        genres.join(),
        ({ own }) => genres.map((g) => Number(own.includes(g))).join(),
        genres.join(),
      ),
    ];
    expect(Math.abs(lists - ofColumns)).toBeLessThan(1.5 * best.standardError);
    expect(lists).toBeGreaterThan(best.value - 1.5 * best.standardError);
  });
});

describe("a flag that is not of this data or embedding is refused in a sentence that says of what it is", () => {
  const file = fileOf(clicks(20, 1));
  const flag = (option: string) => `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const foreign = (
    [
      ["data", csvSource, sources],
      ["embedding", fullFamily, families],
    ] as const
  ).flatMap(([chooser, own, all]) => {
    const options = Object.fromEntries(all.flatMap((choice) => Object.entries(choice.options)));
    return Object.entries(options)
      .filter(([name]) => !Object.hasOwn(own.options, name))
      .map(([name, { form }]) => [form === "" ? flag(name) : `${flag(name)}=7`, chooser, own.name] as const);
  });

  it.each(foreign)("%s", async (word, chooser, own) => {
    const { code, out, err } = await run("train", "--data", `csv:${file}`, ...columns, word);
    const [name] = word.split("=");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(
      new RegExp(`^--${chooser} ${own} has no option ${name}; it has --\\w.*\\. ${name} is of \\w.*\\.\\n$`),
    );
  });
});
