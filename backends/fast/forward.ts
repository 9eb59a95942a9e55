import type { DeviceBackend, Handle, StoredAs, Update } from "../../core/backend.ts";
import { check, InputError } from "../../core/errors.ts";
import { outputSize } from "../../core/form.ts";
import { fromHalves, nearestHalf, noHalves } from "../../core/numeric/half.ts";
import { accepted, filled, type Given, switchOption, wholeOption } from "../../core/options.ts";
import { largestUpload } from "../host.ts";
import { turns } from "../turns.ts";
import { evaluate } from "./forms.ts";
import { isHalves } from "./half.ts";
import { arenaBytes } from "./heap.ts";
import { limitsOf } from "./limits.ts";
import { canShare, type Machine, machineWith } from "./machine.ts";
import { type Home, inside, isOutside } from "./outside.ts";
import { type Tape, tapeOn } from "./tape.ts";
import type { Part, Stepped } from "./update.ts";
import { cores } from "./workers.ts";

/** A backend of vector kernels in WebAssembly, on one or more threads. */
export interface Fast extends DeviceBackend {
  readonly threads: number;
  readonly statistics: {
    /** Arrays held now in WebAssembly memory. */
    readonly arrays: number;
    /** Bytes that memory ever had to hold at once. */
    readonly reached: number;
  };
}

interface Buffer {
  readonly home: Home;
  readonly length: number;
}

const fastOptions = {
  /** 1 needs nothing of the host; more need shared memory. */
  threads: wholeOption({ from: 1, to: 64, help: "of the processor", otherwise: "one a core, up to eight" }),
  /**
   * Multiplies and adds in one instruction, with one rounding, where the processor can: half as fast again, but the last
   * bits then depend on the machine. Default false: the bits are the same everywhere.
   */
  fma: switchOption({ help: "multiplies and adds with one rounding" }),
  /** Bytes of an array of floats beyond which it lives outside WebAssembly's 4 GB. Halves stay inside. */
  spill: wholeOption({
    from: 0,
    default: 2 ** 30,
    help: "bytes of an array beyond which it lies outside WebAssembly",
  }),
};

export type FastOptions = Given<typeof fastOptions>;

/** Takes an optimizer's step, in place: of a gradient for each weight, or of what lookups contribute to it. */
type Step = (machine: Machine, update: Update, stepped: Stepped, gradient: Home | readonly Part[]) => void;

/**
 * The fast backend as far as it computes forms, and what takes its steps, which a program that only predicts leaves out: without
 * that a step is refused.
 * @throws InputError for an option that it does not have, and where threads or fused arithmetic are asked for that the host
 *   does not give.
 *
 * Long: methods of one closure, each short, over one heap.
 */
export async function forward(options: FastOptions = {}, step?: Step): Promise<Fast> {
  accepted({ name: "fast", options: fastOptions }, options);
  const { threads, fma: fused = false, spill } = filled(fastOptions, options);
  check(
    threads === undefined || threads === 1 || canShare(),
    () =>
      `${threads} threads need memory that they share, which this page may not have: serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or ask for one thread.`,
  );
  const machine = await machineWith(threads ?? (canShare() ? await cores() : 1), fused);
  const { heap } = machine;
  // What nobody frees is given back when the collector has found its handle, in a turn of the host's loop.
  const forgotten = new FinalizationRegistry<number>((address) => heap.give(address));
  const turn = turns();
  let open = true;
  /** What is recorded now. */
  let tape: Tape | undefined;
  const at = () => tape?.machine ?? machine;
  const made = (length: number, storage?: StoredAs): Buffer => {
    check(open, () => "The backend fast was destroyed; make another with fast().");
    const width = storage === "f16" ? 2 : 4;
    if (width === 4 && 4 * length > spill) return { home: hostArray(length), length };
    const address = at().heap.take(width * length);
    const buffer = { home: width === 2 ? { halves: address } : address, length };
    forgotten.register(buffer, address, buffer);
    tape?.keep(buffer);
    return buffer;
  };
  const homeOf = (handle: Handle) => (handle as Buffer).home;
  const view = (handle: Handle) => {
    const { home, length } = handle as Buffer;
    if (isOutside(home)) return home;
    if (isHalves(home)) return fromHalves(machine.halves(home.halves, length), new Float32Array(length));
    return machine.floats(home, length);
  };
  return {
    name: fused ? "fast:fma" : "fast",
    precision: "f32",
    threads: machine.threads,
    device: {
      name: `WebAssembly SIMD${fused ? ", fused" : ""}, ${machine.threads} ${machine.threads === 1 ? "thread" : "threads"}`,
      software: false,
    },
    statistics: heap.statistics,
    upload(values, storage) {
      const buffer = made(values.length, storage);
      const { home, length } = buffer;
      const write = () => {
        if (isHalves(home)) {
          const halves = machine.halves(home.halves, length);
          for (let i = 0; i < length; i++) halves[i] = nearestHalf(values[i]!);
        } else view(buffer).set(values);
      };
      write();
      tape?.written(values, write);
      return buffer;
    },
    async read(handle) {
      const copy = view(handle).slice();
      await turn(heap.statistics.reached);
      return copy;
    },
    peek: view,
    run(form, inputs) {
      const out = made(outputSize(form));
      const homes = inputs.map(homeOf);
      tape?.before(form, [out.home, ...homes]);
      evaluate(at(), form, homes, out.home);
      return out;
    },
    record(inputs, work) {
      const own = tapeOn(machine, inputs);
      tape = own;
      try {
        const result = work();
        if (own.whole) return { result, run: own.play, free: own.free };
      } catch (error) {
        own.free();
        throw error;
      } finally {
        tape = undefined;
      }
      own.free();
      return undefined;
    },
    update(update, weights, state, gradient) {
      check(
        step !== undefined,
        () => "This backend only predicts; train on one that fast() makes, of the package pss-dlrm.",
      );
      tape?.spoil();
      const stepped = {
        weights: homeOf(weights),
        state: state.map(floatsOf),
        count: (weights as Buffer).length,
      };
      const given =
        gradient.kind === "dense"
          ? floatsOf(gradient.values)
          : gradient.parts.map(({ lookup, values }) => ({
              lookup,
              values: inside("update", homeOf(values)),
            }));
      step(machine, update, stepped, given);
      return { weights, state: [...state] };
    },
    free(handle) {
      const home = homeOf(handle);
      if (isOutside(home)) return;
      forgotten.unregister(handle);
      at().heap.give(isHalves(home) ? home.halves : home);
    },
    largestMemory: (storage) =>
      Math.min(
        largestUpload(4, storage),
        storage !== "f16" && spill < arenaBytes ? Number.POSITIVE_INFINITY : arenaBytes,
      ),
    limits: () => limitsOf(machine),
    destroy() {
      open = false;
      return machine.close();
    },
  };
}

/** Where an array lies that a step reads or changes besides its weights. */
function floatsOf(handle: Handle): Home {
  const { home } = handle as Buffer;
  if (isHalves(home)) throw noHalves("update");
  return home;
}

function hostArray(length: number): Float32Array {
  try {
    return new Float32Array(length);
  } catch {
    throw new InputError(
      `The fast backend needs an array of ${(4 * length) / 1e9} GB, more than this machine gives. Take a smaller memory (a higher compression) or a smaller batch.`,
    );
  }
}
