import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import type { RawRow } from "../../../../models/data/formats/raw-rows.ts";
import { fieldsOf } from "../../../../models/data/reader/records.ts";
import { load } from "../../../../models/dlrm/saved/load.ts";
import { put } from "../../models/data/files.ts";
import { parquetBytes } from "../../models/data/formats/parquet-file.ts";
import { run } from "../command.ts";
import {
  type Column,
  columns,
  folder,
  textOf,
  trained,
  trainFlags,
  unlabeled,
  type Visit,
  visits,
} from "./scored.ts";

let model: string;
/** Of which a quarter of those labeled 0 was kept. */
let sampled: string;
beforeAll(async () => {
  model = await trained();
  sampled = await trained("--sampling-rate", "0.25");
}, 60_000);

const tomorrow = visits(1100, 2).map((visit, i) => (i % 3 === 0 ? { ...visit, user: `new ${i}` } : visit));

const rawRow = ({ price, age, user, genres }: Visit): RawRow => ({ price, age, user, genres });

/** What a saved model says of rows as a program has them, to the digits that are written. */
async function scoresOf(file: string, all: readonly Visit[]): Promise<number[]> {
  const { score } = await load(file, { backend: cpu });
  const found: number[] = [];
  for await (const p of score(all.map(rawRow))) found.push(Number(p.toPrecision(9)));
  return found;
}

/** The records of what was written, whose fields may hold line ends. */
function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let lines: string[] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    lines.push(line);
    if ((lines.join().split('"').length - 1) % 2 === 1) continue;
    records.push(fieldsOf(lines, { separator: ",", quote: "double" }, "scores", 1));
    lines = [];
  }
  return records;
}

const predict = (file: string, data: string, ...words: string[]) =>
  run("predict", "--model", file, "--data", data, "--backend", "cpu", ...words);

let files = 0;
const newFile = () => join(folder, `scores-${files++}.csv`);

describe("scores of new rows", () => {
  it("are those of the model, row by row, of files without a label, in any order of columns", async () => {
    for (const file of [model, sampled]) {
      const scores = await scoresOf(file, tomorrow);
      expect(new Set(scores).size).toBeGreaterThan(500);
      for (const names of [unlabeled, columns.toReversed()]) {
        const out = newFile();
        const data = put(textOf(tomorrow, names), "tomorrow.csv");
        expect((await predict(file, `csv:${data}`, "--out", out)).code).toBe(0);
        expect(recordsOf(readFileSync(out, "utf8"))).toEqual([
          ["row", "probability"],
          ...scores.map((p, i) => [`${i + 1}`, `${p}`]),
        ]);
      }
    }
  });

  it("are the same of all ways to write the rows: tabs, gzip, several files, Parquet", async () => {
    const expected = await scoresOf(model, tomorrow);
    const parts = [tomorrow.slice(0, 300), tomorrow.slice(300)].map((part, i) =>
      put(textOf(part), `part-${i}.csv`),
    );
    const binary = parquetBytes(
      unlabeled.map((name) =>
        name === "price"
          ? { name, type: "double" as const, values: tomorrow.map(({ price }) => price) }
          : { name, type: "text" as const, values: tomorrow.map((visit) => textIn(visit, name)) },
      ),
      250,
    );
    const named = tomorrow.map((visit) => ({ ...visit, name: "x" }));
    for (const [data, ...words] of [
      [`csv:${put(textOf(tomorrow, unlabeled, "\t"), "tabs.tsv")}`, "--quote", "double"],
      [`csv:${put(textOf(named, unlabeled, "\t").replaceAll('"', ""), "tabs.tsv")}`],
      [`csv:${put(gzipSync(textOf(tomorrow)), "packed.csv.gz")}`],
      [`csv:${parts.join()}`],
      [`parquet:${put(binary, "tomorrow.parquet")}`],
    ] as [string, ...string[]][]) {
      const { code, out, err } = await predict(model, data, ...words);
      expect([code, err.split("\n")[0]]).toEqual([0, expect.stringMatching(/^Scores .* with .*"clicked"/)]);
      expect(
        recordsOf(out)
          .slice(1)
          .map(([, p]) => Number(p)),
        data,
      ).toEqual(expected);
    }
  });

  it("stand behind the columns that are kept, as they were, quoted where they must be", async () => {
    for (const data of [
      `csv:${put(textOf(tomorrow), "keys.csv")}`,
      `parquet:${put(
        parquetBytes(
          [...columns].map((name) => ({
            name,
            type: "text" as const,
            values: tomorrow.map((visit) => textIn(visit, name)),
          })),
          99,
        ),
        "keys.parquet",
      )}`,
    ]) {
      const { code, out } = await predict(model, data, "--key", "name,user", "--out", "-");
      expect(code).toBe(0);
      const [header, ...records] = recordsOf(out);
      expect(header).toEqual(["name", "user", "probability"]);
      expect(records.map(([name, user]) => [name, user])).toEqual(
        tomorrow.map(({ name, user }) => [name, user]),
      );
      expect(records.map(([, , p]) => Number(p))).toEqual(await scoresOf(model, tomorrow));
    }
    const { out } = await predict(
      model,
      `csv:${put(textOf(tomorrow.slice(0, 4)), "few.csv")}`,
      "--key",
      "name",
    );
    expect(out).toMatch(
      /^name,probability\n"a, 0",0\.\d+\n"""1""",0\.\d+\n"two\nlines 2",0\.\d+\nplain 3,0\.\d+\n$/,
    );
  });
});

/** A value as a text column of a file has it. */
const textIn = (visit: Visit, name: Column): string =>
  name === "genres" ? visit.genres.join("|") : String(visit[name] ?? "");

describe("rows that have labels", () => {
  it("are measured as train measures its test rows, by weights and within groups, too", async () => {
    const parts = [visits(500, 3), visits(100, 4), visits(300, 5)].map((part) =>
      put(textOf(part), "part.csv"),
    );
    const [train, validation, test] = parts as [string, string, string];
    for (const more of [
      ["--sampling-rate", "0.5"],
      ["--weight", "price", "--group", "user"],
    ]) {
      const words = ["--train", train, "--validation", validation, "--test", test, ...more];
      const file = await trained(...words);
      const said = await run("train", "--data", "csv", ...words, ...trainFlags, "--json");
      const { quality, reliability, withinGroups } = JSON.parse(said.out);
      const given = more[0] === "--weight" ? more : [];
      const found = await predict(file, `csv:${test}`, "--evaluate", "--json", ...given);
      expect(JSON.parse(found.out)).toMatchObject({ quality, reliability, scores: null });
      expect(JSON.parse(found.out).withinGroups).toEqual(withinGroups);
      expect(quality.auc.value).toBeGreaterThan(0.6);
    }
  });

  it("are measured and written at once, in train's words", async () => {
    const test = put(textOf(visits(300, 5)), "labeled.csv");
    const out = newFile();
    const both = await predict(model, `csv:${test}`, "--evaluate", "--out", out);
    expect(both.code).toBe(0);
    expect(both.out).toMatch(
      /\nquality {5}AUC 0\.\d{4} \(95 % interval .*\), log loss 0\.\d{4}, on 300 rows\n/,
    );
    expect(both.out).toMatch(/\nreliability said .*\n {12}true .*\n/);
    expect(both.out).toContain(
      `\nscores      ${out}: row, probability\nnext        npx pss-dlrm train --from ${model} `,
    );
    expect(recordsOf(readFileSync(out, "utf8"))).toHaveLength(301);
    const alone = await predict(model, `csv:${test}`, "--evaluate");
    expect(alone.out).not.toContain("row,probability");
    const ones = put(textOf(visits(50, 5).map((visit) => ({ ...visit, clicked: 1 }))), "ones.csv");
    expect((await predict(model, `csv:${ones}`, "--evaluate")).out).toMatch(
      /AUC –, [\s\S]*\nnote .*all labels of .* are 1/,
    );
  });
});
