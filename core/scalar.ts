/**
 * A scalar function, written once as source text, so that it runs three ways: compiled by the CPU backend, pasted into
 * a GPU kernel, and evaluated in doubles as the oracle. The text is an expression over `inputs` in what JavaScript,
 * and gpu.js have in common: `+ - * /`, comparison, `?:`, number literals and `Math.exp` and the like. It is text and
 * not a function because minifiers rewrite functions.
 */
export interface Scalar {
  readonly inputs: readonly string[];
  readonly expression: string;
  /** A result is within `ulps` units of the rounding error u times {@link magnitude} of the exact one. */
  readonly ulps: number;
  /** Expression for the size of the largest intermediate value; by default the size of the result. */
  readonly magnitude?: string;
}

export function scalar(
  inputs: string,
  expression: string,
  accuracy: { ulps?: number; magnitude?: string } = {},
): Scalar {
  return {
    inputs: inputs.split(",").map((name) => name.trim()),
    expression,
    ulps: accuracy.ulps ?? 1,
    ...(accuracy.magnitude === undefined ? {} : { magnitude: accuracy.magnitude }),
  };
}

/** `value` as a literal that every kernel language reads as a floating-point number. */
export function literal(value: number): string {
  const text = String(value);
  const float = /[.e]/.test(text) ? text : `${text}.0`;
  return value < 0 ? `(${float})` : float;
}

/** The function that a scalar's text denotes, in doubles. */
export function compile(f: Scalar): (...x: number[]) => number {
  return new Function(...f.inputs, `return ${f.expression};`) as (...x: number[]) => number;
}
