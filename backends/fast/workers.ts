import { inNode } from "../host.ts";

/**
 * Threads that wait in WebAssembly for their part of a job. Their program is text, since a worker of Node, a worker of a
 * page and a bundle each find a file in another way.
 */
const program = `
const serve = ({ module, memory, thread }, ready) => {
  const env = { memory };
  for (const name of Object.getOwnPropertyNames(Math)) env["Math." + name] = Math[name];
  const instance = new WebAssembly.Instance(module, { env });
  ready();
  instance.exports.serve(thread);
};
if (typeof require === "function") {
  const { parentPort, workerData } = require("node:worker_threads");
  serve(workerData, () => parentPort.postMessage("ready"));
} else onmessage = ({ data }) => serve(data, () => postMessage("ready"));
`;

interface Task {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Number of the thread, from 1; the one that launches is 0. */
  readonly thread: number;
}

type Stop = () => unknown;

/** Cores that are worth a thread each: more than eight would only wait for memory. */
export async function cores(): Promise<number> {
  const all = inNode
    ? process.getBuiltinModule("node:os").availableParallelism()
    : navigator.hardwareConcurrency;
  return Math.min(8, all);
}

/** Starts `count` workers; resolves when all wait for jobs, to a function that ends them. */
export async function startWorkers(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  count: number,
): Promise<() => Promise<void>> {
  const start = inNode ? startInNode : startInPage;
  const tasks = Array.from({ length: count }, (_, i): Task => ({ module, memory, thread: i + 1 }));
  const stops = await Promise.all(tasks.map(start));
  return async () => void (await Promise.all(stops.map((stop) => stop())));
}

async function startInNode(workerData: Task): Promise<Stop> {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  // What this process was started with is not for them: --input-type=module would make a module of their program.
  const worker = new Worker(program, { eval: true, execArgv: [], workerData });
  await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  worker.unref(); // a process may end while its threads wait
  return () => worker.terminate();
}

async function startInPage(task: Task): Promise<Stop> {
  const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const worker = new Worker(url);
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
    worker.postMessage(task);
  });
  URL.revokeObjectURL(url);
  return () => worker.terminate();
}
