import type { FloatArray } from "../../core/backend.ts";
import type { MapForm } from "../../core/form.ts";
import type { Scalar } from "../../core/scalar.ts";
import { broadcastStrides, type Shape, sameShape, sizeOf, stridesOf } from "../../core/shape.ts";

/** Where cell i of the output reads an input: the same cell, the only cell, or a cell from a list. */
type Access = "same" | "only" | Uint32Array;

type Loop = (out: FloatArray, values: readonly FloatArray[], accesses: readonly Access[]) => void;

const loops = new Map<string, Loop>();

/** out[i] = f(x₁[…], …, x_k[…]) */
export function map({ f, shape, inputs }: MapForm, values: readonly FloatArray[], out: FloatArray): void {
  const accesses = inputs.map((input) => accessOf(input, shape));
  const kinds = accesses.map((access) => (typeof access === "string" ? access : "list"));
  const key = `${kinds} ${f.inputs} => ${f.expression}`;
  let loop = loops.get(key);
  if (loop === undefined) {
    loop = writeLoop(f, kinds);
    loops.set(key, loop);
  }
  loop(out, values, accesses);
}

/** The loop over all cells as one compiled function, so that the scalar function is part of it and not a call. */
function writeLoop(f: Scalar, kinds: readonly string[]): Loop {
  const cell = (kind: string, k: number) => (kind === "same" ? "i" : kind === "only" ? "0" : `at${k}[i]`);
  const lines = [
    ...f.inputs.map((_, k) => `const in${k} = values[${k}], at${k} = accesses[${k}];`),
    "for (let i = 0; i < out.length; i++) {",
    ...f.inputs.map((name, k) => `  const ${name} = in${k}[${cell(kinds[k]!, k)}];`),
    `  out[i] = ${f.expression};`,
    "}",
  ];
  return new Function("out", "values", "accesses", lines.join("\n")) as Loop;
}

function accessOf(input: Shape, shape: Shape): Access {
  if (sameShape(input, shape)) return "same";
  if (sizeOf(input) === 1) return "only";
  const strides = broadcastStrides(input, shape);
  const outer = stridesOf(shape);
  return Uint32Array.from({ length: sizeOf(shape) }, (_, i) =>
    shape.reduce((at, size, axis) => at + (Math.floor(i / outer[axis]!) % size) * strides[axis]!, 0),
  );
}
