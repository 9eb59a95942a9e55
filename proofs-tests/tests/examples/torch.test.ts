import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Two processes of torch, or one, on this machine: all that they print, and how they ended. */
function torchrun(ranks: number, ...words: string[]) {
  // Torch 1.13 has no 0 among what it does with outputs, where Python is 3.11, as Debian's is: 2 copies errors.
  const outputs = ["--redirects", "2", "--tee", "2"];
  const launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", `${ranks}`];
  const given = [...launch, ...outputs, program, ...words];
  const child = spawn(python!, given, { env: { ...process.env, OMP_NUM_THREADS: "1" } });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += `${text}`));
  child.stderr.on("data", (text) => (err += `${text}`));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, out, err })),
  );
  return { child, ended, printed: () => out };
}

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
      const { code, out, err } = await torchrun(2, ...words(name)).ended;
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
    const first = torchrun(2, ...given);
    // The first line after a state was written: a rank is ended without a chance to say anything.
    while (!existsSync(join(folder, "state.pt")) && first.child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const { pid } = first.child;
    const ranks = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    process.kill(Number(ranks.at(-1)), "SIGKILL");
    const { code } = await first.ended;
    expect(code).not.toBe(0);
    const { code: then, out, err } = await torchrun(2, ...given).ended;
    expect(then, err).toBe(0);
    const rest = lossesIn(out);
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.length).toBeLessThan(steps);
    for (const [i, loss] of rest.toReversed().entries())
      expect(Math.abs(loss - ours.adagrad!.at(-1 - i)!)).toBeLessThan(2 ** -30);
  });

  it("says in a sentence that a batch cannot be shared equally", async () => {
    const { code, err } = await torchrun(2, join(root, "sgd"), rows, "--batch", "7").ended;
    expect(code).not.toBe(0);
    expect(err).toContain("--batch 7 cannot be shared by 2 ranks; take a multiple of 2.");
  });
});
