import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { criteo } from "../../../../../models/data/formats/criteo.ts";
import { MISSING } from "../../../../../models/data/reader/kernels/job.ts";
import { put } from "../files.ts";
import { rows, upTo } from "../rows.ts";

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

  test("LF, CRLF, gzip, a byte order mark and blank last lines give the same", async () => {
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
      `${plain}\r\n\n\r\r\n\r`,
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
    [[""], "line 2 is blank; only the last lines of a file may be"],
    [["\r\r"], "line 2 is blank"],
    [["0"], "line 2 has 1 column,"],
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
    [fields({ 0: "x".repeat(1000) }), `the label is "${"x".repeat(57)}…", but`],
    [fields({ 20: "\u001b[2J" }), 'is "\\u{1b}[2J"'],
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
