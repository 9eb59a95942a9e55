import { afterEach, describe, expect, it, vi } from "vitest";
import { blocksOf } from "../../../config/docs/blocks.ts";
import { fastest, milliseconds } from "../../../config/docs/clock.ts";
import { count, table } from "../../../config/docs/lines.ts";

afterEach(() => void vi.restoreAllMocks());

/** Work whose rounds take so many milliseconds each. */
function workOf(times: readonly number[]): () => void {
  let [now, round] = [0, 0];
  vi.spyOn(performance, "now").mockImplementation(() => now);
  return () => {
    now += times[round++]!;
  };
}

describe("times of the programs that measure", () => {
  it("are of one call, without the first", () => {
    expect(milliseconds(3, workOf([1000, 2, 3, 7]))).toBe(4);
  });

  it("are of the fastest run", async () => {
    expect(await fastest(4, workOf([5, 3, 9, 4]))).toBe(3);
  });
});

describe("lines of code", () => {
  const files = [
    {
      path: "core/a.ts",
      text: '/** A comment\n * of two lines. */\nconst a = "// no comment";\n\n// one\nconst b = 1; // two\n',
    },
    { path: "core/deep/b.ts", text: "const c = `a\nb\nc`;\n" },
    { path: "index.ts", text: "export {};" },
    { path: "models/c.ts", text: "\n\n\n\n\n\n\n\n\n\n// nothing\n" },
  ];

  it("hold a token: no blank, no comment; each file counts in its first folder, the largest of which is first", () => {
    expect(count(files)).toEqual([
      { folder: "models", files: 1, lines: 11, code: 0, longest: { path: "models/c.ts", lines: 11 } },
      { folder: "core", files: 2, lines: 9, code: 5, longest: { path: "core/a.ts", lines: 6 } },
      { folder: "(root)", files: 1, lines: 1, code: 1, longest: { path: "index.ts", lines: 1 } },
    ]);
  });

  it("are added up below", () => {
    const lines = table(count(files))
      .split("\n")
      .map((line) => line.split(/\s+/));
    expect(lines[0]!.slice(0, 4)).toEqual(["folder", "files", "lines", "code"]);
    expect(lines[2]).toEqual(["core", "2", "9", "5", "core/a.ts", "(6)"]);
    expect(lines.at(-1)!.slice(0, 4)).toEqual(["total", "4", "21", "6"]);
  });
});

describe("a page's blocks", () => {
  it("are programs and commands that an output follows", () => {
    const page =
      "```sh\nnpx a\n```\n\n```text\none\n```\n\n```ts\nlet x;\n```\n\nwords\n\n```ts\nlet y;\n```\n\n```text\ntwo\nthree\n```\n";
    expect(blocksOf(page)).toEqual([
      { language: "sh", code: "npx a\n", output: "one\n" },
      { language: "ts", code: "let y;\n", output: "two\nthree\n" },
    ]);
  });
});
