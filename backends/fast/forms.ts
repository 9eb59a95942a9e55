import { type ArrangeForm, type Form, type MapForm, type MatmulForm, outputSize } from "../../core/form.ts";
import { positivePart } from "../../core/ops/functions.ts";
import { broadcastStrides, sizeOf, stridesOf } from "../../core/shape.ts";
import * as job from "./kernels/job.ts";
import { gather, scatter } from "./lookup.ts";
import type { Machine } from "./machine.ts";
import { type Home, inside } from "./outside.ts";
import { type Binding, programOfScalar, result, runProgram } from "./program.ts";

/** Computes `form` from arrays at `inputs` into the array at `out`. Only lookups reach arrays outside. */
export function evaluate(machine: Machine, form: Form, inputs: readonly Home[], out: Home): void {
  if (form.kind === "gather") gather(machine, form.lookup, inputs[0]!, inside(form.kind, out));
  else if (form.kind === "scatter") scatter(machine, form.lookup, inside(form.kind, inputs[0]!), out);
  else {
    const places = inputs.map((input) => inside(form.kind, input));
    evaluateInside(machine, form, places, inside(form.kind, out));
  }
}

function evaluateInside(
  machine: Machine,
  form: Exclude<Form, { kind: "gather" | "scatter" }>,
  inputs: readonly number[],
  out: number,
): void {
  const [x, y] = inputs as [number, number];
  switch (form.kind) {
    case "map":
      map(machine, form, inputs, out);
      break;
    case "reduce": {
      const { outer, summed, inner } = form;
      machine.launch(job.REDUCE, [outer, summed, inner, x, out], machine.threadsFor(outer * summed * inner));
      break;
    }
    case "matmul":
      matmul(machine, form, inputs, out);
      break;
    case "pairs":
    case "mix": {
      const { samples, vectors, dim, itself } = form;
      const kernel = form.kind === "pairs" ? job.PAIRS : job.MIX;
      const threads = machine.threadsFor(samples * vectors * vectors * dim);
      machine.launch(kernel, [samples, vectors, dim, Number(itself), x, y ?? x, out], threads);
      break;
    }
    case "arrange":
      arrange(machine, form, inputs, out);
  }
}

function map(machine: Machine, { f, shape, inputs }: MapForm, values: readonly number[], out: number): void {
  const bindings: Record<string, Binding> = { [result]: { array: out } };
  for (const [i, name] of f.inputs.entries()) {
    const [array, input] = [values[i]!, inputs[i]!];
    if (sizeOf(input) === sizeOf(shape)) bindings[name] = { array };
    else bindings[name] = { array, ...joined(shape, broadcastStrides(input, shape)) };
  }
  runProgram(machine, programOfScalar(f), sizeOf(shape), bindings);
}

/** The same walk over as few axes as will do: neighbors that are read as one are one. */
function joined(shape: readonly number[], strides: readonly number[]) {
  const [sizes, steps]: [number[], number[]] = [[], []];
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const stride = strides[axis]!;
    if (steps.at(-1) === stride * size) {
      sizes.push(sizes.pop()! * size);
      steps[steps.length - 1] = stride;
    } else {
      sizes.push(size);
      steps.push(stride);
    }
  }
  return { sizes, strides: steps };
}

function matmul(machine: Machine, form: MatmulForm, [a, b, bias]: readonly number[], out: number): void {
  const { n, k, m, transposeA, transposeB, f } = form;
  const positive = f === positivePart;
  const flags =
    (transposeA ? job.TRANSPOSED_A : 0) |
    (transposeB ? job.TRANSPOSED_B : 0) |
    (positive ? job.POSITIVE_PART : 0);
  const threads = machine.threadsFor(n * k * m);
  if (m === 1)
    machine.launch(transposeA ? job.VECMAT : job.MATVEC, [n, k, a!, b!, out, bias ?? 0, 0, flags], threads);
  else if (n === 1)
    machine.launch(transposeB ? job.MATVEC : job.VECMAT, [m, k, b!, a!, out, bias ?? 0, 1, flags], threads);
  else byPanels(machine, form, [a!, b!, out, bias ?? 0, flags], threads);
  if (f === undefined || positive) return;
  const bindings = { [f.inputs[0]!]: { array: out }, [result]: { array: out } };
  runProgram(machine, programOfScalar(f), outputSize(form), bindings);
}

function byPanels(
  { heap, kernels, launch, threadsFor }: Machine,
  { n, k, m }: MatmulForm,
  arrays: readonly number[],
  threads: number,
): void {
  const packed = heap.take(4 * kernels.packedSize(k, m));
  const scratch = heap.take(threads * kernels.matmulScratch());
  const words = [n, k, m, ...arrays, packed, scratch];
  launch(job.PACK, words, threadsFor(k * m));
  launch(job.MATMUL, words, threads);
  heap.give(packed);
  heap.give(scratch);
}

function arrange(
  machine: Machine,
  { shape, parts }: ArrangeForm,
  inputs: readonly number[],
  out: number,
): void {
  const size = sizeOf(shape);
  const covered = parts.reduce((n, { extent }) => n + sizeOf(extent), 0);
  if (covered < size) machine.floats(out, size).fill(0);
  const steps = stridesOf(shape);
  for (const [p, { offset, strides, start, extent }] of parts.entries()) {
    const cells = sizeOf(extent);
    if (cells === 0) continue;
    const outer = extent.slice(0, -1);
    const axes = machine.heap.take(4 * 3 * outer.length);
    machine.words(axes, 3 * outer.length).set([...outer, ...strides.slice(0, -1), ...steps.slice(0, -1)]);
    const first = start.reduce((at, index, axis) => at + index * steps[axis]!, 0);
    const axis = 4 * outer.length;
    machine.launch(
      job.ARRANGE,
      [
        cells,
        extent.at(-1) ?? 1,
        outer.length,
        axes,
        axes + axis,
        axes + 2 * axis,
        strides.at(-1) ?? 1,
        inputs[p]! + 4 * offset,
        out + 4 * first,
      ],
      machine.threadsFor(cells),
    );
    machine.heap.give(axes);
  }
}
