import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { between, sizesNow, tables } from "../docs/tables.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const readme = read("README.md");

/** What a TypeScript program prints, run as a reader would run it. Rejects where it exits with another code than 0. */
async function printed(file: string, ...args: string[]): Promise<string> {
  const command = ["--import", "tsx", file, ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

/** Times and rates differ from run to run; they are all that may. */
const timeless = (output: string): string => output.replace(/[\d.,]+(?= (s|rows\/s)\b)/g, "#");

/** Code blocks that a block of output follows. */
const blocks = [...readme.matchAll(/```(ts|sh)\n([\s\S]*?)```\n+```text\n([\s\S]*?)```/g)].map(
  ([, language, code, output]) => ({ language, code: code!, output: output!, title: code!.split("\n")[0]! }),
);

/** Runs a program of the README from a folder that git ignores. */
async function run(code: string): Promise<string> {
  mkdirSync(join(root, "reports"), { recursive: true });
  const folder = mkdtempSync(join(root, "reports/readme-"));
  try {
    writeFileSync(join(folder, "program.ts"), code);
    return await printed(join(folder, "program.ts"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the README prints what it says", () => {
  it("has a program and commands that are run", () => {
    expect(blocks.map((block) => block.language).sort()).toEqual(["sh", "sh", "sh", "ts"]);
  });

  it.each(blocks)("$title", async ({ language, code, output }) => {
    if (language === "ts") return expect(await run(code)).toBe(output);
    const [npx, name, ...args] = code.trim().split(/\s+/);
    expect(`${npx} ${name}`).toBe("npx pss-dlrm");
    expect(timeless(await printed("cli.ts", ...args))).toBe(timeless(output));
  });
});

describe("an example prints what is expected of it", () => {
  it.each(readdirSync(join(root, "examples")).filter((file) => /^\d\d-.*\.ts$/.test(file)))(
    "%s",
    async (file) => {
      const source = read(`examples/${file}`);
      expect(source.split("\n")[0]).toBe(`// npx tsx examples/${file}`);
      expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
      expect(await printed(`examples/${file}`)).toBe(read(`examples/expected/${file.slice(0, 2)}.txt`));
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

describe("tables of the README are current (npx tsx docs/tables.ts --write)", () => {
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
