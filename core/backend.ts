import type { Form } from "./form.ts";
import type { Lookup } from "./lookup.ts";

/** Numbers of a backend on the host: f32 or f64, by its precision. */
export type FloatArray = Float32Array | Float64Array;

/** How a backend stores numbers. Sums may be kept wider than they are stored. */
export type Precision = "f32" | "f64";

/** A buffer of a backend: opaque to everyone else. May stand for a result that is still being computed. */
export type Handle = object;

/** A way to store floats other than in the backend's precision: IEEE 754 binary16, two bytes each. */
export type StoredAs = "f16";

/** The multiples k · step of a power of two with −2^(bits−1) ≤ k < 2^(bits−1), each of which is a half. */
export interface Grid {
  /** 2 to 8. */
  readonly bits: number;
  /** 2⁻²⁴ to 2⁸. */
  readonly step: number;
}

/**
 * Which of its two neighbors a number becomes that is stored as a half. "nearest": the nearer one, of two equally near
 * the even one. "stochastic": the farther from 0 with a probability that is how far the number lies on the way to it,
 * by random bits that the two words and the index of the weight decide alone: see `half.ts`. Where there is a grid, its two
 * neighbors are numbers of that; one beyond its last becomes the last.
 */
export type Rounding = (
  | { readonly mode: "nearest" }
  | { readonly mode: "stochastic"; readonly keys: readonly [number, number] }
) & { readonly grid?: Grid };

/** One step of an optimizer on one parameter, as data. See `optimizer.ts` for what the expressions mean. */
export interface Update {
  /** Optimizer's name, for messages and kernel caches. */
  readonly name: string;
  /**
   * Assignments in order, those to state before those to `w`, each an expression over the weight `w`, the gradient `g`,
   * `meanSquare`, state and hyper names. A backend walks their trees: see `stepsOf` in `optimizers/steps.ts`.
   */
  readonly steps: readonly { readonly target: string; readonly expression: string }[];
  /** Names of the state arrays, in the order of their handles. */
  readonly state: readonly string[];
  /** Numbers of this step (rate, betas, bias corrections, …) by name. */
  readonly hyper: Readonly<Record<string, number>>;
  /** What a gradient of zero does to a weight and its state: see `Optimizer`. "nothing" allows to step it all the same. */
  readonly zeroGradient: "nothing" | "something" | "skip";
  /** Weights that share one state entry: 1, or the row length for row-wise state. `meanSquare` is the mean of g² over them. */
  readonly width: number;
  /** Present where, and only where, the weights are stored as halves: the step is in f32, its result is rounded so. */
  readonly rounding?: Rounding;
}

/** A gradient ready for an update: one number a weight, or what each lookup contributes to the slots it touches. */
export type UpdateGradient =
  | { readonly kind: "dense"; readonly values: Handle }
  | {
      readonly kind: "sparse";
      readonly parts: readonly { readonly lookup: Lookup; readonly values: Handle }[];
    };

/** A computation that is done again, on other numbers in the same arrays. */
export interface Recording {
  /** What `work` returned. It holds the result of the last run. */
  readonly result: Handle;
  /** Does what `work` did, with what the inputs hold by now. */
  run(): void;
  /** Gives back all its arrays. */
  free(): void;
}

/** What a device reaches in loops that do nothing else. */
export interface Limits {
  /** Multiplications and additions in registers, 10⁹ a second. */
  readonly gflops: number;
  /** Bytes read and written by a copy that no cache holds, 10⁹ a second. */
  readonly gigabytes: number;
}

/**
 * A device that stores floats and computes forms. Tensors carry their backend; none is global. Building is synchronous,
 * only `read` waits. `backends/cpu/index.ts` is the definition that every other backend is tested against.
 */
export interface Backend {
  readonly name: string;
  readonly precision: Precision;
  /** What computes, where that is not this process: the driver's words, and whether it only imitates a GPU on the CPU. */
  readonly device?: { readonly name: string; readonly software: boolean };
  /**
   * With `storage` "f16" each number is rounded to the nearest half, and kept as one: to be read, gathered from and
   * stepped only. Throws an InputError where the backend has no such arrays.
   */
  upload(values: ArrayLike<number>, storage?: StoredAs): Handle;
  /** A copy of a buffer's numbers on the host, once they are computed. */
  read(handle: Handle): Promise<FloatArray>;
  /** The numbers at once, where they lie in the host's own memory: the very buffer, or a copy of what is stored as halves. */
  peek?(handle: Handle): FloatArray;
  /** A new buffer with what the form makes of the inputs, which stay as they are. */
  run(form: Form, inputs: readonly Handle[]): Handle;
  /**
   * Applies one optimizer step. Consumes the handles of `weights` and `state` and returns those that hold the new
   * values (they may be the same). A sparse gradient changes only the slots it touches, and their state.
   */
  update(
    update: Update,
    weights: Handle,
    state: readonly Handle[],
    gradient: UpdateGradient,
  ): { weights: Handle; state: Handle[] };
  /**
   * Gives a buffer back; its handle is not used again. A backend on a device takes back what was dropped, some time after
   * the collector has found its handle.
   */
  free(handle: Handle): void;
  /**
   * Runs `work`, which makes a result of `inputs`, and remembers how. Undefined where that cannot be done again: where other
   * numbers were uploaded, a lookup came from other ids or from none, or a step of an optimizer was taken.
   */
  record?(inputs: readonly (FloatArray | Uint32Array)[], work: () => Handle): Recording | undefined;
  /** Bytes that one array can have at most, on this machine, stored so, if it is uploaded. Absent where nothing is known. */
  largestMemory?(storage?: StoredAs): number;
  /** Measures, in some tenths of a second, what this device can do at most. */
  limits?(): Limits;
}

/** A backend that says what computes, counts what it holds there, and can be ended. */
export interface DeviceBackend extends Backend {
  readonly device: NonNullable<Backend["device"]>;
  readonly statistics: { readonly arrays: number };
  /** Lets go of everything that it holds. The backend can no longer be used. */
  destroy(): Promise<void>;
}
