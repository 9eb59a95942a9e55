import type { DeviceBackend, FloatArray, Handle, Update, UpdateGradient } from "../../core/backend.ts";
import { check, InputError, orRefusal } from "../../core/errors.ts";
import { type Form, outputSize } from "../../core/form.ts";
import { stepsOf } from "../../core/optimizers/steps.ts";
import { turns } from "../turns.ts";
import { evaluate } from "./evaluate.ts";
import { type Device, type Mode, modes, openDevice } from "./library.ts";
import { checkLength, runnerOn, type Statistics, type Stored } from "./runner.ts";
import { step } from "./step.ts";
import { mostCells } from "./text.ts";

/** A backend whose kernels gpu.js runs, in one of its modes. */
export interface Gpu extends DeviceBackend {
  readonly mode: Mode;
  readonly statistics: Readonly<Statistics>;
}

/** A buffer that may still be on its way. */
interface Pending {
  readonly length: number;
  readonly stored: Promise<Stored>;
}

/**
 * A backend on gpu.js. With a `mode` exactly that one, or an InputError that says what it needs. Without: the best
 * that is here: WebGPU, WebGL 2, WebGL or headless GL on a real GPU, else WebAssembly. Its name tells which.
 */
export async function gpu({ mode }: { mode?: Mode | undefined } = {}): Promise<Gpu> {
  check(
    mode === undefined || modes.includes(mode),
    () => `gpu.js has no mode "${mode}"; choose one of ${modes.join(", ")}.`,
  );
  return gpuOn(mode === undefined ? await bestDevice() : await openDevice(mode));
}

/** The first mode that opens. A software driver is slower than WebAssembly, so it does not count as a GPU. */
export async function bestDevice(open: (mode: Mode) => Promise<Device> = openDevice): Promise<Device> {
  for (const mode of modes) {
    const device = await orRefusal(open(mode));
    if (device instanceof InputError) continue;
    if (!device.software) return device;
    await device.destroy();
  }
  throw new InputError("gpu.js has no mode that runs here, not even cpu.");
}

/**
 * The backend of one device. Work is queued and done in order, since some modes answer with promises: a handle is one,
 * building stays synchronous, and what is freed after its last use was queued is freed after that use.
 *
 * Long: methods of one closure, each short, over one queue.
 */
export function gpuOn(device: Device): Gpu {
  const runner = runnerOn(device);
  const { statistics } = runner;
  let tail: Promise<unknown> = Promise.resolve();
  let open = true;
  const queued = <Result>(work: () => Promise<Result>): Promise<Result> => {
    check(open, () => `The backend gpu:${device.mode} was destroyed; make another with gpu().`);
    const result = tail.then(work);
    tail = result.catch(() => {}); // what failed is told to who reads it
    return result;
  };
  const drop = (stored: Promise<Stored>) => {
    if (open) void queued(async () => runner.drop(await stored)).catch(() => {});
  };
  // What nobody frees is given back when the collector has found its handle, in a turn of the host's loop.
  const forgotten = new FinalizationRegistry(drop);
  const turn = turns();
  const held = (length: number, stored: Promise<Stored>): Pending => {
    const handle = { length, stored: heard(stored) };
    forgotten.register(handle, stored, handle);
    return handle;
  };
  const pending = (length: number, work: () => Promise<Stored>) => held(length, queued(work));
  const settled = (handles: readonly Handle[]) => Promise.all(handles.map((h) => (h as Pending).stored));

  return {
    name: `gpu:${device.mode}`,
    precision: "f32",
    mode: device.mode,
    device: { name: device.name, software: device.software },
    statistics,
    upload(values, storage) {
      check(
        storage === undefined,
        () =>
          `gpu.js has no arrays of halves, so gpu:${device.mode} cannot store a memory as f16, int8 or int4; take the backend fast or cpu, or --storage f32.`,
      );
      checkLength(values.length, device, "An array");
      const copy = Float32Array.from(values);
      return pending(copy.length, () => runner.put(copy));
    },
    async read(handle): Promise<FloatArray> {
      const copy = await queued(async () => runner.get(await (handle as Pending).stored));
      await turn(runner.reached);
      return copy;
    },
    run(form: Form, inputs) {
      if ("lookup" in form) checkLength(form.lookup.starts.length, device, "The list of a lookup's blocks");
      const size = outputSize(form);
      checkLength(size, device, "An array");
      return pending(size, async () => evaluate(form, await settled(inputs), runner));
    },
    update(update: Update, weights, state, gradient: UpdateGradient) {
      stepsOf(update); // what cannot be parsed is refused here, not when the queue comes to it
      const handles = [weights, ...state] as Pending[];
      const stepped = heard(
        queued(async () => step(update, await settled(handles), await gradientOf(gradient), runner)),
      );
      for (const consumed of handles) forgotten.unregister(consumed);
      const [w, ...s] = handles.map(({ length }, i) =>
        held(
          length,
          stepped.then((made) => made[i]!),
        ),
      );
      return { weights: w!, state: s };
    },
    largestMemory: () => 4 * mostCells,
    free(handle) {
      forgotten.unregister(handle);
      drop((handle as Pending).stored);
    },
    async destroy() {
      if (!open) return;
      const destroyed = queued(() => runner.destroy());
      open = false;
      await destroyed;
    },
  };

  async function gradientOf(gradient: UpdateGradient) {
    if (gradient.kind === "dense") return (await settled([gradient.values]))[0]!;
    const values = await settled(gradient.parts.map((part) => part.values));
    return gradient.parts.map(({ lookup }, i) => ({ lookup, values: values[i]! }));
  }
}

/** A promise whose failure is told to who waits for it, and is no unhandled one where nobody does. */
function heard<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => {});
  return promise;
}
