import { check } from "../../core/errors.ts";
import { type Shape, showShape, sizeOf } from "../../core/shape.ts";
import type { Dlrm } from "../../models/dlrm/dlrm.ts";
import type { Golden } from "./golden.ts";
import type { Setting } from "./setting.ts";

/** Where an array of the reference program lies in a parameter of this framework. */
export interface Segment {
  /** The program's name: "emb_l.0.weight", "bot_l.2.bias", … */
  readonly name: string;
  readonly parameter: string;
  /** First float of the parameter. */
  readonly from: number;
  readonly shape: Shape;
}

/**
 * The program keeps an array for each table, this framework one memory for all of them; the program numbers layers by
 * 2, since activations count as layers too.
 */
export function segmentsOf({ tables, dim, robe, qr, learned, bottom, top }: Setting): Segment[] {
  const rows = tables.flatMap((n, t): [string, Shape][] =>
    qr && n > (qr.threshold ?? 0)
      ? [
          [`emb_l.${t}.weight_q`, [Math.ceil(n / qr.collisions), dim]],
          [`emb_l.${t}.weight_r`, [qr.collisions, dim]],
        ]
      : [[`emb_l.${t}.weight`, [n, dim]]],
  );
  const weights = tables.map((n, t): [string, Shape] => [`v_W_l.${t}`, [n]]);
  return [
    ...inOneParameter("embedding.memory", robe ? [["robe.weight", [robe.memorySize]]] : rows),
    ...(learned ? inOneParameter("embedding.pooling", weights) : []),
    ...layers("bot_l", "bottom", bottom),
    ...layers("top_l", "top", top),
  ];
}

function inOneParameter(parameter: string, arrays: readonly [name: string, shape: Shape][]): Segment[] {
  let end = 0;
  return arrays.map(([name, shape]) => {
    const from = end;
    end += sizeOf(shape);
    return { name, parameter, from, shape };
  });
}

const layers = (theirs: string, ours: string, sizes: readonly number[]): Segment[] =>
  sizes
    .slice(1)
    .flatMap((out, i) => [
      ...inOneParameter(`${ours}.${i}.weight`, [[`${theirs}.${2 * i}.weight`, [out, sizes[i]!]]]),
      ...inOneParameter(`${ours}.${i}.bias`, [[`${theirs}.${2 * i}.bias`, [out]]]),
    ]);

/** Puts the file's initial values into a model. Every array of the file must have its place, and every parameter its values. */
export function load(model: Dlrm, segments: readonly Segment[], params: Golden): void {
  for (const name of params.keys) {
    check(
      segments.some((s) => s.name === name),
      () => `${params.path}.${name} belongs to no parameter of the model that config describes.`,
    );
  }
  for (const { name, tensor } of model.parameters) {
    const parts = segments.filter((s) => s.parameter === name);
    const values = parts.flatMap((s) => params.numbers(s.name, s.shape).values);
    check(
      values.length === sizeOf(tensor.shape),
      () =>
        `config describes ${parts.map((s) => s.name).join(" + ")} of ${values.length} numbers, but ${name} of this framework's model has shape ${showShape(tensor.shape)}.`,
    );
    const old = tensor.handle;
    tensor.replace(model.backend.upload(values));
    model.backend.free(old);
  }
}

/** The part of a parameter's numbers (or gradient's) that a segment names. */
export function part(segment: Segment, values: ArrayLike<number>): ArrayLike<number> {
  const { from, shape } = segment;
  return Array.from({ length: sizeOf(shape) }, (_, i) => values[from + i]!);
}
