import { describe, expect, it } from "vitest";
import { asFeatures, type Features } from "../../../../../models/data/encoders/features.ts";

const shape = { dense: 2, tables: [50, 20] };
const features: Features = {
  label: "clicked",
  dense: [
    { column: "price", scaling: { kind: "standard", numbers: [3, 1] }, range: [-1, 9] },
    { column: "empty", scaling: { kind: "none", numbers: [] } },
  ],
  categorical: [
    { column: "user", rows: 50, distinct: 7 },
    { column: "price", rows: 20, distinct: 0, separator: "|" },
  ],
};
const [price, empty] = features.dense as [Features["dense"][0], Features["dense"][0]];
const [user, tags] = features.categorical as [Features["categorical"][0], Features["categorical"][0]];

describe("features of a file that may come from anywhere", () => {
  it("are those that were written", () => {
    expect(asFeatures(JSON.parse(JSON.stringify(features)), shape, "its features")).toEqual(features);
    const [numbers, ids] = [
      { ...features, categorical: [] },
      { ...features, dense: [] },
    ];
    expect(asFeatures(numbers, { dense: 2, tables: [1] }, "its features")).toEqual(numbers);
    expect(asFeatures(ids, { dense: 1, tables: [50, 20] }, "its features")).toEqual(ids);
  });

  it.each<[string, unknown, string]>([
    ["nothing", null, "its features must have label, dense, categorical"],
    ["a list", [features], "its features must have label, dense, categorical"],
    ["no label", { ...features, label: undefined }, "its features name no label: it is undefined."],
    ["a field too many", { ...features, more: 1 }, "and nothing that this program does not know"],
    ["no lists", { ...features, dense: {} }, "its features have no lists of columns"],
    [
      "a number for a column",
      { ...features, dense: [1, empty] },
      "(dense column 0) must have column, scaling",
    ],
    ["no name", { ...features, dense: [price, { ...empty, column: 1 }] }, "(dense column 1) has no name"],
    ["an unknown field", { ...features, dense: [{ ...price, unit: "cent" }, empty] }, "does not know"],
    [
      "another scaling",
      { ...features, dense: [{ ...price, scaling: { kind: "rank", numbers: [] } }, empty] },
      "(dense column 0) is no scaling",
    ],
    ...[[9, -1], [1], [0, "9"], "0…9"].map((range): [string, unknown, string] => [
      `a range of ${JSON.stringify(range)}`,
      { ...features, dense: [{ ...price, range }, empty] },
      "(dense column 0) has a range that is not",
    ]),
    ["ids without a name", { ...features, categorical: [{ ...user, column: null }, tags] }, "has no name"],
    ...[0, 1.5, 2 ** 32 + 1, "50"].map((rows): [string, unknown, string] => [
      `${rows} rows`,
      { ...features, categorical: [{ ...user, rows }, tags] },
      "(categorical column 0) has",
    ]),
    ["−1 ids", { ...features, categorical: [{ ...user, distinct: -1 }, tags] }, "50 rows for -1 ids"],
    ...['"', "||", "", "é", 1].map((separator): [string, unknown, string] => [
      `ids separated by ${separator}`,
      { ...features, categorical: [user, { ...tags, separator }] },
      "(categorical column 1) has a separator of ids that is not one ASCII character",
    ]),
    ["one column twice", { ...features, dense: [price, price] }, "name a column twice, or the label"],
    ["ids twice", { ...features, categorical: [user, { ...user, rows: 20 }] }, "name a column twice"],
    ["the label as a feature", { ...features, label: "user" }, "name a column twice, or the label"],
    ["too few numbers", { ...features, dense: [price] }, "are 1 numbers and tables of 50,20 rows, but its"],
    [
      "other tables",
      { ...features, categorical: [tags, user] },
      "tables of 20,50 rows, but its model has 2 and 50,20",
    ],
  ])("are refused where they have %s", (_, wrong, sentence) => {
    expect(() => asFeatures(wrong, shape, "its features")).toThrow(sentence);
  });

  it("are refused where there are none", () => {
    expect(() =>
      asFeatures({ ...features, dense: [], categorical: [] }, { dense: 1, tables: [1] }, "they"),
    ).toThrow("they are 0 numbers");
  });
});
