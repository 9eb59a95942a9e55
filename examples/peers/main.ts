// cd examples/peers && npm install && npm start [-- --config criteo-tb --rounds 7 --json FILE]
// The same parameters and the same batch in other libraries: first their predictions and a training step are held
// against ours, then all are timed in alternation. Close other programs: medians of one run are compared, nothing else.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { cpu, fast } from "pss-dlrm";
import { machine } from "../../models/command/machine.ts";
import { configByName } from "../../models/configs.ts";
import { jax } from "./jax.ts";
import { onnx } from "./onnx.ts";
import type { Peer } from "./peer.ts";
import { ours, type Problem, problemOf, type Sizes } from "./problem.ts";
import { tfjs } from "./tfjs.ts";
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

/** Our own backends, as peers of the others. */
async function own(name: string, threads?: number): Promise<Peer> {
  const backend = name === "cpu" ? cpu : await fast({ threads });
  const made = ours(sizes, backend);
  return {
    name,
    version: "0.1.0",
    remarks: ["the time of a step includes the exact hashes of the batch"],
    run: (work) => work(),
    step: made.step,
    async predict() {
      const { probabilities } = made.model.forward(made.rows);
      const values = Float32Array.from(await probabilities.data());
      return values;
    },
    matmul(n, k, m) {
      const plain = { n, k, m, transposeA: false, transposeB: false, bias: false };
      const [a, b] = [
        backend.upload(new Float32Array(n * k).fill(0.5)),
        backend.upload(new Float32Array(k * m).fill(0.25)),
      ];
      return async () => backend.free(backend.run({ kind: "matmul", ...plain }, [a, b]));
    },
  };
}

/** All that run here; the others say why not. */
async function peersOf(problem: Problem): Promise<Peer[]> {
  const made: readonly (readonly [string, () => Promise<Peer>])[] = [
    ["fast, 1 thread", async () => ({ ...(await own("fast", 1)), name: "fast, 1 thread" })],
    ["fast, 2 threads", async () => ({ ...(await own("fast", 2)), name: "fast, 2 threads" })],
    ["tfjs-wasm", () => tfjs("wasm", problem)],
    ["tfjs-cpu", () => tfjs("cpu", problem)],
    ["jax-js-wasm", () => jax(problem)],
    ["onnxruntime-web", () => onnx("web", problem)],
    ["onnxruntime-node", () => onnx("node", problem)],
    ["torch", () => torch(problem)],
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

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

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
      const from = await peer.run(async () => {
        const start = performance.now();
        await round();
        return performance.now() - start;
      });
      if (i >= 0) times.push(from);
    }
  }
  const best = median(takers[0]!.times);
  return takers.map(({ peer, times }): Row => {
    const middle = median(times);
    const spread = `${Math.min(...times).toFixed(1)} … ${Math.max(...times).toFixed(1)}`;
    const rate = flops === undefined ? "" : `${(flops / middle / 1e6).toFixed(1)} GFLOP/s`;
    console.log(
      `${what.padEnd(24)} ${peer.name.padEnd(17)} ${middle.toFixed(1).padStart(9)} ms (${spread})`.padEnd(80),
      `${(middle / best).toFixed(2).padStart(6)}× ${rate}`,
    );
    return { what, peer: peer.name, milliseconds: times, ...(flops && { gflops: flops / middle / 1e6 }) };
  });
}

const reference = ours(sizes, cpu);
const problem = await problemOf(sizes, reference);
const probabilities = async () =>
  Float32Array.from(await reference.model.forward(reference.rows).probabilities.data());
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
if (flags.json !== undefined) {
  const made = peers.map(({ name, version, remarks }) => ({
    name,
    version,
    remarks,
    difference: checked[name],
  }));
  await writeFile(
    flags.json,
    `${JSON.stringify({ machine: machine(), flags, peers: made, rows }, null, 1)}\n`,
  );
}
process.exit(0);
