import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { criteo } from "../../../../../models/data/formats/criteo.ts";
import { csv } from "../../../../../models/data/formats/csv.ts";
import { LARGEST } from "../../../../../models/data/reader/kernels/job.ts";
import { headerOf } from "../../../../../models/data/reader/records.ts";
import { put } from "../files.ts";
import { rows } from "../rows.ts";

const columns = { label: "y", dense: ["x"], categorical: ["id"] };

/** A record of so many bytes without its end. */
const record = (bytes: number) => `1,2,${"i".repeat(bytes - 4)}`;
const refused = (line: number) => `line ${line}: what begins here has no end within 1 MiB`;

describe.each([
  ["plain", (text: string) => text],
  ["gzip", (text: string) => gzipSync(text)],
])("a record has 1 MiB at most: %s", (_, packed) => {
  const read = (text: string) => rows(csv(put(packed(`y,x,id\n1,2,a\n${text}`)), columns));

  test.each([
    ["\n1,3,b\n", 3],
    ["\r\n1,3,b\n", 3],
    ["\n", 2],
    ["", 2], // its end is then supplied
  ])("with its end, before %j, and not one byte more", async (after, count) => {
    const most = LARGEST - (after.startsWith("\r") ? 2 : 1);
    expect(await read(record(most) + after)).toHaveLength(count);
    await expect(read(record(most + 1) + after)).rejects.toThrow(refused(3));
  });

  test("over several lines too", async () => {
    const lines = `1,2,"${`${"i".repeat(99_999)}\n`.repeat(10)}`;
    const rest = LARGEST - lines.length - 2;
    expect(await read(`${lines}${"i".repeat(rest)}"\n1,3,b\n`)).toHaveLength(3);
    await expect(read(`${lines}${"i".repeat(rest + 1)}"\n1,3,b\n`)).rejects.toThrow(refused(3));
  });

  test("in Criteo's format, where rows before it are read", async () => {
    const good = `1${"\t".repeat(39)}\n`;
    const file = put(packed(`${good.repeat(5)}${"1".repeat(LARGEST)}\n${good}`));
    let count = 0;
    const read = async () => {
      for await (const { size } of criteo(file).batches(1)) count += size;
    };
    await expect(read()).rejects.toThrow(refused(6));
    expect(count).toBe(5);
  });

  test("blank lines at the end may be many, but are not held without a bound", async () => {
    expect(await read("\r\n".repeat(200_000))).toHaveLength(1);
    await expect(read("\n".repeat(2 * LARGEST))).rejects.toThrow("line 3 is blank");
    await expect(read(`${"\n".repeat(2 * LARGEST)}1,2,b\n`)).rejects.toThrow("line 3 is blank");
  });

  test("nor is a header without an end", async () => {
    const header = async (text: string) => (await headerOf(put(packed(text)))).fields.length;
    expect(await header("a,".repeat(LARGEST / 2 - 1))).toBe(LARGEST / 2);
    await expect(header("a,".repeat(LARGEST / 2))).rejects.toThrow(refused(1));
    await expect(header(`"${`${"a".repeat(99_999)}\n`.repeat(20)}"\n`)).rejects.toThrow(refused(1));
    await expect(header("1,2\r".repeat(LARGEST))).rejects.toThrow("ends its lines in CR alone");
  });
});
