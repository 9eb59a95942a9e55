import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { comparedInWords, comparison } from "../../../../models/data/encoders/compared.ts";
import type { Features } from "../../../../models/data/encoders/features.ts";
import { put } from "../../models/data/files.ts";
import { run } from "../command.ts";
import { folder, textOf, trained, unlabeled, visits } from "./scored.ts";

let model: string;
beforeAll(async () => {
  model = await trained();
}, 60_000);

let files = 0;
async function report(text: string) {
  const out = join(folder, `noted-${files++}.csv`);
  const words = ["--model", model, "--data", `csv:${put(text, "new.csv")}`, "--backend", "cpu", "--out", out];
  const { code, out: said, err } = await run("predict", ...words);
  if (code !== 0) throw new Error(err);
  const json = await run("predict", ...words, "--overwrite", "--json");
  return { said, json: JSON.parse(json.out) };
}

describe("what is said of rows that were scored", () => {
  it("is how many there are, what was said of them, and what is missing", async () => {
    const { said, json } = await report(textOf(visits(210, 7), unlabeled));
    const [first, second, third, fourth, last] = said.trimEnd().split("\n");
    expect(first).toMatch(/^scored {6}210 rows in \d+\.\d s, [\d,]+ rows\/s$/);
    expect(second).toMatch(/^probability 0\.\d+ on average, from 0\.\d+ to 0\.\d+$/);
    expect(third).toBe("columns     age: 30 missing values, which become 0");
    expect(fourth).toMatch(/^scores {6}.*noted-0\.csv: row, probability$/);
    expect(last).toMatch(
      /^next {8}scores are in the order of the rows; when their labels are known, npx pss-dlrm predict .* --evaluate measures them$/,
    );
    expect(json).toMatchObject({ model, rows: 210, notes: [], scores: { columns: ["row", "probability"] } });
    const { mean, low, high } = json.probability;
    expect(low).toBeGreaterThan(0);
    expect([low < mean, mean < high, high < 1]).toEqual([true, true, true]);
    expect(json.rowsPerSecond).toBeCloseTo(210 / json.seconds, 6);
  });

  it("is that a column is in another unit, whether its values are beyond those trained on or among the least", async () => {
    const cents = await report(textOf(visits(200, 7, 100), unlabeled));
    expect(cents.said).toMatch(
      /\nnote {8}price: (9\d|8\d) % of its values lie outside the range of those trained on, 0\.\d+ … \d+\.\d+; is it in another unit, or another column\?\n/,
    );
    expect(cents.json.notes).toHaveLength(1);
    const price = cents.json.columns[0];
    expect(price.outside / price.values).toBeGreaterThan(0.8);
    const less = await report(textOf(visits(200, 7, 0.25), unlabeled));
    expect(less.json.notes).toEqual([
      expect.stringMatching(
        /^price: its values are smaller than those trained on, by 1\.\d standard deviations on average/,
      ),
    ]);
  });
});

describe("numbers that are compared with those trained on", () => {
  const features: Features = {
    label: "y",
    dense: [
      { column: "x", scaling: { kind: "standard", numbers: [0, 1] }, range: [-2, 3] },
      { column: "raw", scaling: { kind: "none", numbers: [] }, range: [0, 1] },
      { column: "never", scaling: { kind: "standard", numbers: [0, 0] } },
    ],
    categorical: [],
  };
  const of = (raws: readonly (readonly number[])[]) => {
    const compared = comparison(features);
    for (const each of raws) {
      const dense = Float32Array.from(each.flatMap((x) => [x, 9, Number.NaN, 77])); // 77 is a weight, which is no feature
      const bags = { ids: new Uint32Array(), offsets: new Uint32Array(1) };
      const encoded = Float32Array.from(each.flatMap((x) => [Number.isNaN(x) ? 0 : x, 9, 0]));
      compared.see({ size: each.length, dense, bags }, { size: each.length, dense: encoded, bags });
    }
    return compared.columns();
  };

  it("are counted: those that are there, are missing, and lie beyond", () => {
    expect(
      of([
        [-2, 3, Number.NaN],
        [3.5, -2.5, 0],
      ]),
    ).toEqual([
      { column: "x", values: 5, missing: 1, outside: 2, range: [-2, 3], shift: 0.4 },
      { column: "raw", values: 6, missing: 0, outside: 6, range: [0, 1], shift: 0 },
      { column: "never", values: 0, missing: 6, outside: 0, shift: 0 },
    ]);
  });

  it("are noted where they differ by more than chance, of many or of few", () => {
    const noted = (count: number, outside: number, shift: number) =>
      comparedInWords({ column: "x", values: count, missing: 0, range: [0, 1], outside, shift });
    expect(noted(10_000, 600, 0)).toBeUndefined();
    expect(noted(10_000, 601, 0)).toContain(
      "x: 6 % of its values lie outside the range of those trained on, 0 … 1",
    );
    expect(noted(1, 1, 9)).toContain(
      "its values are larger than those trained on, by 9.0 standard deviations",
    );
    expect(noted(1, 1, 3.9)).toBeUndefined();
    expect(noted(10_000, 9_999, 0)).toContain("99 %");
    expect(noted(10_000, 10_000, 0)).toContain("100 %");
    expect(noted(10_000, 0, -1.04)).toContain("smaller than those trained on, by 1.0 standard");
    expect(noted(10_000, 0, -1.02)).toBeUndefined();
    expect(comparedInWords({ column: "x", values: 0, missing: 3, outside: 0, shift: 0 })).toBeUndefined();
  });
});
