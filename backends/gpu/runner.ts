import { check, InputError } from "../../core/errors.ts";
import { type Device, isOnHost, type Launch, type Settings, type Values } from "./library.ts";
import { type Kernel, mostCells, sourceOf } from "./text.ts";

/** An array on the device, and its number of floats. */
export interface Stored {
  readonly length: number;
  readonly values: Values;
}

/** What a backend has done and holds. */
export interface Statistics {
  /** Arrays now held. */
  arrays: number;
  /** Kernels built. */
  kernels: number;
  /** Bytes sent to kernels from the host's memory, and read back. */
  bytesUp: number;
  bytesDown: number;
}

/** Launches kernels on a device and keeps account of what they made. */
export interface Runner {
  readonly device: Device;
  readonly statistics: Statistics;
  /** Bytes of arrays that were ever held at once. */
  readonly reached: number;
  /** Runs `kernel` on arrays of the device or of the host, then numbers. The result has one owner, who drops it. */
  launch(
    kernel: Kernel,
    arrays: readonly (Stored | Float32Array)[],
    numbers?: readonly number[],
  ): Promise<Stored>;
  /** Builds, once for each key, and calls a kernel of another kind than one float a cell. */
  call<Result>(source: string, settings: Settings, arrays: readonly Values[]): Promise<Result>;
  /** Host numbers as an array of the device; takes them over. */
  put(values: Float32Array): Promise<Stored>;
  get(stored: Stored): Promise<Float32Array>;
  drop(stored: Stored): void;
  destroy(): Promise<void>;
}

/**
 * Kernels kept where results are in the host's memory. Each of gpu.js's WebAssembly kernels reserves gigabytes of address
 * space: Chromium has room for 124, Node for many more. On a device a kernel owns how its results are deleted, so there
 * all are kept.
 */
const mostOnHost = typeof document === "undefined" ? 512 : 96;

const typeOf = (values: Values): string => (values instanceof Float32Array ? "Array" : values.type);

/** Throws where an array is too long for kernels, before anything runs. */
export function checkLength(length: number, device: Device, what: string): void {
  check(
    length <= mostCells,
    () =>
      `${what} has ${length} floats, but gpu.js computes indices as 32-bit floats, which are exact up to ${mostCells} only; use a smaller memory or batch, or the backend cpu (asked of ${device.mode}).`,
  );
}

/** What launches kernels on a device, and owns its arrays. Long: methods of one closure, each short, over one list of arrays. */
export function runnerOn(device: Device): Runner {
  const statistics: Statistics = { arrays: 0, kernels: 0, bytesUp: 0, bytesDown: 0 };
  const launches = new Map<string, Launch<unknown>>();
  const held = new Set<Stored>();
  let [bytesHeld, reached] = [0, 0];

  const build = <Result>(source: string, settings: Settings, key: string): Launch<Result> => {
    let launch = launches.get(key);
    if (launch === undefined) {
      launch = device.compile(source, settings);
      statistics.kernels++;
    } else launches.delete(key);
    launches.set(key, launch); // last in the map: last used
    if (isOnHost(device.mode) && launches.size > mostOnHost) {
      const [oldest, unused] = launches.entries().next().value!;
      unused.destroy();
      launches.delete(oldest);
    }
    return launch as Launch<Result>;
  };

  const hold = (values: Values, length: number): Stored => {
    const stored = { values, length };
    held.add(stored);
    statistics.arrays = held.size;
    bytesHeld += 4 * length;
    reached = Math.max(reached, bytesHeld);
    return stored;
  };

  const runner: Runner = {
    device,
    statistics,
    get reached() {
      return reached;
    },
    async launch(kernel, arrays, numbers = []) {
      const values = arrays.map((x) => (x instanceof Float32Array ? x : x.values));
      const settings: Settings = {
        output: [kernel.size],
        argumentTypes: [...values.map(typeOf), ...numbers.map(() => "Float")],
        loopMaxIterations: kernel.rounds ?? 1000,
      };
      const source = sourceOf(kernel);
      const key = `${kernel.size} ${arrays.map((x) => x.length)} ${settings.argumentTypes}\n${source}`;
      if (!isOnHost(device.mode)) {
        for (const x of values) if (x instanceof Float32Array) statistics.bytesUp += x.byteLength;
      }
      try {
        return hold(await build<Values>(source, settings, key)(...values, ...numbers), kernel.size);
      } catch (cause) {
        if (cause instanceof InputError) throw cause;
        throw new Error(
          `The kernel of ${kernel.kind} failed on ${device.mode}: ${(cause as Error).message}`,
          { cause },
        );
      }
    },
    async call(source, settings, arrays) {
      const key = `${settings.output} ${arrays.map((x) => (x as Float32Array).length)}\n${source}`;
      return build<never>(source, settings, key)(...arrays);
    },
    async put(values) {
      if (isOnHost(device.mode)) return hold(values, values.length);
      return runner.launch(
        { kind: "upload", arrays: ["in0"], size: values.length, body: "return in0[cell];" },
        [values],
      );
    },
    async get({ values }) {
      if (values instanceof Float32Array) return values.slice();
      const read = await values.toArray();
      statistics.bytesDown += read.byteLength;
      return read;
    },
    drop(stored) {
      if (!held.delete(stored)) return;
      statistics.arrays = held.size;
      bytesHeld -= 4 * stored.length;
      if (!(stored.values instanceof Float32Array)) stored.values.delete();
    },
    async destroy() {
      for (const stored of [...held]) runner.drop(stored);
      launches.clear();
      await device.destroy();
    },
  };
  return runner;
}
