import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../backends/cpu/index.ts";
import { adagrad } from "../../../core/optimizers/adagrad.ts";
import { sgd } from "../../../core/optimizers/sgd.ts";
import { flights } from "../../../models/data/formats/flights.ts";
import { type Dlrm, dlrm } from "../../../models/dlrm/dlrm.ts";
import { load } from "../../../models/dlrm/saved/load.ts";
import { save } from "../../../models/dlrm/saved/save.ts";
import { train } from "../../../models/dlrm/train.ts";
import { robe } from "../../../models/embeddings/families/robe.ts";
import { writeRows } from "../../../models/export/rows.ts";
import { toTorch } from "../../../models/export/torch/model.ts";
import { python } from "../models/export/python.ts";
import { temporaryFolder } from "../temporary.ts";

const program = join(import.meta.dirname, "../../../examples/torch/train.py");
const [steps, batch, rate] = [40, 64, 0.05];
const makers = { sgd, adagrad: (learningRate: number) => adagrad(learningRate, { eps: 1e-10 }) };

/** Ranks of torch on this machine, which meet at a free port of it: all that they print, and how they ended. */
async function torchrun(ranks: number, ...words: string[]) {
  const meeting = createServer().listen(0, "127.0.0.1");
  await once(meeting, "listening");
  const { port } = meeting.address() as AddressInfo;
  await new Promise((resolve) => meeting.close(resolve));
  // Torch 1.13 has no 0 among what it does with outputs, where Python is 3.11, as Debian's is: 2 copies errors.
  const outputs = ["--redirects", "2", "--tee", "2"];
  const launch = ["-m", "torch.distributed.run", "--nproc_per_node", `${ranks}`, "--master_port", `${port}`];
  // By the loopback interface, whatever the machine's own name leads to.
  const env = { ...process.env, OMP_NUM_THREADS: "1", GLOO_SOCKET_IFNAME: "lo" };
  const child = spawn(python!, [...launch, ...outputs, program, ...words], { env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += `${text}`));
  child.stderr.on("data", (text) => (err += `${text}`));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

/** What ends rank 1 in the forward pass of a step, without a chance to say anything. */
const killedAt = (step: number) => `

import signal

_loss, _calls = Dlrm.loss, []


def _last(self, *given):
    _calls.append(None)
    if len(_calls) == ${step} and os.environ["RANK"] == "1":
        os.kill(os.getpid(), signal.SIGKILL)
    return _loss(self, *given)


Dlrm.loss = _last
`;

const lossesIn = (out: string): number[] =>
  out
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { loss: number }).loss);

describe.skipIf(python === undefined)("examples/torch/train.py on flights", () => {
  const root = temporaryFolder();
  const rows = join(root, "rows");
  const ours: Record<string, number[]> = { sgd: [], adagrad: [] };
  const trained: Record<string, Dlrm> = {};

  beforeAll(async () => {
    const data = await flights({ rows: steps * batch });
    await writeRows(data, rows);
    const { dense, tables } = data;
    const config = {
      dense,
      tables: [...tables],
      dim: 8,
      bottom: [16, 8],
      top: [16, 1],
      seed: 4,
      backend: cpu64,
    };
    const model = dlrm({ ...config, embedding: robe({ compression: 100, block: 4 }) });
    const single = await model.to(cpu); // which rounds to what the file holds
    for (const [name, make] of Object.entries(makers)) {
      const folder = join(root, name);
      mkdirSync(folder);
      await save(join(folder, "model.safetensors"), single);
      writeFileSync(join(folder, "model.py"), toTorch(single, {}));
      const own = await single.to(cpu64);
      for await (const { loss } of train(own, data, { optimizer: make(rate), batch, shuffle: null }))
        ours[name]!.push(loss);
      trained[name] = own;
    }
  });

  const words = (name: string) => [
    join(root, name),
    rows,
    "--steps",
    `${steps}`,
    "--batch",
    `${batch}`,
    "--lr",
    `${rate}`,
    "--optimizer",
    name,
    "--double",
  ];

  it.each(["sgd", "adagrad"])(
    "two ranks have the losses of our trainer, step by step, with %s",
    async (name) => {
      const { code, out, err } = await torchrun(2, ...words(name));
      expect(code, err).toBe(0);
      const found = lossesIn(out);
      expect(found).toHaveLength(steps);
      expect(ours[name]).toHaveLength(steps);
      for (const [i, loss] of found.entries())
        expect(Math.abs(loss - ours[name]![i]!)).toBeLessThan(2 ** -30);
      const { model } = await load(join(root, name, "trained.safetensors"), { backend: cpu64 });
      for (const [i, { tensor }] of model.parameters.entries()) {
        const wanted = await trained[name]!.parameters[i]!.tensor.data();
        for (const [k, x] of (await tensor.data()).entries())
          expect(Math.abs(x - wanted[k]!)).toBeLessThan(2 ** -23 * Math.abs(wanted[k]!) + 2 ** -30); // as floats
      }
    },
  );

  it("goes on where it stood after one of its ranks was killed", async () => {
    const folder = join(root, "killed");
    cpSync(join(root, "adagrad"), folder, { recursive: true });
    for (const name of ["state.pt", "trained.safetensors"]) rmSync(join(folder, name), { force: true });
    const given = [folder, ...words("adagrad").slice(1), "--save-every", "8"];
    const module = join(folder, "model.py");
    const whole = readFileSync(module, "utf8");
    writeFileSync(module, `${whole}${killedAt(20)}`);
    const first = await torchrun(2, ...given);
    expect(first.code, first.err).not.toBe(0);
    expect(lossesIn(first.out)).toHaveLength(19);
    writeFileSync(module, whole);
    const { code, out, err } = await torchrun(2, ...given);
    expect(code, err).toBe(0);
    const rest = lossesIn(out);
    expect(rest).toHaveLength(steps - 16);
    for (const [i, loss] of rest.entries())
      expect(Math.abs(loss - ours.adagrad![16 + i]!)).toBeLessThan(2 ** -30);
  });

  it("says in a sentence that a batch cannot be shared equally", async () => {
    const { code, err } = await torchrun(2, join(root, "sgd"), rows, "--batch", "7");
    expect(code).not.toBe(0);
    expect(err).toContain("--batch 7 cannot be shared by 2 ranks; take a multiple of 2.");
  });
});
