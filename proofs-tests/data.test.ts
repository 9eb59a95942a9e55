import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { afterAll, describe, expect, test, vi } from "vitest";
import { random } from "../core/random.ts";
import { expectedQuality } from "../models/data/best.ts";
import { criteo, MISSING } from "../models/data/criteo.ts";
import { type CsvColumns, csv } from "../models/data/csv.ts";
import type { Dataset, Shuffle } from "../models/data/dataset.ts";
import { flights } from "../models/data/flights.ts";
import { hashNormal, hashText } from "../models/data/hash.ts";
import { inMemory } from "../models/data/memory.ts";
import { split } from "../models/data/split.ts";
import { type Block, emptyBlock, streamed } from "../models/data/streamed.ts";
import { synthetic } from "../models/data/synthetic.ts";
import { lines, splitLines } from "../models/data/text.ts";
import { zipf } from "../models/data/zipf.ts";

const folder = mkdtempSync(join(tmpdir(), "pss-dlrm-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

let written = 0;
/** A new file with this content. */
function put(content: string | Uint8Array, name = `${written++}.txt`): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

interface Row {
  readonly dense: number[];
  readonly bags: number[][];
  readonly label: number;
}

/** All rows of one walk. */
async function rows(data: Dataset, size = 7, shuffle?: Shuffle): Promise<Row[]> {
  const all: Row[] = [];
  for await (const batch of data.batches(size, shuffle)) {
    const T = data.tables.length;
    expect(batch.bags.offsets.length).toBe(batch.size * T + 1);
    for (let i = 0; i < batch.size; i++)
      all.push({
        dense: [...batch.dense.subarray(i * data.dense, (i + 1) * data.dense)],
        bags: data.tables.map((_, t) => [
          ...batch.bags.ids.subarray(batch.bags.offsets[i * T + t]!, batch.bags.offsets[i * T + t + 1]!),
        ]),
        label: batch.labels[i]!,
      });
  }
  return all;
}

/** The row numbers that a numbered dataset yields, in its order. */
const numbers = async (data: Dataset, size?: number, shuffle?: Shuffle) =>
  (await rows(data, size, shuffle)).map((row) => row.bags[0]![0]!);

/** n rows whose only id is their number, in memory or as a stream of blocks of 5. */
const inMemoryNumbers = (n: number) =>
  inMemory({
    name: "numbers",
    dense: 1,
    tables: [2 ** 32],
    columns: {
      dense: new Float32Array(n).fill(1),
      ids: Uint32Array.from({ length: n }, (_, i) => i),
      labels: new Float32Array(n),
    },
  });

async function* numberedBlocks(n: number, opened = () => {}): AsyncGenerator<Block> {
  for (let from = 0; from < n; from += 5) {
    opened();
    const block = emptyBlock(Math.min(5, n - from), 1, 1);
    for (let i = 0; i < block.size; i++) block.ids[i] = from + i;
    yield block;
  }
}
const streamedNumbers = (n: number, buffer = 16) =>
  streamed({ name: "numbers", dense: 1, tables: [2 ** 32], buffer, open: () => numberedBlocks(n) });

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
const shapes = [inMemoryNumbers, streamedNumbers];

describe("any dataset", () => {
  const size = fc.integer({ min: 1, max: 60 });
  test("batches cover the rows in order, whatever their size", () =>
    fc.assert(
      fc.asyncProperty(size, size, fc.constantFrom(...shapes), async (n, batch, make) => {
        expect(await numbers(make(n), batch)).toEqual(upTo(n));
      }),
    ));

  test("a shuffled walk is a permutation, the same for the same seed and epoch", () =>
    fc.assert(
      fc.asyncProperty(size, size, fc.nat(), fc.constantFrom(...shapes), async (n, batch, seed, make) => {
        const walk = await numbers(make(n), batch, { seed, epoch: 1 });
        expect(sorted(walk)).toEqual(upTo(n));
        expect(await numbers(make(n), 1 + (batch % 9), { seed, epoch: 1 })).toEqual(walk);
      }),
    ));

  test.each(shapes)("epochs and seeds differ (%o)", async (make) => {
    const walk = (seed: number, epoch: number) => numbers(make(50), 10, { seed, epoch });
    expect(await walk(1, 0)).not.toEqual(await walk(1, 1));
    expect(await walk(1, 0)).not.toEqual(await walk(2, 0));
  });

  test("select numbers the rows of what it selects from", () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 12, max: 60 }), fc.constantFrom(...shapes), async (n, make) => {
        const even = make(n).select((row) => row % 2 === 0);
        expect(await numbers(even)).toEqual(upTo(n).filter((row) => row % 2 === 0));
        expect(await numbers(even.select((row) => row % 3 === 1))).toEqual(
          upTo(n).filter((row) => row % 6 === 2),
        );
      }),
    ));

  test.each(shapes)("a batch size that is none is refused (%o)", async (make) => {
    await expect(numbers(make(3), 0)).rejects.toThrow(
      "The batch size must be a whole number from 1 up, but it is 0.",
    );
  });
});

describe("a stream", () => {
  test("knows its rows after one walk, and a selection its own", async () => {
    const data = streamedNumbers(33);
    expect(data.rows).toBeUndefined();
    await numbers(data);
    expect(data.rows).toBe(33);
    const part = data.select((row) => row < 4);
    await numbers(part, 3, { seed: 1, epoch: 0 });
    expect(part.rows).toBe(4);
  });

  test("reads no further than it must: memory does not follow the length", async () => {
    let blocks = 0;
    const data = streamed({
      name: "long",
      dense: 1,
      tables: [2 ** 32],
      buffer: 20,
      open: () => numberedBlocks(1e12, () => blocks++),
    });
    for await (const batch of data.batches(10, { seed: 1, epoch: 0 })) {
      expect(batch.size).toBe(10);
      break;
    }
    expect(blocks).toBe((20 + 10) / 5);
  });

  test("shuffles within its buffer: no row comes earlier than the buffer allows", async () => {
    const walk = await numbers(streamedNumbers(1000, 64), 10, { seed: 5, epoch: 0 });
    walk.forEach((row, at) => {
      expect(at).toBeGreaterThanOrEqual(row - 64);
    });
  });

  test.each([8, 30])(
    "of %d rows is shuffled evenly: each row of a buffer of 8 is first equally often",
    async (n) => {
      const counts = new Array<number>(8).fill(0);
      const walks = 4000;
      for (let epoch = 0; epoch < walks; epoch++) {
        for await (const { bags } of streamedNumbers(n, 8).batches(1, { seed: 9, epoch })) {
          counts[bags.ids[0]!]!++;
          break;
        }
      }
      for (const count of counts)
        expect(Math.abs(count - walks / 8)).toBeLessThan(6 * Math.sqrt((walks * 7) / 64));
    },
  );

  test("without rows is refused", async () => {
    await expect(numbers(streamedNumbers(9).select(() => false))).rejects.toThrow(
      '"numbers" has no row here',
    );
  });
});

describe("in memory", () => {
  const columns = {
    dense: Float32Array.of(1, 2, 3, 4),
    ids: Uint32Array.of(0, 5, 5, 1, 2),
    offsets: Uint32Array.of(0, 1, 3, 3, 5),
    labels: Float32Array.of(0, 0.5),
  };
  const shape = { name: "made", dense: 2, tables: [3, 6] };

  test("bags may be empty, and an id may repeat", async () => {
    const data = inMemory({ ...shape, columns });
    expect(await rows(data)).toEqual([
      { dense: [1, 2], bags: [[0], [5, 5]], label: 0 },
      { dense: [3, 4], bags: [[], [1, 2]], label: 0.5 },
    ]);
    expect(await rows(data.select((row) => row === 1))).toEqual([
      { dense: [3, 4], bags: [[], [1, 2]], label: 0.5 },
    ]);
  });

  test.each([
    [
      { dense: Float32Array.of(1, 2, 3) },
      'The dense features of "made" have 3 entries, but 2 labels × 2 features make 4',
    ],
    [{ dense: Float32Array.of(1, 2, NaN, 4) }, 'Dense feature 0 of row 1 of "made" is NaN'],
    [{ labels: Float32Array.of(0, 2) }, 'The label of row 1 of "made" is 2; labels lie in [0, 1]'],
    [{ labels: Float32Array.of(0, NaN) }, 'The label of row 1 of "made" is NaN'],
    [{ ids: Uint32Array.of(0, 5, 6, 1, 2) }, 'Row 0 of "made" has id 6 for table 1, whose rows are 0 to 5'],
    [
      { offsets: Uint32Array.of(0, 1, 3, 5) },
      'The offsets of "made" have 4 entries, but 2 labels × 2 tables + 1 make 5',
    ],
    [
      { offsets: Uint32Array.of(0, 1, 3, 3, 4) },
      "run from 0 to 4, but must run from 0 to the number of ids, 5",
    ],
    [{ offsets: Uint32Array.of(0, 3, 1, 3, 5) }, "fall from 3 to 1 at bag 1"],
  ])("wrong columns are refused: %o", (wrong, sentence) => {
    expect(() => inMemory({ ...shape, columns: { ...columns, ...wrong } })).toThrow(sentence);
  });

  test("one id a bag needs n × T of them; a table needs rows", () => {
    const { offsets, ...single } = columns;
    expect(() => inMemory({ ...shape, columns: single })).toThrow(
      "have 5 entries, but 2 labels × 2 tables make 4",
    );
    expect(() => inMemory({ ...shape, tables: [3, 0], columns })).toThrow(
      'rows of table 1 of "made" must be a whole number',
    );
  });
});

describe("split", () => {
  const parts = ["train", "validation", "test"] as const;
  test("the parts are disjoint and cover, and a stream is cut like an array", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 300, max: 400 }),
        fc.nat(),
        fc.constantFrom("random", "order"),
        async (n, seed, by) => {
          const [memory, stream] = await Promise.all(
            shapes.map((make) => split(make(n), { by, seed, test: 0.2, validation: 0.2 })),
          );
          const found = await Promise.all(parts.map((part) => numbers(memory![part])));
          expect(sorted(found.flat())).toEqual(upTo(n));
          expect(await Promise.all(parts.map((part) => numbers(stream![part])))).toEqual(found);
        },
      ),
      { numRuns: 20 },
    ));

  test("by order: train comes first, the test last, in the sizes asked for", async () => {
    const { train, validation, test } = await split(streamedNumbers(100), { by: "order", test: 0.3 });
    expect(await numbers(train)).toEqual(upTo(60));
    expect(await numbers(validation)).toEqual(upTo(70).slice(60));
    expect(await numbers(test)).toEqual(upTo(100).slice(70));
  });

  test("by random: sizes within 6 standard errors, and the seed decides", async () => {
    const data = inMemoryNumbers(50_000);
    const { train, validation, test } = await split(data, { by: "random", seed: 1 });
    for (const [part, share] of [
      [train, 0.8],
      [validation, 0.1],
      [test, 0.1],
    ] as const)
      expect(Math.abs(part.rows! - share * 50_000)).toBeLessThan(6 * Math.sqrt(50_000 * share * (1 - share)));
    const other = await split(data, { by: "random", seed: 2 });
    expect(await numbers(other.test, 500)).not.toEqual(await numbers(test, 500));
  });

  test.each([
    [{ test: 0 }, "The test fraction must lie between 0 and 1, but it is 0."],
    [{ validation: 1 }, "The validation fraction must lie between 0 and 1, but it is 1."],
    [{ test: NaN }, "The test fraction must be a finite number, but it is NaN."],
    [{ test: 0.5, validation: 0.5 }, "leave nothing to train on"],
    [{ test: 0.01 }, 'The test part of the 10 rows of "numbers" is empty'],
  ])("%o is refused", async (wrong, sentence) => {
    await expect(split(inMemoryNumbers(10), { by: "order", ...wrong })).rejects.toThrow(sentence);
  });
});

describe("lines of a text", () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n\uFEFF]/g, ""));
  async function* cut(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
    for (let from = 0, i = 0; from < bytes.length; from += sizes[i++ % sizes.length]!)
      yield bytes.subarray(from, from + sizes[i % sizes.length]!);
  }

  test("are the same wherever the chunks are cut, whatever ends them", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.constantFrom("\n", "\r\n"),
        fc.constantFrom("", "\uFEFF"),
        async (texts, sizes, end, mark) => {
          const bytes = Buffer.from(mark + texts.map((text) => text + end).join(""));
          const found = [];
          for await (const chunk of splitLines(cut(bytes, sizes))) found.push(...chunk);
          expect(found).toEqual(texts);
        },
      ),
    ));

  test("the last may lack its end", async () => {
    const found = [];
    for await (const chunk of lines(put("a\n\nb"))) found.push(...chunk);
    expect(found).toEqual(["a", "", "b"]);
  });

  const zipped = gzipSync("0\t1\n".repeat(1000));
  test.each([
    ["a missing file", () => join(folder, "nowhere.tsv"), "nowhere.tsv; check the path"],
    ["a directory", () => folder, "is a directory"],
    ["an empty file", () => put(""), "is empty"],
    ["an empty gzip file", () => put(gzipSync("")), "is empty"],
    ["a gzip file cut short", () => put(zipped.subarray(0, -12)), "is damaged or cut short"],
    [
      "a gzip file with a changed byte",
      () => put(zipped.map((byte, i) => (i === 15 ? byte ^ 255 : byte))),
      "is damaged or cut short",
    ],
    ["Latin 1", () => put(Uint8Array.of(0x4d, 0xfc, 0x6c, 0x6c)), "is not UTF-8"],
    ["a character cut short", () => put(Uint8Array.of(0x4d, 0xc3)), "is not UTF-8"],
  ])("%s is refused", async (_, file, sentence) => {
    const read = async () => {
      for await (const _chunk of lines(file()));
    };
    await expect(read()).rejects.toThrow(sentence);
    await expect(read()).rejects.toMatchObject({ name: "InputError" });
  });
});

describe("Criteo", () => {
  const fields = (change: { [column: number]: string } = {}) =>
    [
      "1",
      ...upTo(13).map(String),
      ...upTo(26).map((t) => (t * 0x0a0b0c0d).toString(16).slice(-8).padStart(8, "0")),
    ].map((field, i) => change[i] ?? field);
  const text = (...rows: string[][]) => `${rows.map((row) => row.join("\t")).join("\n")}\n`;

  test("missing and negative fields, and the values of the others", async () => {
    const file = put(
      text(fields({ 0: "0", 1: "", 2: "-3", 3: "99", 14: "", 15: "ffffffff", 16: "0000000A" }), fields()),
    );
    const [row, next] = await rows(criteo(file));
    expect(row!.label).toBe(0);
    expect(row!.dense).toEqual([
      0,
      0,
      ...[99, ...upTo(13).slice(3)].map((x) => Math.fround(Math.log(x + 1))),
    ]);
    expect(row!.bags.slice(0, 3)).toEqual([[0x811c9dc5], [0xffffffff], [10]]);
    expect(next!.label).toBe(1);
    expect(next!.bags[25]).toEqual([Number.parseInt(fields()[39]!, 16)]);
  });

  test("LF, CRLF, gzip and a byte order mark give the same", async () => {
    const plain = text(
      ...upTo(500).map((i) => fields({ 0: String(i % 2), 5: String(i * i), 20: i.toString(16) })),
    );
    const expected = await rows(criteo(put(plain)));
    expect(expected).toHaveLength(500);
    for (const content of [
      plain.replaceAll("\n", "\r\n"),
      gzipSync(plain),
      `\uFEFF${plain}`,
      plain.trimEnd(),
    ])
      expect(await rows(criteo(put(content)), 64)).toEqual(expected);
  });

  const whole = fc.option(fc.integer({ min: -9, max: 2 ** 31 }), { nil: undefined });
  const category = fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { nil: undefined });
  const sample = fc.record({
    label: fc.constantFrom(0, 1),
    dense: fc.array(whole, { minLength: 13, maxLength: 13 }),
    ids: fc.array(category, { minLength: 26, maxLength: 26 }),
  });
  test("any rows come back, folded into their tables", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(sample, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 2 ** 32 }),
        async (samples, size) => {
          const file = put(
            text(
              ...samples.map(({ label, dense, ids }) => [
                String(label),
                ...dense.map((x) => (x === undefined ? "" : String(x))),
                ...ids.map((id) => (id === undefined ? "" : id.toString(16).padStart(8, "0"))),
              ]),
            ),
            "criteo.tsv",
          );
          expect(await rows(criteo(file, { tables: upTo(26).map(() => size) }))).toEqual(
            samples.map(({ label, dense, ids }) => ({
              label,
              dense: dense.map((x) => Math.fround(Math.log(Math.max(x ?? 0, 0) + 1))),
              bags: ids.map((id) => [(id ?? MISSING) % size]),
            })),
          );
        },
      ),
      { numRuns: 50 },
    ));

  test.each([
    [fields().slice(1), "line 2 has 39 columns, but Criteo's format has 40"],
    [[...fields(), ""], "line 2 has 41 columns"],
    [[""], "line 2 has 1 columns"],
    [fields({ 0: "2" }), 'line 2: the label is "2", but must be 0 or 1'],
    [fields({ 0: "10" }), 'line 2: the label is "10"'],
    [fields({ 3: "1.5" }), 'line 2: dense feature 3 (column 4) is "1.5"'],
    [fields({ 13: "-" }), 'line 2: dense feature 13 (column 14) is "-"'],
    [fields({ 14: "0000000g" }), 'line 2: category 1 (column 15) is "0000000g"'],
    [fields({ 39: "123456789" }), 'line 2: category 26 (column 40) is "123456789"'],
    [fields({ 20: "ab:c" }), 'is "ab:c", but must be 1 to 8 hexadecimal digits'],
    [fields({ 20: "ab@c" }), 'is "ab@c"'],
    [fields({ 20: "-1" }), 'is "-1"'],
    [fields({ 20: "\u0141" }), 'is "\u0141"'],
  ])("a wrong line is refused: %#", async (wrong, sentence) => {
    const file = put(text(fields(), wrong, fields()));
    await expect(rows(criteo(file))).rejects.toThrow(sentence);
    await expect(rows(criteo(file))).rejects.toThrow(file);
  });

  test("wrong options are refused at once", () => {
    const file = put(text(fields()));
    expect(() => criteo(file, { tables: [1, 2] })).toThrow("has 26 tables, but 2 table sizes");
    expect(() => criteo(file, { tables: upTo(26) })).toThrow("rows of table 0");
    expect(() => criteo("nowhere")).toThrow("There is no file nowhere");
  });
});

describe("CSV", () => {
  const columns = { label: "y", dense: ["a", "b"], categorical: ["city", "site"] };
  const good = 'city,y,b,"a",site\nRome,1,2.5,,x\n"Z""u"", ric\nh",0,-1e3,7,\n';
  const expected = [
    { label: 1, dense: [0, 2.5], bags: [[hashText("Rome")], [hashText("x")]] },
    { label: 0, dense: [7, -1000], bags: [[hashText('Z"u", ric\nh')], [hashText("")]] },
  ];

  test("quotes, empty fields and the order of the columns", async () => {
    expect(await rows(csv(put(good), columns))).toEqual(expected);
  });

  test("TSV, CRLF and gzip give the same", async () => {
    const tabs = 'city\ty\tb\ta\tsite\nRome\t1\t2.5\t\tx\n"Z""u"", ric\nh"\t0\t-1e3\t7\t\n';
    for (const content of [tabs, good.replaceAll("\n", "\r\n"), gzipSync(good), good.trimEnd()])
      expect(await rows(csv(put(content), columns))).toEqual(expected);
  });

  test("any texts come back as the hashes of their UTF-8", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: "grapheme" }).map((id) => id.replaceAll("\r", "")),
          { minLength: 1 },
        ),
        fc.integer({ min: 1, max: 1000 }),
        async (ids, size) => {
          const file = put(
            `y,id\n${ids.map((id) => `1,"${id.replaceAll('"', '""')}"\n`).join("")}`,
            "ids.csv",
          );
          const found = await rows(csv(file, { label: "y", dense: [], categorical: ["id"], rows: size }));
          expect(found.map((row) => row.bags[0]![0])).toEqual(ids.map((id) => hashText(id) % size));
        },
      ),
      { numRuns: 50 },
    ));

  const wrong: [string, string, Partial<CsvColumns>?][] = [
    ["y,a,b,city\n", 'has no column "site"; its columns are "y", "a", "b", "city"'],
    ["y,a,b,city,site,a\n", 'has two columns called "a"'],
    ["y,a,b,city,site\n", "has a header but no row"],
    ["y,a,b,city,site\n1,2,3,4,5\n1,2,3,4\n", "line 3 has 4 columns, but the header has 5"],
    ['y,a,b,city,site\n1,2,3,"4\n4",5\n1,2,3,4\n', "line 4 has 4 columns"],
    ["y,a,b,city,site\n1,2,x,4,5\n", 'line 2: column "b" is "x", but must be a finite'],
    ["y,a,b,city,site\n1,NaN,0,4,5\n", 'line 2: column "a" is "NaN"'],
    ["y,a,b,city,site\n1,Infinity,0,4,5\n", 'line 2: column "a" is "Infinity"'],
    ["y,a,b,city,site\n1,1e39,0,4,5\n", 'line 2: column "a" is "1e39"'],
    ["y,a,b,city,site\n0.5,1,0,4,5\n", 'line 2: column "y" is "0.5", but must be 0 or 1'],
    ["y,a,b,city,site\n,1,0,4,5\n", 'line 2: column "y" is ""'],
    [
      'y,a,b,city,site\n1,1,0,"4,5\n1,1,0,4,5\n',
      "line 2: a quoted field that begins here has no closing quote",
    ],
    [`y,a,b,city,site\n1,1,0,"4,5\n${"1,1,0,4,5\n".repeat(3000)}`, "line 2: a quoted field that begins here"],
    ['y,a,b,city,site\n1,1,0,"4"x,5\n', 'line 2: field 4 goes on after its closing quote ("x,5")'],
    ["", "is empty"],
    ["y\n1\n", 'The label "y" is also a feature', { dense: ["y"] }],
    ["y\n1\n", "There are 2 categorical columns, but 1 table sizes", { rows: [4] }],
    ["y\n1\n", "must be a whole number from 1 to 4294967296, but it is 0", { rows: 0 }],
  ];
  test.each(wrong)("%j is refused: %s", async (content, sentence, change) => {
    const read = async () => rows(csv(put(content), { ...columns, ...change }));
    await expect(read()).rejects.toThrow(sentence);
    await expect(read()).rejects.toMatchObject({ name: "InputError" });
  });
});

describe("hashes", () => {
  /** MurmurHash3 x86_32 as its author wrote it down, in exact integers. */
  function murmur(bytes: Uint8Array): number {
    const low = (x: bigint) => x & 0xffffffffn;
    const turn = (x: bigint, by: bigint) => low(x << by) | (x >> (32n - by));
    const stir = (k: bigint) => low(turn(low(k * 0xcc9e2d51n), 15n) * 0x1b873593n);
    const word = (from: number, to: number) =>
      [...bytes.subarray(from, to)].reduceRight((w, b) => (w << 8n) | BigInt(b), 0n);
    const whole = bytes.length - (bytes.length % 4);
    let h = 0n;
    for (let i = 0; i < whole; i += 4) h = low(turn(h ^ stir(word(i, i + 4)), 13n) * 5n + 0xe6546b64n);
    h ^= stir(word(whole, bytes.length)) ^ BigInt(bytes.length);
    h = low((h ^ (h >> 16n)) * 0x85ebca6bn);
    h = low((h ^ (h >> 13n)) * 0xc2b2ae35n);
    return Number(h ^ (h >> 16n));
  }

  test.each([
    ["", 0],
    ["test", 0xba6bd213],
    ["Hello, world!", 0xc0363e43],
    ["The quick brown fox jumps over the lazy dog", 0x2e4ff723],
  ])("MurmurHash3 of %j is the published one", (text, hash) => {
    expect(hashText(text)).toBe(hash);
  });

  test("MurmurHash3 equals its definition in exact integers on any text", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600, size: "max" }), (text) => {
        expect(hashText(text)).toBe(murmur(Buffer.from(text)));
      }),
    ));

  test("hashed normals have mean 0, variance 1, and are not correlated between tables, rows and seeds", () => {
    const n = 100_000;
    const product = (a: (row: number) => number, b: (row: number) => number) =>
      upTo(n).reduce((sum, row) => sum + a(row) * b(row), 0) / n;
    const one = (row: number) => hashNormal(7, 3, row);
    const bound = 6 / Math.sqrt(n);
    expect(Math.abs(product(one, () => 1))).toBeLessThan(bound);
    expect(Math.abs(product(one, one) - 1)).toBeLessThan(bound * Math.SQRT2);
    expect(Math.abs(product(one, (row) => hashNormal(7, 4, row)))).toBeLessThan(bound);
    expect(Math.abs(product(one, (row) => hashNormal(8, 3, row)))).toBeLessThan(bound);
    expect(Math.abs(product(one, (row) => hashNormal(7, 3, row + 1)))).toBeLessThan(bound);
    expect(Math.abs(product(one, (row) => hashNormal(7, 3, row + 2 ** 32)))).toBeLessThan(bound);
  });
});

describe("Zipf", () => {
  test.each([0, 0.8, 1, 2.5])("frequencies follow the law with exponent %d", (exponent) => {
    const n = 2_000_000;
    const size = 500;
    const draw = zipf(size, exponent, random(11, "zipf"));
    const counts = new Float64Array(size);
    for (let i = 0; i < n; i++) counts[draw()]!++;
    const weights = upTo(size).map((k) => (k + 1) ** -exponent);
    const total = weights.reduce((a, b) => a + b);
    let chi2 = 0;
    let cells = 0;
    weights.forEach((weight, k) => {
      const p = weight / total;
      expect(Math.abs(counts[k]! - n * p)).toBeLessThanOrEqual(6 * Math.sqrt(n * p * (1 - p)) + 6);
      if (n * p < 10) return;
      chi2 += (counts[k]! - n * p) ** 2 / (n * p);
      cells++;
    });
    expect(chi2).toBeLessThan(cells + 6 * Math.sqrt(2 * cells)); // mean and deviation of χ²
  });

  test("one row, and 2³² rows", () => {
    expect(zipf(1, 1.1, random(1, "zipf"))()).toBe(0);
    const draw = zipf(2 ** 32, 1, random(1, "zipf"));
    const ids = Array.from({ length: 10_000 }, draw);
    expect(Math.max(...ids)).toBeLessThan(2 ** 32);
    // At exponent 1 the logarithm of an id is nearly uniform: half of the ids lie above 2^16.
    expect(Math.abs(ids.filter((id) => id > 2 ** 16).length / 10_000 - 0.49)).toBeLessThan(0.03);
  });
});

describe("synthetic clicks", () => {
  const planted = { tables: [1_000_000, 40_000, 300], dense: 13, rows: 20_000, seed: 3 };
  const data = synthetic(planted);
  const parts = ["train", "validation", "test"] as const;

  test("80, 10 and 10 % of the rows, the same for the same seed", async () => {
    expect(parts.map((part) => data[part].rows)).toEqual([16_000, 2_000, 2_000]);
    const again = synthetic(planted);
    expect(await rows(again.test)).toEqual(await rows(data.test));
    expect(again.best).toEqual(data.best);
    expect(await rows(synthetic({ ...planted, seed: 4 }).test)).not.toEqual(await rows(data.test));
  });

  test("labels are drawn from the probabilities: within 6 standard errors, overall and in each tenth", async () => {
    for (const part of parts) {
      const p = data.probabilities[part];
      const labels = (await rows(data[part], 500)).map((row) => row.label);
      const within = (chosen: number[]) => {
        const excess = chosen.reduce((sum, i) => sum + labels[i]! - p[i]!, 0);
        expect(Math.abs(excess)).toBeLessThan(
          6 * Math.sqrt(chosen.reduce((sum, i) => sum + p[i]! * (1 - p[i]!), 0)),
        );
      };
      within(upTo(p.length));
      for (const tenth of upTo(10)) within(upTo(p.length).filter((i) => Math.floor(10 * p[i]!) === tenth));
    }
  });

  test("rate and signal are those asked for", () => {
    const all = parts.flatMap((part) => [
      ...synthetic({ ...planted, rate: 0.1, signal: 1.2 }).probabilities[part],
    ]);
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const logits = all.map((p) => Math.log(p / (1 - p)));
    expect(mean(all)).toBeCloseTo(0.1, 6);
    expect(Math.sqrt(mean(logits.map((z) => (z - mean(logits)) ** 2)))).toBeCloseTo(1.2, 6);
  });

  test("the best is worth learning, and what was drawn is near it", () => {
    expect(data.best.auc).toBeGreaterThan(0.78);
    expect(data.best.auc).toBeLessThan(0.85);
    const clicks = 2_000 * 0.25;
    expect(Math.abs(data.realised.auc - data.best.auc)).toBeLessThan(6 * Math.sqrt(1 / (12 * clicks)));
    const variance = data.probabilities.test.reduce(
      (sum, p) => sum + p * (1 - p) * Math.log(p / (1 - p)) ** 2,
      0,
    );
    expect(Math.abs(data.realised.logLoss - data.best.logLoss)).toBeLessThan(
      (6 * Math.sqrt(variance)) / 2_000,
    );
  });

  test("no noisy version is better than the best", () =>
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 3, noNaN: true }), (seed, noise) => {
        const stream = random(seed, "noise");
        const noisy = data.probabilities.test.map(
          (p) => 1 / (1 + Math.exp(-Math.log(p / (1 - p)) - noise * stream.normal())),
        );
        const quality = expectedQuality(noisy, data.probabilities.test);
        expect(quality.auc).toBeLessThanOrEqual(data.best.auc + 1e-12);
        expect(quality.logLoss).toBeGreaterThanOrEqual(data.best.logLoss - 1e-12);
      }),
      { numRuns: 30 },
    ));

  test("ids lie in tables as large as 2³², and those of one logit share nothing else", async () => {
    const huge = synthetic({ tables: [2 ** 32, 1], dense: 0, rows: 1000, seed: 1, exponent: 0.5 });
    const ids = (await rows(huge.train, 100)).map((row) => row.bags);
    expect(ids.every(([a, b]) => a![0]! < 2 ** 32 && b![0] === 0)).toBe(true);
    expect(Math.max(...ids.map(([a]) => a![0]!))).toBeGreaterThan(2 ** 31);
  });

  test("expected AUC and log loss equal the sums over all pairs, ties and labels included", () => {
    const pair = fc.tuple(
      fc.constantFrom(0.1, 0.2, 0.5, 0.9),
      fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    );
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 12 }), (pairs) => {
        const scores = Float64Array.from(pairs, ([s]) => s);
        const truth = pairs.map(([, p]) => p);
        let right = 0;
        let all = 0;
        pairs.forEach(([s, p], i) => {
          pairs.forEach(([other, q], j) => {
            if (i === j) return;
            all += p * (1 - q);
            right += p * (1 - q) * (s > other ? 1 : s === other ? 0.5 : 0);
          });
        });
        fc.pre(all > 1e-6);
        const quality = expectedQuality(scores, truth);
        expect(quality.auc).toBeCloseTo(right / all, 8);
        const loss =
          pairs.reduce((sum, [s, p]) => sum - p * Math.log(s) - (1 - p) * Math.log(1 - s), 0) / pairs.length;
        expect(quality.logLoss).toBeCloseTo(loss, 10);
      }),
    );
  });

  test.each([
    [{ rows: 9 }, "The number of rows must be a whole number from 10 up, but it is 9."],
    [{ tables: [5, 0] }, "rows of table 1"],
    [{ dense: -1 }, "dense features"],
    [{ rate: 1 }, "The click rate must lie between 0 and 1, but it is 1."],
    [{ exponent: -1 }, "exponent"],
    [{ signal: NaN }, "The signal"],
    [{ interaction: 2 }, "The interaction"],
    [{ seed: 0.5 }, "The seed"],
    [{ tables: [1], dense: 0 }, "No feature varies"],
  ])("%o is refused", (wrong, sentence) => {
    expect(() => synthetic({ ...planted, ...wrong })).toThrow(sentence);
  });
});

describe("flight delays", () => {
  test("are the flights of the file: label, distance, clock and airports of each", async () => {
    const data = await flights({ rows: 5000 });
    const found = await rows(data, 1000);
    const file = new URL("../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url).pathname;
    const raw = await parquetReadObjects({
      file: await asyncBufferFromFile(file),
      compressors,
      rowEnd: 5000,
    });
    const field = (name: string) => data.fields.indexOf(name);
    const numbered = new Map<string, number>();
    found.forEach(({ dense, bags, label }, i) => {
      const { date, delay, distance, origin, destination } = raw[i] as {
        date: Date;
        delay: bigint;
        distance: bigint;
        origin: string;
        destination: string;
      };
      expect(label).toBe(delay > 15n ? 1 : 0);
      expect(distance > 0n).toBe(true);
      expect(dense[0]).toBeCloseTo(Math.log(Number(distance)) - 6.3, 5);
      expect(Math.atan2(dense[1]!, dense[2]!)).toBeCloseTo(
        Math.atan2(...circle(date.getUTCHours() * 60 + date.getUTCMinutes())),
        4,
      );
      for (const [name, key] of [
        ["origin", origin],
        ["destination", destination],
        ["route", `${origin}-${destination}`],
        ["origin × date × hour", `${origin} ${date.toISOString().slice(0, 13)}`],
        [
          "route × quarter-hour",
          `${origin}-${destination} ${Math.floor((date.getUTCHours() * 60 + date.getUTCMinutes()) / 15)}`,
        ],
      ] as const) {
        const id = bags[field(name)]![0]!;
        expect(numbered.get(`${name}: ${key}`) ?? id).toBe(id);
        numbered.set(`${name}: ${key}`, id);
      }
    });
    for (const code of ["LAX", "JFK", "ORD", "ATL"]) expect(numbered.has(`origin: ${code}`)).toBe(true);
    // As many ids as keys: no two keys share one, and no row of a table is left over.
    const keys = (name: string) => [...numbered.keys()].filter((key) => key.startsWith(`${name}: `)).length;
    for (const name of ["origin", "destination", "route", "origin × date × hour", "route × quarter-hour"])
      expect(data.tables[field(name)]).toBe(keys(name));
  });
  const circle = (minute: number): [number, number] => [
    Math.sin((2 * Math.PI * minute) / 1440),
    Math.cos((2 * Math.PI * minute) / 1440),
  ];

  test("300,000 of them: the exact number, about a fifth late, every id used", async () => {
    const data = await flights({ rows: 300_000 });
    expect(data.rows).toBe(300_000);
    const used = data.tables.map(() => new Set<number>());
    let late = 0;
    for await (const { size, bags, labels } of data.batches(4096)) {
      for (let i = 0; i < size; i++) late += labels[i]!;
      for (const [i, id] of bags.ids.entries()) used[i % used.length]!.add(id);
    }
    expect(late / 300_000).toBeGreaterThan(0.18);
    expect(late / 300_000).toBeLessThan(0.24);
    expect(used.map((ids) => ids.size)).toEqual(data.tables);
    expect(data.tables).toHaveLength(data.fields.length);
  });

  test("more than there are, and packages that are not there, are refused", async () => {
    await expect(flights({ rows: 3_000_001 })).rejects.toThrow(
      "The number of flights must be a whole number from 1 to 3000000",
    );
    vi.resetModules();
    vi.doMock("node:module", () => ({
      createRequire: () => ({ resolve: () => expect.fail("not installed") }),
    }));
    const bare = await import("../models/data/flights.ts");
    vi.doUnmock("node:module");
    await expect(bare.flights({ rows: 10 })).rejects.toThrow(
      "run npm install vega-datasets hyparquet hyparquet-compressors.",
    );
  });
});
