import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { build, type Rollup } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf } from "../../../../config/docs/blocks.ts";
import { serve } from "../../../../examples/page/serve.ts";
import { resolve } from "../../../../vitest.config.ts";
import { chromiumPath } from "./chromium.ts";

const root = join(import.meta.dirname, "../../../..");
const [program] = blocksOf(readFileSync(join(root, "README.md"), "utf8"));

describe("a bundle of the README's program", () => {
  const warnings: string[] = [];
  let folder: string;

  beforeAll(async () => {
    mkdirSync(join(root, "reports"), { recursive: true });
    folder = mkdtempSync(join(root, "reports/bundle-"));
    writeFileSync(join(folder, "program.ts"), program!.code);
    writeFileSync(
      join(folder, "index.html"),
      '<!doctype html><script type="module" src="./program.ts"></script>',
    );
    const onwarn = ({ message }: Rollup.RollupLog) => warnings.push(message);
    await build({
      root: folder,
      configFile: false,
      logLevel: "silent",
      resolve,
      build: { outDir: "dist", rollupOptions: { onwarn } },
    });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const scripts = () => {
    const assets = join(folder, "dist/assets");
    return readdirSync(assets).map((file) => readFileSync(join(assets, file)));
  };

  it("is built without a warning, and is one file of less than 90 KB gzip", () => {
    expect(warnings).toEqual([]);
    expect(scripts()).toHaveLength(1);
    expect(gzipSync(scripts()[0]!).length).toBeLessThan(90_000);
  });

  it("has nothing of Node, of tests, plots or gpu.js in it", () => {
    const [script] = scripts().map(String);
    for (const word of ["node:fs", "fast-check", "linkedom", "observablehq", "createKernel", "hyparquet"])
      expect(script).not.toContain(word);
  });

  it.skipIf(chromiumPath === undefined)("trains in Chromium as it does in Node", async () => {
    const { url, server } = await serve(join(folder, "dist"));
    const browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
    const page = await browser.newPage();
    const lines: string[] = [];
    const ended = new Promise<void>((end, fail) => {
      page.on("pageerror", fail);
      page.on("console", (message) => {
        if (message.type() !== "log") return; // the browser asks for an icon, too, and says that there is none
        lines.push(message.text());
        if (lines.length === program!.output.trimEnd().split("\n").length) end();
      });
    });
    await page.goto(url);
    await ended;
    await browser.close();
    server.close();
    expect(`${lines.join("\n")}\n`).toBe(program!.output);
  });
});
