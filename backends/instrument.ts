import type { Backend, Handle } from "../core/backend.ts";
import { type Form, outputSize, pairCount } from "../core/form.ts";
import { bagCount, itemCount, type Lookup } from "../core/lookup.ts";

/** What one kind of work cost so far. */
interface Cost {
  calls: number;
  /** Additions and multiplications, counted from the form's sizes. */
  flops: number;
  milliseconds: number;
}

interface Observation {
  /** By form ("matmul", "gather", …), and "update". */
  readonly costs: Readonly<Record<string, Cost>>;
  /** Bytes handed to the device by uploads and lookups, and brought back by reads. */
  bytesUp: number;
  bytesDown: number;
  /** Buffers made and not freed yet. */
  buffers: number;
}

/** One form or optimizer step, when it ran (`performance.now()`), and what it had to do. */
export interface FormCall {
  readonly kind: Form["kind"] | "update";
  readonly from: number;
  readonly to: number;
  /** Additions and multiplications. */
  readonly flops: number;
  /** Bytes of floats read and written at least. */
  readonly bytes: number;
}

/**
 * A backend that does what `backend` does, keeps count, and tells `each` event. Times are of the call alone; a device
 * may finish later. Long: methods of one closure, each short, over one set of counts.
 */
export function instrument(
  backend: Backend,
  each: (event: FormCall) => void = () => {},
): { backend: Backend; observation: Observation } {
  const bytes = backend.precision === "f64" ? 8 : 4;
  const costs: Record<string, Cost> = {};
  const observation: Observation = { costs, bytesUp: 0, bytesDown: 0, buffers: 0 };
  const lengths = new WeakMap<Handle, number>();
  const halves = new WeakSet<Handle>();
  /** Floats that take as many bytes as `count` numbers of an array. */
  const asFloats = (handle: Handle | undefined, count: number): number =>
    handle && halves.has(handle) ? (2 * count) / bytes : count;
  const lengthOf = (handle: Handle): number => asFloats(handle, lengths.get(handle) ?? 0);
  const timed = <R>(kind: FormCall["kind"], flops: number, floats: number, work: () => R): R => {
    const from = performance.now();
    const result = work();
    const to = performance.now();
    costs[kind] ??= { calls: 0, flops: 0, milliseconds: 0 };
    const cost = costs[kind];
    cost.calls++;
    cost.flops += flops;
    cost.milliseconds += to - from;
    each({ kind, from, to, flops, bytes: bytes * floats });
    return result;
  };
  const made = <H extends Handle>(handle: H, length: number): H => {
    observation.buffers++;
    lengths.set(handle, length);
    return handle;
  };
  const { record: _, ...rest } = backend; // what is recorded would be done again uncounted
  const observed: Backend = {
    ...rest,
    name: `observed ${backend.name}`,
    upload(values, storage) {
      const handle = made(backend.upload(values, storage), values.length);
      if (storage === "f16") halves.add(handle);
      observation.bytesUp += lengthOf(handle) * bytes;
      return handle;
    },
    async read(handle) {
      const values = await backend.read(handle);
      observation.bytesDown += asFloats(handle, values.length) * bytes;
      return values;
    },
    run(form, inputs) {
      if (form.kind === "gather" || form.kind === "scatter") observation.bytesUp += lookupBytes(form.lookup);
      const size = outputSize(form);
      const read = inputs.reduce((n, input) => n + lengthOf(input), 0);
      const floats =
        form.kind === "gather" ? asFloats(inputs[0], floatsRead(form.lookup)) + size : read + size;
      return made(
        timed(form.kind, flopsOf(form, inputs.length), floats, () => backend.run(form, inputs)),
        size,
      );
    },
    update(step, weights, state, gradient) {
      if (gradient.kind === "sparse")
        for (const { lookup } of gradient.parts) observation.bytesUp += lookupBytes(lookup);
      const touched =
        gradient.kind === "dense"
          ? (lengths.get(weights) ?? 0)
          : gradient.parts.reduce((n, { lookup }) => n + floatsRead(lookup), 0);
      // Weights and state are read and written, the gradient is read.
      const floats = 2 * asFloats(weights, touched) + ((2 * state.length) / step.width + 1) * touched;
      const after = timed("update", 0, floats, () => backend.update(step, weights, state, gradient));
      if (halves.has(weights)) halves.add(after.weights);
      lengths.set(after.weights, lengths.get(weights) ?? 0);
      return after;
    },
    free(handle) {
      observation.buffers--;
      backend.free(handle);
    },
  };
  return { backend: observed, observation };
}

const lookupBytes = ({ starts, signs, bags }: Lookup): number =>
  starts.byteLength + (signs?.byteLength ?? 0) + bags.byteLength;

/** A lookup reads the slots of its items, not all of memory. */
const floatsRead = (lookup: Lookup): number => itemCount(lookup) * lookup.dim;

/** Additions and multiplications of a form of so many inputs; a scalar function counts as one. */
function flopsOf(form: Form, inputs: number): number {
  switch (form.kind) {
    case "map":
      return outputSize(form);
    case "reduce":
      return form.outer * form.summed * form.inner;
    case "matmul":
      return 2 * form.n * form.k * form.m;
    case "gather":
    case "scatter":
      return floatsRead(form.lookup) + bagCount(form.lookup) * form.lookup.dim;
    case "pairs": // of two inputs, each pair is two products
      return 2 * inputs * form.samples * pairCount(form.vectors, form.itself) * form.dim;
    case "mix":
      return 2 * form.samples * form.vectors * (form.vectors - (form.itself ? 0 : 1)) * form.dim;
    case "arrange":
      return 0;
  }
}
