import type { FloatArray } from "./backend.ts";
import { type Form, outputSize } from "./form.ts";
import { eachRead } from "./lookup.ts";
import { gamma, smallestNormal } from "./numeric/number.ts";

/** Computes a form in doubles: the reference backend's, handed in because core knows no backend. */
type Evaluate = (form: Form, inputs: readonly FloatArray[]) => FloatArray;

/**
 * How far each element of a form's result may be from the exact one on a backend with rounding error `u`, given the
 * very same inputs. For forms that sum products of k terms it is γ_k · Σ|a||b|, which is γ_k times the form of the
 * inputs' absolute values (Higham §3.1); for maps it is the ulps that the scalar function declares. Devices may take
 * numbers below the smallest normal one for 0: each term may lose that much, and inputs of that kind count as 0 or not.
 */
export function errorBound(
  form: Form,
  inputs: readonly FloatArray[],
  exact: FloatArray,
  u: number,
  evaluate: Evaluate,
): Float64Array {
  const bound = roundingBound(form, inputs, exact, u, evaluate);
  if (!inputs.some((x) => x.some((v) => v !== flushed(v)))) return bound;
  const without = evaluate(
    form,
    inputs.map((x) => Float64Array.from(x, flushed)),
  );
  return bound.map((allowed, i) => allowed + Math.abs(without[i]! - exact[i]!));
}

/** What a device without subnormal numbers reads. */
const flushed = (v: number): number => (Math.abs(v) < smallestNormal.f32 ? 0 : v);

function roundingBound(
  form: Form,
  inputs: readonly FloatArray[],
  exact: FloatArray,
  u: number,
  evaluate: Evaluate,
): Float64Array {
  const floor = smallestNormal.f32;
  if (form.kind === "map") {
    const { f } = form;
    const magnitude = f.magnitude && evaluate({ ...form, f: f.magnitude }, inputs);
    return Float64Array.from(exact, (y, i) => f.ulps * u * Math.abs(magnitude?.[i] ?? y) + floor);
  }
  const sizes = evaluate(
    withoutSigns(form),
    inputs.map((x) => Float64Array.from(x, Math.abs)),
  );
  const terms = termCounts(form);
  return Float64Array.from(sizes, (size, i) => gamma(terms(i), u) * size + (terms(i) + 1) * floor);
}

/** The form that adds what this one may subtract; epilogues here (relu) bring no number closer to another than 1:1. */
export function withoutSigns(form: Form): Form {
  if (form.kind === "matmul") {
    const { f: _, ...plain } = form;
    return plain;
  }
  if (form.kind !== "gather" && form.kind !== "scatter") return form;
  const { signs: _, ...lookup } = form.lookup;
  return { ...form, lookup };
}

/** The number of roundings on the way to element i of the result: products and additions of its longest sum. */
export function termCounts(form: Exclude<Form, { kind: "map" }>): (i: number) => number {
  switch (form.kind) {
    case "arrange":
      return () => 0;
    case "reduce":
      return () => form.summed;
    case "matmul":
      return () => form.k + 2;
    case "pairs":
      return () => 2 * form.dim + 1;
    case "mix":
      return () => form.vectors + 2;
    case "gather":
    case "scatter": {
      const reads = new Uint32Array(outputSize(form));
      const { dim } = form.lookup;
      eachRead(
        form.lookup,
        (bag, column, slot) => void reads[form.kind === "gather" ? bag * dim + column : slot]!++,
      );
      return (i) => reads[i]! + 1;
    }
  }
}
