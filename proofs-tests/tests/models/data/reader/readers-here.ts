import { EventEmitter } from "node:events";
import { createRequire, syncBuiltinESMExports } from "node:module";
import type threads from "node:worker_threads";

const require = createRequire(import.meta.url);
const builtin = require("node:worker_threads") as { -readonly [Name in keyof typeof threads]: unknown };
const { Worker } = builtin;

/** The reader's program on this thread, as far as `prefetched` asks for a thread. */
class Here extends EventEmitter {
  constructor(program: string, { workerData }: { workerData: unknown }) {
    super();
    const parentPort = { postMessage: (message: unknown) => this.emit("message", message) };
    new Function("require", program)((name: string) =>
      name === "node:worker_threads" ? { parentPort, workerData } : require(name),
    );
  }
  ref() {}
  unref() {}
  async terminate() {}
}

/**
 * From now on readers run on this thread, which must allow any number of blocks ahead, or on threads of their own again: one
 * for each of thousands of files would take minutes. Nothing else of this process may start threads meanwhile.
 */
export function readersHere(here: boolean): void {
  builtin.Worker = here ? Here : Worker;
  syncBuiltinESMExports();
}
