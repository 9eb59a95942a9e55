import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import type { Features } from "../../../models/data/encoders/features.ts";
import { rowEncoder } from "../../../models/data/formats/raw-rows.ts";
import { dlrm } from "../../../models/dlrm/dlrm.ts";
import { save } from "../../../models/dlrm/saved/save.ts";
import { full } from "../../../models/embeddings/families/full.ts";
import { temporaryFolder } from "../temporary.ts";
import { run } from "./command.ts";

const featuresWith = (separator?: string): Features => ({
  label: "clicked",
  dense: [
    { column: "price", scaling: { kind: "log", numbers: [1, 2] } },
    { column: "age", scaling: { kind: "standard", numbers: [30, 0.1] } },
  ],
  categorical: [
    { column: "user", rows: 1000, distinct: 900 },
    { column: "genres", rows: 50, distinct: 40, ...(separator && { separator }) },
  ],
});
const folder = temporaryFolder();
const csv = join(folder, "rows.csv");
const [single, several] = ["single", "several"].map((name) => join(folder, `${name}.safetensors`));
const count = 5000; // more than are held at once
const genres = (i: number) => (i % 3 === 0 ? "" : i % 3 === 1 ? "a" : "a|b|c");
const rows = Array.from({ length: count }, (_, i) => ({
  price: i,
  age: i % 90,
  user: `u${i}`,
  genres: genres(i),
}));

beforeAll(async () => {
  const lines = rows.map((row, i) => [i % 2, ...Object.values(row)].join(","));
  writeFileSync(csv, `clicked,price,age,user,genres\n${lines.join("\n")}\n`);
  const config = {
    dense: 2,
    tables: [1000, 50],
    dim: 2,
    bottom: [2],
    top: [1],
    embedding: full(),
    backend: cpu,
  };
  await save(single!, dlrm(config), { features: featuresWith() });
  await save(several!, dlrm(config), { features: featuresWith("|") });
});

/** Shape and bytes of a file of NumPy's, as its format says. */
function npy(path: string) {
  const bytes = readFileSync(path);
  expect(bytes.subarray(0, 8).toString("latin1")).toBe("\x93NUMPY\x01\x00");
  const start = 10 + bytes.readUInt16LE(8);
  expect(start % 64).toBe(0);
  const header = bytes.subarray(10, start).toString("latin1");
  expect(header).toMatch(/^\{'descr': '<(f4|i8)', 'fortran_order': False, 'shape': \([\d, ]+\), \} *\n$/);
  const shape = /\((.*)\)/.exec(header)![1]!.split(", ").map(Number);
  const data = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length);
  return { shape, kind: header.slice(11, 14), data };
}

describe("pss-dlrm encode", () => {
  it("writes what predict reads: numbers scaled, ids hashed, one of each table", async () => {
    const out = join(folder, "one");
    const { code, out: said } = await run(
      "encode",
      "--model",
      single!,
      "--data",
      `csv:${csv}`,
      "--out",
      out,
      "--labels",
    );
    expect([code, said]).toEqual([
      0,
      expect.stringContaining(
        "5,000 rows: dense.npy [5000 × 2] float32, ids.npy [5000 × 2] int64, labels.npy [5000 × 1] float32",
      ),
    ]);
    const expected = rowEncoder(featuresWith())(rows, 0);
    const [dense, ids, labels] = ["dense", "ids", "labels"].map((name) => npy(join(out, `${name}.npy`)));
    expect([dense!.shape, dense!.kind]).toEqual([[count, 2], "<f4"]);
    expect([ids!.shape, ids!.kind]).toEqual([[count, 2], "<i8"]);
    expect(new Float32Array(dense!.data)).toEqual(expected.dense);
    expect([...new BigInt64Array(ids!.data)].map(Number)).toEqual([...expected.bags.ids]);
    expect([...new Float32Array(labels!.data)]).toEqual(rows.map((_, i) => i % 2));
  });

  it("pads bags of several ids with -1, as many as the longest has, and writes no labels unasked", async () => {
    const out = join(folder, "several");
    const { out: said } = await run(
      "encode",
      "--model",
      several!,
      "--data",
      `csv:${csv}`,
      "--out",
      out,
      "--json",
    );
    expect(JSON.parse(said)).toMatchObject({ dense: [count, 2], ids: [count, 2, 3], isLabeled: false });
    expect(existsSync(join(out, "labels.npy"))).toBe(false);
    const { bags } = rowEncoder(featuresWith("|"))(rows, 0);
    const found = [...new BigInt64Array(npy(join(out, "ids.npy")).data)].map(Number);
    for (let bag = 0; bag < 2 * count; bag++) {
      const own = [...bags.ids.subarray(bags.offsets[bag]!, bags.offsets[bag + 1]!)];
      expect(found.slice(3 * bag, 3 * bag + 3)).toEqual([...own, -1, -1, -1].slice(0, 3));
    }
  });

  it("pads a bag without ids where no bag has more than one", async () => {
    const few = join(folder, "few.csv");
    writeFileSync(few, "price,age,user,genres\n1,2,u,\n3,4,v,a\n");
    const out = join(folder, "few");
    expect((await run("encode", "--model", several!, "--data", `csv:${few}`, "--out", out)).code).toBe(0);
    const ids = npy(join(out, "ids.npy"));
    expect(ids.shape).toEqual([2, 2, 1]);
    expect(new BigInt64Array(ids.data)[1]).toBe(-1n);
  });

  it("refuses in a sentence what cannot be written or read, and replaces nothing unasked", async () => {
    const refused = async (...words: string[]) => {
      const { code, err } = await run("encode", ...words);
      expect(code).toBe(2);
      return err.trim();
    };
    const model = ["--model", single!];
    expect(await refused()).toMatch(/^Say by which model/);
    expect(await refused(...model)).toMatch(/^Say where to write/);
    expect(await refused(...model, "--out", folder)).toMatch(/^Say which rows/);
    expect(await refused(...model, "--data", "csv:none.csv", "--out", join(folder, "none"))).toMatch(
      /none\.csv/,
    );
    const out = join(folder, "one");
    expect(await refused(...model, "--data", `csv:${csv}`, "--out", out)).toMatch(
      /dense\.npy is there already/,
    );
    writeFileSync(join(folder, "empty.csv"), "clicked,price,age,user,genres\n");
    const empty = ["--data", `csv:${join(folder, "empty.csv")}`, "--out", join(folder, "empty")];
    expect(await refused(...model, ...empty)).toMatch(/no row below it/);
    expect(existsSync(join(folder, "empty/dense.npy"))).toBe(false);
  });
});
