import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { put } from "../../models/data/files.ts";
import { temporaryFolder } from "../../temporary.ts";
import { run } from "../command.ts";
import { clicks } from "./clicks.ts";

/** Clicks with tags that say nothing, none to two in a field. */
function tagged(count: number, seed: number): string[] {
  const stream = random(seed, "tags");
  const tag = () => `t${stream.integer(9)}`;
  return clicks(4000, 5)
    .slice(seed * count, (seed + 1) * count)
    .map(({ label, age, user, item }) =>
      [label, age.toPrecision(6), user, item, ["", tag(), `${tag()} ${tag()}`][stream.integer(3)]].join(),
    );
}
const header = "label,age,user,item,tags";
const old = put([header, ...tagged(2000, 0)].join("\n"));
const fresh = put([header, ...tagged(1500, 1)].join("\n"));

const folder = temporaryFolder();
const model = join(folder, "model.safetensors");
const columns = [
  "--label",
  "label",
  "--dense",
  "age",
  "--categorical",
  "user,item,tags",
  "--multi",
  "tags:space",
];
const small = [
  "--dim",
  "2",
  "--bottom",
  "4,2",
  "--top",
  "4,1",
  "--lr",
  "0.1",
  "--batch",
  "100",
  "--epochs",
  "3",
];

beforeAll(async () => {
  const words = ["--data", `csv:${old}`, ...columns, ...small, "--checkpoint", folder, "--json"];
  expect((await run("train", ...words)).err).toBe("");
});

const measured = (...words: string[]) => run("importance", "--model", model, ...words);

describe("importance of a file's columns", () => {
  it("ranks them, names those that are not shown to matter, and trains without the last of them next", async () => {
    const { code, out, err } = await measured("--data", `csv:${fresh}`);
    expect([code, err]).toEqual([0, expect.stringMatching(/^Permutes each column of .+, 5 times/)]);
    const [headline, head, ...lines] = out.trimEnd().split("\n");
    expect(headline).toMatch(
      /^4 columns of .+ on all 1,500 rows of .+: AUC 0\.\d{4}, log loss 0\.\d{4} as they are$/,
    );
    expect(head).toMatch(/^column +kind +AUC falls by +95 % interval +log loss rises by +95 % interval$/);
    const table = lines.slice(0, 4).map((line) => line.split(/ {2,}/));
    expect(table.map(([name]) => name).toSorted()).toEqual(["age", "item", "tags", "user"]);
    expect(table.at(-1)!.slice(0, 2)).toEqual(["tags", expect.stringMatching(/^9 ids in [\d,]+ rows$/)]);
    expect(table.find(([name]) => name === "age")![1]).toBe("number");
    const drops = table.map((cells) => Number(cells[2]!.replace("−", "-")));
    expect(drops).toEqual(drops.toSorted((a, b) => b - a));
    expect(lines[4]).toMatch(
      /^note {2}Not shown to matter: tags\. Their tables could be left out or be tiny\./,
    );
    expect(lines.slice(5)).toEqual([
      `next  npx pss-dlrm train --data csv:${fresh} --label label --dense age --categorical user,item`,
    ]);
  });

  it("says the same as JSON, of fewer rows where these are asked for", async () => {
    const { out, err } = await measured(
      "--data",
      `csv:${fresh}`,
      "--sample",
      "300",
      "--repeats",
      "2",
      "--json",
    );
    expect(err).toBe("");
    const said = JSON.parse(out);
    expect(said).toMatchObject({ model, sampled: true, quality: { rows: 300 }, betterWithout: [] });
    expect(said.notShownToMatter).toContain("tags");
    expect(said.columns.find(({ name }: { name: string }) => name === "user")).toMatchObject({
      ...{ kind: "ids", place: 0, distinct: 50, rows: expect.any(Number) },
      aucDrop: { value: expect.any(Number), interval: [expect.any(Number), expect.any(Number)] },
    });
  });

  it("is by log loss where all rows have one label", async () => {
    const ones = put([header, ...tagged(1500, 1).filter((line) => line.startsWith("1"))].join("\n"));
    const { out } = await measured("--data", `csv:${ones}`, "--repeats", "2");
    expect(out).toMatch(/on all \d+ rows of .+: log loss/);
    expect(out).not.toContain("AUC falls by");
    expect(out).toContain("note  Columns are sorted by log loss. AUC and average precision compare");
  });

  it.each([
    ["no model", [], ["--data", "synthetic"], "importance needs --model FILE"],
    ["no rows", ["--model", model], [], "Say which rows: --data"],
    ["a file that is no model", ["--model", old], ["--data", `csv:${fresh}`], /txt/],
    [
      "other columns",
      ["--model", model],
      ["--data", `csv:${put("label,age\n1,2\n")}`],
      'has no column "user"',
    ],
    [
      "columns that are said twice",
      ["--model", model],
      ["--data", `csv:${fresh}`, "--dense", "age"],
      "--dense",
    ],
    [
      "rows that are cut",
      ["--model", model],
      ["--data", `csv:${fresh}`, "--split", "order"],
      "--split says how",
    ],
    ["rows without names", ["--model", model], ["--data", "synthetic"], "has no columns with the names"],
  ])("%s: a sentence, and exit code 2", async (_, first, rest, sentence) => {
    const { code, out, err } = await run("importance", ...first, ...rest);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(
      typeof sentence === "string" ? new RegExp(sentence.replaceAll(/[()]/g, ".")) : sentence,
    );
  });
});

it("columns of a model whose rows have no names are named by their places", async () => {
  const at = temporaryFolder();
  const rows = ["--data", "synthetic", "--tables", "9,5", "--rows", "400"];
  expect((await run("train", ...rows, ...small, "--checkpoint", at, "--json")).code).toBe(0);
  const file = join(at, "model.safetensors");
  const { code, out } = await run("importance", "--model", file, ...rows, "--repeats", "2");
  expect([code, out]).toEqual([0, expect.stringMatching(/^6 columns of .+ on all 400 rows of/)]);
  for (const name of ["number 1", "number 4", "table 1", "table 2"]) expect(out).toContain(`\n${name}  `);
  expect(out).toMatch(/\ntable 2 +ids in 5 rows/);
  expect(out.trimEnd().split("\n").at(-1)).toBe(
    "next  npx pss-dlrm tradeoff --data synthetic --tables 9,5 --rows 400",
  );
  const csv = await run("importance", "--model", file, "--data", `csv:${fresh}`);
  expect([csv.code, csv.err]).toEqual([2, expect.stringContaining("this one names none")]);
  const other = await run(
    "importance",
    "--model",
    file,
    "--data",
    "synthetic",
    "--tables",
    "9,6",
    "--rows",
    "60",
  );
  expect([other.code, other.err]).toEqual([2, expect.stringContaining("or tables of other sizes")]);
});
