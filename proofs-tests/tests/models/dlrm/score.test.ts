import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { fast } from "../../../../backends/fast/index.ts";
import { InputError } from "../../../../core/errors.ts";
import type { Features } from "../../../../models/data/encoders/features.ts";
import { csvRows } from "../../../../models/data/formats/csv.ts";
import type { RawRow } from "../../../../models/data/formats/raw-rows.ts";
import { fieldsOf } from "../../../../models/data/reader/records.ts";
import { predict } from "../../../../models/dlrm/dlrm.ts";
import { load } from "../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../models/dlrm/saved/save.ts";
import { type RawRows, scores } from "../../../../models/dlrm/score.ts";
import { temporaryFolder } from "../../temporary.ts";
import { put } from "../data/files.ts";
import { csvRecord } from "../data/formats/csv-lines.ts";
import { header } from "../data/reader/text-files.ts";
import { upTo } from "../data/rows.ts";
import { model } from "./tiny-model.ts";

const features: Features = {
  label: "y",
  dense: [
    { column: "b", scaling: { kind: "log", numbers: [1, 2] } },
    { column: "a", scaling: { kind: "standard", numbers: [3, 0.5] } },
  ],
  categorical: [
    { column: "u", rows: 50, distinct: 40 },
    { column: "v", rows: 20, distinct: 9, separator: "a" },
  ],
};
const tiny = model({ dense: 2, tables: [50, 20] });

async function all(rows: RawRows, options = {}, of = tiny, by = features): Promise<number[]> {
  const found: number[] = [];
  for await (const p of scores(of, by, rows, options)) found.push(p);
  return found;
}

/** Some rows of all kinds. */
const rows = upTo(40).map((i) => ({
  b: i * i,
  a: i % 7 === 0 ? null : i / 9,
  u: `u${i % 11}`,
  v: upTo(i % 4).map((k) => `${k}${i}`),
}));

describe("rows of a program", () => {
  it("have the very scores of a file with the same content", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(csvRecord(",", "double"), { minLength: 1, maxLength: 12 }),
        async (records) => {
          const file = put(
            `${header(",")},end\n${records.map((record) => `${record},.\n`).join("")}`,
            "scored.csv",
          );
          const byFile: number[] = [];
          for await (const batch of csvRows.open(file, {}, { features, isLabeled: false }).batches(5))
            byFile.push(...Array.from(await predict(tiny, batch)));
          const raw = records.map((record) => {
            const lines = record
              .split("\n")
              .map((line, i, { length }) => (i < length - 1 ? line.replace(/\r$/, "") : line));
            const [u, , a, , b, v] = fieldsOf(lines, { separator: ",", quote: "double" }, file, 1);
            return { u, a, b, v: v!.split("a") };
          });
          expect(await all(raw)).toEqual(byFile);
        },
      ),
      { numRuns: 60 },
    ));

  it("may have numbers, texts of numbers, truth values and what is missing in every way", async () => {
    const same: RawRow[][] = [
      [
        { b: 2, a: 1, u: 36, v: ["x"] },
        { b: "2", a: true, u: "36", v: "x" },
        { b: 2n, a: " 1", u: 36n, v: "xa" },
      ],
      [
        { b: null, a: undefined, u: null, v: null },
        { b: "", a: " ", u: "", v: [] },
        { b: undefined, a: null, u: "", v: ["", null] },
      ],
      [
        { b: 0, a: 0, u: true, v: ["xay", "z"] },
        { b: -0, a: "0x0", u: "true", v: ["x", "y", "z"], more: {} },
      ],
    ];
    for (const group of same) {
      const found = await all(group);
      expect(found).toEqual(new Array(group.length).fill(found[0]));
    }
    expect(new Set(await all(same.map(([first]) => first!))).size).toBe(3);
  });

  it("may be of numbers alone or of ids alone", async () => {
    for (const [by, shape] of [
      [
        { ...features, categorical: [] },
        { dense: 2, tables: [1] },
      ],
      [
        { ...features, dense: [] },
        { dense: 1, tables: [50, 20] },
      ],
    ] as const) {
      const found = await all(rows.slice(1), {}, model(shape), by);
      expect(new Set(found).size).toBeGreaterThan(30);
    }
  });

  it("have the same scores however many go together, on cpu to the bit, on fast but for rows alone", async () => {
    const backend = await fast();
    const quick = model({ dense: 2, tables: [50, 20], backend });
    const [whole, quickly] = [await all(rows), await all(rows, {}, quick)];
    expect(whole).toHaveLength(rows.length);
    for (const batch of [1, 2, 7, 39, 40]) expect(await all(rows, { batch })).toEqual(whole);
    for (const batch of [2, 5, 8, 40]) expect(await all(rows, { batch }, quick)).toEqual(quickly);
    const alone = await all(rows, { batch: 1 }, quick);
    for (const [i, p] of alone.entries()) expect(Math.abs(p - quickly[i]!)).toBeLessThan(1e-6);
  });

  it("are named by their own number where they are refused, however many go together", async () => {
    const { a: _, ...lacking } = rows[30]!;
    const spoilt: RawRow[] = [...rows.slice(0, 30), lacking, ...rows.slice(31)];
    for (const batch of [1, 2, 7, 40])
      await expect(all(spoilt, { batch })).rejects.toThrow(/^Row 31\b|\brow 31\b/);
  });

  it("are scored as they come, where one goes alone", async () => {
    const log: string[] = [];
    async function* coming() {
      for (const [i, row] of rows.slice(0, 3).entries()) {
        log.push(`row ${i}`);
        yield row;
      }
    }
    for await (const _ of scores(tiny, features, coming(), { batch: 1 })) log.push("score");
    expect(log).toEqual(["row 0", "score", "row 1", "score", "row 2", "score"]);
    expect(await all([])).toEqual([]);
  });

  it("have the probabilities of all rows where a share of those labeled 0 was trained on", async () => {
    const [plain, sampled] = [await all(rows), await all(rows, { samplingRate: 0.25 })];
    for (const [i, p] of plain.entries()) {
      const odds = (0.25 * p) / (1 - p);
      expect(sampled[i]).toBeCloseTo(odds / (1 + odds), 12);
    }
  });

  const good = { b: 1, a: 2, u: "x", v: [] };
  it.each<[string, unknown, string]>([
    ["no object", [good, "x"], 'Row 2 is "x", but must be an object with a value for each column.'],
    ["null", [null], "Row 1 is null, but must be an object"],
    [
      "another name",
      [good, { b: 1, A: 2, u: "x", v: [] }],
      'Row 2 has no column "a", but "b", "A", "u", "v"; a value that is missing is null.',
    ],
    [
      "a text for a number",
      [{ ...good, b: "ten" }],
      'Row 1: column "b" is "ten", but must be a finite number, or empty',
    ],
    ["no number", [{ ...good, a: Number.NaN }], 'Row 1: column "a" is NaN, but must be'],
    ["a number too large", [{ ...good, a: "1e309" }], 'Row 1: column "a" is "1e309", but must be'],
    ["a list for a number", [{ ...good, a: [1] }], 'Row 1: column "a" is a list of 1, but must be a finite'],
    ["a date", [{ ...good, b: new Date(0) }], 'Row 1: column "b" is an object, but must be a finite'],
    [
      "an object for an id",
      [{ ...good, u: {} }],
      'column "u" is an object, but must be a text, a number or a truth value.',
    ],
    [
      "a list where there is one id",
      [{ ...good, u: ["x"] }],
      'column "u" is a list of 1, but must be a text, a number or',
    ],
    [
      "a list of lists",
      [{ ...good, v: [["x"]] }],
      'column "v" is a list of 1, but must be a text, a number, a truth value, or a list',
    ],
  ])("are refused where one has %s, by its number", async (_, wrong, sentence) => {
    for (const batch of [1, 1024]) {
      const work = all(wrong as RawRows, { batch });
      await expect(work).rejects.toThrow(sentence);
      await expect(work).rejects.toBeInstanceOf(InputError);
    }
  });

  it("are a list, whose length together is a number", async () => {
    await expect(all(good as never)).rejects.toThrow("are an object; write score([row]) for one.");
    await expect(all(rows, { batch: 0 })).rejects.toThrow("must be a whole number from 1 up");
  });
});

describe("a saved model", () => {
  const path = join(temporaryFolder(), "model.safetensors");

  it("scores rows by its own columns and sampling rate", async () => {
    await save(path, tiny, { features, samplingRate: 0.5 });
    const saved = await load(path, { backend: cpu });
    const found: number[] = [];
    for await (const p of saved.score(rows)) found.push(p);
    expect(found).toEqual(await all(rows, { samplingRate: 0.5 }));
  });

  it("says what to do where it has no columns", async () => {
    await save(path, tiny, { data: { name: "flight delays" } });
    const saved = await load(path, { backend: cpu });
    expect(() => saved.score(rows)).toThrow(
      `${path} does not say by which columns rows are read: its model was trained on "flight delays", not on a CSV or Parquet file. Train on one with --checkpoint DIR`,
    );
  });
});
