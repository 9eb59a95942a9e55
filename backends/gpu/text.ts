import type { Tree } from "../../core/expression.ts";
import { literal, type Scalar } from "../../core/scalar.ts";

/**
 * A kernel as text: one float for each cell of a flat output. Text and not a function, because minifiers rewrite
 * functions; in gpu.js's language every number is a float, so an index is exact below 2²⁴ only.
 */
export interface Kernel {
  /** What it computes, for messages. */
  readonly kind: string;
  /** Names of the array parameters. */
  readonly arrays: readonly string[];
  /** Names of the number parameters, which follow. */
  readonly numbers?: readonly string[];
  /** Cells of the output. */
  readonly size: number;
  /** Statements that return the value of cell number `cell`. */
  readonly body: string;
  /** The most rounds of any loop whose bound is not a literal. */
  readonly rounds?: number;
}

/** Arrays of a kernel at most: the fewest that any mode can bind (8 storage buffers in WebGPU, one is the output). */
export const mostArrays = 7;

/** Cells of an array at most: from 2²⁴ on, whole floats are no longer all exact. */
export const mostCells = 2 ** 24;

/** The source of a kernel in gpu.js's language. */
export const sourceOf = ({ arrays, numbers = [], body }: Kernel): string =>
  `function (${[...arrays, ...numbers].join(", ")}) {\nconst cell = this.thread.x;\n${body}\n}`;

/** Software drivers cut any one loop at 65,535 rounds; a longer one is nested. */
const mostRounds = 4096;

/** `body` for `name` = 0 … count − 1. */
export function loop(name: string, count: number, body: string): string {
  if (count <= mostRounds) return `for (let ${name} = 0; ${name} < ${count}; ${name}++) {\n${body}\n}`;
  return [
    `for (let ${name}Outer = 0; ${name}Outer < ${Math.ceil(count / mostRounds)}; ${name}Outer++) {`,
    `for (let ${name}Inner = 0; ${name}Inner < ${mostRounds}; ${name}Inner++) {`,
    `const ${name} = ${name}Outer * ${mostRounds} + ${name}Inner;`,
    `if (${name} < ${count}) {\n${body}\n}\n}\n}`,
  ].join("\n");
}

/**
 * `body` for `name` = 0 … count − 1, where `count` is the name of a variable and never above `limit`. No call may stand
 * in a bound: gpu.js would take it for a constant, which WebGL 1 then refuses.
 */
export function countedLoop(name: string, count: string, limit: number, body: string): string {
  if (limit <= mostRounds) return `for (let ${name} = 0; ${name} < ${count}; ${name}++) {\n${body}\n}`;
  return [
    `for (let ${name}Outer = 0; ${name}Outer * ${mostRounds} < ${count}; ${name}Outer++) {`,
    `const ${name}Rest = ${count} - ${name}Outer * ${mostRounds};`,
    `const ${name}Inners = ${name}Rest < ${mostRounds} ? ${name}Rest : ${mostRounds};`,
    `for (let ${name}Inner = 0; ${name}Inner < ${name}Inners; ${name}Inner++) {`,
    `const ${name} = ${name}Outer * ${mostRounds} + ${name}Inner;`,
    `${body}\n}\n}`,
  ].join("\n");
}

/** Rounds that {@link countedLoop} may need of a loop whose bound is not a literal. */
export const roundsOf = (limit: number): number => Math.max(Math.min(limit, mostRounds), 1000);

/**
 * Statements that split `value` into `quotient` and `rest` by a literal `divisor`. A device's division may be off by
 * some units in the last place, so the rounded quotient may be off by one; both are mended by the exact rest.
 */
export function divide(value: string, divisor: number, quotient: string, rest: string): string {
  if (divisor === 1) return `const ${quotient} = ${value};\nconst ${rest} = 0;`;
  const by = literal(divisor);
  return [
    `let ${quotient} = Math.floor(${value} / ${by});`,
    `let ${rest} = ${value} - ${quotient} * ${by};`,
    `if (${rest} < 0) { ${quotient} = ${quotient} - 1; ${rest} = ${rest} + ${by}; }`,
    `if (${rest} >= ${by}) { ${quotient} = ${quotient} + 1; ${rest} = ${rest} - ${by}; }`,
  ].join("\n");
}

/** Statements that give the index of `cell` along each axis of `shape`, in variables `axis0`, `axis1`, … */
export function axes(shape: readonly number[]): string {
  const lines: string[] = [];
  let rest = "cell";
  for (let axis = shape.length - 1; axis > 0; axis--) {
    lines.push(divide(rest, shape[axis]!, `above${axis}`, `axis${axis}`));
    rest = `above${axis}`;
  }
  if (shape.length > 0) lines.push(`const axis0 = ${rest};`);
  return lines.join("\n");
}

/** Σ axis · stride + offset, as an expression over {@link axes}. */
export function position(strides: readonly number[], offset = 0): string {
  const terms = strides.flatMap((stride, axis) =>
    stride === 0 ? [] : [stride === 1 ? `axis${axis}` : `axis${axis} * ${stride}`],
  );
  if (offset !== 0 || terms.length === 0) terms.push(String(offset));
  return terms.join(" + ");
}

/** An expression in gpu.js's language, each name as `variable` says, so that none of them can be one of a kernel's. */
export function printed(tree: Tree, variable: (name: string) => string): string {
  const print = (part: Tree): string => printed(part, variable);
  switch (tree.kind) {
    case "literal":
      return literal(tree.value);
    case "name":
      return variable(tree.name);
    case "negation":
      return `(-${print(tree.of)})`;
    case "not":
      return `(!${print(tree.of)})`;
    case "call":
      return `Math.${tree.name}(${tree.inputs.map(print).join(", ")})`;
    case "choice":
      return `(${print(tree.when)} ? ${print(tree.yes)} : ${print(tree.no)})`;
    case "arithmetic":
    case "comparison":
    case "logical":
      return `(${print(tree.left)} ${tree.operator} ${print(tree.right)})`;
  }
}

/**
 * A function of numbers in variables. Where one of them is none, neither is the result: drivers compute `x < 0 ? 0 : x` as a
 * maximum, and the maximum of NaN and 0 is 0, which would hide that a training has diverged. They may take `x - x` and
 * `0 * x` for 0 as well, but what no comparison holds of is seen. The result is then a sum, since a choice between
 * `f(x)` and `x` is made a maximum again.
 */
export function applied(f: Scalar, variables: readonly string[]): string {
  const own = printed(f.tree, (name) => variables[f.inputs.indexOf(name)]!);
  const isNumber = variables.map((x) => `(${x} < 0.0 || ${x} >= 0.0)`).join(" && ");
  return `${isNumber} ? ${own} : ${[...variables, "1.0"].join(" + ")}`;
}
