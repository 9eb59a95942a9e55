import { readFileSync } from "node:fs";
import {
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  List,
  Null,
  Struct,
  TimestampMillisecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from "apache-arrow";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { arrow, arrowSource } from "../../../../../models/data/formats/arrow.ts";
import { csv, csvSource } from "../../../../../models/data/formats/csv.ts";
import { parquet } from "../../../../../models/data/formats/parquet.ts";
import { put } from "../files.ts";
import { rows } from "../rows.ts";
import { arrowBytes, type Columns } from "./arrow-file.ts";
import { clicks, hasRowsOfItsCsv, quoted, typedRow } from "./clicks.ts";
import { parquetBytes } from "./parquet-file.ts";

describe("Arrow", () => {
  // The files are pyarrow 25's of one table: a Feather file in batches of 40 rows, packed by LZ4, and a stream in batches of 10,
  // packed by zstd, with dictionaries that grow, and a column of lists of structs before all others.
  test.each(["clicks.lz4.arrow", "clicks.zstd.arrows"])("%s has the rows of its CSV", async (name) => {
    await hasRowsOfItsCsv(arrow, name);
    const few = { label: "clicked", dense: ["price"], categorical: [], missing: Number.NaN, rows: 1000 };
    expect(await rows(arrow(clicks(name), few))).toEqual(await rows(csv(clicks("clicks.csv"), few)));
  });

  const { digits: _, ...same } = typedRow;
  const row = fc.record(same);

  test("any rows are those of a CSV and of a Parquet file with the same content", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 41 }),
        fc.constantFrom(0, Number.NaN),
        fc.constantFrom("file" as const, "stream" as const),
        fc.constantFrom(new Utf8(), new LargeUtf8(), new Dictionary(new Utf8(), new Int32(), 1)),
        async (all, size, missing, kind, type) => {
          const of = (name: keyof (typeof all)[number]) => all.map((row) => row[name]);
          const bytes = arrowBytes(
            {
              id: [type, of("id")],
              y: [new Int8(), of("y")],
              x: [new Float64(), of("x")],
              yes: [new Bool(), of("yes")],
              n: [new Int64(), of("n")],
            },
            size,
            kind,
          );
          const lines = all.map(({ y, yes, x, n, id }) =>
            [y, Number(yes), x, n, id, yes].map(quoted).join(","),
          );
          const file = put(`y,yes,x,n,id,truth\n${lines.join("\n")}\n`, "same.csv");
          const columns = { label: "y", dense: ["yes", "n", "x"], missing, rows: 999 };
          const expected = await rows(csv(file, { ...columns, categorical: ["id", "n", "x", "truth"] }));
          const typed = { ...columns, categorical: ["id", "n", "x", "yes"] };
          expect(await rows(arrow(put(bytes, "same.arrow"), typed))).toEqual(expected);
          const same = parquetBytes(
            [
              { name: "id", type: "text", values: of("id") as (string | null)[] },
              { name: "y", type: "int64", values: all.map(({ y }) => BigInt(y)) },
              { name: "x", type: "double", values: of("x") as (number | null)[] },
              { name: "yes", type: "boolean", values: of("yes") as boolean[] },
              { name: "n", type: "int64", values: of("n") as (bigint | null)[] },
            ],
            size,
          );
          expect(await rows(parquet(put(same, "same.parquet"), typed))).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    ));

  test.each<[string, DataType, readonly (number | bigint | null)[]]>([
    ["int8", new Int8(), [-128, 127, null]],
    ["uint8", new Uint8(), [0, 255, null]],
    ["int16", new Int16(), [-32768, null, 32767]],
    ["uint16", new Uint16(), [65535, 1, 2]],
    ["int32", new Int32(), [-(2 ** 31), null, 2 ** 31 - 1]],
    ["uint32", new Uint32(), [2 ** 32 - 1, 3, null]],
    ["int64", new Int64(), [-(2n ** 63n), null, 2n ** 53n]],
    ["uint64", new Uint64(), [2n ** 64n - 1n, null, 7n]],
    ["half", new Float16(), [0.5, -2, null]],
    ["float", new Float32(), [0.25, null, -3e38]],
    ["null", new Null(), [null, null, null]],
    ["int16 of a dictionary", new Dictionary(new Int16(), new Int8(), 7), [5, null, 5]],
  ])("numbers of type %s are read", async (_, type, values) => {
    for (const kind of ["file", "stream"] as const) {
      const file = put(arrowBytes({ y: [new Uint8(), [0, 1, 1]], x: [type, values] }, 2, kind));
      const found = await rows(arrow(file, { label: "y", dense: ["x"], categorical: [], missing: -1 }));
      expect(found.map(({ dense }) => dense[0])).toEqual(values.map((x) => Math.fround(Number(x ?? -1))));
    }
  });

  test("a batch of more rows than are read together has them all, in order", async () => {
    const many = Array.from({ length: 70_000 }, (_, i) => i);
    const bytes = arrowBytes({ y: [new Int8(), many.map((i) => i % 2)], x: [new Int32(), many] }, 70_000);
    const found = await rows(arrow(put(bytes), { label: "y", dense: ["x"], categorical: [] }), 4096);
    expect(found.map(({ dense }) => dense[0])).toEqual(many);
  });

  test("numbers are scaled with all of their digits", async () => {
    const times = Array.from({ length: 60 }, (_, i) => 1_700_000_000_000n + BigInt(i));
    const values = { y: [new Int8(), times.map((t) => Number(t % 2n))], t: [new Int64(), times] } as const;
    const asked = { label: "y", dense: ["t"] };
    const source = await (await arrowSource.open(put(arrowBytes(values, 25)), asked, {}))(1);
    const lines = times.map((t) => `${t % 2n},${t}\n`).join("");
    const same = await (await csvSource.open(put(`y,t\n${lines}`), asked, {}))(1);
    expect(source.features).toEqual(same.features);
    const found = await rows(source.train);
    expect(found).toEqual(await rows(same.train));
    expect(new Set(found.map(({ dense }) => dense[0])).size).toBe(found.length);
  });

  const y = [new Int8(), [0, 1, 1]] as const;
  const good: Columns = { y, x: [new Float64(), [1, 2, 3]], id: [new Utf8(), ["a", "b", "c"]] };
  const columns = { label: "y", dense: ["x"], categorical: ["id"] };
  const whole = arrowBytes(good, 2);
  const stream = arrowBytes(good, 2, "stream");
  const list = new List(new Field("item", new Utf8(), true));

  test.each<[string, Buffer, string]>([
    [
      "another column",
      arrowBytes({ y, z: good.x!, id: good.id! }, 2),
      'has no column "x"; its columns are "y", "z", "id".',
    ],
    [
      "a label of 2",
      arrowBytes({ ...good, y: [new Int8(), [0, 1, 2]] }, 2),
      'row 3: column "y" is 2, but must be 0 or 1',
    ],
    [
      "a null label",
      arrowBytes({ ...good, y: [new Int8(), [0, null, 1]] }, 2),
      'row 2: column "y" is null, but must be 0 or 1',
    ],
    [
      "a number too large",
      arrowBytes({ ...good, x: [new Float64(), [1, 2, 1e39]] }, 2),
      'row 3: column "x" is 1e+39, but must be a finite',
    ],
    [
      "a text for a number",
      arrowBytes({ ...good, x: [new Utf8(), ["1", "NA", "3"]] }, 2),
      'row 2: column "x" is "NA"',
    ],
    [
      "a column of dates",
      arrowBytes({ ...good, id: [new DateDay(), [new Date(), null, null]] }, 2),
      'column "id" holds dates, but must hold texts, numbers or truth values',
    ],
    [
      "a column of times",
      arrowBytes({ ...good, x: [new TimestampMillisecond(), [0, 1, 2]] }, 2),
      'column "x" holds times, but',
    ],
    [
      "a column of lists",
      arrowBytes({ ...good, id: [list, [["a"], [], null]] }, 2),
      'column "id" holds lists, but',
    ],
    [
      "a column of decimals",
      arrowBytes({ ...good, x: [new Decimal(2, 9), [null, null, null]] }, 2),
      'column "x" holds decimals, but',
    ],
    [
      "a column of structs",
      arrowBytes({ ...good, x: [new Struct([new Field("a", new Int8(), true)]), [null, null, null]] }, 2),
      'column "x" holds structs, but',
    ],
    [
      "no rows",
      arrowBytes({ y: [new Int8(), []], x: [new Float64(), []], id: [new Utf8(), []] }, 2),
      "has no row here",
    ],
    [
      "no footer",
      whole.subarray(0, -20),
      'cannot be read as Arrow ("it ends without its footer"); write it again, or as CSV.',
    ],
    ["no end mark", stream.subarray(0, -8), 'cannot be read as Arrow ("it is cut short")'],
    ["text", Buffer.from("y,x,id\n"), "is no Arrow file, by how it begins; read text with --data csv:"],
  ])("%s is refused", async (_, content, sentence) => {
    const read = async () => rows(arrow(put(content), columns));
    await expect(read()).rejects.toThrow(sentence);
    await expect(read()).rejects.toMatchObject({ name: "InputError" });
  });

  test("damage anywhere is a sentence, or changes no more than values; a file cut anywhere is refused", async () => {
    const dictionary = new Dictionary(new Utf8(), new Int32(), 3);
    const some = { ...good, id: [dictionary, ["a", "b", "a"]] as const };
    const packed = ["clicks.lz4.arrow", "clicks.zstd.arrows"].map((name) => readFileSync(clicks(name)));
    const known = { label: "clicked", dense: ["visits", "price"], categorical: ["item", "day"] };
    const samples: (readonly [Buffer, typeof columns])[] = [
      ...[whole, stream, arrowBytes(some, 2), arrowBytes(some, 2, "stream")].map(
        (bytes) => [bytes, columns] as const,
      ),
      ...packed.map((bytes) => [bytes, known] as const),
    ];
    const read = async (bytes: Buffer, of: typeof columns) => {
      try {
        return (await rows(arrow(put(bytes, "damaged.arrow"), of))).length;
      } catch (error) {
        expect((error as Error).name, (error as Error).stack).toBe("InputError");
        return undefined;
      }
    };
    for (const [bytes, of] of samples) {
      const isStream = bytes[0] === 0xff;
      const all = (await read(bytes, of))!;
      expect(all).toBeGreaterThan(2);
      const place = fc.nat(bytes.length - 1);
      await fc.assert(
        fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, by) => {
          const damaged = Buffer.from(bytes);
          damaged[at]! ^= by;
          expect(await read(damaged, of)).toBeOneOf([
            undefined,
            ...Array.from({ length: all + 1 }, (_, i) => i),
          ]);
        }),
        { numRuns: 75 },
      );
      await fc.assert(
        fc.asyncProperty(place, async (length) => {
          const found = await read(bytes.subarray(0, length), of);
          expect(found).toBe(isStream && length > bytes.length - 1 ? all : undefined);
        }),
        { numRuns: 40 },
      );
    }
  });

  test("an Arrow file given as CSV is sent here, and a package that zstd needs is named", async () => {
    expect(() => csv(put(whole), columns)).toThrow(
      "is an Arrow file, which is not read here; read it with --data arrow:",
    );
    expect(() => csv(put(stream), columns)).toThrow(
      "is a stream of Arrow, which is not read here; read it with",
    );
    vi.resetModules();
    vi.doMock("node:module", () => ({
      createRequire: () => ({ resolve: () => expect.fail("not installed") }),
    }));
    const bare = await import("../../../../../models/data/formats/arrow.ts");
    vi.doUnmock("node:module");
    vi.resetModules(); // what was loaded so is not for other tests
    const known = { label: "clicked", dense: ["visits"], categorical: [] };
    await expect(rows(bare.arrow(clicks("clicks.zstd.arrows"), known))).rejects.toThrow(
      "Arrow files that are packed by zstd need packages that are not installed; run npm install hyparquet-compressors.",
    );
    expect(await rows(bare.arrow(clicks("clicks.lz4.arrow"), known))).toHaveLength(100);
  });
});
