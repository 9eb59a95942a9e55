import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page as Functions } from "../../../../examples/page/main.ts";
import type { Verdict } from "../../../experiments/prove/prove.ts";
import { WorstTable } from "../../../laws/table.ts";
import type { Finding } from "../../../laws/verify.ts";
import { seed } from "../../seed.ts";
import { saveTable } from "../../summary.ts";
import { chromiumPath, type OpenPage, openPage } from "./chromium.ts";

const onGpu = ["gpu:webgl2", "gpu:webgpu", "gpu:webgl"];
/** Of a training on them, which here run in software. */
const steps = 100;
const folder = join(import.meta.dirname, "../../../golden/files");
/** Whole training runs: tables by SGD and Adagrad, shared memory by both. */
const goldens = [
  "dlrm-onehot-dot-sgd.json",
  "dlrm-multihot-dot-adagrad.json",
  "robe-dlrm-sgd-z4-multihot.json",
  "robe-dlrm-adagrad-z8.json",
];

const missing = chromiumPath === undefined;
if (missing) {
  const sentence =
    "Every law in webgl2, webgpu and webgl is skipped: there is no Chromium here. Debian: apt-get install chromium; elsewhere set CHROMIUM to its path.";
  if (process.env.BROWSER === "required") throw new Error(sentence);
  console.info(sentence);
}

/** What the page has made on its devices and not deleted. Counted from outside of gpu.js. */
function countObjects(): void {
  const counts = { live: 0 };
  const wrap = (owner: object | undefined, method: string, by: number) => {
    const prototype = (owner as { prototype?: Record<string, (...given: unknown[]) => unknown> })?.prototype;
    const original = prototype?.[method];
    if (!prototype || !original) return;
    prototype[method] = function (this: unknown, ...given: unknown[]) {
      counts.live += by;
      return original.apply(this, given);
    };
  };
  const here = globalThis as unknown as Record<string, object | undefined>;
  for (const context of ["WebGLRenderingContext", "WebGL2RenderingContext"]) {
    wrap(here[context], "createTexture", 1);
    wrap(here[context], "deleteTexture", -1);
  }
  wrap(here.GPUDevice, "createBuffer", 1);
  wrap(here.GPUBuffer, "destroy", -1);
  Object.assign(globalThis, { liveObjects: () => counts.live });
}

type InPage = { pssDlrm: Functions; liveObjects: () => number };

describe.skipIf(missing)("the minified page in Chromium", () => {
  let opened: OpenPage;
  const table = new WorstTable();

  beforeAll(async () => {
    opened = await openPage(countObjects);
  });

  afterAll(async () => {
    await opened?.close();
    saveTable(table, "browser");
  });

  describe.each(onGpu)("%s", (backend) => {
    it(`keeps every law (SEED=${seed} repeats it)`, async () => {
      const { findings, name } = await opened.page.evaluate(
        ([choice, seed]) =>
          (globalThis as unknown as InPage).pssDlrm.verify(choice, { examples: 1, seed, definitions: false }),
        [backend, seed] as const,
      );
      expect(name).toBe(backend);
      for (const { law, worst, backend: on } of findings)
        if (worst !== undefined && on === backend) table.note(law, backend, worst);
      expect(findings.filter(({ failure }: Finding) => failure !== undefined)).toEqual([]);
      expect(findings.filter((f) => f.skip === undefined).length).toBeGreaterThan(200);
    });

    it(`reads the R that theorems speak of, and adds by its adjoint (SEED=${seed} repeats it)`, async () => {
      for (const [theorem, samples] of [
        ["R2", 200],
        ["R14", 4],
      ] as const) {
        const verdicts = await opened.page.evaluate(
          ([choice, options]) => (globalThis as unknown as InPage).pssDlrm.prove(choice, options),
          [backend, { theorem, samples, instances: 1, seed }] as const,
        );
        expect(verdicts.filter(({ notRejected }: Verdict) => !notRejected)).toEqual([]);
        expect(verdicts.filter((verdict: Verdict) => verdict.backend === backend).length).toBeGreaterThan(6);
      }
    });

    it.each(goldens)("repeats %s", async (file) => {
      const json = JSON.parse(await readFile(join(folder, file), "utf8"));
      const { comparisons, worst, failed } = await opened.page.evaluate(
        ([choice, json]) => (globalThis as unknown as InPage).pssDlrm.golden(choice, json),
        [backend, json] as const,
      );
      expect(failed).toEqual([]);
      expect(comparisons).toBeGreaterThan(10);
      table.note("repeats golden training runs, losses and parameters at every step", backend, worst);
    });

    it(`trains ${steps} steps with as many arrays after each, and gives all back`, async () => {
      const before = await objects();
      const run = await opened.page.evaluate(
        ([choice, steps]) => (globalThis as unknown as InPage).pssDlrm.long(choice, steps),
        [backend, steps] as const,
      );
      expect(run).toMatchObject({ steps, left: 0 });
      expect([run.tensors.length, run.arrays.length]).toEqual([1, 1]);
      // A kernel keeps its last result and, where it took one, an array of the host's: a few objects each, freed with it.
      expect(await objects()).toBeLessThanOrEqual(before);
      expect(run.losses.at(-1)).toBeLessThan(run.losses[0]!);
      // Parameters stay on the device: slots, signs, features and labels go up, only the losses come down.
      const { first, last, parameterBytes } = run;
      expect(last.bytesDown! - first.bytesDown!).toBe(4 * (steps - 1));
      expect((last.bytesUp! - first.bytesUp!) / (steps - 1)).toBeLessThan(parameterBytes / 2);
    });
  });

  describe("fast", () => {
    it(`keeps every law (SEED=${seed} repeats it), on threads that share memory`, async () => {
      const { findings, device } = await opened.page.evaluate(
        (seed) => (globalThis as unknown as InPage).pssDlrm.verify("fast", { examples: 5, seed }),
        seed,
      );
      expect(device).toMatch(/^WebAssembly SIMD, [2-8] threads$/);
      for (const { law, worst, backend } of findings)
        if (worst !== undefined && backend === "fast") table.note(law, "fast in a page", worst);
      expect(findings.filter(({ failure }: Finding) => failure !== undefined)).toEqual([]);
      expect(findings.filter((f) => f.skip === undefined).length).toBeGreaterThan(200);
    });

    it("trains 1,000 steps on the memory of the first", async () => {
      const run = await opened.page.evaluate(() =>
        (globalThis as unknown as InPage).pssDlrm.long("fast", 1000),
      );
      expect(run).toMatchObject({ steps: 1000, left: 0 });
      expect(run.last.reached).toBe(run.first.reached);
      expect(run.losses.at(-1)).toBeLessThan(run.losses[0]!);
    });
  });

  it("shows a person what the functions say: laws and times, at a button's press", async () => {
    const { page } = opened;
    const status = () => page.textContent("#status");
    const press = async (button: string, done: RegExp) => {
      await page.click(`button[value=${button}]`);
      await expect.poll(status, { timeout: 500_000, interval: 200 }).toMatch(done);
    };
    await page.selectOption("#backend", "fast");
    await page.fill("#runs", "1");
    await press(
      "verify",
      /^fast \(WebAssembly SIMD, \d threads\): \d+ kept, 0 broken, \d+ say nothing\. Seed 1\.$/,
    );
    expect(await page.textContent("#table")).toContain("agrees with the oracle");
    await press("prove", /^fast: \d+ checks not rejected, 0 refuted\. Seed 1\.$/);
    expect(await page.textContent("#table")).toMatch(/R14 ⟨RᵀM, G⟩ = ⟨M, RG⟩, any robe/);
    await press("time", /^fast \(WebAssembly SIMD, \d threads\) beside the reference/);
    expect(await page.textContent("#table")).toMatch(/train step, small, batch 256/);
    expect(await page.locator("button:disabled").count()).toBe(0);
  });

  it("is minified: no name of ours is left but the text of kernels is", async () => {
    const code = await opened.page.evaluate(async () => {
      const script = document.querySelector<HTMLScriptElement>("script[src]")!;
      return (await fetch(script.src)).text();
    });
    expect(code).not.toContain("matmulKernel");
    expect(code).toContain("return in0[cell];");
  });

  it("complained of nothing", () => expect(opened.complaints).toEqual([]));

  const objects = () => opened.page.evaluate(() => (globalThis as unknown as InPage).liveObjects());
});
