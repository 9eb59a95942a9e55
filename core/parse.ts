import {
  type AnyNode,
  type BinaryExpression,
  type CallExpression,
  type Literal,
  type Node,
  type Program,
  parse as parseProgram,
  type UnaryExpression,
} from "acorn";
import { InputError } from "./errors.ts";
import {
  arithmetic,
  comparisons,
  type FunctionName,
  functions,
  logicals,
  type NumberTree,
  type Tree,
  type TruthTree,
} from "./expression.ts";
import { escaped } from "./format.ts";

/** What is read, and how to say at which character it cannot be, and why. */
interface Reader {
  readonly text: string;
  readonly names: readonly string[];
  readonly refuse: (at: number, reason: string) => never;
}

/**
 * The tree that the text of an expression denotes, by JavaScript's own grammar. It may hold number literals, `names`,
 * operators, and calls of the functions of `Math` that `expression.ts` lists; whatever else some backend could not
 * compute, so it throws an InputError, a sentence that begins with `what` the text was to be.
 */
export function parse(text: string, names: readonly string[], what: string): NumberTree {
  const refuse = (at: number, reason: string): never => {
    throw new InputError(`${what} cannot be ${shown(text, at)}: at column ${at + 1} ${reason}.`);
  };
  if (text.length > longest)
    refuse(longest, `it goes on, but an expression has ${longest} characters at most`);
  return numberOf(syntaxOf(text, refuse), { text, names, refuse });
}

/** Characters of an expression at most: what is nested much deeper than they allow would exhaust the parser's stack. */
const longest = 1000;

/** Throws an InputError unless all of `names`, each once, can stand in an expression of `what`. */
export function checkNames(names: readonly string[], what: string): void {
  for (const [i, name] of names.entries()) {
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new InputError(
        `${what} cannot have the name ${shown(name)}: a name is letters, digits and _, with no digit first.`,
      );
    if (names.indexOf(name) !== i) throw new InputError(`${what} cannot have the name ${shown(name)} twice.`);
  }
}

/** Characters of a text on either side of a place that a message shows. */
const around = 40;

/** A text for people: what stands around a place, in quotes, control characters by their codes. */
function shown(text: string, at = 0): string {
  const [from, to] = [Math.max(at - around, 0), at + around];
  const part = `${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`;
  return `"${escaped(part)}"`;
}

/** What JavaScript reads in the text, if that is one expression. */
function syntaxOf(text: string, refuse: Reader["refuse"]): Node {
  const [first, second] = statementsOf(text, refuse);
  if (first === undefined) return refuse(text.length, "it ends too early");
  if (first.type !== "ExpressionStatement")
    return refuse(first.start, "stands a statement, not an expression");
  if (text[first.end - 1] === ";") return refuse(first.end - 1, 'stands a ";", not the end');
  if (second !== undefined) return refuse(second.start, "stands another expression, not the end");
  return first.expression;
}

function statementsOf(text: string, refuse: Reader["refuse"]): Program["body"] {
  try {
    return parseProgram(text, { ecmaVersion: 2020, sourceType: "module" }).body;
  } catch (error) {
    const { pos } = error as SyntaxError & { readonly pos?: number };
    if (pos === undefined) throw error;
    const rest = text.slice(pos);
    if (rest.trim() === "") return refuse(pos, "it ends too early");
    return refuse(pos, `stands ${shown(rest)}, which JavaScript does not allow there`);
  }
}

function numberOf(node: Node, reader: Reader): NumberTree {
  const tree = treeOf(node, reader);
  if (!isTruth(tree)) return tree;
  return reader.refuse(node.start, `the truth ${written(node, reader)} stands where a number should`);
}

function truthOf(node: Node, reader: Reader): TruthTree {
  const tree = treeOf(node, reader);
  if (isTruth(tree)) return tree;
  return reader.refuse(node.start, `the number ${written(node, reader)} stands where a truth should`);
}

const isTruth = (tree: Tree): tree is TruthTree =>
  tree.kind === "comparison" || tree.kind === "logical" || tree.kind === "not";

function treeOf(node: Node, reader: Reader): Tree {
  const syntax = node as AnyNode;
  switch (syntax.type) {
    case "Literal":
      return literalOf(syntax, reader);
    case "Identifier":
      if (reader.names.includes(syntax.name)) return { kind: "name", name: syntax.name };
      return unknown(node, reader, `the names known here are ${reader.names.join(", ")}`);
    case "UnaryExpression":
      return unaryOf(syntax, reader);
    case "BinaryExpression":
      return binaryOf(syntax, reader);
    case "LogicalExpression": {
      const operator = found(logicals, syntax.operator);
      if (operator === undefined) return unknownOperator(syntax, reader);
      return {
        kind: "logical",
        operator,
        left: truthOf(syntax.left, reader),
        right: truthOf(syntax.right, reader),
      };
    }
    case "ConditionalExpression": {
      const [when, yes, no] = [syntax.test, syntax.consequent, syntax.alternate];
      return {
        kind: "choice",
        when: truthOf(when, reader),
        yes: numberOf(yes, reader),
        no: numberOf(no, reader),
      };
    }
    case "CallExpression":
      return callOf(syntax, reader);
    default:
      return unknown(
        node,
        reader,
        `an expression has numbers, names, operators and calls of ${knownFunctions} only`,
      );
  }
}

function literalOf(node: Literal, reader: Reader): NumberTree {
  const { value } = node;
  if (typeof value === "number" && Number.isFinite(value)) return { kind: "literal", value };
  return unknown(node, reader, "a constant is a finite number, such as 1.5 or 1e-8");
}

function unaryOf(node: UnaryExpression, reader: Reader): Tree {
  switch (node.operator) {
    case "-":
      return { kind: "negation", of: numberOf(node.argument, reader) };
    case "+":
      return numberOf(node.argument, reader);
    case "!":
      return { kind: "not", of: truthOf(node.argument, reader) };
    default:
      return unknownOperator(node, reader);
  }
}

function binaryOf(node: BinaryExpression, reader: Reader): Tree {
  const sign = node.operator.replace(/^([!=]=)=$/, "$1"); // of two numbers == says what === does
  const [sum, order] = [found(arithmetic, sign), found(comparisons, sign)];
  const sides = () => ({ left: numberOf(node.left, reader), right: numberOf(node.right, reader) });
  if (sum !== undefined) return { kind: "arithmetic", operator: sum, ...sides() };
  if (order !== undefined) return { kind: "comparison", operator: order, ...sides() };
  return unknownOperator(node, reader);
}

function callOf(node: CallExpression, reader: Reader): NumberTree {
  const { callee, arguments: given, optional } = node;
  const name = optional ? undefined : functionOf(callee);
  if (name === undefined) return unknown(callee, reader, `the functions known are ${knownFunctions}`);
  const takes = functions[name];
  if (given.length !== takes)
    return unknown(
      node,
      reader,
      `Math.${name} takes ${takes} number${takes === 1 ? "" : "s"}, not ${given.length}`,
    );
  return { kind: "call", name, inputs: given.map((input) => numberOf(input, reader)) };
}

/** The function that `Math.name` is, where it is known. */
function functionOf(callee: Node): FunctionName | undefined {
  const syntax = callee as AnyNode;
  if (syntax.type !== "MemberExpression" || syntax.computed || syntax.optional) return undefined;
  const { object, property } = syntax;
  if (object.type !== "Identifier" || object.name !== "Math" || property.type !== "Identifier")
    return undefined;
  return found(Object.keys(functions) as FunctionName[], property.name);
}

const knownFunctions = `${Object.keys(functions).join(", ")} of Math`;

const found = <Known extends string>(known: readonly Known[], word: string): Known | undefined =>
  known.find((one) => one === word);

/** The characters of a node as people see them. */
const written = ({ start, end }: Node, { text }: Reader): string => shown(text.slice(start, end));

const unknown = (node: Node, reader: Reader, known: string): never =>
  reader.refuse(node.start, `stands ${written(node, reader)}, but ${known}`);

const unknownOperator = (node: Node & { readonly operator: string }, reader: Reader): never =>
  unknown(
    node,
    reader,
    `"${node.operator}" is no operator known here, where there are ? : + - * / < > <= >= == != === !== && || and !`,
  );
