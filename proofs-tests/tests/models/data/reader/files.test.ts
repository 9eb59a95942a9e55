import {
  appendFileSync,
  mkdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashText } from "../../../../../models/data/encoders/hash.ts";
import { criteo } from "../../../../../models/data/formats/criteo.ts";
import { csv } from "../../../../../models/data/formats/csv.ts";
import { filesNamed } from "../../../../../models/data/reader/files.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { put } from "../files.ts";
import { rows, upTo } from "../rows.ts";

const columns = { label: "y", dense: ["x"], categorical: ["id"] };
const ids = async (files: string | readonly string[]) =>
  (await rows(csv(files, columns))).map(({ bags }) => bags[0]![0]);

describe("several files", () => {
  const parts = [
    put("y,x,id\n1,2.5,a\n0,1,b\n"),
    put(gzipSync('y;"x";id\r\n1;2,5;c\r\n\r\n')),
    put('y\tx\tid\n0\t3\t"d\n'),
    put("y,x,id\n0,3,e"),
  ];

  test("follow one another, each with its own separator, quotes and packing", async () => {
    expect(await ids(parts)).toEqual(["a", "b", "c", '"d', "e"].map(hashText));
    expect(await ids(parts.toReversed())).toEqual(["e", '"d', "c", "a", "b"].map(hashText));
    expect((await rows(csv(parts, columns))).map(({ dense }) => dense[0])).toEqual([2.5, 1, 2.5, 3, 3]);
    expect(csv(parts, columns).name).toMatch(/^\d+\.txt and 3 more$/);
  });

  test("of Criteo's format too", async () => {
    const line = (id: string) => `1${"\t".repeat(38)}\t${id}\n`;
    const files = [put(line("a") + line("b")), put(gzipSync(line("c")))];
    expect((await rows(criteo(files))).map(({ bags }) => bags[25]![0])).toEqual([10, 11, 12]);
    expect(criteo(files).name).toMatch(/^Criteo clicks \(\d+\.txt and 1 more\)$/);
  });

  test.each([
    ["y,x,idx\n0,3,e\n", 'column 3 is "idx", not "id"'],
    ["y,id,x\n0,3,e\n", 'column 2 is "id", not "x"'],
    ["y,x,id,z\n0,3,e,1\n", 'column 4 is "z", not missing'],
    ["y,x\n0,3\n", 'column 3 is missing, not "id"'],
  ])("with another header, %j, are refused before the first row", async (content, sentence) => {
    const other = put(content);
    let count = 0;
    const read = async () => {
      for await (const { size } of csv([parts[0]!, other], columns).batches(1)) count += size;
    };
    await expect(read()).rejects.toThrow(`${other} has other columns than ${parts[0]}: ${sentence}`);
    expect(count).toBe(0);
  });

  test("a wrong row is named with its own file and line", async () => {
    const wrong = put("y,x,id\n1,2,a\n1,2\n");
    await expect(ids([parts[0]!, wrong])).rejects.toThrow(`${wrong}, line 3 has 2 columns`);
  });

  test("none, or one twice, is refused", () => {
    expect(() => csv([], columns)).toThrow("There is no file of rows; give at least one.");
    const twice = parts[0]!.replace(/([^/]*)$/, "./$1");
    expect(() => csv([parts[0]!, parts[1]!, twice], columns)).toThrow(`The file ${twice} is given twice`);
  });
});

describe("files named on the command line", () => {
  const folder = temporaryFolder();
  const inFolder = (name: string) => join(folder, name);
  const names = [
    "day_10.csv",
    "day_9.csv",
    "day_1.csv",
    "day_1.csv.gz",
    ".day_2.csv",
    "dayX1.csv",
    "a+(b).csv",
  ];
  for (const name of names) writeFileSync(inFolder(name), "");
  mkdirSync(inFolder("day_7.csv"));

  test.each([
    ["day_1.csv", ["day_1.csv"]],
    ["day_*.csv", ["day_1.csv", "day_10.csv", "day_9.csv"]],
    ["day_?.csv", ["day_1.csv", "day_9.csv"]],
    ["day?1.csv", ["dayX1.csv", "day_1.csv"]],
    ["*1*", ["dayX1.csv", "day_1.csv", "day_1.csv.gz", "day_10.csv"]],
    ["a+(b)*", ["a+(b).csv"]],
    [".*", [".day_2.csv"]],
    ["*", names.filter((name) => !name.startsWith(".")).sort()],
  ])("%s", (pattern, found) => expect(filesNamed(inFolder(pattern))).toEqual(found.map(inFolder)));

  test("commas separate; what has no wildcard need not be there", () =>
    expect(filesNamed(`${inFolder("day_9.csv")}, nowhere.csv,${inFolder("day_1.*")}`)).toEqual([
      inFolder("day_9.csv"),
      "nowhere.csv",
      inFolder("day_1.csv"),
      inFolder("day_1.csv.gz"),
    ]));

  test("a file that has such characters in its name is that file", () => {
    for (const name of ["day_?.tsv", "a,b.tsv", "day_1.tsv"]) writeFileSync(inFolder(name), "");
    expect(filesNamed(inFolder("day_?.tsv"))).toEqual([inFolder("day_?.tsv")]);
    expect(filesNamed(inFolder("a,b.tsv"))).toEqual([inFolder("a,b.tsv")]);
    for (const name of ["day_?.tsv", "a,b.tsv", "day_1.tsv"]) rmSync(inFolder(name));
  });

  test.each([
    ["b*.csv", "No file fits "],
    ["nowhere/*.csv", "No file fits "],
    ["day_7*/x.csv", "has * or ?, which only the last part of a path may have"],
    ["day_1.csv,", "A list of files has an empty name"],
  ])("%s is refused", (pattern, sentence) => expect(() => filesNamed(inFolder(pattern))).toThrow(sentence));

  test("any pattern fits what its definition says", () => {
    const fits = (pattern: string, name: string): boolean => {
      if (pattern === "") return name === "";
      if (pattern[0] === "*") return upTo(name.length + 1).some((i) => fits(pattern.slice(1), name.slice(i)));
      return (
        name !== "" && (pattern[0] === "?" || pattern[0] === name[0]) && fits(pattern.slice(1), name.slice(1))
      );
    };
    const own = temporaryFolder();
    const text = (...units: string[]) =>
      fc.string({
        unit: fc.constantFrom("a", "b", "[", "\\", "$", "é", ...units),
        minLength: 1,
        maxLength: 5,
      });
    fc.assert(
      fc.property(fc.uniqueArray(text("^", "|")), text("*", "?"), (files, pattern) => {
        for (const name of files) writeFileSync(join(own, name), "");
        const expected = files.filter((name) => fits(pattern, name)).sort();
        if (/[*?]/.test(pattern) && expected.length > 0)
          expect(filesNamed(join(own, pattern))).toEqual(expected.map((name) => join(own, name)));
        for (const name of files) rmSync(join(own, name));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a file that changes", () => {
  const content = `y,x,id\n${upTo(300)
    .map((i) => `${i % 2},0,${i}\n`)
    .join("")}`;
  const changes: [string, (file: string) => void][] = [
    ["grows", (file) => appendFileSync(file, "1,0,300\n")],
    ["shrinks at the end of a line", (file) => truncateSync(file, content.trimEnd().lastIndexOf("\n") + 1)],
    [
      "grows and stays as old",
      (file) => {
        const { atime, mtime } = statSync(file);
        appendFileSync(file, "1,0,300\n");
        utimesSync(file, atime, mtime);
      },
    ],
    ["is written anew", (file) => utimesSync(file, 1, 1)],
    [
      "is replaced by one as old and as large",
      (file) => {
        const { atime, mtime } = statSync(file);
        writeFileSync(file, content.replace("y,x", "y,z"));
        utimesSync(file, atime, mtime);
      },
    ],
    ["goes wrong", (file) => writeFileSync(file, `${content.slice(0, 1000)}`)],
  ];
  const changed = (file: string) => `${file} has changed while it was read; start again`;

  test.each(changes)("between two walks is refused: it %s", async (_, change) => {
    const file = put(content);
    utimesSync(file, 1_000_000, 1_000_000); // a whole number of seconds can be set again
    const data = csv([parts(), file], columns);
    expect(await rows(data)).toHaveLength(301);
    change(file);
    await expect(rows(data)).rejects.toThrow(changed(file));
    expect((await rows(csv(put(content), columns))).length).toBe(300);
  });
  const parts = () => put("y,x,id\n1,2,a\n");

  test.each(changes)("during a walk is refused at its end: it %s", async (_, change) => {
    const file = put(content);
    utimesSync(file, 1_000_000, 1_000_000);
    const read = async () => {
      let first = true;
      for await (const _ of csv(file, columns).batches(10)) {
        if (first) change(file);
        first = false;
      }
    };
    await expect(read()).rejects.toThrow(changed(file));
  });

  test("says more of an error than the error does", async () => {
    const file = put(`y,x,id\n${`1,0,${"long ".repeat(200)}\n`.repeat(20_000)}`); // more than is read ahead
    const whole = statSync(file).size;
    const read = async () => {
      for await (const _ of csv(file, columns).batches(100)) truncateSync(file, whole - 1003); // "1," is left of the last row
    };
    await expect(read()).rejects.toThrow(changed(file));
  });

  test("and goes away, is named", async () => {
    const file = put(content);
    const data = csv(file, columns);
    rmSync(file);
    await expect(rows(data)).rejects.toThrow(`There is no file ${file}`);
  });
});
