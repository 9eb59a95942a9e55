import { escaped, InputError } from "./errors.ts";
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

/**
 * The tree that the text of an expression denotes. The grammar is JavaScript's, as far as it goes: decimal numbers, `names`,
 * operators, and calls of the functions of `Math` that `expression.ts` lists; what is read here means what JavaScript makes of
 * it. Whatever else some backend could not compute, so it throws an InputError, a sentence that begins with `what` the text
 * was to be.
 */
export function parse(text: string, names: readonly string[], what: string): NumberTree {
  const refuse = (at: number, reason: string): never => {
    throw new InputError(`${what} cannot be ${shown(text, at)}: at column ${at + 1} ${reason}.`);
  };
  if (text.length > longest)
    refuse(longest, `it goes on, but an expression has ${longest} characters at most`);
  const reader = new Reader(text, names, refuse);
  const all = numberOf(readChoice(reader), reader);
  if (reader.token !== "")
    stands(reader, isOperator(reader.token) ? unknownOperator(reader.token) : "not the end");
  return all;
}

/** Characters of an expression at most: what is nested much deeper than they allow would exhaust the stack. */
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

/** Numbers, words, and signs: the longest that JavaScript has, so that `x--y` is not `x - -y` here. */
const tokens =
  /(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_$][\w$]*|[=!]==?|[<>]=|&&|\|\||\+\+|--|\*\*|\?\?|\?\.(?!\d)|=>|<<|>>|./sy;

/** A place in a text, token by token. */
class Reader {
  /** What stands at {@link at}; "" at the end. */
  token = "";
  at = 0;
  /** Where the token before this one ended. */
  end = 0;

  readonly text: string;
  readonly names: readonly string[];
  readonly refuse: (at: number, reason: string) => never;

  constructor(text: string, names: readonly string[], refuse: Reader["refuse"]) {
    this.text = text;
    this.names = names;
    this.refuse = refuse;
    this.next();
  }

  /** Goes on to the next token, and gives this one. */
  next(): string {
    const passed = this.token;
    this.end = this.at + passed.length;
    const { length } = this.text.slice(this.end).match(/^\s*/)![0];
    this.at = this.end + length;
    tokens.lastIndex = this.at;
    this.token = tokens.exec(this.text)?.[0] ?? "";
    return passed;
  }

  /** Goes on over `token`, which must stand here. */
  over(token: string): void {
    if (this.token !== token) stands(this, `where ${shown(token)} should`);
    this.next();
  }
}

/** A tree, and the characters that it stands for. */
interface Part {
  readonly tree: Tree;
  readonly from: number;
  readonly end: number;
}

/** Refuses what stands at the reader's place. */
function stands({ text, at, token, refuse }: Reader, reason: string): never {
  return token === ""
    ? refuse(text.length, "it ends too early")
    : refuse(at, `stands ${shown(text.slice(at))}, ${reason}`);
}

/** Operators of two sides by how tightly they bind, least first; all of them from left to right. */
const binding: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["==", "!=", "===", "!=="],
  ["<", ">", "<=", ">="],
  ["+", "-"],
  ["*", "/"],
];

/** when ? yes : no, or what binds tighter. */
function readChoice(reader: Reader): Part {
  const from = reader.at;
  const first = readBinary(reader, 0);
  if (reader.token !== "?") return first;
  const when = truthOf(first, reader);
  reader.next();
  const yes = numberOf(readChoice(reader), reader);
  reader.over(":");
  const no = numberOf(readChoice(reader), reader);
  return { tree: { kind: "choice", when, yes, no }, from, end: reader.end };
}

/** Operators of this tightness and above. */
function readBinary(reader: Reader, level: number): Part {
  const own = binding[level];
  if (own === undefined) return readUnary(reader);
  const from = reader.at;
  let left = readBinary(reader, level + 1);
  while (own.includes(reader.token)) {
    const sign = reader.next();
    const right = readBinary(reader, level + 1);
    left = { tree: joined(left, sign, right, reader), from, end: reader.end };
  }
  return left;
}

function joined(left: Part, sign: string, right: Part, reader: Reader): Tree {
  const same = sign.replace(/^([!=]=)=$/, "$1"); // of two numbers == says what === does
  const [sum, order, logical] = [found(arithmetic, same), found(comparisons, same), found(logicals, same)];
  if (logical !== undefined)
    return { kind: "logical", operator: logical, left: truthOf(left, reader), right: truthOf(right, reader) };
  const sides = { left: numberOf(left, reader), right: numberOf(right, reader) };
  return sum !== undefined
    ? { kind: "arithmetic", operator: sum, ...sides }
    : { kind: "comparison", operator: order!, ...sides };
}

/** -x, +x, !t, or an operand. */
function readUnary(reader: Reader): Part {
  const from = reader.at;
  if (!["-", "+", "!"].includes(reader.token)) return readOperand(reader);
  const sign = reader.next();
  const inner = readUnary(reader);
  const end = reader.end;
  if (sign === "!") return { tree: { kind: "not", of: truthOf(inner, reader) }, from, end };
  const of = numberOf(inner, reader);
  return { tree: sign === "-" ? { kind: "negation", of } : of, from, end };
}

function readOperand(reader: Reader): Part {
  const { at: from, token } = reader;
  if (token === "(") {
    reader.next();
    const inner = readChoice(reader);
    reader.over(")");
    return inner;
  }
  if (/^\.?\d/.test(token)) {
    const value = Number(reader.next());
    if (!Number.isFinite(value) || /[\w$]/.test(reader.text[reader.end] ?? ""))
      reader.refuse(from, `stands ${shown(reader.text.slice(from))}, but ${constants}`);
    return { tree: { kind: "literal", value }, from, end: reader.end };
  }
  if (/^[A-Za-z_$]/.test(token)) return readWord(reader);
  return stands(
    reader,
    `but an expression has numbers, names, operators and calls of ${knownFunctions} only`,
  );
}

const constants = "a constant is a finite number in decimals, such as 1.5 or 1e-8";

/** A name, or the call of a function. */
function readWord(reader: Reader): Part {
  const from = reader.at;
  const word = reader.next();
  if (word === "Math" && reader.token === ".") {
    reader.next();
    const name = found(Object.keys(functions) as FunctionName[], reader.token);
    reader.next();
    return readCall(reader, from, name ?? unknown(reader, from, `the functions known are ${knownFunctions}`));
  }
  if (reader.token === "(") unknown(reader, from, `the functions known are ${knownFunctions}`);
  if (!reader.names.includes(word))
    unknown(reader, from, `the names known here are ${reader.names.join(", ")}`);
  return { tree: { kind: "name", name: word }, from, end: reader.end };
}

/** What a function is given, in its parentheses. */
function readCall(reader: Reader, from: number, name: FunctionName): Part {
  const inputs: NumberTree[] = [];
  reader.over("(");
  while (reader.token !== ")") {
    if (inputs.length > 0) reader.over(",");
    inputs.push(numberOf(readChoice(reader), reader));
  }
  reader.over(")");
  const takes = functions[name];
  if (inputs.length !== takes)
    unknown(
      reader,
      from,
      `Math.${name} takes ${takes} number${takes === 1 ? "" : "s"}, not ${inputs.length}`,
    );
  return { tree: { kind: "call", name, inputs }, from, end: reader.end };
}

const isTruth = (tree: Tree): tree is TruthTree =>
  tree.kind === "comparison" || tree.kind === "logical" || tree.kind === "not";

function numberOf({ tree, from, end }: Part, { text, refuse }: Reader): NumberTree {
  if (!isTruth(tree)) return tree;
  return refuse(from, `the truth ${shown(text.slice(from, end))} stands where a number should`);
}

function truthOf({ tree, from, end }: Part, { text, refuse }: Reader): TruthTree {
  if (isTruth(tree)) return tree;
  return refuse(from, `the number ${shown(text.slice(from, end))} stands where a truth should`);
}

const knownFunctions = `${Object.keys(functions).join(", ")} of Math`;

const found = <Known extends string>(known: readonly Known[], word: string): Known | undefined =>
  known.find((one) => one === word);

/** Refuses what was read from `from` on. */
const unknown = ({ text, end, refuse }: Reader, from: number, known: string): never =>
  refuse(from, `stands ${shown(text.slice(from, end))}, but ${known}`);

/** Whether a token is an operator, of JavaScript if not of expressions. */
const isOperator = (token: string): boolean => /^(?:[%&|^=~]|\*\*|\?\?|<<|>>|=>|\+\+|--)/.test(token);

const unknownOperator = (token: string): string =>
  `but "${token}" is no operator known here, where there are ? : + - * / < > <= >= == != === !== && || and !`;
