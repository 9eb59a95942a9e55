import { describe, expect, it } from "vitest";
import type { Flags } from "../../../cli/flags.ts";
import { openRows, openSource } from "../../../cli/source.ts";
import { criteo } from "../../../models/data/formats/criteo.ts";
import { csv } from "../../../models/data/formats/csv.ts";
import { type Parts, split } from "../../../models/data/split.ts";
import { regimeByName } from "../../../models/data/synthetic/regimes.ts";
import { synthetic } from "../../../models/data/synthetic/synthetic.ts";
import { configByName } from "../../../models/dlrm/configs.ts";
import { put } from "../models/data/files.ts";
import { rows, upTo } from "../models/data/rows.ts";

/** The rows of all three parts, in their order. */
const all = async ({ train, validation, test }: Parts) =>
  Promise.all([train, validation, test].map((part) => rows(part)));

const opened = async (flags: Flags, seed: number) => all(await (await openRows(flags, undefined))(seed));

const table = put(
  ["y,n,a,b", ...upTo(200).map((row) => `${row % 2},${row},a${row},b${row % 7}`)].join("\n"),
  "some.csv",
);
const columns = { label: "y", dense: ["n"], categorical: ["b", "a"], rows: 50 };
const csvFlags = { data: `csv:${table}`, label: "y", dense: "n", categorical: "b,a", "table-rows": "50" };

describe("rows of a file", () => {
  /** The test part: the others are of the same cut, and each walk over a file takes its time. */
  const tested = async (source: Promise<Parts>) => rows((await source).test);
  const cut = (seed: number) => tested(split(csv(table, columns), { by: "random", seed }));

  it("are cut by the seed that is asked for", async () => {
    const open = await openRows(csvFlags, undefined);
    const [one, nine] = [await tested(open(1)), await tested(open(9))];
    expect([one, nine]).toEqual([await cut(1), await cut(9)]);
    expect(one).not.toEqual(nine);
  });

  it("are cut by --seed, or by 0", async () => {
    expect(await tested(openSource({ ...csvFlags, seed: "9" }, undefined))).toEqual(await cut(9));
    expect(await tested(openSource(csvFlags, undefined))).toEqual(await cut(0));
  });

  it("are cut in their order where that is asked for, whatever the seed", async () => {
    const inOrder = await opened({ ...csvFlags, split: "order" }, 3);
    expect(inOrder.map((part) => part.length)).toEqual([160, 20, 20]);
    expect(inOrder.flat().map(({ dense }) => dense[0])).toEqual(upTo(200));
  });

  it("are Criteo's with tables of the sizes that are asked for", async () => {
    const lines = upTo(100).map((row) =>
      [1 - (row % 2), ...upTo(13), ...upTo(26).map((t) => row + t)].join("\t"),
    );
    const file = put(lines.join("\n"), "some.txt");
    const tables = upTo(26).map((t) => 10 + t);
    const open = await openRows({ data: `criteo:${file}`, tables: tables.join(",") }, undefined);
    expect(await tested(open(5))).toEqual(
      await tested(split(criteo(file, { tables }), { by: "random", seed: 5 })),
    );
  });
});

describe("synthetic clicks", () => {
  const tables = [90, 40];

  it("are of the seed, tables and rows that are asked for, with four dense features unless the config has others", async () => {
    for (const seed of [2, 3])
      expect(await opened({ data: "synthetic", tables: "90,40", rows: "100" }, seed)).toEqual(
        await all(synthetic({ tables, dense: 4, rows: 100, seed })),
      );
    const config = { ...configByName("criteo-kaggle"), tables };
    const source = await (await openRows({ data: "synthetic", rows: "100" }, config))(2);
    expect(await all(source)).toEqual(await all(synthetic({ tables, dense: 13, rows: 100, seed: 2 })));
  });

  it("have the effects of the regime that is named, and say what can be reached", async () => {
    const flags = { data: "synthetic:fits", tables: "90,40", rows: "100" };
    const planted = synthetic({ tables, dense: 4, rows: 100, seed: 6, ...regimeByName("fits")(tables) });
    const { best, realised, ...parts } = await (await openRows(flags, undefined))(6);
    expect([best, realised, await all(parts)]).toEqual([planted.best, planted.realised, await all(planted)]);
  });
});

describe("what names no rows is refused", () => {
  const csvOf = (more: Flags): Flags => ({ ...csvFlags, ...more });
  // Titles name no folder: another run has another.
  it.each<[string, Flags, string]>([
    ["nothing", {}, "Say what to train on"],
    ["another kind", { data: "parquet:x" }, 'There is no data "parquet:x"; choose criteo:FILE'],
    ["no kind", { data: ":x" }, 'There is no data ":x"'],
    ["no file", { data: "criteo" }, "--data criteo needs a file: --data criteo:FILE."],
    ["an empty file name", { data: "csv:" }, "--data csv needs a file: --data csv:FILE."],
    [
      "another split",
      { data: "synthetic", split: "halves" },
      'There is no split "halves"; choose random or order.',
    ],
    ["no label", csvOf({ label: undefined }), "--data csv:FILE needs --label COLUMN"],
    ["no numbers", csvOf({ dense: undefined }), "needs --dense A,B: at least one column of numbers"],
    ["no ids", csvOf({ categorical: undefined }), "needs --categorical C,D: at least one column of ids"],
    ["tables of no rows", csvOf({ "table-rows": "0" }), "table-rows"],
    ["no rows", { data: "synthetic", rows: "0" }, "rows"],
  ])("%s", async (_, flags, words) => {
    await expect(openSource(flags, undefined)).rejects.toThrow(words);
  });

  it("a regime without tables", async () => {
    const open = await openRows({ data: "synthetic:fits", rows: "100" }, undefined);
    await expect(open(1)).rejects.toThrow("--data synthetic:fits needs tables: give --config criteo-tb");
  });
});

it("rows are cut at random where no split is named, and where it is named so", async () => {
  const [unnamed, random] = [
    await openSource(csvFlags, undefined),
    await openSource({ ...csvFlags, split: "random" }, undefined),
  ];
  expect(await rows(unnamed.test)).toEqual(await rows(random.test));
});

it("clicks are of tables of 30, 20 and 10 rows where nothing else is said", async () => {
  const { train } = await openSource({ data: "synthetic", rows: "100" }, undefined);
  expect([train.tables, train.dense, train.rows]).toEqual([[30, 20, 10], 4, 80]);
});

it("tables are those of the flags before those of the config", async () => {
  const config = { ...configByName("criteo-kaggle"), tables: [9, 8] };
  const { train } = await openSource({ data: "synthetic", rows: "100", tables: "7,6,5" }, config);
  expect([train.tables, train.dense]).toEqual([[7, 6, 5], 13]);
});
