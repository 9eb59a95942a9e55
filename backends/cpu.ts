import type { Backend, FloatArray, Handle, Precision } from "../core/backend.ts";
import type { Form } from "../core/form.ts";
import { evaluate } from "./cpu/forms.ts";
import { applyUpdate } from "./cpu/update.ts";

/** The reference backend in one precision: sums in doubles, each result rounded once when it is stored. */
function reference(name: string, precision: Precision): Backend {
  const store = (size: number): FloatArray =>
    precision === "f64" ? new Float64Array(size) : new Float32Array(size);
  return {
    name,
    precision,
    upload: (values) => {
      const buffer = store(values.length);
      buffer.set(values);
      return buffer;
    },
    read: async (handle) => (handle as FloatArray).slice(),
    peek: (handle) => handle as FloatArray,
    run: (form: Form, inputs: readonly Handle[]) => evaluate(form, inputs as readonly FloatArray[], store),
    update: applyUpdate,
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
