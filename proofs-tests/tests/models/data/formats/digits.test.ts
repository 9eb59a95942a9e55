import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Features } from "../../../../../models/data/encoders/features.ts";
import { encoderOf } from "../../../../../models/data/encoders/scaling.ts";
import { csvRows, csvSource } from "../../../../../models/data/formats/csv.ts";
import { parquetRows, parquetSource } from "../../../../../models/data/formats/parquet.ts";
import { rowEncoder } from "../../../../../models/data/formats/raw-rows.ts";
import { put } from "../files.ts";
import { rows, upTo } from "../rows.ts";
import { parquetBytes } from "./parquet-file.ts";

/** A time in milliseconds: of 32-bit floats, those near it are 131,072 apart; of doubles, 2⁻¹². */
const epoch = 1_700_000_000_000;

/** Whole numbers that are not all the same, and the same far from 0: every one of them a double. */
const columns = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: 60, maxLength: 90 })
  .map((xs) => xs.map((x, i) => ({ y: i % 2, x: x + (i % 3), t: epoch + 10_000 * (x + (i % 3)) })));

type Row = { readonly y: number; readonly x: number; readonly t: number };
const names = ["y", "x", "t"] as const;

const files = (all: readonly Row[]) => ({
  csv: put(`y,x,t\n${all.map(({ y, x, t }) => `${y},${x},${t}`).join("\n")}\n`, "digits.csv"),
  parquet: put(
    parquetBytes(
      names.map((name) => ({ name, type: "int64", values: all.map((row) => BigInt(row[name])) })),
      50,
    ),
    "digits.parquet",
  ),
});

const asked = { label: "y", dense: ["x", "t"] };

/** What two columns of numbers become by their features, in every way in which rows are read. */
async function allWays(kind: Features["dense"][0]["scaling"]["kind"], all: readonly Row[]) {
  const file = files(all);
  const sources = [csvSource, parquetSource].map((source, i) =>
    source.open([file.csv, file.parquet][i], { ...asked, scale: kind }, {}),
  );
  const [found, same] = await Promise.all(sources.map(async (open) => (await open)(1)));
  const features = found!.features!;
  expect(same!.features).toEqual(features);
  const flat = async (data: Parameters<typeof rows>[0]) => (await rows(data)).flatMap(({ dense }) => dense);
  const wanted = { features, isLabeled: false };
  const known = { all: features, file: "model" };
  return {
    features,
    ways: [
      await flat(csvRows.open(file.csv, {}, wanted)),
      await flat(parquetRows.open(file.parquet, {}, wanted)),
      [...rowEncoder(features)(all, 0).dense],
      await flat(await csvSource.whole(file.csv, {}, { features: known }, 1)),
    ],
    train: [await flat(found!.train), await flat(same!.train)],
  };
}

describe.each(["standard", "quantile"] as const)("scaled by %s", (kind) => {
  it("a column and the same column far from 0 are one to the rounding of 32 bits, however rows are read", () =>
    fc.assert(
      fc.asyncProperty(columns, async (all) => {
        const { features, ways, train } = await allWays(kind, all);
        for (const way of ways) expect(way).toEqual(ways[0]);
        expect(train[0]).toEqual(train[1]);
        const [x, t] = [0, 1].map((at) => ways[0]!.filter((_, i) => i % 2 === at));
        for (const [i, z] of x!.entries())
          expect(Math.abs(t![i]! - z)).toBeLessThanOrEqual(2 ** -22 * Math.max(1, Math.abs(z)));
        const own = all.map((row) => Math.fround(encoderOf(features.dense[1]!.scaling)(row.t)));
        expect(t).toEqual(own);
        const range = features.dense[1]!.range!;
        expect(range.every((bound) => all.some((row) => row.t === bound))).toBe(true);
      }),
      { numRuns: 8 },
    ));
});

it("ids that 32 bits cannot tell apart are other numbers, and a time far from 0 says what comes last", async () => {
  const all = upTo(50).map((i) => `${i % 2},${16_777_216 + i},${epoch + 50 - i}`);
  const file = put(`y,x,t\n${all.join("\n")}\n`);
  const source = await (
    await csvSource.open(file, { ...asked, dense: ["x"], time: "t", split: "time", scale: "standard" }, {})
  )(1);
  expect(new Set((await rows(source.train)).map(({ dense }) => dense[0])).size).toBe(40);
  // The rows of the latest times stand first.
  expect(source.features!.dense[0]!.range).toEqual([16_777_226, 16_777_265]);
});

describe("numbers beyond 32 bits", () => {
  const content = (x: string) =>
    put(
      `y,x,t\n${upTo(50)
        .map((i) => `${i % 2},${i === 7 ? x : i},${epoch + i}\n`)
        .join("")}`,
    );
  const open = async (file: string, options: object) =>
    (await csvSource.open(file, { label: "y", dense: ["x"], split: "order", ...options }, {}))(1);

  it("are read where they are scaled or are a time, and what they become has 32", async () => {
    for (const scale of [undefined, "standard", "log", "quantile"]) {
      const source = await open(content("-1e39"), scale === undefined ? {} : { scale });
      const found = (await rows(source.train)).map(({ dense }) => dense[0]!);
      expect(found.every((z) => Math.abs(z) <= 10)).toBe(true);
      expect(found[7]).toBe(Math.min(...found));
    }
    const cut = await open(content("1e39"), { dense: ["t"], time: "x", split: "time" });
    expect((await rows(cut.train)).length).toBe(40);
  });

  it("are refused where they are not, in every way in which rows are read", async () => {
    const sentence = /column "x" is "?1e\+?39"?, but must be a finite 32-bit number, or empty/;
    await expect(open(content("1e39"), { scale: "none" })).rejects.toThrow(sentence);
    await expect(open(content("1e39"), { dense: ["t"], weight: "x" })).rejects.toThrow(sentence);
    const { features } = await open(content("1"), { scale: "none" });
    const read = rows(csvRows.open(content("1e39"), {}, { features: features!, isLabeled: false }));
    await expect(read).rejects.toThrow(sentence);
    expect(() => rowEncoder(features!)([{ x: 1e39 }], 0)).toThrow(sentence);
    const typed = (type: "double" | "int64", values: readonly (number | bigint)[]) => ({ type, values });
    const bytes = parquetBytes(
      [
        { name: "y", ...typed("int64", [0n, 1n]) },
        { name: "x", ...typed("double", [1, 1e39]) },
      ],
      2,
    );
    const found = rows(parquetRows.open(put(bytes), {}, { features: features!, isLabeled: false }));
    await expect(found).rejects.toThrow(sentence);
  });

  it("are no weights, though the same column is a feature that is scaled", async () => {
    const source = await open(content("1e39"), { weight: "x" });
    await expect(rows(source.train)).rejects.toThrow(
      /^A weight of ".*" is 1e\+39; weights are 32-bit numbers from 0 up\.$/,
    );
    await expect(open(put(`y,x\n${"0,1e-50\n1,1e-50\n".repeat(25)}`), { weight: "x" })).rejects.toThrow(
      /^All weights of the train rows/,
    );
  });
});
