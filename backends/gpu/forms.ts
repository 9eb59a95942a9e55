import {
  type ArrangeForm,
  type MapForm,
  type MatmulForm,
  type MixForm,
  type PairsForm,
  pairCount,
  type ReduceForm,
} from "../../core/form.ts";
import { broadcastStrides, type Shape, sizeOf, stridesOf } from "../../core/shape.ts";
import { applied, axes, divide, type Kernel, loop, mostArrays, position } from "./text.ts";

/** Names of `count` array parameters. */
const arrayNames = (count: number): string[] => Array.from({ length: count }, (_, k) => `in${k}`);

/** out[cell] = f(…), each input read at the cell, or where broadcasting puts it. */
export function mapKernel({ f, shape, inputs }: MapForm): Kernel {
  const size = sizeOf(shape);
  const isWhole = inputs.map((input) => sizeOf(input) === size);
  const walked = merge(shape, [stridesOf(shape), ...inputs.map((input) => broadcastStrides(input, shape))]);
  const at = (k: number) => (isWhole[k] ? "cell" : position(walked.strides[k + 1]!));
  return {
    kind: "map",
    arrays: arrayNames(inputs.length),
    size,
    body: [
      isWhole.every(Boolean) ? "" : axes(walked.shape),
      ...f.inputs.map((_, k) => `const x${k} = in${k}[${at(k)}];`),
      `return ${applied(
        f,
        f.inputs.map((_, k) => `x${k}`),
      )};`,
    ].join("\n"),
  };
}

/** Joins neighboring axes that every array walks in one stride, so that fewer divisions find the indices. */
function merge(shape: Shape, strides: readonly (readonly number[])[]) {
  const sizes: number[] = [];
  const walks: number[][] = strides.map(() => []);
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const joins = strides.every((walk, k) => walks[k]!.at(-1) === walk[axis]! * size);
    if (joins) sizes[sizes.length - 1]! *= size;
    else sizes.push(size);
    for (const [k, walk] of strides.entries()) walks[k]![sizes.length - 1] = walk[axis]!;
  }
  return { shape: sizes, strides: walks };
}

/** Terms that one cell of a sum adds at most; longer sums are added in stages. */
const chunk = 256;

/** Whether a sum needs another stage. */
export const isLong = ({ summed }: ReduceForm): boolean => summed > 4 * chunk;

/** Partial sums of `chunk` terms each, the last one maybe shorter, and the form that is left to compute. */
export function partialSums(form: ReduceForm): { kernel: Kernel; rest: ReduceForm } {
  const { outer, summed, inner } = form;
  const chunks = Math.ceil(summed / chunk);
  const read = `const r = axis1 * ${chunk} + l;\nif (r < ${summed}) { sum += in0[(axis0 * ${summed} + r) * ${inner} + axis2]; }`;
  return {
    kernel: {
      kind: "reduce",
      arrays: ["in0"],
      size: outer * chunks * inner,
      body: `${axes([outer, chunks, inner])}\nlet sum = 0;\n${loop("l", chunk, read)}\nreturn sum;`,
    },
    rest: { ...form, summed: chunks },
  };
}

export function reduceKernel({ outer, summed, inner }: ReduceForm): Kernel {
  const first = `const first = axis0 * ${summed * inner} + axis1;`;
  return {
    kind: "reduce",
    arrays: ["in0"],
    size: outer * inner,
    body: `${axes([outer, inner])}\n${first}\nlet sum = 0;\n${loop("l", summed, `sum += in0[first + l * ${inner}];`)}\nreturn sum;`,
  };
}

export function matmulKernel({ n, k, m, transposeA, transposeB, bias, f }: MatmulForm): Kernel {
  const a = transposeA ? `in0[l * ${n} + axis0]` : `in0[axis0 * ${k} + l]`;
  const b = transposeB ? `in1[axis1 * ${k} + l]` : `in1[l * ${m} + axis1]`;
  return {
    kind: "matmul",
    arrays: arrayNames(bias ? 3 : 2),
    size: n * m,
    body: [
      axes([n, m]),
      `let sum = ${bias ? "in2[axis1]" : "0"};`,
      loop("l", k, `sum += ${a} * ${b};`),
      `return ${f ? applied(f, ["sum"]) : "sum"};`,
    ].join("\n"),
  };
}

/** How many pairs stand before row `row` of the lower triangle. */
const pairsBefore = (row: string, itself: boolean): string => `${row} * (${row} ${itself ? "+" : "-"} 1) / 2`;

/** The row and column of a pair: `pair` counts the lower triangle row by row. The root may be off; the row is mended. */
function pairOf(itself: boolean): string {
  const before = (row: string) => pairsBefore(row, itself);
  return [
    `let row = Math.floor((Math.sqrt(8 * pair + 1) ${itself ? "-" : "+"} 1) / 2);`,
    `if (${before("row")} > pair) { row = row - 1; }`,
    `if (${before("(row + 1)")} <= pair) { row = row + 1; }`,
    `const column = pair - Math.floor(${before("row")} + 0.5);`,
  ].join("\n");
}

export function pairsKernel({ samples, vectors, dim, itself }: PairsForm, inputs: number): Kernel {
  const count = pairCount(vectors, itself);
  const product =
    inputs === 1
      ? "sum += in0[p + l] * in0[q + l];"
      : "sum += 0.5 * (in0[p + l] * in1[q + l] + in0[q + l] * in1[p + l]);";
  return {
    kind: "pairs",
    arrays: arrayNames(inputs),
    size: samples * count,
    body: [
      divide("cell", count, "sample", "pair"),
      pairOf(itself),
      `const p = (sample * ${vectors} + row) * ${dim};`,
      `const q = (sample * ${vectors} + column) * ${dim};`,
      `let sum = 0;\n${loop("l", dim, product)}\nreturn sum;`,
    ].join("\n"),
  };
}

export function mixKernel({ samples, vectors, dim, itself }: MixForm): Kernel {
  const count = pairCount(vectors, itself);
  const add = [
    "const high = Math.max(l, axis1);",
    "const low = Math.min(l, axis1);",
    `const weight = l == axis1 ? 1.0 : 0.5;`,
    `sum += weight * (in0[axis0 * ${count} + Math.floor(${pairsBefore("high", itself)} + 0.5) + low] * in1[(axis0 * ${vectors} + l) * ${dim} + axis2]);`,
  ].join("\n");
  return {
    kind: "mix",
    arrays: arrayNames(2),
    size: samples * vectors * dim,
    body: [
      axes([samples, vectors, dim]),
      "let sum = 0;",
      loop("l", vectors, itself ? add : `if (l != axis1) {\n${add}\n}`),
      "return sum;",
    ].join("\n"),
  };
}

/**
 * Copies the boxes of some parts; where none is, 0, or what `prior`, the result for other parts, has. Each part is one
 * array, so more parts than a kernel can bind are copied group by group.
 */
export function arrangeKernel(form: ArrangeForm, first: number, isLater: boolean): Kernel {
  const parts = form.parts.slice(first, first + partsAtOnce);
  const copies = parts.map(({ offset, strides, start, extent }, k) => {
    const inside = start.flatMap((from, axis) => [
      ...(from > 0 ? [`axis${axis} >= ${from}`] : []),
      ...(from + extent[axis]! < form.shape[axis]! ? [`axis${axis} < ${from + extent[axis]!}`] : []),
    ]);
    const origin = start.reduce((at, from, axis) => at - from * strides[axis]!, offset);
    const copy = `value = in${k}[${position(strides, origin)}];`;
    return inside.length === 0 ? copy : `if (${inside.join(" && ")}) { ${copy} }`;
  });
  return {
    kind: "arrange",
    arrays: [...arrayNames(parts.length), ...(isLater ? ["prior"] : [])],
    size: sizeOf(form.shape),
    body: [
      axes(form.shape),
      `let value = ${isLater ? "prior[cell]" : "0"};`,
      ...copies,
      "return value;",
    ].join("\n"),
  };
}

/** Parts that one kernel copies. */
export const partsAtOnce = mostArrays - 1;
