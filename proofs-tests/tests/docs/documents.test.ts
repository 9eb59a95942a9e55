import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { blocksOf, outputOf, printed } from "../../../config/docs/blocks.ts";
import { between, documents, pages, pictures, sizesNow } from "../../../config/docs/tables.ts";
import { programWords } from "../../../config/program.ts";
import { isConfirmed } from "../../experiments/convergence/study.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Times and rates differ from run to run; they are all that may. */
const timeless = (output: string): string => output.replace(/[\d.,]+(?= (s|rows\/s)\b)/g, "#");

/** Programs and commands of each page: none may be lost by a slip of its fence. */
const runs: Readonly<Record<string, readonly [programs: number, commands: number]>> = {
  "README.md": [1, 0],
  "docs/backends.md": [1, 1],
  "docs/command-line.md": [0, 4],
  "docs/theory.md": [0, 3],
  "docs/verify.md": [1, 1],
};

describe.each(documents())("%s prints what it says", (page) => {
  const blocks = blocksOf(read(page)).map((block) => ({ ...block, title: block.code.split("\n")[0]! }));

  it("has the programs and commands that are run", () => {
    const count = (wanted: string) => blocks.filter(({ language }) => language === wanted).length;
    expect([count("ts"), count("sh")]).toEqual(runs[page] ?? [0, 0]);
  });

  for (const block of blocks)
    it(block.title, async () => {
      expect(timeless(await outputOf(block))).toBe(timeless(block.output));
    });
});

describe("an example prints what is expected of it", () => {
  it.each(readdirSync(join(root, "examples")).filter((file) => /^\d\d-.*\.ts$/.test(file)))(
    "%s",
    async (file) => {
      const source = read(`examples/${file}`);
      expect(source.split("\n")[0]).toBe(`// npx tsx examples/${file}`);
      expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
      expect(await printed(programWords(`examples/${file}`))).toBe(
        read(`examples/expected/${file.slice(0, 2)}.txt`),
      );
    },
  );
});

describe("what a document points to is there", () => {
  it.each(documents())("%s", (file) => {
    const targets = [...read(file).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
      (m) => m[1] ?? m[2]!,
    );
    const local = targets.filter((target) => !/^(https?:|#)/.test(target));
    const missing = local.filter((target) => !existsSync(join(root, dirname(file), target.split("#")[0]!)));
    expect(missing).toEqual([]);
  });
});

describe("tables of the documents are current (npx tsx config/docs/tables.ts --write renews them)", () => {
  const all = Object.entries(pages).flatMap(([page, own]) =>
    Object.entries(own).map(([name, make]) => [page, name, make] as const),
  );

  it.each(all.filter(([, name]) => name !== "lines"))("%s: %s", (page, name, make) =>
    expect(between(read(page), name)).toBe(make()),
  );

  it("theorems: of the theorems as they are now, none refuted", () => {
    const now = pages["docs/theory.md"]!.theorems!();
    expect(now).not.toContain("not tried");
    expect(now).not.toContain("refuted");
  });

  it("convergence: of a study in which all that is predicted was measured", () =>
    expect(isConfirmed(JSON.parse(read("docs/data/convergence.json")))).toBe(true));

  it("the pictures of studies are of the files that their tables are of", () => {
    for (const [path, svg] of Object.entries(pictures())) expect(read(path)).toBe(svg);
  });

  it("lines: the core exactly, the rest within a tenth", () => {
    const rows = between(read("docs/design.md"), "lines").matchAll(/^\| `(.+?)` \| \d+ \| ([\d,]+) \|/gm);
    const stated = new Map([...rows].map(([, folder, code]) => [folder!, Number(code!.replaceAll(",", ""))]));
    for (const { folder, code } of sizesNow().filter((size) => stated.has(size.folder))) {
      const allowed = folder === "core" ? 0 : code / 10;
      expect(Math.abs(stated.get(folder)! - code), `${folder}: ${code} lines of code`).toBeLessThanOrEqual(
        allowed,
      );
    }
    expect(stated.has("core")).toBe(true);
  });
});
