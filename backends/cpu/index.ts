import type { Backend, FloatArray, Handle, Precision } from "../../core/backend.ts";
import { type Form, outputSize } from "../../core/form.ts";
import { fromHalves, noHalves, toHalves } from "../../core/numeric/half.ts";
import { largestUpload } from "../host.ts";
import { evaluate } from "./forms.ts";
import { gather } from "./lookup.ts";
import { applyUpdate } from "./update.ts";

/**
 * The reference backend in one precision: sums in doubles, each result rounded once when it is stored. Halves are an
 * array of their bits, in either precision.
 */
function reference(name: string, precision: Precision): Backend {
  const store = (size: number): FloatArray =>
    precision === "f64" ? new Float64Array(size) : new Float32Array(size);
  const floats = (handle: Handle, what: string): FloatArray => {
    if (handle instanceof Uint16Array) throw noHalves(what);
    return handle as FloatArray;
  };
  const values = (handle: Handle): FloatArray =>
    handle instanceof Uint16Array ? fromHalves(handle, store(handle.length)) : (handle as FloatArray);
  return {
    name,
    precision,
    upload(values, storage) {
      if (storage === "f16") return toHalves(values);
      const buffer = store(values.length);
      buffer.set(values);
      return buffer;
    },
    read: async (handle) => values(handle).slice(),
    peek: values,
    run(form: Form, inputs: readonly Handle[]) {
      if (form.kind !== "gather")
        return evaluate(
          form,
          inputs.map((input) => floats(input, form.kind)),
          store,
        );
      const out = store(outputSize(form));
      gather(form.lookup, inputs[0] as FloatArray | Uint16Array, out);
      return out;
    },
    update(update, weights, state, gradient) {
      const others = gradient.kind === "dense" ? [gradient] : gradient.parts;
      for (const handle of [...state, ...others.map((part) => part.values)]) floats(handle, "update");
      applyUpdate(update, weights as FloatArray | Uint16Array, state, gradient, precision);
      return { weights, state: [...state] };
    },
    largestMemory: (storage) => largestUpload(precision === "f64" ? 8 : 4, storage),
    free: () => {}, // buffers are ordinary arrays: the collector takes them
  };
}

/** The reference backend: the definition of every form, as loops that can be read aloud. Stores f32, sums in f64. */
export const cpu: Backend = reference("cpu", "f32");

/** The same loops in f64 throughout: the oracle that other backends and the golden numbers are checked against. */
export const cpu64: Backend = reference("cpu64", "f64");

/** A form's result in doubles from inputs in doubles: what error bounds are measured from. */
export const oracle = (form: Form, inputs: readonly FloatArray[]): FloatArray =>
  evaluate(
    form,
    inputs.map((x) => Float64Array.from(x)),
    (size) => new Float64Array(size),
  );
