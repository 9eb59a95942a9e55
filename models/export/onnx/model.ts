import { checkSize } from "../../../core/errors.ts";
import { pairCount } from "../../../core/form.ts";
import type { Dlrm } from "../../dlrm/dlrm.ts";
import type { About } from "../../dlrm/saved/about.ts";
import { hostArrays } from "../../dlrm/saved/arrays.ts";
import { planOf } from "../plan.ts";
import { type Graph, newGraph, type Value } from "./graph.ts";
import { bagsOf, matrixOf, type Weights } from "./rows.ts";

/** How a model is written as ONNX. */
export interface OnnxOptions {
  /**
   * Whether `ids` may have several ids of a table, [n × T × L] padded with −1, rather than one each, [n × T]. Default: whether
   * a column of its features may.
   */
  readonly bags?: boolean | undefined;
  /** Whether the embedding's vectors [n × T × d] are an output too. Default: no. */
  readonly vectors?: boolean | undefined;
}

/** What is written beside the numbers of a model. */
type Described = Pick<About, "features" | "samplingRate" | "version">;

/**
 * A model as one ONNX file with everything in it, the hash of ids included: inputs `dense` [n × D] and `ids`, output
 * `probability` [n × 1], which is P(label = 1), or NaN for a row with an id that its table does not have. Its metadata say
 * what the columns are and how raw values become these numbers.
 * @throws InputError for an embedding that has no plan, and for a model that is too large for one file.
 */
export async function toOnnx(model: Dlrm, about: Described, options: OnnxOptions = {}): Promise<Uint8Array> {
  const { config, embedding, parameters } = model;
  const plan = planOf(model);
  const bytes = parameters.reduce((sum, { size, halves }) => sum + size * (halves ? 2 : 4), 0);
  checkSize(
    bytes < 2 ** 31 - 2 ** 24,
    () =>
      `The model has ${(bytes / 1e9).toFixed(1)} GB of numbers, but an ONNX file holds at most 2 GB; compress its embedding, or export it to torch.`,
  );
  const weights = new Map<string, Weights>();
  for (const { name, tensor, halves } of parameters) {
    const values = Float32Array.from(await tensor.data());
    weights.set(name, { values, shape: tensor.shape, isHalf: halves !== undefined });
  }
  const { learned, rows } = hostArrays(model);
  const graph = newGraph();
  const { bags = about.features?.categorical.some(({ separator }) => separator !== undefined) ?? false } =
    options;
  const ports = portsOf(model, bags);
  const dense = graph.input(ports.dense);
  const { ids, present, isSound } = idsOf(graph, graph.input(ports.ids), config.tables, bags);
  const vectors = bagsOf(plan, {
    graph,
    weights,
    arrays: new Map([...learned, ...rows]),
    ids,
    present,
    isSingle: !bags,
    tables: config.tables.length,
  });
  const source = { graph, weights };
  const bottom = mlpOf("bottom", dense, config.bottom.length, false, source);
  const logits = mlpOf("top", interactionOf(graph, model, bottom, vectors), config.top.length, true, source);
  const probability = probabilityOf(graph, logits, config.clamp ?? 0, about.samplingRate ?? 1);
  const nan = graph.floats(Float32Array.of(Number.NaN), []);
  const checked = graph.node("Where", [isSound, probability, nan]);
  const outputs = [{ ...ports.probability, of: checked }];
  const more = options.vectors ? [{ ...ports.vectors, of: vectors }] : [];
  return graph.written([...outputs, ...more], {
    name: "dlrm",
    version: about.version ?? "",
    description: `A deep learning recommendation model; its embedding is ${embedding.name}.`,
    metadata: metadataOf(model, about, bags),
  });
}

function portsOf({ config: { dense, tables, dim } }: Dlrm, bags: boolean) {
  const id = "Rows of each table, from 0";
  return {
    dense: {
      name: "dense",
      type: "float",
      shape: ["n", dense],
      about: "Numbers, scaled as the metadata say.",
    },
    ids: {
      name: "ids",
      type: "int64",
      shape: bags ? ["n", tables.length, "L"] : ["n", tables.length],
      about: bags ? `${id}; -1 where a bag has fewer than L.` : `${id}.`,
    },
    probability: {
      name: "probability",
      type: "float",
      shape: ["n", 1],
      about: "P(label = 1); NaN for a row with an id that its table does not have.",
    },
    vectors: {
      name: "vectors",
      type: "float",
      shape: ["n", tables.length, dim],
      about: "The embedding's vector of each bag.",
    },
  } as const;
}

/** [n × T × L] ids and which of them are any, and [n × 1] whether all of a row's are rows of their tables. */
function idsOf(graph: Graph, given: Value, tables: readonly number[], bags: boolean) {
  const all = bags ? given : graph.node("Unsqueeze", [given, graph.integers([2], [1])]);
  const rows = graph.integers(tables, [1, tables.length, 1]);
  const zero = graph.integers([0]);
  const isId = graph.node("And", [
    graph.node("Less", [all, rows]),
    graph.node("GreaterOrEqual", [all, zero]),
  ]);
  const isNone = graph.node("Equal", [all, graph.integers([-1])]);
  const isSound = bags ? graph.node("Or", [isId, isNone]) : isId;
  const least = graph.node("ReduceMin", [graph.cast(isSound, "int64"), graph.integers([1, 2])], {
    keepdims: 0,
  });
  const each = graph.node("Unsqueeze", [least, graph.integers([1], [1])]);
  return {
    ids: graph.node("Where", [isId, all, zero]),
    present: graph.cast(isId, "int64"),
    isSound: graph.node("Equal", [each, graph.integers([1])]),
  };
}

/** [n × in] → [n × out] */
function mlpOf(
  name: string,
  input: Value,
  layers: number,
  isLogit: boolean,
  source: { readonly graph: Graph; readonly weights: ReadonlyMap<string, Weights> },
): Value {
  const { graph } = source;
  let x = input;
  for (let i = 0; i < layers; i++) {
    const [weight, bias] = [`${name}.${i}.weight`, `${name}.${i}.bias`].map((each) => matrixOf(each, source));
    x = graph.node("Gemm", [x, weight!, bias!], { transB: 1 });
    if (!(isLogit && i === layers - 1)) x = graph.node("Relu", [x]);
  }
  return x;
}

/** [n × d] and [n × T × d] → [n × what the top MLP reads] */
function interactionOf(graph: Graph, { config }: Dlrm, bottom: Value, vectors: Value): Value {
  const { interaction = "dot", itself = false, tables } = config;
  const count = tables.length + 1;
  const first = graph.node("Unsqueeze", [bottom, graph.integers([1], [1])]);
  const stack = graph.node("Concat", [first, vectors], { axis: 1 });
  if (interaction === "cat") return graph.node("Reshape", [stack, graph.integers([0, count * config.dim])]);
  const gram = graph.node("MatMul", [stack, graph.node("Transpose", [stack], { perm: [0, 2, 1] })]);
  const flat = graph.node("Reshape", [gram, graph.integers([0, count * count])]);
  const pairs: number[] = [];
  for (let i = 0; i < count; i++) for (let j = 0; j < i + (itself ? 1 : 0); j++) pairs.push(i * count + j);
  if (pairCount(count, itself) === 0) return bottom;
  const products = graph.node("Gather", [flat, graph.integers(pairs, [pairs.length])], { axis: 1 });
  return graph.node("Concat", [bottom, products], { axis: 1 });
}

/** Probabilities of all rows, where but a share `rate` of those labeled 0 was trained on. */
function probabilityOf(graph: Graph, logits: Value, clamp: number, rate: number): Value {
  const number = (x: number) => graph.floats(Float32Array.of(x), []);
  let p = graph.node("Sigmoid", [logits]);
  if (clamp > 0) p = graph.node("Clip", [p, number(clamp), number(1 - clamp)]);
  if (rate === 1) return p;
  const others = graph.node("Div", [graph.node("Sub", [number(1), p]), number(rate)]);
  return graph.node("Div", [p, graph.node("Add", [p, others])]);
}

function metadataOf({ config, embedding }: Dlrm, { features }: Described, bags: boolean) {
  const { tables, dense, dim } = config;
  const columns = features && {
    dense: features.dense.map(({ column, scaling }) => ({ column, scaling })),
    ids: features.categorical.map(({ column, rows, separator, vocabulary }) => ({
      column,
      rows,
      ...(separator !== undefined && { separator }),
      ...(vocabulary && { vocabulary: true }),
    })),
  };
  return {
    call: `dense: float32 [n, ${dense}]; ids: int64 [n, ${tables.length}${bags ? ", L], padded with -1" : "]"}; probability: float32 [n, 1].`,
    embedding: JSON.stringify({ name: embedding.name, tables, dim }),
    ...(columns && { columns: JSON.stringify(columns) }),
  };
}
