import {
  choose,
  exactValue,
  type Formula,
  less,
  mixFactors,
  namesIn,
  quotient,
  remainder,
  type Variable,
} from "../../../core/numeric/formula.ts";
import type { Graph, Value } from "./graph.ts";

/** What formulas are of: the rows of some tables, and how many blocks, words and bits a row has. */
export interface Scope {
  readonly graph: Graph;
  /** The number of a formula that is not computed here: of the variable `row` at least, [n × G × L × 1 × 1 × 1]. */
  readonly given: (formula: Formula) => Value | undefined;
  readonly tables: readonly number[];
  readonly extents: Readonly<Record<Exclude<Variable, "row">, number>>;
  /** Arrays of the model's file by name. */
  readonly arrays: ReadonlyMap<string, ArrayLike<number>>;
}

const limb = 2n ** 31n;
const prime61 = 2n ** 61n - 1n;

/**
 * The numbers of a formula, of a shape that broadcasts to [n × G × L × blocks × words × bits]: whole numbers, of which no
 * operation leaves the range from 0 to 2⁶³ − 1.
 */
export function numbersOf(formula: Formula, scope: Scope): Value {
  const { graph } = scope;
  if (!namesIn(formula).has("row")) return constantOf(formula, scope);
  const given = scope.given(formula);
  if (given !== undefined) return given;
  const of = (part: Formula) => numbersOf(part, scope);
  const node = (op: string, ...inputs: readonly Value[]) => graph.node(op, inputs);
  const number = (x: bigint | number) => graph.numbers([x]);
  switch (formula.op) {
    case "number":
    case "perTable":
    case "variable": // but the row, which is given
      return constantOf(formula, scope);
    case "bit": {
      const [word, at] = graph.whole === "int64" ? [formula.of, formula.at] : halvesOf(formula);
      const powers = Array.from({ length: graph.whole === "int64" ? 32 : 16 }, (_, i) => 2n ** BigInt(i));
      return node("Mod", node("Div", of(word), node("Gather", graph.numbers(powers), of(at))), number(2));
    }
    case "polynomial61":
      return polynomialOf(formula.coefficients, of(formula.of), graph);
    case "mix":
      return mixOf(of(formula.of), graph);
    case "search":
      return placesIn(scope.arrays.get(formula.array)!, of(formula.of), graph);
    case "choose":
      return node("Where", node("Equal", of(formula.when), number(1)), of(formula.yes), of(formula.no));
    case "less":
      return graph.cast(node("Less", of(formula.left), of(formula.right)), graph.whole);
    default:
      return node(operators[formula.op], of(formula.left), of(formula.right));
  }
}

const operators = {
  add: "Add",
  multiply: "Mul",
  quotient: "Div",
  remainder: "Mod",
  xor: "BitwiseXor",
} as const;

/** A bit of a number as one of 16 of its bits, from 0 or 16 on: those bits, and the number of the bit among them. */
export const halvesOf = ({ of, at }: Extract<Formula, { op: "bit" }>): readonly [Formula, Formula] => [
  choose(less(at, 16), remainder(of, 2 ** 16), remainder(quotient(of, 2 ** 16), 2 ** 16)),
  remainder(at, 16),
];

/** A formula of an element's place alone, as numbers: of length 1 along axes that it does not name. */
function constantOf(formula: Formula, { graph, tables, extents, arrays }: Scope): Value {
  const names = namesIn(formula);
  const along = (name: string, size: number) => (names.has(name) ? size : 1);
  const sizes = [
    along("table", tables.length),
    along("block", extents.block),
    along("word", extents.word),
    along("bit", extents.bit),
  ] as const;
  const values: bigint[] = [];
  for (let t = 0; t < sizes[0]; t++)
    for (let block = 0; block < sizes[1]; block++)
      for (let word = 0; word < sizes[2]; word++)
        for (let bit = 0; bit < sizes[3]; bit++)
          values.push(exactValue(formula, { table: tables[t]!, row: 0, block, word, bit, arrays }));
  return graph.numbers(values, values.length === 1 ? [] : [1, sizes[0], 1, ...sizes.slice(1)]);
}

/**
 * Σ_j c_j·xʲ mod 2⁶¹ − 1 by Horner's rule. With s = s_h·2³¹ + s_l and x likewise, 2⁶² ≡ 2 and 2⁶¹ ≡ 1 give
 * s·x ≡ 2·s_h·x_h + ⌊mid/2³⁰⌋ + (mid mod 2³⁰)·2³¹ + s_l·x_l with mid = s_h·x_l + s_l·x_h. As x is below 2⁵³ and s below
 * 2⁶², all of that is below 2⁶³.
 */
function polynomialOf(coefficients: readonly bigint[], x: Value, graph: Graph): Value {
  const binary = (op: string) => (left: Value, right: Value | bigint) =>
    graph.node(op, [left, typeof right === "bigint" ? graph.numbers([right]) : right]);
  const [add, multiply] = [binary("Add"), binary("Mul")];
  const [divide, modulo] = [binary("Div"), binary("Mod")];
  const [xh, xl] = [divide(x, limb), modulo(x, limb)];
  let sum = graph.numbers([coefficients.at(-1)!]);
  for (const c of coefficients.slice(0, -1).toReversed()) {
    const [sh, sl] = [divide(sum, limb), modulo(sum, limb)];
    const middle = add(multiply(sh, xl), multiply(sl, xh));
    const high = add(multiply(multiply(sh, xh), 2n), divide(middle, 2n ** 30n));
    const low = add(multiply(modulo(middle, 2n ** 30n), limb), multiply(sl, xl));
    sum = add(modulo(add(high, low), prime61), c);
  }
  return modulo(sum, prime61);
}

/** `mix` of hash.ts; products of two 32-bit words are taken in halves. */
function mixOf(word: Value, graph: Graph): Value {
  const node = (op: string, left: Value, right: bigint) => graph.node(op, [left, graph.numbers([right])]);
  const [first, second, third] = mixFactors;
  const word32 = 2n ** 32n;
  const shifted = (h: Value, bits: bigint) => graph.node("BitwiseXor", [h, node("Div", h, 2n ** bits)]);
  const times = (h: Value, by: bigint) => {
    const high = node("Mul", node("Mod", node("Mul", h, by >> 16n), word32), 2n ** 16n);
    return node("Mod", graph.node("Add", [high, node("Mul", h, by & 0xffffn)]), word32);
  };
  const start = node("Mod", node("Add", word, first), word32);
  return shifted(times(shifted(times(shifted(start, 16n), second), 13n), third), 16n);
}

/** Where numbers are in an ascending array, by bisection; its length where they are not. */
function placesIn(ascending: ArrayLike<number>, wanted: Value, graph: Graph): Value {
  const { length } = ascending;
  const steps = Math.ceil(Math.log2(length + 1));
  const beyond = 2n ** 63n - 1n;
  const padded = Array.from({ length: 2 ** steps }, (_, i) => (i < length ? BigInt(ascending[i]!) : beyond));
  const array = graph.numbers(padded, [padded.length]);
  const number = (x: number) => graph.numbers([x]);
  let place = graph.node("Mul", [wanted, number(0)]);
  for (let step = 2 ** (steps - 1); step >= 1; step /= 2) {
    const seen = graph.node("Gather", [array, graph.node("Add", [place, number(step - 1)])]);
    const isLess = graph.cast(graph.node("Less", [seen, wanted]), "int64");
    place = graph.node("Add", [place, graph.node("Mul", [isLess, number(step)])]);
  }
  const found = graph.node("Equal", [graph.node("Gather", [array, place]), wanted]);
  return graph.node("Where", [found, place, number(length)]);
}
