import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lines, splitLines } from "../../../../../models/data/reader/text.ts";
import { folder, put } from "../files.ts";

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

  const strangers = [
    ["zip", "504b030414000000", "is a zip archive, which is not read here; unpack it (unzip)"],
    ["an empty zip", "504b050600000000", "is a zip archive with nothing in it"],
    ["bzip2", "425a683931415926", "is packed by bzip2, which is not read here; unpack it (bunzip2)."],
    ["xz", "fd377a585a000004", "is packed by xz"],
    ["zstd", "28b52ffd24000100", "is packed by zstd"],
    ["7z", "377abcaf271c0004", "is a 7z archive"],
    [
      "Parquet",
      "5041523115001500",
      "is a Parquet file, which is not read here; read it with --data parquet:",
    ],
    ["Arrow", "4152524f57310000", "is an Arrow file"],
    [
      "UTF-16",
      "fffe630069007400",
      "is UTF-16 text, which is not read here; convert it (iconv -f UTF-16 -t UTF-8).",
    ],
    ["UTF-16, the other way", "feff006300690074", "is UTF-16 text"],
    ["UTF-16 without a mark", "6300690074007900", "convert it (iconv -f UTF-16LE -t UTF-8)"],
    ["UTF-16 without a mark, the other way", "0063006900740079", "convert it (iconv -f UTF-16BE -t UTF-8)"],
    ["UTF-32", "fffe000063000000", "is UTF-32 text"],
    ["lz4", "04224d186440a700", "is packed by lz4"],
    ["compress", "1f9d906378ce9c03", "is packed by compress"],
    ["tar", `${"61".repeat(257)}7573746172`, "is a tar archive, which is not read here; unpack it (tar xf)."],
  ] as const;

  const zipped = gzipSync("0\t1\n".repeat(1000));
  test.each<[string, () => string, string]>([
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
    ...strangers.map(([kind, bytes, sentence]): [string, () => string, string] => [
      kind,
      () => put(Buffer.from(bytes, "hex"), "c.csv.gz"),
      sentence,
    ]),
    ...["1f8b0800", ...strangers.map(([, bytes]) => bytes)].map((bytes): [string, () => string, string] => [
      `a gzip file of what begins with ${bytes.slice(-16)}`,
      () => put(gzipSync(Buffer.from(bytes, "hex"))),
      ", unpacked, is ",
    ]),
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
