/** `npx tsx config/docs/parse.ts`: how fast data files are parsed, as JSON for docs/data/parse.json; the files are made here. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { machine } from "../../cli/common/machine.ts";
import { random } from "../../core/numeric/random.ts";
import { bytesOf } from "../../core/numeric/wasm.ts";
import { criteoFormat } from "../../models/data/formats/criteo.ts";
import { csvFormat } from "../../models/data/formats/csv.ts";
import { emptyBlock } from "../../models/data/reader/block.ts";
import { JOB } from "../../models/data/reader/kernels/job.ts";
import { parserModule } from "../../models/data/reader/kernels.generated.ts";
import { layoutOf, type RecordFormat } from "../../models/data/reader/layout.ts";
import { prefetched } from "../../models/data/reader/prefetch.ts";
import { headerOf } from "../../models/data/reader/records.ts";
import { lines } from "../../models/data/reader/text.ts";
import { fastest } from "./clock.ts";
import type { Parsing } from "./speed.ts";

const rows = 200_000;
const folder = mkdtempSync(join(tmpdir(), "pss-dlrm-parse-"));
const draw = random(0, "lines to parse");
const chance = (share: number) => draw.uniform() < share;
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

/** A line as Criteo's are: counts of heavy tails, ids of 8 digits, some of each missing. */
const criteoLine = () =>
  [
    chance(0.25) ? "1" : "0",
    ...upTo(13).map(() => (chance(0.2) ? "" : String(Math.floor(Math.exp(10 * draw.uniform())) - 1))),
    ...upTo(26).map(() => (chance(0.1) ? "" : draw.bits().toString(16).padStart(8, "0"))),
  ].join("\t");

/** A line of a table that a program wrote: 17 digits of each number, ids in quotes. */
const csvLine = () =>
  [
    chance(0.25) ? "1" : "0",
    ...upTo(5).map(() => String(100 * draw.uniform() - 50)),
    ...upTo(5).map((t) => `"column ${t}, number ${draw.integer(100_000)}"`),
  ].join(",");

const csvNames = { dense: upTo(5).map((i) => `x${i}`), categorical: upTo(5).map((i) => `c${i}`) };

/** The kernel on bytes that are in its memory: one call after another, on this thread. */
function kernelOn(bytes: Uint8Array, format: RecordFormat): () => void {
  const { job, constants, input } = layoutOf(format);
  const end = input + bytes.length;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) });
  const module = new WebAssembly.Module(bytesOf(parserModule));
  const { exports } = new WebAssembly.Instance(module, { env: { memory, "Math.log": Math.log } });
  const parse = exports.parse as (from: number, end: number, valid: boolean, last: boolean) => number;
  new Uint32Array(memory.buffer, JOB).set(job);
  new Uint32Array(memory.buffer, constants.at).set(constants.words);
  new Uint8Array(memory.buffer).set(bytes, input);
  return () => {
    for (let at = input; at < end; ) at = parse(at, end, true, true);
  };
}

/** Each line by the definition, on this thread. */
async function define(file: string, format: RecordFormat): Promise<void> {
  const isWide = format.columns !== undefined;
  const block = emptyBlock(1, format.dense, format.tables.length, { isWide });
  let line = 0;
  for await (const chunk of lines(file))
    for (const text of chunk)
      if (++line > (format.columns?.header ?? 0)) format.parse([text], line, block, 0);
}

async function walk(file: string, format: RecordFormat): Promise<void> {
  for await (const _ of prefetched(file, format));
}

async function measured(name: string, file: string, format: RecordFormat): Promise<Parsing["files"][number]> {
  const bytes = readFileSync(file);
  const packed = `${file}.gz`;
  writeFileSync(packed, gzipSync(bytes));
  const records = format.columns ? bytes.subarray(bytes.indexOf("\n") + 1) : bytes;
  return {
    name,
    megabytes: bytes.length / 1e6,
    milliseconds: {
      "kernel alone": await fastest(5, kernelOn(records, format)),
      "reading ahead": await fastest(5, () => walk(file, format)),
      "reading ahead, gzip": await fastest(5, () => walk(packed, format)),
      "definition alone": await fastest(3, () => define(file, format)),
    },
  };
}

try {
  const file = join(folder, "lines");
  const write = (all: string[]) => writeFileSync(file, `${all.join("\n")}\n`);
  write(upTo(rows).map(criteoLine));
  const criteo = await measured("Criteo", file, criteoFormat(file, new Array(26).fill(1_000_003)));
  write([["y", ...csvNames.dense, ...csvNames.categorical].join(","), ...upTo(rows).map(csvLine)]);
  const names = { label: "y", ...csvNames };
  const csv = await measured(
    "CSV",
    file,
    csvFormat(file, await headerOf(file), names, new Array(5).fill(1_000_003)),
  );
  console.log(JSON.stringify({ machine: machine(), rows, files: [criteo, csv] } satisfies Parsing));
} finally {
  rmSync(folder, { recursive: true });
}
