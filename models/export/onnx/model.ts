import { checkSize } from "../../../core/errors.ts";
import type { Dlrm } from "../../dlrm/dlrm.ts";
import type { About } from "../../dlrm/saved/about.ts";
import { searchedArrays } from "../../dlrm/saved/arrays.ts";
import type { Plan } from "../../embeddings/plan.ts";
import { planOf } from "../plan.ts";
import { type Graph, newGraph, type Value } from "./graph.ts";
import { interactionOf, mlpOf, probabilityOf } from "./layers.ts";
import { bagsOf, type Numbers, numbersOfIds, type Weights } from "./rows.ts";
import { splitNumbers } from "./split.ts";

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
  const parts = await partsOf(model, about, options);
  const said = saidOf(parts);
  const graph = newGraph();
  const dense = graph.input(parts.ports.dense);
  const { isSound, ...ids } = idsOf(graph, parts);
  return scoring(graph, dense, parts, {
    numbers: numbersOfIds({ graph, ...ids }),
    present: parts.bags ? graph.cast(ids.present, "float") : undefined,
    checked: (probability) =>
      graph.node("Where", [isSound, probability, graph.floats(Float32Array.of(Number.NaN), [])]),
    call: `${said.dense}; ${said.ids}; ${said.probability}.`,
  });
}

/**
 * A model as two ONNX files, for GPUs that cut 64-bit integers to 32 bits and so compute other hashes, as WebGPU does:
 * `slots`, which takes `ids` and is for a CPU, has the outputs that `scores` takes beside `dense`, by the same names, and
 * `scores` computes with floats and 32-bit integers alone.
 * @throws InputError as {@link toOnnx} does, and for tables of which the file has not all rows.
 */
export async function toOnnxBySlots(
  model: Dlrm,
  about: Described,
  options: OnnxOptions = {},
): Promise<{ readonly slots: Uint8Array; readonly scores: Uint8Array }> {
  const parts = await partsOf(model, about, options, false); // since not every GPU reads halves
  const [host, graph] = [newGraph(), newGraph("int32")];
  const dense = graph.input(parts.ports.dense);
  const { isSound, ...ids } = idsOf(host, parts);
  const { bags, ports } = parts;
  const said = saidOf(parts);
  const split = splitNumbers(graph, {
    ...{ graph: host, arrays: ids.arrays, numbers: numbersOfIds({ graph: host, ...ids }) },
    ...{ rows: model.config.tables, bags },
  });
  const number = (x: number) => host.floats(Float32Array.of(x), []);
  const unknown = host.node("Where", [isSound, number(0), number(Number.NaN)]);
  // A file of other formulas has another name for it, so that nobody scores by slots of another model.
  const noted = () => ({ ...ports.unknown, name: `${ports.unknown.name}.${split.keyOfSent()}` });
  const scores = scoring(graph, dense, parts, {
    numbers: split.numbers,
    present: bags ? graph.input(ports.present) : undefined,
    checked: (probability) => graph.node("Add", [probability, graph.input(noted())]),
    call: `${said.dense}; all other inputs: what the file of slots gives; ${said.probability}.`,
  });
  const outputs = [
    ...split.sent.map(({ port, of }) => ({ ...port, of })),
    { ...noted(), of: unknown },
    ...(bags ? [{ ...ports.present, of: host.cast(ids.present, "float") }] : []),
  ];
  const slots = host.written(outputs, {
    name: "slots",
    version: about.version ?? "",
    description: "What the file beside it takes, of ids.",
    metadata: metadataOf(parts, `${said.ids}; all outputs: inputs of the model's file.`),
  });
  return { slots, scores };
}

/** A model as its graphs are made of it. */
interface Parts {
  readonly model: Dlrm;
  readonly about: Described;
  readonly plan: Plan;
  readonly weights: ReadonlyMap<string, Weights>;
  readonly ports: ReturnType<typeof portsOf>;
  readonly bags: boolean;
  readonly vectors: boolean;
}

async function partsOf(
  model: Dlrm,
  about: Described,
  options: OnnxOptions,
  keepsHalves = true,
): Promise<Parts> {
  const plan = planOf(model);
  const isHalf = (halves: unknown) => keepsHalves && halves !== undefined;
  const bytes = model.parameters.reduce((sum, { size, halves }) => sum + size * (isHalf(halves) ? 2 : 4), 0);
  checkSize(
    bytes < 2 ** 31 - 2 ** 24,
    () =>
      `The model has ${(bytes / 1e9).toFixed(1)} GB of numbers, but an ONNX file holds at most 2 GB; compress its embedding, or export it to torch.`,
  );
  const weights = new Map<string, Weights>();
  for (const { name, tensor, halves } of model.parameters) {
    const values = Float32Array.from(await tensor.data());
    weights.set(name, { values, shape: tensor.shape, isHalf: isHalf(halves) });
  }
  const isList = about.features?.categorical.some(({ separator }) => separator !== undefined) ?? false;
  const { bags = isList, vectors = false } = options;
  return { ...{ model, about, plan, weights }, ports: portsOf(model, bags), bags, vectors };
}

/** The file of a graph that takes `dense` and, in one way or another, ids. */
function scoring(
  graph: Graph,
  dense: Value,
  { model, about, plan, weights, ports, ...parts }: Parts,
  {
    numbers,
    present,
    checked,
    call,
  }: {
    readonly numbers: Numbers;
    readonly present: Value | undefined;
    /** Probabilities, but NaN where an id is none of its table's. */
    readonly checked: (probability: Value) => Value;
    /** How the file is used, in words. */
    readonly call: string;
  },
): Uint8Array {
  const { config, embedding } = model;
  const vectors = bagsOf(plan, { graph, weights, numbers, present, tables: config.tables.length });
  const source = { graph, weights };
  const bottom = mlpOf("bottom", dense, config.bottom.length, false, source);
  const logits = mlpOf("top", interactionOf(graph, model, bottom, vectors), config.top.length, true, source);
  const probability = probabilityOf(graph, logits, config.clamp ?? 0, about.samplingRate ?? 1);
  const outputs = [{ ...ports.probability, of: checked(probability) }];
  const more = parts.vectors ? [{ ...ports.vectors, of: vectors }] : [];
  return graph.written([...outputs, ...more], {
    name: "dlrm",
    version: about.version ?? "",
    description: `A deep learning recommendation model; its embedding is ${embedding.name}.`,
    metadata: metadataOf({ model, about }, call),
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
    unknown: {
      name: "unknown",
      type: "float",
      shape: ["n", 1],
      about: "0, or NaN for a row with an id that its table does not have.",
    },
    present: {
      name: "present",
      type: "float",
      shape: ["n", tables.length, "L"],
      about: "1 for an id, and 0 where a bag has fewer than L.",
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
function idsOf(graph: Graph, { model, ports, bags }: Parts) {
  const { tables } = model.config;
  const given = graph.input(ports.ids);
  const all = bags ? given : graph.node("Unsqueeze", [given, graph.integers([2], [1])]);
  const bounds = graph.numbers(tables, [1, tables.length, 1]);
  const zero = graph.numbers([0]);
  const isId = graph.node("And", [
    graph.node("Less", [all, bounds]),
    graph.node("GreaterOrEqual", [all, zero]),
  ]);
  const isNone = graph.node("Equal", [all, graph.numbers([-1])]);
  const isSound = bags ? graph.node("Or", [isId, isNone]) : isId;
  const strange = graph.cast(graph.node("Not", [isSound]), "int64");
  const count = graph.node("ReduceSum", [strange, graph.integers([1, 2])], { keepdims: 0 });
  const each = graph.node("Unsqueeze", [count, graph.integers([1], [1])]);
  return {
    ids: graph.node("Where", [isId, all, zero]),
    present: graph.cast(isId, "int64"),
    tables: tables.length,
    arrays: searchedArrays(model),
    isSound: graph.node("Equal", [each, zero]),
  };
}

/** What inputs and outputs are, in words. */
const saidOf = ({ model: { config }, bags }: Parts) => ({
  dense: `dense: float32 [n, ${config.dense}]`,
  ids: `ids: int64 [n, ${config.tables.length}${bags ? ", L], padded with -1" : "]"}`,
  probability: "probability: float32 [n, 1]",
});

/** `call` says how the file is used. */
function metadataOf({ model, about }: Pick<Parts, "model" | "about">, call: string) {
  const { config, embedding } = model;
  const { tables, dim } = config;
  const { features } = about;
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
    call,
    embedding: JSON.stringify({ name: embedding.name, tables, dim }),
    ...(columns && { columns: JSON.stringify(columns) }),
  };
}
