import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { csv } from "../../../../../models/data/formats/csv.ts";
import { parquet } from "../../../../../models/data/formats/parquet.ts";
import { put } from "../files.ts";
import { rows } from "../rows.ts";
import { clicks, hasRowsOfItsCsv, quoted, typedRow } from "./clicks.ts";
import { type Column, parquetBytes } from "./parquet-file.ts";

describe("Parquet", () => {
  // The files are pyarrow 25's of one table: in row groups of 40 rows, in Snappy with dictionaries, and of 30 rows, in zstd
  // with pages of version 2.
  test.each(["clicks.snappy.parquet", "clicks.zstd.parquet"])("%s has the rows of its CSV", async (name) => {
    await hasRowsOfItsCsv(parquet, name);
  });

  test("the rows of several files follow one another, and each must have the columns", async () => {
    const columns = { label: "clicked", dense: ["price"], categorical: ["user"] };
    const files = ["clicks.snappy.parquet", "clicks.zstd.parquet"].map(clicks);
    expect(await rows(parquet(files, columns))).toEqual(
      await rows(csv([clicks("clicks.csv"), put(readFileSync(clicks("clicks.csv")))], columns)),
    );
    const other = put(parquetBytes([{ name: "clicked", type: "int64", values: [1n] }], 1));
    await expect(rows(parquet([...files, other], columns), 1)).rejects.toThrow(
      `${other} has no column "price"`,
    );
  });

  const row = fc.record(typedRow);

  test("any rows are those of a CSV file with the same content", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 13 }),
        fc.constantFrom(0, Number.NaN),
        async (all, groupSize, missing) => {
          const column = (name: keyof (typeof all)[number], type: Column["type"]): Column => ({
            name,
            type,
            values: all.map((row) => (name === "y" ? BigInt(row.y) : row[name])),
          });
          const bytes = parquetBytes(
            [
              column("id", "text"),
              column("y", "int64"),
              column("x", "double"),
              column("yes", "boolean"),
              column("n", "int64"),
              column("digits", "text"),
            ],
            groupSize,
          );
          const lines = all.map(({ y, yes, x, n, digits, id }) =>
            [y, Number(yes), x, n, digits, id, yes].map(quoted).join(","),
          );
          const file = put(`y,yes,x,n,digits,id,truth\n${lines.join("\n")}\n`, "same.csv");
          const columns = { label: "y", dense: ["yes", "n", "x", "digits"], missing, rows: 999 };
          const found = parquet(put(bytes, "same.parquet"), {
            ...columns,
            categorical: ["id", "n", "x", "yes"],
          });
          expect(await rows(found)).toEqual(
            await rows(csv(file, { ...columns, categorical: ["id", "n", "x", "truth"] })),
          );
          const truths = { label: "yes", dense: ["x"], categorical: ["id"] };
          expect(await rows(parquet(put(bytes, "same.parquet"), truths))).toEqual(
            await rows(csv(file, truths)),
          );
        },
      ),
      { numRuns: 30 },
    ));

  const columns = { label: "y", dense: ["x"], categorical: ["id"] };
  const bytes = (change: Partial<Record<"y" | "x" | "id", Partial<Column>>>) =>
    parquetBytes(
      [
        { name: "y", type: "int64", values: [0n, 1n, 1n], ...change.y },
        { name: "x", type: "double", values: [1, 2, 3], ...change.x },
        { name: "id", type: "text", values: ["a", "b", "c"], ...change.id },
      ],
      2,
    );

  test("rows without a label column have none, and all else", async () => {
    const file = put(bytes({ y: { name: "z" } }));
    const found = await rows(parquet(file, { dense: ["x"], categorical: ["id"], rows: 9 }));
    const whole = await rows(parquet(put(bytes({})), { ...columns, rows: 9 }));
    expect(found).toEqual(whole.map((row) => ({ ...row, label: Number.NaN })));
  });

  test.each<[string, Buffer, string]>([
    ["another column", bytes({ x: { name: "z" } }), 'has no column "x"; its columns are "y", "z", "id".'],
    ["a label of 2", bytes({ y: { values: [0n, 1n, 2n] } }), 'row 3: column "y" is 2, but must be 0 or 1'],
    [
      "a null label",
      bytes({ y: { values: [0n, null, 1n] } }),
      'row 2: column "y" is null, but must be 0 or 1',
    ],
    [
      "a number too large",
      bytes({ x: { values: [1, 2, 1e39] } }),
      'row 3: column "x" is 1e+39, but must be a finite',
    ],
    ["no number", bytes({ x: { values: [1, 2, Number.NaN] } }), 'row 3: column "x" is NaN'],
    [
      "a text for a number",
      bytes({ x: { type: "text", values: ["1", "NA", "3"] } }),
      'row 2: column "x" is "NA"',
    ],
    [
      "no rows",
      bytes({ y: { values: [] }, x: { values: [] }, id: { values: [] } }),
      "has no row here; select a larger part, or give more rows",
    ],
    [
      "a group with fewer values than rows",
      parquetBytes(
        ["y", "x", "id"].map((name) => ({ name, type: "int64", values: [1n, 1n] })),
        2,
        1,
      ),
      'cannot be read as Parquet (column "y" has 2 values in a group of 3 rows); write it again, or as CSV.',
    ],
    ["damage", bytes({}).fill(0xff, 20, 60), "cannot be read as Parquet"],
    ["no footer", bytes({}).subarray(0, -20), "cannot be read as Parquet"],
    ["text", Buffer.from("y,x,id\n"), "is no Parquet file, by how it begins; read text with --data csv:"],
  ])("%s is refused", async (_, content, sentence) => {
    const read = async () => rows(parquet(put(content), columns));
    await expect(read()).rejects.toThrow(sentence);
    await expect(read()).rejects.toMatchObject({ name: "InputError" });
  });

  test("a Parquet file given as CSV is sent here, and packages that are not there are named", async () => {
    const file = put(bytes({}));
    expect(() => csv(file, columns)).toThrow(
      "is a Parquet file, which is not read here; read it with --data parquet:",
    );
    vi.resetModules();
    vi.doMock("node:module", () => ({
      createRequire: () => ({ resolve: () => expect.fail("not installed") }),
    }));
    const bare = await import("../../../../../models/data/formats/parquet.ts");
    vi.doUnmock("node:module");
    vi.resetModules(); // what was loaded so is not for other tests
    expect(() => bare.parquet(file, columns)).toThrow(
      "Parquet files need packages that are not installed; run npm install hyparquet hyparquet-compressors.",
    );
  });
});
