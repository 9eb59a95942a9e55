import { on } from "node:events";
import { Worker } from "node:worker_threads";
import { check } from "../../../core/errors.ts";
import { bytesOf } from "../../../core/numeric/wasm.ts";
import type { Block } from "./block.ts";
import { explained, look } from "./file.ts";
import { LARGEST } from "./kernels/job.ts";
import { parserModule } from "./kernels.generated.ts";
import { layoutOf, type RecordFormat, type RowBags } from "./layout.ts";
import { readerProgram } from "./reader.ts";
import { tooLarge } from "./records.ts";
import { linesOf } from "./text.ts";

/** How a file is read. Neither changes the rows. */
export interface Prefetch {
  /** Bytes that are read at a time (default 256 KiB). */
  readonly chunk?: number;
  /** Blocks that may be ready before they are asked for (default 32). A block comes of one chunk, or of a part of it. */
  readonly ahead?: number;
}

/** Rows as the reader posts them. */
interface Parsed extends Block {
  /** Of each record that was not plain: row, lines before it, its first byte and the one after it. */
  readonly gaps: Uint32Array;
  /** The bytes from the first gap on. */
  readonly text: Uint8Array;
  /** Number of the first line. */
  readonly line: number;
}

type Message = Parsed | { readonly end: true } | { readonly error: { message: string; code?: string } };

/**
 * The rows of a text file, plain or gzip, in its order. A thread of its own reads and parses them ahead, while the caller
 * computes; it ends with the walk, also where the walk is left early. What is not plain, the format's definition parses.
 * @throws InputError for a file that cannot be read, is damaged or empty or not UTF-8, and for a wrong record.
 */
export async function* prefetched(
  file: string,
  format: RecordFormat,
  options: Prefetch = {},
): AsyncGenerator<Block> {
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const worker = startReader(file, format, taken, options);
  let any = false;
  try {
    for await (const [message] of on(worker, "message", { close: ["exit"] }) as AsyncIterable<[Message]>) {
      if ("end" in message) {
        check(any, () => format.empty);
        return;
      }
      if ("error" in message) throw Object.assign(new Error(message.error.message), message.error);
      const block = withoutGaps(message, format, file);
      Atomics.add(taken, 0, 1);
      Atomics.notify(taken, 0);
      worker.unref(); // a walk that is neither finished nor left must not keep the process
      yield block;
      worker.ref();
      any = true;
    }
    throw new Error(`The thread that reads ${file} has stopped before its end; start again.`);
  } catch (error) {
    throw explained(file, error);
  } finally {
    await worker.terminate();
  }
}

let parser: WebAssembly.Module | undefined;

function startReader(
  file: string,
  format: RecordFormat,
  taken: Int32Array,
  { chunk = 1 << 18, ahead = 32 }: Prefetch,
): Worker {
  parser ??= new WebAssembly.Module(bytesOf(parserModule));
  const workerData = {
    module: parser,
    layout: layoutOf(format),
    dense: format.dense,
    isWide: format.columns !== undefined,
    tables: format.tables.length,
    header: format.columns?.header ?? 0,
    file,
    packed: look(file).packed,
    chunk,
    ahead,
    taken,
  };
  // No loader of this process: the program needs none, and starting one takes longer than reading a small file.
  return new Worker(readerProgram, { eval: true, execArgv: [], workerData });
}

/** Fills the gaps by the definition. */
function withoutGaps({ gaps, text, line, ...block }: Parsed, format: RecordFormat, file: string): Block {
  const textAt = gaps[2]!;
  const bags = new Map<number, RowBags>();
  for (let i = 0; i < gaps.length; i += 4) {
    const [row, before, from, to] = gaps.subarray(i, i + 4) as unknown as [number, number, number, number];
    if (to - from > LARGEST) throw tooLarge(file, line + before);
    const lines = linesOf(text.subarray(from - textAt, to - textAt));
    const found = format.parse(lines, line + before, block, row);
    if (found) bags.set(row, found);
  }
  return bags.size === 0 ? block : withBags(block, bags);
}

/** `block` with these bags in place of the empty ones of some rows. */
function withBags(block: Block, bags: ReadonlyMap<number, RowBags>): Block {
  const starts = block.offsets!;
  const T = (starts.length - 1) / block.size;
  const more = [...bags.values()].flat().reduce((sum, { length }) => sum + length, 0);
  const ids = new Uint32Array(block.ids.length + more);
  const offsets = new Uint32Array(starts.length);
  for (let bag = 0, at = 0; bag < block.size * T; bag++) {
    ids.set(block.ids.subarray(starts[bag]!, starts[bag + 1]!), at);
    at += starts[bag + 1]! - starts[bag]!;
    const given = bags.get(Math.floor(bag / T))?.[bag % T] ?? [];
    ids.set(given, at);
    at += given.length;
    offsets[bag + 1] = at;
  }
  return { ...block, ids, offsets };
}
