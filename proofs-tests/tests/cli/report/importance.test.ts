import { expect, it } from "vitest";
import { importanceInWords, importanceReport } from "../../../../cli/report/importance.ts";
import type { Features } from "../../../../models/data/encoders/features.ts";
import type { About } from "../../../../models/dlrm/saved/about.ts";
import { metrics } from "../../../../models/metrics/metrics.ts";

const features: Features = {
  label: "y",
  dense: [{ column: "price", scaling: { kind: "none", numbers: [] } }],
  categorical: [
    { column: "user", rows: 4096, distinct: 1000 },
    { column: "tags", rows: 8, distinct: 1, separator: "," },
  ],
};

const estimate = (value: number, half: number) => ({
  ...{ value, standardError: half / 2, interval: [value - half, value + half] as const },
});

/** Of `price`, `user` and `tags`: the fall of AUC, and how far its interval reaches to each side. */
const measured = (...falls: [value: number, half: number][]) => ({
  found: {
    sampled: true,
    quality: metrics([0, 1, 0, 1], [0.1, 0.9, 0.6, 0.5]),
    columns: falls.map(([value, half], i) => ({
      ...(i === 0 ? { kind: "number" as const, place: 0 } : { kind: "ids" as const, place: i - 1 }),
      ...{ aucDrop: estimate(value, half), logLossRise: estimate(value / 2, half) },
    })),
  },
  ...{ file: "m.safetensors", data: "rows.csv", texts: { data: "csv:rows.csv", weight: "w" } },
  about: { features, config: { dense: 1, tables: [4096, 8] } } as unknown as About,
});

it("columns stand by what is lost without them, and what to do next follows", () => {
  expect(importanceInWords(measured([0.01, 0.02], [0.2, 0.01], [-0.03, 0.01])).split("\n")).toEqual([
    "3 columns of m.safetensors on 4 rows drawn at random from rows.csv: AUC 0.7500, log loss 0.4550 as they are",
    "column  kind                     AUC falls by  95 % interval      log loss rises by  95 % interval",
    "user    1,000 ids in 4,096 rows  0.2000        0.1900 … 0.2100    0.1000             0.0900 … 0.1100",
    "price   number                   0.0100        −0.0100 … 0.0300   0.0050             −0.0150 … 0.0250",
    "tags    1 id in 8 rows           −0.0300       −0.0400 … −0.0200  −0.0150            −0.0250 … −0.0050",
    expect.stringMatching(/^note {2}Not shown to matter: price\. Their tables could be left out/),
    "note  Better without: tags. What the model learned from them does not hold for these rows.",
    "next  npx pss-dlrm train --data csv:rows.csv --weight w --label y --dense price --categorical user",
  ]);
});

it("where every column is needed the next question is how small the tables can be", () => {
  const all = measured([0.03, 0.02], [0.2, 0.01], [0.1, 0.01]);
  const lines = importanceInWords(all).split("\n");
  expect(lines.slice(5)).toEqual([
    "next  npx pss-dlrm tradeoff --data csv:rows.csv --weight w --label y --dense price --categorical user,tags --multi tags:comma",
  ]);
  expect(importanceReport(all)).toMatchObject({ notShownToMatter: [], betterWithout: [], sampled: true });
});

it("an interval that ends at 0 has it in it", () => {
  const { notShownToMatter } = importanceReport(measured([0.25, 0.25], [-0.25, 0.25], [0, 0]));
  expect(notShownToMatter).toEqual(["price", "tags", "user"]);
});

it("columns that are not in the model's features are left out; without features they are named by their places", () => {
  const { found, about, ...rest } = measured([0.1, 0.01], [0.2, 0.01], [0.3, 0.01]);
  const beyond = [...found.columns, { ...found.columns[0]!, place: 1 }, { ...found.columns[1]!, place: 2 }];
  const named = (of: About) =>
    importanceInWords({ found: { ...found, columns: beyond }, about: of, ...rest }).split("\n");
  expect(named(about)).toEqual(
    importanceInWords({ found, about, ...rest })
      .split("\n")
      .with(0, named(about)[0]!),
  );
  const { features: _, ...unnamed } = about;
  const lines = named({ ...unnamed, config: { dense: 2, tables: [4096, 8, 5] } } as unknown as About);
  expect(lines.slice(2, 7).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ["table 2", "ids in 8 rows"],
    ["table 1", "ids in 4,096 rows"],
    ["table 3", "ids in 5 rows"],
    ["number 1", "number"],
    ["number 2", "number"],
  ]);
  expect(lines.at(-1)).toBe("next  npx pss-dlrm tradeoff --data csv:rows.csv --weight w");
});

it("a number that is not shown to matter is the one that is left out next", () => {
  const { found, about, ...rest } = measured([0, 0.01], [0.2, 0.01], [0.1, 0.01]);
  const two = { ...features, dense: [...features.dense, { ...features.dense[0]!, column: "age" }] };
  const next = (of: Features) =>
    importanceInWords({ found, about: { ...about, features: of }, ...rest })
      .split("\n")
      .at(-1);
  const common = "next  npx pss-dlrm train --data csv:rows.csv --weight w --label y";
  expect(next(features)).toBe(`${common} --categorical user,tags --multi tags:comma`);
  expect(next(two)).toBe(`${common} --dense age --categorical user,tags --multi tags:comma`);
});

it("columns stand by log loss alone where AUC has no interval", () => {
  const { found, ...rest } = measured([0.2, 0.01], [0.4, 0.01], [0.6, 0.01]);
  const columns = found.columns.map(({ aucDrop: _, ...column }) => column);
  const lines = importanceInWords({ found: { ...found, columns }, ...rest }).split("\n");
  expect(lines.slice(1, 6)).toEqual([
    "column  kind                     log loss rises by  95 % interval",
    "tags    1 id in 8 rows           0.3000             0.2900 … 0.3100",
    "user    1,000 ids in 4,096 rows  0.2000             0.1900 … 0.2100",
    "price   number                   0.1000             0.0900 … 0.1100",
    "note  Columns are sorted by log loss. An interval of AUC needs two rows of each label.",
  ]);
});
