import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fullFolders, isTooLong, linesOf, longFunctions } from "../../../config/sizes.ts";

const files = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(Boolean);
const sources = files.filter((file) => file.endsWith(".ts"));
const text = (file: string) => readFileSync(file, "utf8");

describe("what a reader has to take in", () => {
  it("is no file of more than 300 lines, unless its first comment says why", () => {
    expect(sources.filter((file) => isTooLong(text(file)))).toEqual([]);
  });

  it("is no function of more than 60 lines, unless its comment says why; in tests it may be", () => {
    const own = sources.filter((file) => !file.startsWith("proofs-tests/tests/"));
    const long = own.flatMap((file) => longFunctions(file, text(file)));
    expect(long.filter(({ isExplained }) => !isExplained)).toEqual([]);
    expect(long.length).toBeGreaterThan(0); // the check sees some
  });

  it("is no folder of more than 20 files", () => expect(fullFolders(files)).toEqual([]));
});

it("the package exports each thing under the name that it has where it is made", () => {
  expect([...text("index.ts").matchAll(/\w+ as \w+/g)].map(([alias]) => alias)).toEqual([]);
});

describe("a length", () => {
  const lines = (count: number) => "\n".repeat(count - 2);
  it("is told of functions that are too long, wherever they are, and of no others", () => {
    const source = `function short() {${lines(60)}\n}\nconst o = {\n  method() {${lines(61)}\n  },\n};\n`;
    expect(longFunctions("a.ts", source)).toEqual([{ place: "a.ts:62", lines: 61, isExplained: false }]);
    const explained = `/** Long: for a reason. */\nfunction long() {${lines(70)}\n}\n`;
    expect(longFunctions("a.ts", explained)).toEqual([{ place: "a.ts:2", lines: 70, isExplained: true }]);
  });

  it("of 301 lines is too much for a file, unless the first comment, and no later one, says why", () => {
    const code = "const a = 1;\n";
    expect([code.repeat(300), code.repeat(301)].map(isTooLong)).toEqual([false, true]);
    const reason = "Long: a list of values.";
    for (const [first, tooLong] of [
      [`/** Values. ${reason} */`, false],
      [`// ${reason}`, false],
      ["/** Values, a long list. */", true],
      [`/** Values. */\n/** ${reason} */`, true],
      [`const reason = "${reason}";`, true],
      [`const b = 2; // ${reason}`, true],
    ] as const)
      expect(isTooLong(`${first}\n${code.repeat(300)}`), first).toBe(tooLong);
  });

  it("of a file counts its lines, and a folder's files are its own", () => {
    expect([linesOf("a\nb\n"), linesOf("a\nb")]).toEqual([2, 2]);
    const many = Array.from({ length: 21 }, (_, i) => `a/b/${i}`);
    expect(fullFolders([...many, ...many.slice(1).map((file) => `c/${file}`)])).toEqual([["a/b", 21]]);
  });
});
