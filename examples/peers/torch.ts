import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Peer } from "./peer.ts";
import { type Problem, rate } from "./problem.ts";

/**
 * PyTorch on a device, in a process of its own: each call is a line there and a line back, which waits for the device.
 * Throws where it is missing.
 */
export async function torch(problem: Problem, device: "cpu" | "cuda"): Promise<Peer> {
  const folder = written(problem);
  const child = spawn(
    process.env.PYTHON ?? "python3",
    [join(import.meta.dirname, "train_step.py"), folder, device],
    {
      stdio: ["pipe", "pipe", "ignore"],
    },
  );
  child.on("error", () => {}); // without python3 its output ends at once, which says the same
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <Answer>() => {
    const { value, done } = await lines.next();
    if (done) throw new Error(missing[device]);
    return JSON.parse(value) as Answer;
  };
  const ask = <Answer>(line: string) => {
    child.stdin.write(`${line}\n`);
    return next<Answer>();
  };
  const close = () => {
    child.kill();
    rmSync(folder, { recursive: true });
  };
  const { version, remark } = await next<{ version: string; remark: string }>().catch((error) => {
    close();
    throw error;
  });
  return {
    name: device === "cpu" ? "torch" : `torch-${device}`,
    version,
    remarks: [remark],
    run: (work) => work(),
    step: () => ask<number>("step"),
    predict: async () => Float32Array.from(await ask<number[]>("predict")),
    matmul: (n, k, m) => async () => void (await ask(`matmul ${n} ${k} ${m}`)),
    close,
  };
}

const missing = {
  cpu: "python3 has no torch here (Debian: apt-get install python3-torch libopenblas0)",
  cuda: "python3 has no torch that finds a CUDA device here",
};

/** The problem as raw arrays in a folder. */
function written({ sizes, bottom, top, ...arrays }: Problem): string {
  const folder = mkdtempSync(join(tmpdir(), "pss-dlrm-torch-"));
  const put = (name: string, values: Float32Array | Int32Array) =>
    writeFileSync(
      join(folder, `${name}.bin`),
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  for (const [name, values] of Object.entries(arrays)) put(name, values);
  for (const [name, layers] of Object.entries({ bottom, top })) {
    for (const [i, { weight, bias }] of layers.entries()) {
      put(`${name}${i}.weight`, weight);
      put(`${name}${i}.bias`, bias);
    }
  }
  const { batch, tables, dim } = sizes;
  const outs = { bottom: bottom.map(({ out }) => out), top: top.map(({ out }) => out) };
  const numbers = { batch, tables: tables.length, dim, rate, ...outs };
  writeFileSync(join(folder, "problem.json"), JSON.stringify(numbers));
  return folder;
}
