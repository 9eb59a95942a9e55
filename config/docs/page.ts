/**
 * A saved model of MLPerf's shape in a page: from a click to its first score, and rows a second on one thread. `npx tsx
 * config/docs/page.ts > docs/data/page.json` needs Chromium; CHROMIUM names another than Debian's.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { cpu } from "../../backends/cpu/index.ts";
import { fast } from "../../backends/fast/index.ts";
import { machine } from "../../cli/common/machine.ts";
import { pairCount } from "../../core/form.ts";
import { random } from "../../core/numeric/random.ts";
import { quantileOf } from "../../core/numeric/statistics.ts";
import { serve } from "../../examples/page/serve.ts";
import type { fast as Fast } from "../../index.ts";
import type { Features } from "../../models/data/encoders/features.ts";
import type { RawRow } from "../../models/data/formats/raw-rows.ts";
import { configByName } from "../../models/dlrm/configs.ts";
import { dlrm } from "../../models/dlrm/dlrm.ts";
import { save } from "../../models/dlrm/saved/save.ts";
import { robe } from "../../models/embeddings/families/robe.ts";
import type { load } from "../../predict.ts";
import { bundled } from "../../proofs-tests/tests/backends/browser/bundled.ts";
import { chromiumPath } from "../../proofs-tests/tests/backends/browser/chromium.ts";

const [visits, many, rounds] = [9, 2048, 7];
const [config, compression] = ["criteo-tb", 10_000];
const { dense, tables, dim, bottom, top } = configByName(config);

const numbers = Array.from({ length: dense }, (_, i) => `i${i + 1}`);
const categories = tables.map((_, i) => `c${i + 1}`);
const features: Features = {
  label: "clicked",
  dense: numbers.map((column) => ({ column, scaling: { kind: "log", numbers: [1, 2] } })),
  categorical: categories.map((column, i) => ({ column, rows: tables[i]!, distinct: tables[i]! })),
};
const stream = random(1, "page");
const rows: RawRow[] = Array.from({ length: many }, () =>
  Object.fromEntries([
    ...numbers.map((column) => [column, stream.integer(1000)]),
    ...categories.map((column, i) => [column, `v${stream.integer(tables[i]!)}`]),
  ]),
);

type InPage = { load: typeof load; fast: typeof Fast };

/** In a page: the model loads and scores a row, as when somebody clicks. */
async function firstScore([file, row]: [string, RawRow]): Promise<number> {
  const { load } = globalThis as unknown as InPage;
  const begun = performance.now();
  const model = await load(file);
  await model.score([row]).next();
  return performance.now() - begun;
}

/** In a page: milliseconds that all rows take on one thread, of several rounds after one that warms up. */
async function throughput([file, rows, rounds, fma]: [string, RawRow[], number, boolean]): Promise<number[]> {
  const { load, fast } = globalThis as unknown as InPage;
  const model = await load(file, { backend: await fast({ threads: 1, fma }) });
  const ms: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const begun = performance.now();
    for await (const _ of model.score(rows, { batch: rows.length }));
    if (round >= 0) ms.push(performance.now() - begun);
  }
  return ms;
}

/** Multiplications and additions of a row's products: the layers', and the interaction's. */
function flopsOfRow(): number {
  const pairs = pairCount(tables.length + 1, false);
  const layers = (first: number, sizes: readonly number[]) =>
    sizes.reduce((sum, size, i) => sum + size * (i === 0 ? first : sizes[i - 1]!), 0);
  return 2 * (layers(dense, bottom) + layers(dim + pairs, top) + pairs * dim);
}

const bundle = await bundled(
  'import { load } from "pss-dlrm/predict"; import { fast } from "pss-dlrm"; Object.assign(globalThis, { load, fast });',
);
const { url, server } = await serve(await withModels(bundle.folder));
const browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
const models = [];
for (const storage of ["f32", "f16"]) {
  const file = `${storage}.safetensors`;
  const first: number[] = [];
  for (let visit = 0; visit < visits; visit++) {
    const context = await browser.newContext(); // without what others have in their caches
    const page = await context.newPage();
    await page.goto(url);
    first.push(await page.evaluate(firstScore, [file, rows[0]!] as [string, RawRow]));
    await context.close();
  }
  const page = await browser.newPage();
  await page.goto(url);
  const ms = [];
  for (const fma of [false, true])
    ms.push(
      await page.evaluate(throughput, [file, rows, rounds, fma] as [string, RawRow[], number, boolean]),
    );
  await page.close();
  const median = (values: readonly number[]) => quantileOf(values)(0.5);
  const [plain, fused] = ms.map((each) => (1000 * many) / median(each));
  models.push({
    ...{ storage, bytes: statSync(join(bundle.folder, file)).size },
    first: { median: median(first), most: Math.max(...first) },
    rowsASecond: { fast: plain, "fast:fma": fused },
  });
}
const backend = await fast({ threads: 1 });
const limit = backend.limits!().gflops;
console.log(
  JSON.stringify(
    {
      ...{ machine: machine(), browser: browser.version(), config, compression, visits, rows: many },
      ...{ flopsOfRow: flopsOfRow(), limit, models },
    },
    null,
    1,
  ),
);
await backend.destroy();
await browser.close();
server.close();
bundle.remove();

async function withModels(folder: string): Promise<string> {
  for (const storage of ["f32", "f16"] as const) {
    const embedding = robe({ compression, block: 32, storage });
    const model = dlrm({ dense, tables, dim, bottom, top, embedding, backend: cpu, seed: 1 });
    await save(join(folder, `${storage}.safetensors`), model, { features });
  }
  return folder;
}
