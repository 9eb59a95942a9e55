import type { Backend, FloatArray, Handle, StoredAs } from "./backend.ts";
import { check } from "./errors.ts";
import type { Form } from "./form.ts";
import { type Shape, showShape, sizeOf } from "./shape.ts";

/** How a tensor was made: what a reverse sweep needs, and what a comparison of two backends needs. */
export interface Origin {
  readonly op: { readonly name: string };
  /** What the backend ran. */
  readonly form: Form | "view";
  readonly inputs: readonly Tensor[];
  /** Cotangents of the inputs, given the cotangent of the result. */
  readonly vjp: (cotangent: Tensor) => readonly (Cotangent | null)[];
}

/** ∂loss/∂tensor: a tensor of the same shape, or, for memory that was only gathered from, what each gather contributes. */
export type Cotangent = Tensor | SparseGradient;

/** The gradient of a memory M as a sum of signed scatters that nobody has carried out yet. */
export interface SparseGradient {
  readonly kind: "contributions";
  readonly parts: readonly { readonly lookup: import("./lookup.ts").Lookup; readonly cotangent: Tensor }[];
}

/** A buffer and the number of tensors that look at it. */
interface Cell {
  handle: Handle;
  viewers: number;
}

let live = 0;
const scopes: Set<Tensor>[] = [];

/**
 * Number of buffers held by tensors that nobody freed, over all backends. A law holds it constant over training steps. What
 * was dropped without `free` stays counted, though its backend takes it back when the collector finds it: no count depends
 * on when that is.
 */
export const liveTensors = (): number => live;

/** An immutable array of numbers on a backend, and how it was computed. Row-major, contiguous. */
export class Tensor {
  readonly backend: Backend;
  readonly shape: Shape;
  readonly origin: Origin | undefined;
  #cell: Cell | undefined;

  private constructor(backend: Backend, shape: Shape, cell: Cell, origin: Origin | undefined) {
    this.backend = backend;
    this.shape = shape;
    this.origin = origin;
    this.#cell = cell;
    if (cell.viewers++ === 0) live++;
    scopes.at(-1)?.add(this);
  }

  /** A tensor that owns `handle`. */
  static of(backend: Backend, shape: Shape, handle: Handle, origin?: Origin): Tensor {
    return new Tensor(backend, shape, { handle, viewers: 0 }, origin);
  }

  /** The same numbers under another shape; shares the buffer. */
  view(shape: Shape, origin?: Origin): Tensor {
    check(
      sizeOf(shape) === sizeOf(this.shape),
      () =>
        `A tensor of shape ${showShape(this.shape)} cannot be viewed as ${showShape(shape)}: the number of elements differs.`,
    );
    return new Tensor(this.backend, shape, this.#held(), origin);
  }

  get handle(): Handle {
    return this.#held().handle;
  }

  /** Puts another buffer in this tensor's place: what an optimizer step does to a parameter. */
  replace(handle: Handle): void {
    this.#held().handle = handle;
  }

  /** Puts other numbers in this tensor's place, stored as `storage` says. */
  write(values: ArrayLike<number>, storage?: StoredAs): void {
    check(
      values.length === sizeOf(this.shape),
      () => `A tensor of shape ${showShape(this.shape)} cannot take ${values.length} numbers.`,
    );
    this.backend.free(this.handle);
    this.replace(this.backend.upload(values, storage));
  }

  /** The numbers. The one asynchronous thing about tensors. */
  data(): Promise<FloatArray> {
    return this.backend.read(this.handle);
  }

  /** The number, of a tensor that holds just one. */
  async item(): Promise<number> {
    check(
      sizeOf(this.shape) === 1,
      () => `item() needs a tensor of one number, but its shape is ${showShape(this.shape)}.`,
    );
    return (await this.data())[0]!;
  }

  /** Gives the buffer back, once no other view needs it. A freed tensor can no longer be used. Freeing twice is harmless. */
  free(): void {
    const cell = this.#cell;
    if (cell === undefined) return;
    this.#cell = undefined;
    if (--cell.viewers > 0) return;
    live--;
    this.backend.free(cell.handle);
  }

  #held(): Cell {
    check(
      this.#cell !== undefined,
      () =>
        `A tensor of shape ${showShape(this.shape)} was used after it was freed: return it from its scope() to keep it.`,
    );
    return this.#cell;
  }
}

/** A tensor of `shape` with these numbers on `backend`; with `storage` "f16" a memory of halves, see {@link Backend}. */
export function tensor(
  backend: Backend,
  shape: Shape,
  values: ArrayLike<number>,
  storage?: StoredAs,
): Tensor {
  check(
    values.length === sizeOf(shape),
    () => `Shape ${showShape(shape)} holds ${sizeOf(shape)} numbers, but ${values.length} were given.`,
  );
  return Tensor.of(backend, shape, backend.upload(values, storage));
}

/**
 * Runs `work` and frees every tensor made in it except those it returns (alone, in an array or as an object's values).
 * Synchronous: read results after the scope has returned them.
 */
export function tidy<R>(work: () => R): R {
  const made = new Set<Tensor>();
  scopes.push(made);
  try {
    const result = work();
    for (const kept of tensorsIn(result)) {
      if (!made.delete(kept)) continue;
      scopes.at(-2)?.add(kept);
    }
    return result;
  } finally {
    scopes.pop();
    for (const t of made) t.free();
  }
}

/** Takes `kept` out of the scope that would free it: for parameters and optimizer state. */
export function keep(kept: Tensor): Tensor {
  for (const made of scopes) made.delete(kept);
  return kept;
}

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.values(value).flatMap(tensorsIn);
  }
  return [];
}
