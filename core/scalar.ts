import { evaluator, type NumberTree } from "./expression.ts";
import { memoize } from "./memoize.ts";
import { checkNames, parse } from "./parse.ts";

/**
 * A scalar function, written once as source text and parsed once, so that every backend runs it: the reference walks
 * its tree in doubles, others make kernels of it. The text is an expression over `inputs` in JavaScript's own grammar:
 * `+ - * /`, comparison, `&& || !`, `?:`, number literals, and those functions of `Math` that `expression.ts` lists. It
 * is text and not a function because minifiers rewrite functions.
 */
export interface Scalar {
  readonly inputs: readonly string[];
  /** The text, for people. */
  readonly expression: string;
  readonly tree: NumberTree;
  /** A result is within `ulps` units of the rounding error u times {@link magnitude} of the exact one. */
  readonly ulps: number;
  /** The size of the largest intermediate value, a function of the same inputs; by default the size of the result. */
  readonly magnitude?: Scalar;
}

/** Definitions that are kept at most: some have a constant in them that changes as a program runs. */
const mostKept = 4096;

const kept = new Map<string, Scalar>();

/**
 * The scalar function of `inputs`, names with commas between, that the text of an expression denotes; the same value for
 * the same words. Throws an InputError that says where the text cannot be parsed, or names what some backend lacks.
 */
export function scalar(
  inputs: string,
  expression: string,
  accuracy: { ulps?: number; magnitude?: string } = {},
): Scalar {
  const key = JSON.stringify([inputs, expression, accuracy.ulps, accuracy.magnitude]);
  let f = kept.get(key);
  if (f === undefined) {
    f = define(inputs, expression, accuracy);
    if (kept.size === mostKept) kept.clear();
    kept.set(key, f);
  }
  return f;
}

function define(
  list: string,
  expression: string,
  { ulps = 1, magnitude }: { ulps?: number; magnitude?: string },
): Scalar {
  const inputs = list.split(",").map((name) => name.trim());
  checkNames(inputs, "A scalar function");
  return {
    inputs,
    expression,
    tree: parse(expression, inputs, `A scalar function of ${inputs.join(", ")}`),
    ulps,
    ...(magnitude !== undefined && { magnitude: scalar(list, magnitude) }),
  };
}

/** `value` as a literal that every kernel language reads as a floating-point number. */
export function literal(value: number): string {
  const text = String(value);
  const float = /[.e]/.test(text) ? text : `${text}.0`;
  return value < 0 ? `(${float})` : float;
}

/** The function of an array of its inputs' values, in doubles, that a scalar denotes. */
export const compile: (f: Scalar) => (x: ArrayLike<number>) => number = memoize(({ tree, inputs }: Scalar) =>
  evaluator(tree, inputs),
);
