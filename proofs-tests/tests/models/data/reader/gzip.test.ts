import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashText } from "../../../../../models/data/encoders/hash.ts";
import { csvFormat } from "../../../../../models/data/formats/csv.ts";
import { prefetched } from "../../../../../models/data/reader/prefetch.ts";
import { headerOf } from "../../../../../models/data/reader/records.ts";
import { put } from "../files.ts";
import { upTo } from "../rows.ts";

const columns = { label: "y", dense: [], categorical: ["id"] };
const text = `y,id\n${upTo(99)
  .map((i) => `1,${Math.sin(i)}\n`)
  .join("")}`;
const all = upTo(99).map((i) => hashText(`${Math.sin(i)}`));

async function read(content: Uint8Array, chunk?: number): Promise<number[]> {
  const file = put(content, "members.csv.gz");
  const format = csvFormat(file, await headerOf(file), columns, [2 ** 32]);
  const found: number[] = [];
  for await (const { ids } of prefetched(file, format, chunk === undefined ? {} : { chunk }))
    found.push(...ids);
  return found;
}

/** The text packed in members that meet at these places. */
const members = (...places: number[]) =>
  [0, ...places.toSorted((a, b) => a - b)].map((from, i, cuts) =>
    gzipSync(text.slice(from, cuts[i + 1]), { level: i % 10 }),
  );

describe("gzip", () => {
  test("of many members is read to its end, wherever they and the pieces meet", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(text.length), { maxLength: 5 }),
        fc.integer({ min: 64, max: 3000 }),
        fc.constantFrom(0, 1, 700),
        async (places, chunk, padding) => {
          const content = Buffer.concat([...members(...places), Buffer.alloc(padding)]);
          expect(await read(content, chunk)).toEqual(all);
        },
      ),
      { numRuns: 30 },
    ));

  const [first, second] = members(1000) as [Buffer, Buffer];

  test("also where a piece ends with a member", async () => {
    expect(await read(Buffer.concat([first, second]), first.length)).toEqual(all);
    expect(await read(Buffer.concat([first, second, Buffer.alloc(9)]), first.length)).toEqual(all);
  });

  test("cut short is refused, but for a cut between members, which nothing tells", async () => {
    const whole = Buffer.concat([first, second]);
    const cuts = [first.length - 1, first.length + 1, first.length + 9, first.length + 11, whole.length - 1];
    for (const cut of cuts)
      await expect(read(whole.subarray(0, cut))).rejects.toThrow("is damaged or cut short");
    expect((await read(first)).length).toBeLessThan(99);
  });

  test.each([
    ["rows", Buffer.from("1,2\n")],
    ["one byte", Buffer.from("x")],
    ["rows after padding", Buffer.from("\x00\x00,2\n")],
    ["a member after padding", Buffer.concat([Buffer.alloc(600), second])],
    ["a byte after much padding", Buffer.concat([Buffer.alloc(99_999), Buffer.from("x")])],
  ])("followed by something else is refused: %s", async (_, rest) => {
    for (const chunk of [undefined, 64, first.length])
      await expect(read(Buffer.concat([first, rest]), chunk)).rejects.toThrow("is damaged or cut short");
  });
});
