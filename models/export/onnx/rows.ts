import { type Formula, namesIn } from "../../../core/numeric/formula.ts";
import { toHalves } from "../../../core/numeric/half.ts";
import type { Plan, Pooled, Read, Rows } from "../../embeddings/plan.ts";
import { extentsOf } from "../plan.ts";
import { numbersOf, type Scope } from "./formula.ts";
import type { Graph, Value } from "./graph.ts";

/** A parameter of the model: its numbers, and whether they are kept as halves. */
export interface Weights {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  readonly isHalf: boolean;
}

/** Elements of rows of some tables, whose numbers a formula says. */
export interface Elements {
  readonly tables: readonly number[];
  /** Floats of a row, and of a block. */
  readonly width: number;
  readonly block: number;
  /** What the numbers are below. */
  readonly below: number;
}

/** [n × G × L × blocks × words × bits] numbers of a formula, or of a shape that broadcasts to it. */
export type Numbers = (formula: Formula, of: Elements) => Value;

/** What an embedding's part of a graph is made of. */
export interface Source {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Weights>;
  readonly numbers: Numbers;
  /** [n × T × L] 1 for an id and 0 for none, as floats; undefined where each bag has one id, and L is 1. */
  readonly present: Value | undefined;
  /** How many there are. */
  readonly tables: number;
}

/** Ids, as a graph is given them. */
export interface Ids {
  readonly graph: Graph;
  /** [n × T × L]; 0 where there is none. */
  readonly ids: Value;
  /** [n × T × L] 1 for an id and 0 for none. */
  readonly present: Value;
  readonly tables: number;
  /** Arrays of the model's file by name. */
  readonly arrays: Scope["arrays"];
}

/** Numbers of formulas, computed from ids. */
export function numbersOfIds({ graph, ids, present, tables: count, arrays }: Ids): Numbers {
  const known = new Map<string, Value>();
  const part = (name: string, all: Value, tables: readonly number[]) => {
    const key = `${name} ${tables}`;
    const some = () => (tables.length === count ? all : ofTables(graph, all, tables));
    const found = known.get(key) ?? graph.node("Unsqueeze", [some(), graph.integers([3, 4, 5])]);
    known.set(key, found);
    return found;
  };
  return (formula, { tables, width, block }) => {
    const row = part("ids", ids, tables);
    const given = ({ op }: Formula) => (op === "variable" ? row : undefined);
    const numbers = numbersOf(formula, { graph, given, tables, extents: extentsOf(width, block), arrays });
    // Row 0 stands for no id; a map that was learned, or is of some rows only, may not have it.
    if (!namesIn(formula).has("search")) return numbers;
    return graph.node("Mul", [numbers, part("present", present, tables)]);
  };
}

/** What belongs to some tables, along the second axis. */
const ofTables = (graph: Graph, all: Value, tables: readonly number[]): Value =>
  graph.node("Gather", [all, graph.integers(tables, [tables.length])], { axis: 1 });

/** [n × T × dim] vectors of all bags. */
export function bagsOf(plan: Plan, source: Source): Value {
  const { graph } = source;
  const groups = plan.map(({ tables, pooled }) => pooledOf(pooled, tables, source));
  const all = groups.length === 1 ? groups[0]! : graph.node("Concat", groups, { axis: 1 });
  const order = plan.flatMap(({ tables }) => tables);
  const inverse = order.map((_, table) => order.indexOf(table));
  if (inverse.every((at, table) => at === table)) return all;
  return graph.node("Gather", [all, graph.integers(inverse, [inverse.length])], { axis: 1 });
}

/** [n × G × width] */
function pooledOf(pooled: Pooled, tables: readonly number[], source: Source): Value {
  const { graph, weights } = source;
  const of = (part: Pooled) => pooledOf(part, tables, source);
  switch (pooled.is) {
    case "product":
      return graph.node("Mul", [of(pooled.left), of(pooled.right)]);
    case "plus":
      return graph.node("Add", [of(pooled.left), of(pooled.right)]);
    case "scaled": {
      const factors = Float32Array.from(tables, (table) => pooled.factors[table]!);
      return graph.node("Mul", [of(pooled.pooled), graph.floats(factors, [1, tables.length, 1])]);
    }
    case "projected": {
      const { values } = weights.get(pooled.matrix)!;
      const matrix = graph.floats(values, [pooled.width, values.length / pooled.width], pooled.matrix);
      return graph.node("MatMul", [of(pooled.pooled), matrix]);
    }
    default: {
      const rows = rowsOf(pooled.rows, tables, source);
      const axis = graph.integers([2], [1]);
      if (source.present === undefined) return graph.node("Squeeze", [rows, axis]);
      const some = tables.length === source.tables ? source.present : ofTables(graph, source.present, tables);
      const counted = graph.node("Unsqueeze", [some, graph.integers([3], [1])]);
      const sum = graph.node("ReduceSum", [graph.node("Mul", [rows, counted]), axis], { keepdims: 0 });
      if (pooled.is === "sum") return sum;
      const count = graph.node("ReduceSum", [counted, axis], { keepdims: 0 });
      const one = graph.floats(Float32Array.of(1), []);
      return graph.node("Mul", [sum, graph.node("Reciprocal", [graph.node("Max", [count, one])])]);
    }
  }
}

/** [n × G × L × width], of which the last may be 1. */
function rowsOf(rows: Rows, tables: readonly number[], source: Source): Value {
  const { graph, weights } = source;
  const of = (part: Rows) => rowsOf(part, tables, source);
  const shaped = (value: Value, ...shape: readonly number[]) =>
    graph.node("Reshape", [value, graph.integers([0, 0, 0, ...shape])]);
  switch (rows.is) {
    case "read":
      return readOf(rows, tables, source);
    case "add":
      return graph.node("Add", [of(rows.left), of(rows.right)]);
    case "multiply":
      return graph.node("Mul", [of(rows.left), of(rows.right)]);
    case "only": {
      const is = elementsOf(rows.when, { tables, width: 1, block: 1, below: 2 }, source);
      return graph.node("Mul", [of(rows.rows), graph.cast(is, "float")]);
    }
    case "codes": {
      const { hash, width, steps } = rows;
      const numbers = elementsOf(hash, { tables, width, block: width, below: steps }, source);
      const two = graph.numbers([2]);
      const odd = graph.node("Add", [graph.node("Mul", [numbers, two]), graph.numbers([1])]);
      const step = graph.floats(Float32Array.of(1 / steps), []);
      const one = graph.floats(Float32Array.of(1), []);
      const scaled = graph.node("Mul", [graph.cast(odd, "float"), step]);
      return graph.node("Sub", [scaled, one]);
    }
    case "layers": {
      const { name, sizes } = rows;
      let x = of(rows.rows);
      for (let i = 0; i + 1 < sizes.length; i++) {
        const weight = matrixOf(`${name}.${i}.weight`, source);
        const bias = weights.get(`${name}.${i}.bias`)!;
        x = graph.node("MatMul", [x, graph.node("Transpose", [weight], { perm: [1, 0] })]);
        x = graph.node("Add", [x, graph.floats(bias.values, bias.shape, `${name}.${i}.bias`)]);
        if (i + 2 < sizes.length) x = graph.node("Relu", [x]);
      }
      return x;
    }
    case "train": {
      const { cores, columns, rank } = rows;
      const [d1, d2, d3] = columns;
      const [a, b, c] = cores.map(of) as [Value, Value, Value];
      const heads = graph.node("MatMul", [shaped(a, d1, rank), shaped(b, rank, d2 * rank)]);
      const tails = graph.node("Transpose", [shaped(c, d3, rank)], { perm: [0, 1, 2, 4, 3] });
      const whole = graph.node("MatMul", [shaped(heads, d1 * d2, rank), tails]);
      return shaped(whole, d1 * d2 * d3);
    }
  }
}

/** A parameter as the matrix that it is. */
export function matrixOf(name: string, { graph, weights }: Pick<Source, "graph" | "weights">): Value {
  const { values, shape } = weights.get(name)!;
  return graph.floats(values, shape, name);
}

/** [n × G × L × width] elements of a parameter, with their signs. */
function readOf(read: Read, tables: readonly number[], source: Source): Value {
  const { graph, weights } = source;
  const { values: all, isHalf } = weights.get(read.from)!;
  const slots = elementsOf(read.slot, { ...read, tables, below: all.length }, source);
  const values = graph.node("Gather", [memoryOf(read.from, source), slots]);
  const floats = isHalf ? graph.cast(values, "float") : values;
  if (read.negative === undefined) return floats;
  const negative = elementsOf(read.negative, { ...read, tables, below: 2 }, source);
  const isNegative = graph.node("Equal", [negative, graph.numbers([1])]);
  return graph.node("Where", [isNegative, graph.node("Neg", [floats]), floats]);
}

/** A memory, kept once however many times it is read. */
function memoryOf(name: string, { graph, weights }: Source): Value {
  const { values, isHalf } = weights.get(name)!;
  const shape = [values.length];
  return isHalf ? graph.halves(toHalves(values), shape, name) : graph.floats(values, shape, name);
}

/** [n × G × L × width] the numbers of a formula for each element of a row, or of the one column that is asked for. */
function elementsOf(
  formula: Formula,
  { column, ...of }: Elements & Pick<Read, "column">,
  { graph, numbers }: Source,
): Value {
  const { width, block } = of;
  const { block: blocks, word: words, bit: bits } = extentsOf(width, block);
  const zeros = graph.numbers(new Array(blocks * words * bits).fill(0), [1, 1, 1, blocks, words, bits]);
  const each = graph.node("Add", [numbers(formula, of), zeros]); // whatever axes the formula does not name
  const inWords = graph.node("Reshape", [each, graph.integers([0, 0, 0, blocks, words * bits])]);
  const inBlocks = words * bits === block ? inWords : partOf(graph, inWords, 4, 0, block);
  const all = graph.node("Reshape", [inBlocks, graph.integers([0, 0, 0, blocks * block])]);
  if (column !== undefined) return partOf(graph, all, 3, column, column + 1);
  return blocks * block === width ? all : partOf(graph, all, 3, 0, width);
}

const partOf = (graph: Graph, value: Value, axis: number, from: number, to: number): Value =>
  graph.node("Slice", [value, ...[from, to, axis].map((x) => graph.integers([x], [1]))]);
