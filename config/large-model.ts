/**
 * Saves and loads a model of many gigabytes, each in a process of its own, and says whether it came back to the bit, in how
 * many seconds, and how much memory each took: `npx tsx config/large-model.ts [GIGABYTES] [FOLDER]`.
 */
import { execFileSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { cpu } from "../backends/cpu/index.ts";
import { blankDlrm, type Dlrm } from "../models/dlrm/dlrm.ts";
import { load } from "../models/dlrm/saved/load.ts";
import { save } from "../models/dlrm/saved/save.ts";
import { full } from "../models/embeddings/families/full.ts";

interface Done {
  readonly sums: readonly number[];
  readonly seconds: number;
  /** Of the process, the most at any time. */
  readonly gigabytes: number;
}

/** A model of one memory and small layers, each weight another number than its neighbors. */
function made(gigabytes: number): Dlrm {
  const dim = 64;
  const tables = [Math.round((gigabytes * 1e9) / 4 / dim)];
  const layers = { dense: 4, bottom: [dim], top: [1], embedding: full(), backend: cpu };
  const model = blankDlrm({ ...layers, tables, dim }, Number.POSITIVE_INFINITY);
  let word = 1;
  for (const { tensor } of model.parameters) {
    const values = cpu.peek!(tensor.handle);
    for (let i = 0; i < values.length; i++) {
      word = Math.imul(word, 1664525) + 1013904223;
      values[i] = word / 2 ** 32;
    }
  }
  return model;
}

/** CRC-32 of each parameter. */
const sumsOf = ({ parameters }: Dlrm): number[] =>
  parameters.map(({ tensor }) => {
    const { buffer, byteLength } = cpu.peek!(tensor.handle);
    const step = 2 ** 26;
    let sum = 0;
    for (let at = 0; at < byteLength; at += step)
      sum = crc32(new Uint8Array(buffer, at, Math.min(step, byteLength - at)), sum);
    return sum;
  });

async function part(what: string, gigabytes: number, path: string): Promise<Done> {
  const model = what === "save" ? made(gigabytes) : undefined;
  const started = performance.now();
  const done = model ? await save(path, model).then(() => model) : (await load(path, { backend: cpu })).model;
  const seconds = (performance.now() - started) / 1000;
  return { sums: sumsOf(done), seconds, gigabytes: process.resourceUsage().maxRSS / 1e6 };
}

const [first = "2.2", second, third] = process.argv.slice(2);
if (first === "save" || first === "load")
  console.log(JSON.stringify(await part(first, Number(second), third!)));
else {
  const path = join(second ?? tmpdir(), `large-${process.pid}.safetensors`);
  const run = (what: string): Done =>
    JSON.parse(
      `${execFileSync(process.execPath, ["--import", "tsx", fileURLToPath(import.meta.url), what, first, path])}`,
    );
  try {
    const [saved, loaded] = [run("save"), run("load")];
    const inWords = ({ seconds, gigabytes }: Done) =>
      `${seconds.toFixed(1)} s, ${gigabytes.toFixed(1)} GB of memory at most`;
    console.log(`a file of ${(statSync(path).size / 1e9).toFixed(3)} GB`);
    console.log(`saved    ${inWords(saved)}\nloaded   ${inWords(loaded)}`);
    console.log(`${saved.sums}` === `${loaded.sums}` ? "the same to the bit" : "NOT the same");
    process.exitCode = `${saved.sums}` === `${loaded.sums}` ? 0 : 1;
  } finally {
    rmSync(path, { force: true });
  }
}
