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
