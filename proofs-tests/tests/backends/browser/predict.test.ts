import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fast } from "../../../../backends/fast/index.ts";
import { serve } from "../../../../examples/page/serve.ts";
import type { Features } from "../../../../models/data/encoders/features.ts";
import type { RawRow } from "../../../../models/data/formats/raw-rows.ts";
import { dlrm } from "../../../../models/dlrm/dlrm.ts";
import { save } from "../../../../models/dlrm/saved/save.ts";
import { scorer } from "../../../../models/dlrm/saved/scorer.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import type { load } from "../../../../predict.ts";
import { upTo } from "../../models/data/rows.ts";
import { type Bundle, bundled } from "./bundled.ts";
import { chromiumPath } from "./chromium.ts";

const features: Features = {
  label: "clicked",
  dense: [
    { column: "price", scaling: { kind: "log", numbers: [1, 2] } },
    { column: "hour", scaling: { kind: "standard", numbers: [12, 0.25] } },
  ],
  categorical: [
    { column: "user", rows: 2 ** 32, distinct: 100_000 },
    { column: "genres", rows: 1000, distinct: 20, separator: "|" },
  ],
};
const rows: RawRow[] = upTo(300).map((i) => ({
  price: i % 5 === 0 ? null : i / 7,
  hour: i % 24,
  user: `ü${i * 7919}`,
  genres: upTo(i % 4).map((k) => `g${i + k}`),
}));

type InPage = { load: typeof load };

let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundled('import { load } from "pss-dlrm/predict"; Object.assign(globalThis, { load });');
});

afterAll(() => bundle.remove());

describe("a bundle of pss-dlrm/predict", () => {
  it("is one script of less than 60 KB gzip, kernels included, built without a warning", () => {
    expect(bundle.warnings).toEqual([]);
    expect(bundle.scripts).toHaveLength(1);
    expect(gzipSync(bundle.scripts[0]!, { level: 9 }).length).toBeLessThan(60_000);
  });

  it("has nothing of training in it, of reading files of rows, or of gpu.js", () => {
    const words = ["amsgrad", "nesterov", "warmup", "shuffle", "hyparquet", "createKernel"];
    expect(words.filter((word) => bundle.scripts[0]!.includes(word))).toEqual([]);
  });
});

describe.skipIf(chromiumPath === undefined)("pss-dlrm/predict in Chromium", () => {
  let browser: Browser;
  let page: Page;
  let stop: () => unknown;

  beforeAll(async () => {
    const embedding = robe({ memorySize: 5000, block: 4 });
    const config = { dense: 2, tables: [2 ** 32, 1000], dim: 8, bottom: [8], top: [16, 1] };
    const model = dlrm({ ...config, embedding, backend: await fast(), seed: 5 });
    await save(join(bundle.folder, "model.safetensors"), model, { features });
    const { url, server } = await serve(bundle.folder);
    stop = () => server.close();
    browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
    page = await browser.newPage();
    await page.goto(url);
  });

  afterAll(async () => {
    await browser?.close();
    stop?.();
  });

  it("scores raw rows as in Node, to the last bit, from an address and from a file that somebody chose", async () => {
    const saved = await scorer(join(bundle.folder, "model.safetensors"));
    const expected: number[] = [];
    for await (const p of saved.score(rows)) expected.push(p);
    await saved.close();
    expect(new Set(expected).size).toBeGreaterThan(250);
    const found = await page.evaluate(async (rows) => {
      const { load } = globalThis as unknown as InPage;
      const chosen = new File([await (await fetch("model.safetensors")).blob()], "model.safetensors");
      const all: number[][] = [];
      for (const place of ["model.safetensors", chosen]) {
        const model = await load(place);
        const scores: number[] = [];
        for await (const p of model.score(rows)) scores.push(p);
        await model.close();
        all.push(scores);
      }
      return all;
    }, rows);
    expect(found).toEqual([expected, expected]);
  });

  it("says in a sentence what cannot be loaded, and which row cannot be scored", async () => {
    const said = await page.evaluate(async () => {
      const { load } = globalThis as unknown as InPage;
      const sentence = (work: Promise<unknown>) => work.then(String, (error: Error) => error.message);
      const model = await load("model.safetensors");
      return [
        await sentence(load("none.safetensors")),
        await sentence(load("index.html")),
        await sentence(model.score([{ price: 1, hour: 2, user: "u" }]).next()),
      ];
    });
    expect(said).toEqual([
      "Cannot read none.safetensors: the server answers 404 Not Found.",
      expect.stringMatching(
        /^index\.html cannot be loaded: it says that its header has \d+ bytes, so it is no saved model/,
      ),
      expect.stringMatching(/^Row 1 .*genres/i),
    ]);
  });
});
