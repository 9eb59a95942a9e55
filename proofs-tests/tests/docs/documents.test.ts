import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { blocksOf, outputOf, printed } from "../../../config/docs/blocks.ts";
import { between, pages, pictures, sizesNow, tables } from "../../../config/docs/tables.ts";
import { isConfirmed } from "../../experiments/convergence/study.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const readme = read("README.md");

/** Times and rates differ from run to run; they are all that may. */
const timeless = (output: string): string => output.replace(/[\d.,]+(?= (s|rows\/s)\b)/g, "#");

const blocks = blocksOf(readme).map((block) => ({ ...block, title: block.code.split("\n")[0]! }));

describe("the README prints what it says", () => {
  it("has a program and commands that are run", () => {
    expect(blocks.filter(({ language }) => language === "sh")).toHaveLength(7);
    expect(blocks.filter(({ language }) => language === "ts")).toHaveLength(2);
  });

  it.each(blocks)("$title", async (block) => {
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
      expect(await printed([`examples/${file}`])).toBe(read(`examples/expected/${file.slice(0, 2)}.txt`));
    },
  );
});

describe("what a document points to is there", () => {
  it.each([
    "README.md",
    ...readdirSync(join(root, "docs"))
      .filter((f) => f.endsWith(".md"))
      .map((f) => `docs/${f}`),
  ])("%s", (file) => {
    const targets = [...read(file).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
      (m) => m[1] ?? m[2]!,
    );
    const local = targets.filter((target) => !/^(https?:|#)/.test(target));
    const missing = local.filter((target) => !existsSync(join(root, dirname(file), target.split("#")[0]!)));
    expect(missing).toEqual([]);
  });
});

describe("tables of the README and of other pages are current (npx tsx config/docs/tables.ts --write renews them)", () => {
  it("theorems: of the statements as they are now, none refuted", () => {
    const now = tables.theorems!();
    expect(between(readme, "theorems")).toBe(now);
    expect(now).not.toContain("not tried");
    expect(now).not.toContain("refuted");
  });

  it.each(
    Object.entries(pages).flatMap(([page, own]) =>
      Object.entries(own).map(([name, make]) => [page, name, make] as const),
    ),
  )("%s: %s", (page, name, make) => expect(between(read(page), name)).toBe(make()));

  it("the pictures of studies are of the files that their tables are of", () => {
    for (const [path, svg] of Object.entries(pictures())) expect(read(path)).toBe(svg);
  });

  it("bench", () => expect(between(readme, "bench")).toBe(tables.bench!()));

  it("convergence: of a study in which all that is predicted was measured", () => {
    expect(between(readme, "convergence")).toBe(tables.convergence!());
    expect(isConfirmed(JSON.parse(read("docs/data/convergence.json")))).toBe(true);
  });

  it("paper", () => expect(between(readme, "paper")).toBe(tables.paper!()));

  it("flights", () => expect(between(readme, "flights")).toBe(tables.flights!()));

  it("lines: the core exactly, the rest within a tenth", () => {
    const rows = between(readme, "lines").matchAll(/^\| `(.+?)` \| \d+ \| ([\d,]+) \|/gm);
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
