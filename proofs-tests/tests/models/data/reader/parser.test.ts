import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvFormat } from "../../../../../models/data/formats/csv.ts";
import type { RecordFormat } from "../../../../../models/data/reader/layout.ts";
import { prefetched } from "../../../../../models/data/reader/prefetch.ts";
import { headerOf } from "../../../../../models/data/reader/records.ts";
import { byDefinition, type Outcome, outcomeOf } from "../definition.ts";
import { put } from "../files.ts";
import { criteoLine } from "../formats/criteo-lines.ts";
import { notNumbers, numberText, plainNumber, plainText } from "../formats/csv-lines.ts";
import { upTo } from "../rows.ts";
import { readersHere } from "./readers-here.ts";
import { formats, header, type Open, openCriteo, openCsv } from "./text-files.ts";

beforeAll(() => readersHere(true));
afterAll(() => readersHere(false));

const sizes = fc.constantFrom(1, 7, 1000, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32);

/** What the kernel and the definition make of one file together, and how many records the definition was asked for. */
async function byKernel(file: string, format: RecordFormat, chunk: number) {
  let asked = 0;
  const parse: RecordFormat["parse"] = (...record) => {
    asked++;
    return format.parse(...record);
  };
  const outcome = await outcomeOf(file, () =>
    prefetched(file, { ...format, parse }, { chunk, ahead: Number.POSITIVE_INFINITY }),
  );
  return { outcome, asked };
}

/** Both outcomes are the same; gives it. */
async function agreed(content: Buffer, open: Open, chunk: number): Promise<Outcome> {
  const file = put(content);
  let format: RecordFormat;
  try {
    format = await open(file);
  } catch (error) {
    return { error: (error as Error).message };
  }
  const expected = await byDefinition(file, content, format);
  expect((await byKernel(file, format, chunk)).outcome).toEqual(expected);
  return expected;
}

/** Bytes that mean something somewhere, and bytes of no UTF-8. */
const telling = fc.constantFrom(
  ...Buffer.from('\t,\r\n" -+.0129afAFgGeE:@`/\0\u00a0\uFEFF'),
  0xff,
  0xc3,
  0x80,
);

/** Changes, adds or takes away a byte. */
const damage = fc
  .record({ at: fc.nat(), byte: telling, removed: fc.constantFrom(0, 1), added: fc.constantFrom(0, 1) })
  .map(({ at, byte, removed, added }) => (content: Buffer) => {
    const place = at % (content.length + 1);
    return Buffer.concat([
      content.subarray(0, place),
      Buffer.alloc(added, byte),
      content.subarray(place + removed),
    ]);
  });

const chunks = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.constant(1 << 18));

describe.each(formats)("$name: the kernel and the definition agree, bit for bit", ({ text, open }) => {
  test("on files of the format, wherever they are cut", () =>
    fc.assert(
      fc.asyncProperty(text, sizes, chunks, async (content, size, chunk) => {
        const outcome = await agreed(content, open(size), chunk);
        if ("error" in outcome) expect(outcome.error).toMatch(/is empty|has a header but no row/);
      }),
      { numRuns: 40 },
    ));

  test("on files in which one byte is wrong, with the same sentence", () =>
    fc.assert(
      fc.asyncProperty(text, damage, chunks, async (content, change, chunk) => {
        const format = await open(1000)(put(content)); // else what is wrong might end at the header
        await agreed(change(content), async () => format, chunk);
      }),
      { numRuns: 60 },
    ));
});

describe("the kernel", () => {
  test("parses all that is plain itself", async () => {
    const asked = async (content: string, open: Open) => {
      const file = put(content);
      return (await byKernel(file, await open(file), 1 << 18)).asked;
    };
    const samples = (field: fc.Arbitrary<string>) => fc.sample(field, 100);
    const plain = fc.tuple(plainText, plainNumber).map(([id, x]) => `"${id}",1,${x},"${x}",${x},${id}`);
    for (const end of ["\n", "\r\n"]) {
      expect(await asked(samples(criteoLine).join(end), openCriteo(1000))).toBe(0);
      expect(await asked([header(","), ...samples(plain)].join(end), openCsv(1000))).toBe(0);
    }
    const hard = ['"a""b",1,0,,0,', '"a\nb",1,0,,0,', "a,1, 0,,0,", "a,1,0x0,,0,"];
    expect(await asked([header(","), ...hard].join("\n"), openCsv(1000))).toBe(hard.length);
  });

  test("parses several ids itself, unless they need more than half of its room", async () => {
    const asked = async (ids: string) => {
      const content = Buffer.from(`${header(",")}\n${`${ids},1,,,,x\n`.repeat(5)}`);
      const file = put(content);
      const format = await openCsv(1000, undefined, { u: "|" })(file);
      const { outcome, asked } = await byKernel(file, format, 1 << 22);
      const expected = await byDefinition(file, content, format);
      expect(JSON.stringify(outcome) === JSON.stringify(expected)).toBe(true); // a difference is too long to be shown
      expect(expected).toHaveProperty("rows.length", 5);
      return asked;
    };
    const half = (16 * 3 * 4096) / 2; // of the room of three tables
    expect(await asked("||a||b|")).toBe(0);
    expect(await asked("1|".repeat(half / 2 - 1))).toBe(0); // u is there twice, and v has an id
    expect(await asked("1|".repeat(half))).toBe(5);
  });

  test("rounds any number as Number(text) does", () =>
    fc.assert(
      fc.asyncProperty(fc.array(numberText, { minLength: 100, maxLength: 200 }), async (texts) => {
        const file = put(`y,x\n${texts.map((text) => `1,${text}\n`).join("")}`, "numbers.csv");
        const format = csvFormat(
          file,
          await headerOf(file),
          { label: "y", dense: ["x"], categorical: [] },
          [],
        );
        const found: number[] = [];
        for await (const { dense } of prefetched(file, format)) found.push(...dense);
        found.forEach((x, i) => {
          if (!Object.is(x, Number(texts[i]))) throw new Error(`${texts[i]} became ${x}`);
        });
        expect(found).toHaveLength(texts.length);
      }),
    ));

  test.each(notNumbers)("does not take %s for a number", async (text) => {
    const content = Buffer.from(`${header(",")}\n,1,${text},,,\n`);
    expect(await agreed(content, openCsv(1000), 1 << 18)).toHaveProperty("error");
  });

  test.each(["", "2", "0.5", "1.01", "10", ".", "-1"])("does not take %j for a label", async (text) => {
    const content = Buffer.from(`${header(",")}\n,${text},,,,\n`);
    expect(await agreed(content, openCsv(1000), 1 << 18)).toHaveProperty("error");
  });

  test.each([
    ["before the end of a line", openCriteo(5), `${fc.sample(criteoLine, 1)[0]}\r\r\n`],
    ["after a quote", openCsv(5), `${header(",")}\n"a"\r,1,,,,\n`],
  ])("takes no second carriage return for an end: %s", async (_, open, content) => {
    expect(await agreed(Buffer.from(content), open, 1 << 18)).toHaveProperty("error");
  });

  const good = 'é,1,2.5,x,,"q, ""\r\n漢"\r\n';
  test.each([
    ["a byte order mark, quotes, CRLF and long characters", `\uFEFF${header(",")}\r\n${good}${good}`, "rows"],
    ["a wrong record at the end", `${header(",")}\n${good}😀,2`, "error"],
  ])("does not mind where the file is cut: %s", async (_, content, kind) => {
    const bytes = Buffer.from(content);
    for (let chunk = 1; chunk <= bytes.length; chunk++)
      expect(await agreed(bytes, openCsv(1000), chunk)).toHaveProperty(kind);
  });

  test.each(["", "\uFEFF", "\n", "\r", "\r\n", "\uFEFF\n", "\uFEFF\uFEFF", "0\t1\n"])(
    "reads a file of %j as the definition does",
    async (content) => {
      for (const chunk of [1, 100])
        expect(await agreed(Buffer.from(content), openCriteo(5), chunk)).toHaveProperty("error");
    },
  );

  test.each([
    ["of as many lines as may be", 1001, "rows"],
    ["of one line too many", 1002, "error"],
  ])("knows a record %s", async (_, lines, kind) => {
    const record = `"${"\n".repeat(lines - 1)}",1,2,3,4,5\n`;
    for (const chunk of [1, 100, 1 << 18])
      expect(
        await agreed(Buffer.from(`${header(",")}\n${good}${record}${good}`), openCsv(1000), chunk),
      ).toHaveProperty(kind);
  });

  test("does not read on to the end for a quote that nobody closed", async () => {
    const format = await openCsv(1000)(put(header(",")));
    const open = `"${"a line\n".repeat(2000)}`; // what follows is no text, but nobody comes there
    const content = Buffer.concat([Buffer.from(`${header(",")}\n${good}${open}`), Buffer.of(0xff, 10)]);
    expect(await agreed(content, async () => format, 100)).toEqual({
      error: expect.stringContaining("line 4: a quoted field that begins here has no closing quote"),
    });
  });

  test("goes on where its room for rows ends, and counts on", async () => {
    const rows = upTo(9000).map((i) => `${i},1,${i},,,\n`);
    const text = (last: string) => Buffer.from(`${header(",")}\n${rows.join("")}${last}`);
    expect(await agreed(text(good), openCsv(2 ** 32), 1 << 18)).toHaveProperty("rows.length", 9001);
    expect(await agreed(text("wrong"), openCsv(2 ** 32), 1 << 18)).toEqual({
      error: expect.stringContaining("line 9002 has 1 column,"),
    });
  });

  test("makes room for a line that is longer than what is read at a time", async () => {
    const long = `${"long ".repeat(100_000)},1,2,3,4,5\n`;
    const content = Buffer.from(`${header(",")}\n${good}${long}${good}`);
    expect(await agreed(content, openCsv(2 ** 32), 1000)).toHaveProperty("rows.length", 3);
  });
});
