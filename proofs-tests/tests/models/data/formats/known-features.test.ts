import { describe, expect, it } from "vitest";
import { hashText } from "../../../../../models/data/encoders/hash.ts";
import { csvSource } from "../../../../../models/data/formats/csv.ts";
import { parquetSource } from "../../../../../models/data/formats/parquet.ts";
import { sources } from "../../../../../models/data/registry.ts";
import { put } from "../files.ts";
import { rows, upTo } from "../rows.ts";
import { parquetBytes } from "./parquet-file.ts";

const today = put(
  ["y,x,u,g", ...upTo(200).map((i) => `${i % 2},${i},u${i % 7},${i % 3 === 0 ? "" : `a|b${i % 3}`}`)].join(
    "\n",
  ),
);
const asked = { label: "y", dense: ["x"], categorical: ["u", "g"], multi: ["g:|"] };

const featuresOf = async () => (await (await csvSource.open(today, asked, {}))(1)).features!;

/** Tomorrow's rows: other numbers, ids never seen, other columns in another order. */
const lines = upTo(60).map((i) => [`new${i}`, i % 2, `u${i}`, 1000 + i, `|b1||c${i}`]);
const columns = ["key", "y", "u", "x", "g"];
const tomorrow = put([columns, ...lines].map((line) => line.join()).join("\n"));

describe("rows that are read by the features of a saved model", () => {
  it("say all that is needed to read them again", async () => {
    const { dense, ...rest } = await featuresOf();
    expect(dense).toMatchObject([{ column: "x", scaling: { kind: "quantile" } }]);
    const [low, high] = dense[0]!.range!;
    expect([low < 8, high > 191]).toEqual([true, true]);
    expect(rest).toEqual({
      label: "y",
      categorical: [
        { column: "u", rows: expect.any(Number), distinct: 7 },
        { column: "g", rows: expect.any(Number), distinct: 3, separator: "|" },
      ],
    });
  });

  it("are scaled and placed as its own, whatever they are: nothing is fitted", async () => {
    const all = await featuresOf();
    const known = { features: { all, file: "m.safetensors" } };
    const { test, features, ...source } = await (await csvSource.open(tomorrow, { split: "order" }, known))(
      1,
    );
    expect(features).toEqual(all);
    expect(test.tables).toEqual(all.categorical.map(({ rows }) => rows));
    const [users, tags] = test.tables as [number, number];
    const top = (await rows(test)).map(({ dense }) => dense[0]);
    expect(new Set(top).size).toBe(1); // all beyond the largest that was seen
    expect(top[0]).toBeGreaterThan(2);
    expect((await rows(test)).map(({ bags }) => bags)).toEqual(
      lines.slice(-6).map(([, , u, , g]) => [
        [hashText(`${u}`) % users],
        `${g}`
          .split("|")
          .filter(Boolean)
          .map((id) => hashText(id) % tags),
      ]),
    );
    expect(source.survey.parts.test).toEqual({ rows: 6, ones: 3 });
  });

  it("are those of Parquet, too, with several ids a field", async () => {
    const all = await featuresOf();
    const values = (at: number) => lines.map((line) => line[at]!);
    const bytes = parquetBytes(
      columns.map((name, at) =>
        typeof values(at)[0] === "number"
          ? { name, type: "int64" as const, values: values(at).map(BigInt) }
          : { name, type: "text" as const, values: values(at) },
      ),
      13,
    );
    const known = { features: { all, file: "m.safetensors" } };
    const [text, binary] = await Promise.all([
      (await csvSource.open(tomorrow, { split: "order" }, known))(1),
      (await parquetSource.open(put(bytes, "tomorrow.parquet"), { split: "order" }, known))(1),
    ]);
    for (const part of ["train", "validation", "test"] as const)
      expect(await rows(binary[part])).toEqual(await rows(text[part]));
  });

  it.each<[string, object]>([
    ["--label", { label: "y" }],
    ["--dense", { dense: ["x"] }],
    ["--categorical", { categorical: ["u"] }],
    ["--multi", { multi: ["g:|"] }],
    ["--scale", { scale: "log" }],
    ["--table-rows", { tableRows: 9 }],
  ])("are refused beside %s, which says it again or otherwise", async (flag, options) => {
    const known = { features: { all: await featuresOf(), file: "m.safetensors" } };
    await expect((async () => csvSource.open(tomorrow, options, known))()).rejects.toThrow(
      `${flag} cannot be given beside m.safetensors, which says how its columns are read; leave ${flag} out.`,
    );
  });

  it("are refused where a column is missing, by its name", async () => {
    const known = { features: { all: await featuresOf(), file: "m.safetensors" } };
    const lacking = put("y,u,g\n1,a,b\n");
    await expect((await csvSource.open(lacking, {}, known))(1)).rejects.toThrow(
      `${lacking} has no column "x"; its columns are "y", "u", "g".`,
    );
  });

  it("are refused where a kind of rows has no columns of these names", async () => {
    const known = { features: { all: await featuresOf(), file: "m.safetensors" } };
    for (const kind of sources.filter(({ name }) => !["arrow", "csv", "parquet"].includes(name)))
      await expect((async () => kind.open(kind.argument && "file", {}, known))(), kind.name).rejects.toThrow(
        `--data ${kind.name} has no columns with the names by which m.safetensors reads rows; give csv:FILE, parquet:FILE or arrow:FILE.`,
      );
  });
});
