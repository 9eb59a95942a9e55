import { pairCount } from "../../../core/form.ts";
import type { Dlrm } from "../../dlrm/dlrm.ts";
import type { Graph, Value } from "./graph.ts";
import { matrixOf, type Weights } from "./rows.ts";

/** [n × in] → [n × out] */
export function mlpOf(
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
export function interactionOf(graph: Graph, { config }: Dlrm, bottom: Value, vectors: Value): Value {
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
export function probabilityOf(graph: Graph, logits: Value, clamp: number, rate: number): Value {
  const number = (x: number) => graph.floats(Float32Array.of(x), []);
  let p = graph.node("Sigmoid", [logits]);
  if (clamp > 0) p = graph.node("Clip", [p, number(clamp), number(1 - clamp)]);
  if (rate === 1) return p;
  const others = graph.node("Div", [graph.node("Sub", [number(1), p]), number(rate)]);
  return graph.node("Div", [p, graph.node("Add", [p, others])]);
}
