import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as Ort from "onnxruntime-web";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../../../examples/page/serve.ts";
import { predict } from "../../../../models/dlrm/dlrm.ts";
import { families } from "../../../../models/embeddings/registry.ts";
import { toOnnx } from "../../../../models/export/onnx/model.ts";
import { forwardBound } from "../../../laws/forward-bound.ts";
import { exportCase } from "../../models/export/cases.ts";
import { seed } from "../../seed.ts";
import { type Bundle, bundled } from "./bundled.ts";
import { chromiumPath } from "./chromium.ts";

describe.skipIf(chromiumPath === undefined)("exported models in ONNX Runtime of a page", () => {
  let bundle: Bundle;
  let browser: Browser;
  let page: Page;
  let stop: () => unknown;

  beforeAll(async () => {
    bundle = await bundled(
      'import * as ort from "onnxruntime-web/wasm"; Object.assign(globalThis, { ort });',
    );
    for (const family of families) {
      const { model, bags } = exportCase(family, seed);
      writeFileSync(join(bundle.folder, `${family.name}.onnx`), await toOnnx(model, {}, { bags }));
    }
    const { url, server } = await serve(bundle.folder);
    stop = () => server.close();
    browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
    page = await browser.newPage();
    await page.goto(url);
  });

  afterAll(async () => {
    await browser?.close();
    stop?.();
    bundle?.remove();
  });

  it.each(families)("$name gives the same probabilities", async (family) => {
    const { model, batch, padded, shape } = exportCase(family, seed);
    const given = {
      address: `${family.name}.onnx`,
      dense: [...batch.dense],
      width: model.config.dense,
      ids: padded.map(String),
      shape: [...shape],
    };
    const found = await page.evaluate(async ({ address, dense, width, ids, shape }) => {
      const { ort } = globalThis as unknown as { ort: typeof Ort };
      ort.env.wasm.numThreads = 1;
      const session = await ort.InferenceSession.create(address);
      const { probability } = await session.run({
        dense: new ort.Tensor("float32", Float32Array.from(dense), [dense.length / width, width]),
        ids: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), shape),
      });
      return [...(probability!.data as Float32Array)];
    }, given);
    const expected = await predict(model, batch);
    const bound = await forwardBound(model, batch, 2 ** -24);
    expect(found).toHaveLength(batch.size);
    for (const [i, p] of found.entries())
      expect(Math.abs(p - expected[i]!)).toBeLessThanOrEqual(bound.logits[i]! / 4 + 2 ** -22);
  });
});
