/**
 * The same saved file in every engine that it is exported to: how far probabilities are from the exact ones, and how long one row
 * and 2,048 take, in alternation. `npx tsx config/docs/engines.ts > docs/data/engines.json` needs a Python with torch; PYTHON
 * names one that is not the first on the path.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import * as native from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { cpu, cpu64 } from "../../backends/cpu/index.ts";
import { fast } from "../../backends/fast/index.ts";
import { machine, version } from "../../cli/common/machine.ts";
import { ulpsApart } from "../../core/numeric/number.ts";
import { random } from "../../core/numeric/random.ts";
import { quantileOf } from "../../core/numeric/statistics.ts";
import type { Inputs } from "../../models/data/dataset.ts";
import { configByName } from "../../models/dlrm/configs.ts";
import { type Dlrm, dlrm, predict } from "../../models/dlrm/dlrm.ts";
import { oneRow } from "../../models/dlrm/one-row.ts";
import { load } from "../../models/dlrm/saved/load.ts";
import { save } from "../../models/dlrm/saved/save.ts";
import { robe } from "../../models/embeddings/families/robe.ts";
import { toOnnx } from "../../models/export/onnx/model.ts";
import { toTorch } from "../../models/export/torch/model.ts";
import { forwardBound } from "../../proofs-tests/laws/forward-bound.ts";

const [many, checked, rounds, ones] = [2048, 64, 10, 50];

interface Engine {
  readonly name: string;
  readonly version: string;
  readonly threads: number;
  /** Probabilities of a batch, and the milliseconds of each of `times` runs. */
  run(batch: Inputs, times: number): Promise<{ p: ArrayLike<number>; ms: number[] }>;
  close(): unknown;
}

async function timed(times: number, once: () => Promise<ArrayLike<number>>) {
  const ms: number[] = [];
  let p: ArrayLike<number> = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    p = await once();
    ms.push(performance.now() - begun);
  }
  return { p, ms };
}

async function ours(file: string, options: { threads: number; fma?: boolean }): Promise<Engine> {
  const backend = await fast(options);
  const { model } = await load(file, { backend });
  const single = oneRow(model);
  const run: Engine["run"] = (batch, times) =>
    timed(times, async () => {
      const one = single.predict(batch);
      return one === undefined ? predict(model, batch) : [one];
    });
  const { threads } = options;
  return {
    ...{ name: `pss-dlrm, ${backend.name}`, version: version(), threads, run },
    close: () => backend.destroy(),
  };
}

async function onnx(name: string, runtime: typeof web, file: Uint8Array, threads: number): Promise<Engine> {
  const session = await runtime.InferenceSession.create(file, {
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
  });
  const { versions } = runtime.env;
  const version = versions.web ?? versions.node ?? versions.common;
  const run: Engine["run"] = ({ size, dense, bags }, times) => {
    const feeds = {
      dense: new runtime.Tensor("float32", Float32Array.from(dense), [size, dense.length / size]),
      ids: new runtime.Tensor("int64", BigInt64Array.from(bags.ids, BigInt), [size, bags.ids.length / size]),
    };
    return timed(times, async () => (await session.run(feeds)).probability!.data as Float32Array);
  };
  return { name, version, threads, run, close: () => session.release() };
}

/** Reads a batch and a count from each line, and answers with probabilities and times. */
const server = `
import json, re, sys, time, torch
sys.path.insert(0, sys.argv[1])
from model import Dlrm
torch.set_num_threads(int(sys.argv[2]))
model = Dlrm.load(sys.argv[1] + "/model.safetensors").eval()
torch.ones(64, 64) @ torch.ones(64, 64)
with open("/proc/self/maps") as maps:
    found = set(re.findall("openblas|mkl|libblas", maps.read()))
blas = next((name for name in ("mkl", "openblas", "libblas") if name in found), "no BLAS")
print(json.dumps(f"{torch.__version__} with {blas}"), flush=True)
for line in sys.stdin:
    given = json.loads(line)
    dense, ids, ms = torch.tensor(given["dense"]), torch.tensor(given["ids"]), []
    with torch.inference_mode():
        for _ in range(given["times"]):
            begun = time.perf_counter()
            p = model.probability(dense, ids)
            ms.append(1000 * (time.perf_counter() - begun))
    print(json.dumps({"p": p.flatten().double().tolist(), "ms": ms}), flush=True)
`;

async function torch(folder: string, threads: number): Promise<Engine> {
  const child: ChildProcess = spawn(process.env.PYTHON ?? "python3", ["-c", server, folder, `${threads}`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: Interface = createInterface(child.stdout!);
  const next = () => new Promise<string>((resolve) => lines.once("line", resolve));
  const version = JSON.parse(await next()) as string;
  const rowsOf = (values: ArrayLike<number>, size: number) => {
    const [all, width] = [Array.from(values), values.length / size];
    return Array.from({ length: size }, (_, i) => all.slice(i * width, (i + 1) * width));
  };
  const run: Engine["run"] = async ({ size, dense, bags }, times) => {
    const given = { dense: rowsOf(dense, size), ids: rowsOf(bags.ids, size), times };
    const answer = next();
    child.stdin!.write(`${JSON.stringify(given)}\n`);
    return JSON.parse(await answer);
  };
  return { name: "torch", version, threads, run, close: () => child.stdin!.end() };
}

/** Random rows of one id a table. */
function batchOf(size: number, dense: number, tables: readonly number[]): Inputs {
  const stream = random(size, "engines");
  return {
    size,
    dense: Float32Array.from({ length: size * dense }, () => stream.normal()),
    bags: {
      ids: Uint32Array.from({ length: size * tables.length }, (_, i) =>
        stream.integer(tables[i % tables.length]!),
      ),
      offsets: Uint32Array.from({ length: size * tables.length + 1 }, (_, i) => i),
    },
  };
}

/** How far the probabilities of each engine are from the exact ones, on some rows. */
async function differencesOf(engines: readonly Engine[], exact: Dlrm) {
  const some = batchOf(checked, exact.config.dense, exact.config.tables);
  const wanted = await predict(exact, some);
  const bound = await forwardBound(exact, some, 2 ** -24);
  const found: { ulps: number; fraction: number }[] = [];
  for (const engine of engines) {
    const { p } = await engine.run(some, 1);
    const all = Array.from(p, (x, i) => ({
      ulps: ulpsApart(x, Math.fround(wanted[i]!)),
      fraction: Math.abs(x - wanted[i]!) / (bound.logits[i]! / 4 + 2 ** -22),
    }));
    const most = (of: "ulps" | "fraction") => Math.max(...all.map((each) => each[of]));
    found.push({ ulps: most("ulps"), fraction: most("fraction") });
  }
  return found;
}

async function measured(config: string, compression: number) {
  const { dense, tables, dim, bottom, top } = configByName(config);
  const folder = mkdtempSync(join(tmpdir(), "engines-"));
  const file = join(folder, "model.safetensors");
  const embedding = robe({ compression, block: Math.min(dim, 32) });
  const model = dlrm({ dense, tables, dim, bottom, top, embedding, backend: cpu, seed: 1 });
  await save(file, model);
  const exported = await toOnnx(model, {});
  writeFileSync(join(folder, "model.py"), toTorch(model, {}));
  web.env.wasm.numThreads = 1;
  const engines = [
    await ours(file, { threads: 1 }),
    await ours(file, { threads: 2 }),
    await ours(file, { threads: 1, fma: true }),
    await ours(file, { threads: 2, fma: true }),
    await onnx("onnxruntime-web", web, exported, 1),
    await onnx("onnxruntime-node", native as unknown as typeof web, exported, 1),
    await onnx("onnxruntime-node", native as unknown as typeof web, exported, 2),
    await torch(folder, 1),
    await torch(folder, 2),
  ];
  const differences = await differencesOf(engines, await model.to(cpu64));
  const times = engines.map(() => ({ one: [] as number[], many: [] as number[] }));
  const [one, batch] = [batchOf(1, dense, tables), batchOf(many, dense, tables)];
  for (let round = -1; round < rounds; round++)
    for (const [i, engine] of engines.entries()) {
      await setTimeout(500); // threads of the one before may wait for more work, and keep a core busy
      const [single, whole] = [(await engine.run(one, ones)).ms, (await engine.run(batch, 2)).ms];
      if (round < 0) continue; // compiles
      times[i]!.one.push(...single);
      times[i]!.many.push(...whole);
    }
  for (const engine of engines) await engine.close();
  rmSync(folder, { recursive: true });
  const quantiles = (values: readonly number[]) => {
    const of = quantileOf(values);
    return { p50: of(0.5), p99: of(0.99), samples: values.length };
  };
  return {
    config,
    compression,
    bytes: exported.length,
    engines: engines.map(({ name, version, threads }, i) => ({
      ...{ name, version, threads, ...differences[i]! },
      one: quantiles(times[i]!.one),
      many: quantiles(times[i]!.many),
    })),
  };
}

const models = [await measured("criteo-kaggle", 1000), await measured("criteo-tb", 10_000)];
console.log(JSON.stringify({ machine: machine(), rows: many, checked, models }, null, 1));
