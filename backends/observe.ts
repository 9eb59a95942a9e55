import type { Backend, Handle } from "../core/backend.ts";
import { type Form, outputSize } from "../core/form.ts";
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

/** A backend that does what `backend` does and keeps count. Times are of the call alone; a device may finish later. */
export function observe(backend: Backend): { backend: Backend; observation: Observation } {
  const bytes = backend.precision === "f64" ? 8 : 4;
  const costs: Record<string, Cost> = {};
  const observation: Observation = { costs, bytesUp: 0, bytesDown: 0, buffers: 0 };
  const timed = <R>(kind: string, flops: number, work: () => R): R => {
    const from = performance.now();
    const result = work();
    costs[kind] ??= { calls: 0, flops: 0, milliseconds: 0 };
    const cost = costs[kind];
    cost.calls++;
    cost.flops += flops;
    cost.milliseconds += performance.now() - from;
    return result;
  };
  const made = <H extends Handle>(handle: H): H => {
    observation.buffers++;
    return handle;
  };
  const observed: Backend = {
    ...backend,
    name: `observed ${backend.name}`,
    upload(values) {
      observation.bytesUp += values.length * bytes;
      return made(backend.upload(values));
    },
    async read(handle) {
      const values = await backend.read(handle);
      observation.bytesDown += values.length * bytes;
      return values;
    },
    run(form, inputs) {
      if (form.kind === "gather" || form.kind === "scatter") observation.bytesUp += lookupBytes(form.lookup);
      return made(timed(form.kind, flopsOf(form), () => backend.run(form, inputs)));
    },
    update(step, weights, state, gradient) {
      if (gradient.kind === "sparse")
        for (const { lookup } of gradient.parts) observation.bytesUp += lookupBytes(lookup);
      return timed("update", 0, () => backend.update(step, weights, state, gradient));
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

/** Additions and multiplications of a form; a scalar function counts as one. */
export function flopsOf(form: Form): number {
  switch (form.kind) {
    case "map":
      return outputSize(form);
    case "reduce":
      return form.outer * form.summed * form.inner;
    case "matmul":
      return 2 * form.n * form.k * form.m;
    case "gather":
    case "scatter":
      return (itemCount(form.lookup) + bagCount(form.lookup)) * form.lookup.dim;
    case "pairs":
    case "mix":
      return form.samples * form.vectors * form.vectors * form.dim * 2;
    case "arrange":
      return 0;
  }
}
