import type { Peer } from "./peer.ts";
import type { Layer, Problem } from "./problem.ts";

// The wire format of protocol buffers, as far as ONNX models need it (onnx.proto3): fields by number.

type Bytes = number[] | Uint8Array;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

const integer = (field: number, value: number): number[] => [...varint(field << 3), ...varint(value)];

function message(field: number, ...parts: Bytes[]): Uint8Array {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  return Buffer.concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(body.length)]), body]);
}

const text = (field: number, value: string): Uint8Array => message(field, Buffer.from(value));

const attribute = (name: string, value: number): Uint8Array =>
  message(5, text(1, name), integer(3, value), integer(20, 2));

const node = (
  type: string,
  inputs: string[],
  output: string,
  attributes: Record<string, number> = {},
): Uint8Array =>
  message(
    1,
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  );

const typeOf = (values: Float32Array | Int32Array | BigInt64Array): number =>
  values instanceof Float32Array ? 1 : values instanceof Int32Array ? 6 : 7;

const tensor = (
  name: string,
  dims: number[],
  values: Float32Array | Int32Array | BigInt64Array,
): Uint8Array =>
  message(
    5,
    ...dims.map((size) => integer(1, size)),
    integer(2, typeOf(values)),
    text(8, name),
    message(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );

const value = (field: number, name: string, type: number, dims: number[]): Uint8Array =>
  message(
    field,
    text(1, name),
    message(2, message(1, integer(1, type), message(2, ...dims.map((d) => message(1, integer(1, d)))))),
  );

/** The model's forward pass as an ONNX file: features, slots and signs in, probabilities out. */
export function onnxModel({ sizes, memory, bottom, top, triangle }: Problem): Uint8Array {
  const { batch, dense, tables, dim } = sizes;
  const vectors = tables.length + 1;
  const parts: Uint8Array[] = [];
  const shape = (name: string, ...dims: number[]) =>
    tensor(name, [dims.length], BigInt64Array.from(dims, BigInt));
  const mlp = (name: string, input: string, layers: readonly Layer[], logit: boolean): string =>
    layers.reduce((h, layer, i) => {
      const z = `${name}${i}`;
      parts.push(
        tensor(`${z}.w`, [layer.out, layer.in], layer.weight),
        tensor(`${z}.b`, [layer.out], layer.bias),
      );
      parts.push(node("Gemm", [h, `${z}.w`, `${z}.b`], z, { transB: 1 }));
      if (logit && i === layers.length - 1) return z;
      parts.push(node("Relu", [z], `${z}.relu`));
      return `${z}.relu`;
    }, input);
  const h = mlp("bottom", "dense", bottom, false);
  parts.push(
    tensor("memory", [memory.length], memory),
    tensor("triangle", [triangle.length], triangle),
    shape("one", batch, 1, dim),
    shape("rows", batch, tables.length, dim),
    shape("flat", batch, vectors * vectors),
    node("Gather", ["memory", "slots"], "read", { axis: 0 }),
    node("Mul", ["read", "signs"], "signed"),
    node("Reshape", ["signed", "rows"], "embedded"),
    node("Reshape", [h, "one"], "first"),
    node("Concat", ["first", "embedded"], "stack", { axis: 1 }),
    message(1, text(1, "stack"), text(2, "across"), text(4, "Transpose"), permutation(0, 2, 1)),
    node("MatMul", ["stack", "across"], "products"),
    node("Reshape", ["products", "flat"], "cells"),
    node("Gather", ["cells", "triangle"], "pairs", { axis: 1 }),
    node("Concat", [h, "pairs"], "features", { axis: 1 }),
  );
  const z = mlp("top", "features", top, true);
  parts.push(node("Sigmoid", [z], "probabilities"));
  const reads = batch * tables.length * dim;
  const graph = message(
    7,
    ...parts,
    text(2, "dlrm"),
    value(11, "dense", 1, [batch, dense]),
    value(11, "slots", 6, [reads]),
    value(11, "signs", 1, [reads]),
    value(12, "probabilities", 1, [batch, 1]),
  );
  return Buffer.concat([Uint8Array.from(integer(1, 8)), graph, message(8, text(1, ""), integer(2, 17))]);
}

const permutation = (...axes: number[]): Uint8Array =>
  message(5, text(1, "perm"), ...axes.map((axis) => integer(8, axis)), integer(20, 7));

/** ONNX Runtime, which predicts and does not train. */
export async function onnx(variant: "web" | "node", problem: Problem): Promise<Peer> {
  const ort = variant === "web" ? await import("onnxruntime-web") : await import("onnxruntime-node");
  const session = await ort.InferenceSession.create(onnxModel(problem));
  const { batch, dense } = problem.sizes;
  const feeds = {
    dense: new ort.Tensor("float32", problem.dense, [batch, dense]),
    slots: new ort.Tensor("int32", problem.slots, [problem.slots.length]),
    signs: new ort.Tensor("float32", problem.signs, [problem.signs.length]),
  };
  return {
    name: `onnxruntime-${variant}`,
    version: ort.env.versions[variant] ?? ort.env.versions.common,
    remarks: ["does not train", variant === "node" ? "native code, all cores" : "WebAssembly"],
    run: (work) => work(),
    predict: async () => (await session.run(feeds)).probabilities!.data as Float32Array,
  };
}
