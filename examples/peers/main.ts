// cd examples/peers && npm install && npm start [-- --config criteo-tb --compression 10000 --rounds 7 --json FILE]
// The same parameters and the same batch in other libraries: first their predictions and a training step are held
// against ours, then all are timed in alternation. Close other programs: medians of one run are compared, nothing else.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Backend, cpu, fast, gpu, matmul, predict, tensor } from "pss-dlrm";
import { arrived } from "../../cli/bench/cases.ts";
import { machine } from "../../cli/common/machine.ts";
import { spread } from "../../core/numeric/statistics.ts";
import { configByName } from "../../models/dlrm/configs.ts";
import { versionOf } from "../version.ts";
import type { Peer } from "./peer.ts";
import { ours, type Problem, problemOf, type Sizes } from "./problem.ts";
import { torch } from "./torch.ts";

const { values: flags } = parseArgs({
  options: {
    config: { type: "string", default: "criteo-kaggle" },
    compression: { type: "string", default: "1000" },
    batch: { type: "string", default: "2048" },
    rounds: { type: "string", default: "7" },
    only: { type: "string" },
    json: { type: "string" },
  },
});

const config = configByName(flags.config);
const sizes: Sizes = {
  ...config,
  compression: Number(flags.compression),
  block: Math.min(32, config.dim),
  batch: Number(flags.batch),
};

/** One of our own backends, as a peer of the others. */
function own(name: string, backend: Backend): Peer {
  const { model, rows, step } = ours(sizes, backend);
  return {
    name,
    version: versionOf("pss-dlrm"),
    remarks: ["the time of a step includes the exact hashes of the batch"],
    run: (work) => work(),
    step,
    predict: async () => Float32Array.from(await predict(model, rows)),
    matmul(n, k, m) {
      const [a, b] = [
        tensor(backend, [n, k], new Float32Array(n * k).fill(0.5)),
        tensor(backend, [k, m], new Float32Array(k * m).fill(0.25)),
      ];
      return () => arrived(() => matmul(a, b));
    },
  };
}

/** WebGPU through gpu.js, in Node. */
async function webgpu(): Promise<Peer> {
  const backend = await gpu({ mode: "webgpu" });
  const { name, software } = backend.device;
  if (software) throw new Error(`${name} only imitates a GPU, which takes hours`);
  const peer = own("gpu:webgpu", backend);
  return { ...peer, remarks: [`through gpu.js on ${name}`, ...peer.remarks] };
}

/** All that run here; the others say why not. */
async function peersOf(problem: Problem): Promise<Peer[]> {
  const made: readonly (readonly [string, () => Promise<Peer>])[] = [
    ...[1, availableParallelism()].flatMap((threads) =>
      [false, true].map((fused) => {
        const name = `fast${fused ? ":fma" : ""}, ${threads} thread${threads === 1 ? "" : "s"}`;
        return [name, async () => own(name, await fast({ threads, fma: fused }))] as const;
      }),
    ),
    ["gpu:webgpu", webgpu],
    ["tfjs-wasm", async () => (await import("./tfjs.ts")).tfjs("wasm", problem)],
    ["tfjs-cpu", async () => (await import("./tfjs.ts")).tfjs("cpu", problem)],
    ["jax-js-wasm", async () => (await import("./jax.ts")).jax(problem)],
    ["onnxruntime-web", async () => (await import("./onnx.ts")).onnx("web", problem)],
    ["onnxruntime-node", async () => (await import("./onnx.ts")).onnx("node", problem)],
    ["torch", () => torch(problem, "cpu")],
    ["torch-cuda", () => torch(problem, "cuda")],
  ];
  const peers: Peer[] = [];
  for (const [name, make] of made) {
    if (flags.only !== undefined && !flags.only.split(",").some((part) => name.startsWith(part))) continue;
    try {
      peers.push(await make());
    } catch (error) {
      console.log(`${name} does not run here: ${(error as Error).message.slice(0, 200)}`);
    }
  }
  return peers;
}

/** The largest difference between a peer's probabilities and ours, before and after one training step. */
async function difference(peer: Peer, [before, after]: readonly [Float32Array, Float32Array]) {
  const apart = (a: Float32Array, b: Float32Array) =>
    a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
  const first = apart(await peer.predict(), before);
  if (!peer.step) return first;
  await peer.step();
  return Math.max(first, apart(await peer.predict(), after));
}

interface Row {
  readonly what: string;
  readonly peer: string;
  readonly milliseconds: readonly number[];
  readonly gflops?: number;
}

/** Milliseconds that a peer's turn starts with, unmeasured: its threads slept during the others' turns. */
const awakening = 50;

/** Rounds of `work` of every peer in turn. */
async function timed(
  what: string,
  peers: readonly Peer[],
  work: (peer: Peer) => (() => Promise<unknown>) | undefined,
  flops?: number,
) {
  const takers = peers.flatMap((peer) => {
    const round = work(peer);
    return round ? [{ peer, round, times: [] as number[] }] : [];
  });
  const rounds = flops === undefined ? Number(flags.rounds) : 5 * Number(flags.rounds); // products are short
  for (let i = -1; i < rounds; i++) {
    for (const { peer, round, times } of takers) {
      const taken = await peer.run(async () => {
        const woken = performance.now() + awakening;
        do await round();
        while (performance.now() < woken);
        const start = performance.now();
        await round();
        return performance.now() - start;
      });
      if (i >= 0) times.push(taken);
    }
  }
  return takers.map(({ peer, times }): Row => {
    const [first, { median, quartiles }] = [spread(takers[0]!.times), spread(times)];
    const around = quartiles.map((ms) => ms.toFixed(1)).join(" … ");
    const rate = flops === undefined ? "" : `${(flops / median / 1e6).toFixed(1)} GFLOP/s`;
    console.log(
      `${what.padEnd(24)} ${peer.name.padEnd(17)} ${median.toFixed(1).padStart(9)} ms (${around})`.padEnd(80),
      `${(median / first.median).toFixed(2).padStart(6)}× ${rate}`,
    );
    return { what, peer: peer.name, milliseconds: times, ...(flops && { gflops: flops / median / 1e6 }) };
  });
}

/** Writes the measurements of this model beside those of other models that the file has. */
function write(file: string, measured: object): void {
  const others = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as object) : {};
  writeFileSync(file, `${JSON.stringify({ ...others, [flags.config]: measured }, null, 1)}\n`);
}

const reference = ours(sizes, cpu);
const problem = await problemOf(sizes, reference);
const probabilities = async () => Float32Array.from(await predict(reference.model, reference.rows));
const before = await probabilities();
await reference.step();
const expected = [before, await probabilities()] as const;
const peers = await peersOf(problem);
const checked: Record<string, number> = {};
for (const peer of peers) {
  checked[peer.name] = await peer.run(() => difference(peer, expected));
  const trains = peer.step ? "before and after a training step" : "(it predicts only)";
  console.log(
    `${peer.name} ${peer.version}: probabilities within ${checked[peer.name]!.toExponential(1)} of the reference ${trains}`,
  );
  for (const remark of peer.remarks) console.log(`  ${remark}`);
}
const rows = [
  ...(await timed(
    "product 2048×512×256",
    peers,
    (peer) => peer.matmul?.(2048, 512, 256),
    2 * 2048 * 512 * 256,
  )),
  ...(await timed(`prediction, ${sizes.batch}`, peers, (peer) => peer.predict)),
  ...(await timed(`training step, ${sizes.batch}`, peers, (peer) => peer.step)),
];
for (const peer of peers) peer.close?.();
const { json, ...asked } = flags;
if (json !== undefined) {
  const made = peers.map(({ name, version, remarks }) => ({
    name,
    version,
    remarks,
    difference: checked[name],
  }));
  write(json, { machine: machine(), flags: asked, peers: made, rows });
}
process.exit(0);
