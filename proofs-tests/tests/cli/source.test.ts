import { describe, expect, it } from "vitest";
import { dataFlag, openRows } from "../../../cli/common/source.ts";
import { flagsOf, type Texts } from "../../../cli/flags.ts";
import { hashText } from "../../../models/data/encoders/hash.ts";
import { criteo } from "../../../models/data/formats/criteo.ts";
import { csv } from "../../../models/data/formats/csv.ts";
import { type Parts, split } from "../../../models/data/split.ts";
import { regimeByName, regimes } from "../../../models/data/synthetic/regimes.ts";
import { synthetic } from "../../../models/data/synthetic/synthetic.ts";
import { configByName, type NamedConfig } from "../../../models/dlrm/configs.ts";
import { put } from "../models/data/files.ts";
import { rows, upTo } from "../models/data/rows.ts";

/** The rows of all three parts, in their order. */
const all = async ({ train, validation, test }: Parts) =>
  Promise.all([train, validation, test].map((part) => rows(part)));

/** Opens what these flags say, to be cut by any seed. */
const open = async (texts: Texts, config?: NamedConfig) =>
  openRows(flagsOf({ data: dataFlag }, texts).data, config);

const opened = async (flags: Texts, seed: number) => all(await (await open(flags))(seed));

const table = put(
  ["y,n,a,b", ...upTo(200).map((row) => `${row % 2},${row},a${row},b${row % 7}`)].join("\n"),
  "some.csv",
);
const columns = { label: "y", dense: ["n"], categorical: ["b", "a"], rows: 50 };
const csvFlags = {
  ...{ data: `csv:${table}`, label: "y", dense: "n", categorical: "b,a", tableRows: "50", scale: "none" },
};

describe("rows of a file", () => {
  /** The test part: the others are of the same cut, and each walk over a file takes its time. */
  const tested = async (source: Promise<Parts>) => rows((await source).test);
  const cut = (seed: number) => tested(split(csv(table, columns), { by: "random", seed }));

  it("are cut by the seed that is asked for", async () => {
    const cutBy = await open(csvFlags);
    const [one, nine] = [await tested(cutBy(1)), await tested(cutBy(9))];
    expect([one, nine]).toEqual([await cut(1), await cut(9)]);
    expect(one).not.toEqual(nine);
  });

  it("are cut in their order where that is asked for, whatever the seed", async () => {
    const inOrder = await opened({ ...csvFlags, split: "order" }, 3);
    expect(inOrder.map((part) => part.length)).toEqual([160, 20, 20]);
    expect(inOrder.flat().map(({ dense }) => dense[0])).toEqual(upTo(200));
  });

  it.each([
    ["ids:|", "a|b", ";"],
    ["ids:comma", "a,b", ";"],
    ["t:space, ids:space", "a b", ","],
    ["ids:tab", "a\tb", ","],
    ["ids::", "a:b", ","],
  ])("have bags of several ids where --multi %s says so", async (multi, ids, between) => {
    const lines = [["y", "n", "ids", "t"], ...upTo(99).map((row) => ["1", `${row}`, ids, "c"])];
    const file = put(lines.map((fields) => fields.join(between)).join("\n"));
    const flags = {
      data: `csv:${file}`,
      label: "y",
      dense: "n",
      categorical: "t,ids",
      multi,
      tableRows: `${2 ** 32}`,
    };
    const [row] = await tested((await open(flags))(0));
    expect(row!.bags).toEqual([[hashText("c")], [hashText("a"), hashText("b")]]);
  });

  it("in Criteo's format are cut in their order, too", async () => {
    const lines = upTo(50).map((row) => [0, row, ...upTo(12), ...upTo(26)].join("\t"));
    const [train, validation, test] = await opened(
      {
        data: `criteo:${put(lines.join("\n"))}`,
        tables: upTo(26)
          .map(() => 9)
          .join(),
        split: "order",
      },
      3,
    );
    const inOrder = [train, validation, test].flat().map((row) => row!.dense[0]);
    expect(inOrder).toEqual(upTo(50).map((row) => Math.fround(Math.log(row + 1))));
  });

  it("are Criteo's with tables of the sizes that are asked for", async () => {
    const lines = upTo(100).map((row) =>
      [1 - (row % 2), ...upTo(13), ...upTo(26).map((t) => row + t)].join("\t"),
    );
    const file = put(lines.join("\n"), "some.txt");
    const tables = upTo(26).map((t) => 10 + t);
    const cutBy = await open({ data: `criteo:${file}`, tables: tables.join(",") });
    expect(await tested(cutBy(5))).toEqual(
      await tested(split(criteo(file, { tables }), { by: "random", seed: 5 })),
    );
  });

  it("are Criteo's with tables that suit the ids of the rows to train on, where no sizes are given", async () => {
    const lines = upTo(100).map((row) =>
      [1 - (row % 2), ...upTo(13), ...upTo(26).map((t) => (row < 80 ? row % (t + 1) : 1000 + row))].join(
        "\t",
      ),
    );
    const file = put(lines.join("\n"), "some.txt");
    const cut = (await open({ data: `criteo:${file}`, split: "order" }))(0);
    const source = await cut;
    const { tables } = source.train;
    for (const [t, size] of tables.entries()) {
      expect(size).toBeGreaterThanOrEqual(4 * (t + 1));
      expect(size).toBeLessThan(8 * (t + 1) + 1);
    }
    expect(source.columns![2]).toBe("category 3: 3 different ids in 16 rows");
    expect(await tested(cut)).toEqual(await tested(split(criteo(file, { tables }), { by: "order" })));
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
    const source = await (await open({ data: "synthetic", rows: "100" }, config))(2);
    expect(await all(source)).toEqual(await all(synthetic({ tables, dense: 13, rows: 100, seed: 2 })));
  });

  it("have the effects of the regime that is named, and say what can be reached", async () => {
    const flags = { data: "synthetic:fits", tables: "90,40", rows: "100" };
    const planted = synthetic({
      tables,
      dense: 4,
      rows: 100,
      seed: 6,
      ...regimeByName("fits").planted(tables),
    });
    const { best, realized, ...parts } = await (await open(flags))(6);
    expect([best, realized, await all(parts)]).toEqual([planted.best, planted.realized, await all(planted)]);
  });

  it("have the tables and dense features of a regime that has its own, unless others are asked for", async () => {
    const { shape, planted } = regimes["criteo-like"];
    const rows = { rows: 100, seed: 6 };
    const flags = { data: "synthetic:criteo-like", rows: "100" };
    const own = synthetic({ ...shape, ...rows, ...planted(shape.tables) });
    expect(await opened(flags, 6)).toEqual(await all(own));
    const others = synthetic({ tables, dense: 13, ...rows, ...planted(tables) });
    expect(await opened({ ...flags, tables: "90,40" }, 6)).toEqual(await all(others));
  });
});

describe("what names no rows is refused", () => {
  const without = (name: keyof typeof csvFlags): Texts => {
    const { [name]: _, ...others } = csvFlags;
    return others;
  };
  // Titles name no folder: another run has another.
  it.each<[string, Texts, string]>([
    [
      "nothing",
      {},
      "Say which rows: --data arrow[:FILE], criteo:FILE, csv[:FILE], flights, parquet[:FILE], synthetic[:REGIME].",
    ],
    [
      "another kind",
      { data: "orc:x" },
      'There is no data "orc"; choose one of arrow, criteo, csv, flights, parquet, synthetic.',
    ],
    ["no kind", { data: ":x" }, 'There is no data ""'],
    ["no file", { data: "criteo" }, "--data criteo needs a FILE: --data criteo:FILE."],
    ["an empty file name", { data: "csv:" }, "--data csv needs a FILE: --data csv:FILE."],
    [
      "another split",
      { ...csvFlags, split: "halves" },
      '--split must be one of random, order, group, time, but it is "halves".',
    ],
    [
      "a split of what is drawn",
      { data: "synthetic", split: "order" },
      "--split is of arrow, criteo, csv, flights, parquet.",
    ],
    [
      "a name after flights",
      { data: "flights:x" },
      '--data flights takes nothing after a colon, but was given "x".',
    ],
    ["no regime after a colon", { data: "synthetic:" }, "--data synthetic needs a REGIME"],
    ["no label", without("label"), "--data csv:FILE needs --label COLUMN"],
    [
      "no file and no parts",
      { ...csvFlags, data: "csv" },
      "--data csv needs a FILE: --data csv:FILE, which is cut in three",
    ],
    ["a file for one part", { ...csvFlags, test: "x" }, "for a file a part write --data csv --train FILE"],
    ...["a", "a:", "a:||", ":|", "a:,b:|"].map((multi): [string, Texts, string] => [
      `several ids by ${multi}`,
      { ...csvFlags, multi },
      `Each of --multi must be NAME:SEP, as in genres:|, where SEP is one character or comma, space or tab, but it is "${multi.replace(/,.*/, "")}".`,
    ]),
    ["several ids of no feature", { ...csvFlags, multi: "b:|,y:|" }, 'The column "y" of several ids is not'],
    ["tables of no rows", { ...csvFlags, tableRows: "0" }, "--table-rows must be a whole number from 1"],
    ["no rows", { data: "synthetic", rows: "0" }, "--rows must be a whole number from 1 up"],
  ])("%s", async (_, flags, words) => {
    await expect(opened(flags, 0)).rejects.toThrow(words);
  });

  it("a regime without tables", async () => {
    await expect(open({ data: "synthetic:fits", rows: "100" })).rejects.toThrow(
      "--data synthetic:fits needs tables: give --config criteo-tb",
    );
  });
});

it("rows are cut at random where no split is named, and where it is named so", async () => {
  const [unnamed, random] = [
    await (await open(csvFlags))(0),
    await (await open({ ...csvFlags, split: "random" }))(0),
  ];
  expect(await rows(unnamed.test)).toEqual(await rows(random.test));
});

it("clicks are of tables of 30, 20 and 10 rows where nothing else is said", async () => {
  const { train } = await (await open({ data: "synthetic", rows: "100" }))(0);
  expect([train.tables, train.dense, train.rows]).toEqual([[30, 20, 10], 4, 80]);
});

it("tables are those of the flags before those of the config", async () => {
  const config = { ...configByName("criteo-kaggle"), tables: [9, 8] };
  const { train } = await (await open({ data: "synthetic", rows: "100", tables: "7,6,5" }, config))(0);
  expect([train.tables, train.dense]).toEqual([[7, 6, 5], 13]);
});
