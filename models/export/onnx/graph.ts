import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "onnx-buf";

/** The opset of what is written: the first that has BitwiseXor. */
const opset = 18;

/** ONNX's own, and what onnxruntime of 2023 and later reads. */
const irVersion = 8n;

/** A tensor of a graph, by its name. */
export type Value = string & { readonly isValue: unique symbol };

/** What whole numbers are kept as. */
export type Whole = "int64" | "int32";
type Kind = Whole | "float";
const kinds: Readonly<Record<Kind, DataType>> = {
  int64: DataType.INT64,
  int32: DataType.INT32,
  float: DataType.FLOAT,
};

/** An input or output: its name, its kind, its shape with names for what is left open, and what it is. */
export interface Port {
  readonly name: string;
  readonly type: Kind;
  readonly shape: readonly (number | string)[];
  readonly about: string;
}

type Attribute = number | readonly number[];

/** What a program writes an ONNX graph by: every call adds to it. */
export interface Graph {
  input(port: Port): Value;
  /** A node of one output. Numbers are whole. */
  node(op: string, inputs: readonly Value[], attributes?: Readonly<Record<string, Attribute>>): Value;
  cast(value: Value, type: Kind): Value;
  /** What it computes with where numbers are whole. */
  readonly whole: Whole;
  /** Whole numbers that it computes with; the same ones are kept once. */
  numbers(values: readonly (bigint | number)[], shape?: readonly number[]): Value;
  /** Shapes, axes and places, which ONNX wants as int64 whatever a graph computes with. */
  integers(values: readonly (bigint | number)[], shape?: readonly number[]): Value;
  /** Floats that the graph holds; those of one name are kept once. */
  floats(values: Float32Array, shape: readonly number[], name?: string): Value;
  /** Bits of halves, as the floats that they are. */
  halves(bits: Uint16Array, shape: readonly number[], name: string): Value;
  /** The file, whose outputs are these values. Ends the graph. */
  written(outputs: readonly (Port & { readonly of: Value })[], about: About): Uint8Array;
}

/** What a file says of itself besides its graph. */
interface About {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}

type Init<Schema extends Parameters<typeof create>[0]> = MessageInitShape<Schema>;

/** An empty graph. */
export function newGraph(whole: Whole = "int64"): Graph {
  const nodes: Init<typeof NodeProtoSchema>[] = [];
  const initializers: Init<typeof TensorProtoSchema>[] = [];
  const inputs: Port[] = [];
  const known = new Map<string, Value>();
  const held = new Set<string>();
  const hold = (name: string, dataType: DataType, shape: readonly number[], values: ArrayBufferView) => {
    if (held.has(name)) return name as Value;
    held.add(name);
    const { buffer, byteOffset, byteLength } = values;
    const rawData = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    initializers.push({ name, dataType, dims: shape.map(BigInt), rawData });
    return name as Value;
  };
  const node: Graph["node"] = (opType, of, attributes = {}) => {
    const name = `${opType}.${nodes.length}` as Value;
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    nodes.push({ name, opType, input: [...of], output: [name], attribute });
    return name;
  };
  const wholes =
    (type: Whole): Graph["integers"] =>
    (values, shape = values.length === 1 ? [] : [values.length]) => {
      const key = `${type}:${shape}:${values}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const bits = type === "int64" ? BigInt64Array.from(values, BigInt) : Int32Array.from(values, Number);
      const made = hold(`integers.${known.size}`, kinds[type], shape, bits);
      known.set(key, made);
      return made;
    };
  return {
    node,
    cast: (value, type) => node("Cast", [value], { to: kinds[type] }),
    whole,
    numbers: wholes(whole),
    integers: wholes("int64"),
    input(port) {
      inputs.push(port);
      return port.name as Value;
    },
    floats: (values, shape, name = `floats.${initializers.length}`) =>
      hold(name, DataType.FLOAT, shape, values),
    halves: (bits, shape, name) => hold(name, DataType.FLOAT16, shape, bits),
    written(outputs, about) {
      for (const { name, of } of outputs)
        nodes.push({ name, opType: "Identity", input: [of], output: [name] });
      const [input, output] = [inputs.map(infoOf), outputs.map(infoOf)];
      return fileOf({ name: about.name, node: nodes, initializer: initializers, input, output }, about);
    },
  };
}

/** The bytes of a file with one graph. */
function fileOf(graph: Init<typeof GraphProtoSchema>, { version, description, metadata }: About): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion,
    opsetImport: [{ domain: "", version: BigInt(opset) }],
    producerName: "pss-dlrm",
    producerVersion: version,
    docString: description,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

function attributeOf(name: string, value: Attribute): Init<typeof AttributeProtoSchema> {
  return typeof value === "number"
    ? { name, type: AttributeType.INT, i: BigInt(value) }
    : { name, type: AttributeType.INTS, ints: value.map(BigInt) };
}

function infoOf({ name, type, shape, about }: Port): Init<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) =>
    typeof size === "number"
      ? { value: { case: "dimValue" as const, value: BigInt(size) } }
      : { value: { case: "dimParam" as const, value: size } },
  );
  return {
    name,
    docString: about,
    type: { value: { case: "tensorType", value: { elemType: kinds[type], shape: { dim } } } },
  };
}
