import { check } from "../../core/errors.ts";
import { type Shape, sameShape, showShape } from "../../core/shape.ts";
import type { Numbers } from "./golden.ts";

/** One array of a golden file beside the same array as this framework computes it. */
export interface Comparison {
  /** Its place in the file, e.g. "step0.grad.emb_l.0.weight". */
  readonly array: string;
  readonly precision: Accuracy["precision"];
  /** What computed it: "cpu64", "cpu", "definition", "fast path", … */
  readonly by: string;
  /** Largest absolute difference; for `exact`, how many numbers differ. */
  readonly difference: number;
  readonly allowed: number;
  /** The worst element: its index, what the file says and what was computed. Absent where all are equal. */
  readonly where?: string;
}

/** How close a computed array must be to the file's, and why there may be more than one computation of it. */
export interface Accuracy {
  readonly precision: "f32" | "f64" | "exact";
  readonly by: string;
  readonly allowed: number;
}

/** An array of a golden file as this framework computes it. */
export interface Recomputed extends Accuracy {
  readonly array: string;
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
}

/** For integers, and for sums that are exact in every order. */
export const exactly = (by: string): Accuracy => ({ precision: "exact", by, allowed: 0 });

export const passes = ({ difference, allowed }: Comparison): boolean => difference <= allowed;

export function compare(expected: { readonly array: string } & Numbers, found: Recomputed): Comparison {
  const { array, shape } = expected;
  const { precision, by, allowed } = found;
  check(
    sameShape(shape, found.shape),
    () =>
      `${array} has shape ${showShape(shape)}, but this framework computes one of shape ${showShape(found.shape)}.`,
  );
  let worst = 0;
  let at = -1;
  let differing = 0;
  for (const [i, value] of expected.values.entries()) {
    const difference = distance(value, found.values[i]!);
    if (difference > 0) differing++;
    if (difference > worst) [worst, at] = [difference, i];
  }
  return {
    array,
    precision,
    by,
    difference: precision === "exact" ? differing : worst,
    allowed,
    ...(at >= 0 && {
      where: `${showIndex(at, shape)} expected ${expected.values[at]}, got ${found.values[at]}`,
    }),
  };
}

/** |x − y|; a result that is not a number is infinitely far from every number. */
function distance(x: number, y: number): number {
  const difference = Math.abs(x - y);
  return Number.isNaN(difference) ? Infinity : difference;
}

function showIndex(at: number, shape: Shape): string {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = at; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index.map((i) => `[${i}]`).join("");
}
