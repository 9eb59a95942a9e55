import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf } from "../../../../config/docs/blocks.ts";
import { serve } from "../../../../examples/page/serve.ts";
import { type Bundle, bundled } from "./bundled.ts";
import { chromiumPath } from "./chromium.ts";

const root = join(import.meta.dirname, "../../../..");
const [program] = blocksOf(readFileSync(join(root, "README.md"), "utf8"));

describe("a bundle of the README's program", () => {
  let bundle: Bundle;

  beforeAll(async () => {
    bundle = await bundled(program!.code);
  });

  afterAll(() => bundle.remove());

  it("is built without a warning, and is one file of less than 65 KB gzip", () => {
    expect(bundle.warnings).toEqual([]);
    expect(bundle.scripts).toHaveLength(1);
    expect(gzipSync(bundle.scripts[0]!).length).toBeLessThan(65_000);
  });

  it("has nothing of Node, of tests, plots or gpu.js in it", () => {
    const [script] = bundle.scripts;
    for (const word of ["node:fs", "fast-check", "linkedom", "observablehq", "createKernel", "hyparquet"])
      expect(script).not.toContain(word);
  });

  it.skipIf(chromiumPath === undefined)("trains in Chromium as it does in Node", async () => {
    const { url, server } = await serve(bundle.folder);
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
