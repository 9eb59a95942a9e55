import { check } from "../../../core/errors.ts";
import { type Optimizer, stateSize } from "../../../core/optimizers/optimizer.ts";
import type { Parameter } from "../../../core/parameter.ts";
import { sizeOf } from "../../../core/shape.ts";
import type { Tensor } from "../../../core/tensor.ts";
import type { Features } from "../../data/encoders/features.ts";
import { rowsName } from "../../embeddings/full-scheme.ts";
import { numbersByClass, ownName, ownOf, packedOwn, widthsOf } from "../../embeddings/own-rows.ts";
import type { Dlrm } from "../dlrm.ts";
import { type Dtype, type Entry, type Header, quoted } from "./header.ts";
import { packedAs } from "./packed.ts";
import { hashesOf } from "./vocabularies.ts";
import type { HostArray, Written } from "./writer.ts";

/** The name in a file of state array i of a parameter. */
const stateName = ({ name }: Parameter, i: number): string => `${name}/state.${i}`;

/** How the numbers of a parameter lie in a file. */
function keptAs({ tensor, halves, size }: Parameter): Pick<Entry, "dtype" | "shape" | "size"> {
  const { shape } = tensor;
  if (halves?.grid) return packedAs(halves.grid, shape, size);
  return { dtype: halves ? "F16" : dtypeOf(tensor), shape, size };
}

/** Floats of a tensor are kept in its backend's precision. */
const dtypeOf = ({ backend }: Tensor): Dtype => (backend.precision === "f64" ? "F64" : "F32");

/**
 * Arrays of the host that belong to a model: what its embedding learned besides parameters, and the rows that it keeps, or has of
 * its own, as a file has them.
 */
export function hostArrays({ embedding }: Dlrm) {
  const { origin, own, adaptation } = embedding;
  const rows: (readonly [string, HostArray])[] = (origin?.rows?.rows ?? []).map(
    (values, t) => [rowsName(t), values] as const,
  );
  if (own) rows.push([ownName, packedOwn(own)]);
  return { learned: [...(adaptation?.arrays ?? [])], rows };
}

/** The arrays that formulas search, by name. */
export function searchedArrays(model: Dlrm): ReadonlyMap<string, ArrayLike<number>> {
  const { learned, rows } = hostArrays(model);
  const { own, dim } = model.embedding;
  const widths = widthsOf(dim);
  const lists = own
    ? numbersByClass(own, widths.length).map((list, c) => [ownOf(widths[c]!), list] as const)
    : [];
  return new Map<string, ArrayLike<number>>([...learned, ...rows, ...lists]);
}

/** All arrays of a model and its features as they are written; its optimizer's state among them, if `state`. */
export function arraysOf(model: Dlrm, state: boolean, features?: Features): Written[] {
  const { learned, rows } = hostArrays(model);
  return [
    ...model.parameters.flatMap((p) => {
      const { tensor, halves } = p;
      const { backend } = tensor;
      // A copy is made of what halves stand for anyway: not another one of it.
      const read = async () => (halves && backend.peek ? backend.peek(tensor.handle) : tensor.data());
      const states = state ? p.state.map((each, i) => floatsOf(stateName(p, i), each)) : [];
      return [{ name: p.name, ...keptAs(p), grid: halves?.grid, read }, ...states];
    }),
    ...[...learned, ...rows, ...hashesOf(features)].map(([name, values]) => ({
      name,
      dtype: hostDtype(values),
      shape: [values.length],
      size: values.length,
      read: async () => values,
    })),
  ];
}

const floatsOf = (name: string, tensor: Tensor): Written => ({
  name,
  dtype: dtypeOf(tensor),
  shape: tensor.shape,
  size: sizeOf(tensor.shape),
  read: () => tensor.data(),
});

const hostDtype = (values: HostArray): Dtype =>
  values instanceof Uint32Array
    ? "U32"
    : values instanceof Uint8Array
      ? "U8"
      : values instanceof Float64Array
        ? "F64"
        : "F32";

/**
 * Throws an InputError unless a file holds exactly the arrays of `model` and of these features, each as long and of its kind, and for each parameter
 * as many states as `optimizer` has, or none; of an optimizer that is not known any that could be one's.
 */
export function checkArrays(
  { entries }: Header,
  model: Dlrm,
  optimizer: Optimizer | undefined,
  features: Features | undefined,
): void {
  const expected = new Set<string>();
  const has = (name: string, shape: readonly number[], isKind: (dtype: Dtype) => boolean): void => {
    expected.add(name);
    const entry = entries.get(name);
    check(
      entry !== undefined && `${entry.shape}` === `${shape}`,
      () =>
        `it has ${entry ? `an array of ${entry.shape.join(" × ")}` : "no array"} ${quoted(name)}, but this model has one of ${shape.join(" × ")}; give the flags it was trained with`,
    );
    check(
      isKind(entry!.dtype),
      () =>
        `its array ${quoted(name)} is kept as ${entry!.dtype}, but this model's is not; give the flags it was trained with`,
    );
  };
  const isFloat = (dtype: Dtype) => dtype === "F32" || dtype === "F64";
  for (const p of model.parameters) {
    const own = keptAs(p);
    has(p.name, own.shape, p.halves ? (dtype) => dtype === own.dtype : isFloat);
    const states = statesIn(entries, p);
    for (const { name, size } of states) has(name, [size], isFloat);
    const sizes = optimizer
      ? [stateSize(optimizer, p)]
      : [p.size, p.size / (p.rowLength === "none" ? 1 : p.rowLength)];
    check(
      (optimizer === undefined || [0, optimizer.state.length].includes(states.length)) &&
        states.every(({ size }) => sizes.includes(size)),
      () =>
        `it has ${states.length} states of ${p.name}, of ${states.map(({ size }) => size).join(", ")} numbers, which are not those of ${optimizer?.name ?? "an optimizer"}`,
    );
  }
  const { learned, rows } = hostArrays(model);
  for (const [name, values] of [...learned, ...rows, ...hashesOf(features)])
    has(name, [values.length], (dtype) => dtype === hostDtype(values));
  const stray = [...entries.keys()].find((name) => !expected.has(name));
  check(stray === undefined, () => `it has an array ${quoted(stray!)}, which this model does not have`);
}

/** State arrays of a parameter that a file has. */
export function statesIn(entries: Header["entries"], p: Parameter): Entry[] {
  const states: Entry[] = [];
  for (let i = 0; entries.has(stateName(p, i)); i++) states.push(entries.get(stateName(p, i))!);
  return states;
}
