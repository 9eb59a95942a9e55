import { check } from "../../core/errors.ts";
import { bytesOf } from "../../core/numeric/wasm.ts";
import { inNode } from "../host.ts";
import { type Heap, heapOn, maximumPages } from "./heap.ts";
import { HEAP, JOB } from "./kernels/job.ts";
import { parts, sharing } from "./kernels.generated.ts";
import { startWorkers } from "./workers.ts";

/** What the WebAssembly module offers the host: see `kernels/index.ts`. */
interface Kernels {
  launch(kernel: number, threads: number, maySleep: boolean): void;
  packedSize(k: number, m: number): number;
  matmulScratch(): number;
}

/** A WebAssembly module, its memory, and the threads that share it. */
export interface Machine {
  readonly threads: number;
  readonly kernels: Kernels;
  readonly heap: Heap;
  /** Views of memory. They last until the next array is made: memory that grows moves them. */
  floats(address: number, length: number): Float32Array;
  words(address: number, length: number): Uint32Array;
  halves(address: number, length: number): Uint16Array;
  /** The address of a copy of a lookup's words, to be given back. */
  copy(words: Uint32Array): number;
  /** Threads that are worth it for so many elementary steps. */
  threadsFor(steps: number): number;
  /** Runs one kernel to its end. */
  launch(kernel: number, words: ArrayLike<number>, threads: number): void;
  close(): Promise<void>;
}

/** Steps that take as long as it takes to tell another thread of them, several times over. */
const worthAThread = 2 ** 15;

/** Whether threads can share memory here. Pages need to be isolated for that (COOP and COEP headers). */
export const canShare = (): boolean =>
  typeof SharedArrayBuffer !== "undefined" &&
  (!("crossOriginIsolated" in globalThis) || globalThis.crossOriginIsolated === true);

/** What the module imports: its memory, and the host's own functions for what vectors cannot compute. */
function environment(memory: WebAssembly.Memory): WebAssembly.ModuleImports {
  const functions = Object.getOwnPropertyNames(Math) as (keyof Math)[];
  return {
    memory,
    ...Object.fromEntries(functions.map((name) => [`Math.${String(name)}`, Math[name] as never])),
  };
}

/**
 * The module for so many threads. Node 20 knows fused multiplications and additions but wants to be asked; asking changes
 * nothing for code that does not use them.
 * @throws InputError where they are asked for and the engine has none.
 */
async function moduleFor(shared: boolean, fused: boolean): Promise<WebAssembly.Module> {
  const bytes = bytesOf(parts.map((both) => both[fused ? 1 : 0]).join(""));
  if (!shared) bytes[sharing] = 1;
  if (fused && inNode && !WebAssembly.validate(bytes))
    process.getBuiltinModule("node:v8").setFlagsFromString("--experimental-wasm-relaxed-simd");
  check(
    !fused || WebAssembly.validate(bytes),
    () =>
      "This engine has no fused multiply-add for WebAssembly (relaxed SIMD: Node 20, Chrome 114 and Firefox 145 have it); take the backend fast without it.",
  );
  return WebAssembly.compile(bytes);
}

export async function machineWith(threads: number, fused: boolean): Promise<Machine> {
  const shared = threads > 1;
  const memory = new WebAssembly.Memory({ initial: 16, maximum: maximumPages, shared });
  const module = await moduleFor(shared, fused);
  const instance = await WebAssembly.instantiate(module, { env: environment(memory) });
  const kernels = instance.exports as unknown as Kernels;
  const close = await startWorkers(module, memory, threads - 1);
  const maySleep = typeof document === "undefined"; // a page's own thread must not
  const jobView = () => new Uint32Array(memory.buffer, JOB, (HEAP - JOB) / 4);
  let job = jobView();
  const machine: Machine = {
    threads,
    kernels,
    heap: heapOn(memory),
    floats: (address, length) => new Float32Array(memory.buffer, address, length),
    words: (address, length) => new Uint32Array(memory.buffer, address, length),
    halves: (address, length) => new Uint16Array(memory.buffer, address, length),
    copy: (words) => copyOf(machine, words),
    threadsFor: (steps) => (steps < worthAThread ? 1 : threads),
    launch(kernel, words, used) {
      if (job.buffer !== memory.buffer) job = jobView(); // it has grown
      job.set(words);
      kernels.launch(kernel, used, maySleep);
    },
    close,
  };
  return machine;
}

/** {@link Machine.copy}, in the arrays of this machine. */
export function copyOf({ heap, words: view }: Pick<Machine, "heap" | "words">, words: Uint32Array): number {
  const address = heap.take(4 * words.length);
  view(address, words.length).set(words);
  return address;
}
