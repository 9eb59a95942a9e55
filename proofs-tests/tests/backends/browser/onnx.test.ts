import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as Ort from "onnxruntime-web";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../../../examples/page/serve.ts";
import { predict } from "../../../../models/dlrm/dlrm.ts";
import { families } from "../../../../models/embeddings/registry.ts";
import { toOnnx, toOnnxBySlots } from "../../../../models/export/onnx/model.ts";
import { forwardBound } from "../../../laws/forward-bound.ts";
import { exportCase, seedOfWhole } from "../../models/export/cases.ts";
import { seed } from "../../seed.ts";
import { type Bundle, bundled } from "./bundled.ts";
import { chromiumPath, flags } from "./chromium.ts";

/** The file that is scored by each provider, and the one before it that hashes ids. */
const providers = [
  { provider: "wasm", file: ".onnx", slots: undefined },
  { provider: "webgpu", file: ".scores.onnx", slots: ".slots.onnx" },
] as const;

describe.skipIf(chromiumPath === undefined)("exported models in ONNX Runtime of a page", () => {
  let bundle: Bundle;
  let browser: Browser;
  let page: Page;
  let stop: () => unknown;

  beforeAll(async () => {
    bundle = await bundled(
      'import * as ort from "onnxruntime-web/webgpu"; Object.assign(globalThis, { ort });',
    );
    for (const family of families) {
      const { model, bags } = exportCase(family, seedOfWhole(family, seed));
      const bySlots = await toOnnxBySlots(model, {}, { bags });
      const files = {
        ".onnx": await toOnnx(model, {}, { bags }),
        ".slots.onnx": bySlots.slots,
        ".scores.onnx": bySlots.scores,
      };
      for (const [ending, bytes] of Object.entries(files))
        writeFileSync(join(bundle.folder, `${family.name}${ending}`), bytes);
    }
    const { url, server } = await serve(bundle.folder);
    stop = () => server.close();
    browser = await chromium.launch({ executablePath: chromiumPath!, args: flags });
    page = await browser.newPage();
    await page.goto(url);
  });

  afterAll(async () => {
    await browser?.close();
    stop?.();
    bundle?.remove();
  });

  const cases = providers.flatMap((each) =>
    families.map((family) => ({ ...each, family, name: family.name })),
  );
  it.each(cases)("$name gives the same probabilities by $provider", async ({ family, ...way }) => {
    const { model, batch, padded, shape } = exportCase(family, seedOfWhole(family, seed));
    const given = {
      ...{ provider: way.provider, file: `${family.name}${way.file}` },
      slots: way.slots && `${family.name}${way.slots}`,
      dense: [...batch.dense],
      width: model.config.dense,
      ids: padded.map(String),
      shape: [...shape],
    };
    const { found, strange } = await page.evaluate(
      async ({ provider, file, slots, dense, width, ids, shape }) => {
        const { ort } = globalThis as unknown as { ort: typeof Ort };
        ort.env.wasm.numThreads = 1;
        const open = (address: string, executionProvider: string) =>
          ort.InferenceSession.create(address, {
            executionProviders: [executionProvider],
            logSeverityLevel: 3,
          });
        const numbers = new ort.Tensor("float32", Float32Array.from(dense), [dense.length / width, width]);
        const session = await open(file, provider);
        const host = slots === undefined ? undefined : await open(slots, "wasm");
        const score = async (all: readonly string[]) => {
          const rows = { ids: new ort.Tensor("int64", BigInt64Array.from(all, BigInt), shape) };
          const { probability } = await session.run({
            dense: numbers,
            ...(host ? await host.run(rows) : rows),
          });
          return [...(probability!.data as Float32Array)].map((p) => (Number.isNaN(p) ? null : p));
        };
        return { found: await score(ids), strange: await score(["-7", ...ids.slice(1)]) };
      },
      given,
    );
    const expected = await predict(model, batch);
    const bound = await forwardBound(model, batch, 2 ** -24);
    expect(found).toHaveLength(batch.size);
    expect(strange).toEqual([null, ...found.slice(1)]); // the first has an id that its table does not have
    for (const [i, p] of found.entries())
      expect(Math.abs(p! - expected[i]!)).toBeLessThanOrEqual(bound.logits[i]! / 4 + 2 ** -22);
  });
});
