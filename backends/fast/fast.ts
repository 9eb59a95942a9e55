import type { DeviceBackend, Handle } from "../../core/backend.ts";
import { integer, require } from "../../core/errors.ts";
import { outputSize } from "../../core/form.ts";
import { evaluate } from "./forms.ts";
import { limitsOf } from "./limits.ts";
import { canShare, machineWith } from "./machine.ts";
import { stepDense, stepSparse } from "./update.ts";
import { cores } from "./workers.ts";

/** A backend of vector kernels in WebAssembly, on one or more threads. */
export interface Fast extends DeviceBackend {
  readonly threads: number;
  readonly statistics: {
    /** Arrays held now. */
    readonly arrays: number;
    /** Bytes that memory ever had to hold at once. */
    readonly reached: number;
  };
}

/** An array in WebAssembly memory. */
interface Buffer {
  readonly address: number;
  readonly length: number;
}

/**
 * The fast CPU backend: every form as SIMD kernels in WebAssembly. Results do not depend on the number of threads.
 *
 * @param threads 1 needs nothing of the host; more need shared memory. Default: one a core, up to eight.
 */
export async function fast({ threads }: { threads?: number | undefined } = {}): Promise<Fast> {
  if (threads !== undefined) integer("The number of threads", threads, 1, 64);
  require(threads === undefined || threads === 1 || canShare(), () =>
    `${threads} threads need memory that they share, which this page may not have: serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or ask for one thread.`);
  const machine = await machineWith(threads ?? (canShare() ? await cores() : 1));
  const { heap } = machine;
  // What nobody frees is given back when the collector finds its handle: user code need not keep count.
  const forgotten = new FinalizationRegistry<number>((address) => heap.give(address));
  let open = true;
  const made = (length: number): Buffer => {
    require(open, () => "The backend fast was destroyed; make another with fast().");
    const buffer = { address: heap.take(4 * length), length };
    forgotten.register(buffer, buffer.address, buffer);
    return buffer;
  };
  const view = (handle: Handle) => machine.floats((handle as Buffer).address, (handle as Buffer).length);
  const addressOf = (handle: Handle) => (handle as Buffer).address;
  return {
    name: "fast",
    precision: "f32",
    threads: machine.threads,
    device: {
      name: `WebAssembly SIMD, ${machine.threads} ${machine.threads === 1 ? "thread" : "threads"}`,
      software: false,
    },
    statistics: heap.statistics,
    upload(values) {
      const buffer = made(values.length);
      view(buffer).set(values);
      return buffer;
    },
    read: async (handle) => view(handle).slice(),
    peek: view,
    run(form, inputs) {
      const out = made(outputSize(form));
      evaluate(machine, form, inputs.map(addressOf), out.address);
      return out;
    },
    update(update, weights, state, gradient) {
      const stepped = {
        weights: addressOf(weights),
        state: state.map(addressOf),
        count: (weights as Buffer).length,
      };
      if (gradient.kind === "dense") stepDense(machine, update, stepped, addressOf(gradient.values));
      else {
        const parts = gradient.parts.map(({ lookup, values }) => ({ lookup, values: addressOf(values) }));
        stepSparse(machine, update, stepped, parts);
      }
      return { weights, state: [...state] };
    },
    free(handle) {
      forgotten.unregister(handle);
      heap.give(addressOf(handle));
    },
    limits: () => limitsOf(machine),
    destroy() {
      open = false;
      return machine.close();
    },
  };
}
