import { squared } from "../../../core/numeric/matrix.ts";

/** What the largest stable step of gradient descent was predicted to be, and was seen to be (R16). */
export interface StableStep {
  /** m, and N/m. */
  readonly memory: number;
  readonly load: number;
  readonly largestLoad: number;
  /** 2/(L·load_max): at least this, by R16. */
  readonly bound: number;
  /** 2/(largest eigenvalue of the shared Hessian): the very step, for a quadratic. */
  readonly predicted: number;
  readonly measured: number;
  readonly notRejected: boolean;
}

/** Of the step that is found, relative. */
const precision = 0.002;

/** Steps after which growth is looked for. */
const steps = 600;

/** How far what is measured may be from what is predicted: growth is slow near the edge, and has to be seen. */
const tolerance = 0.01;

/** The largest step at which `grows` is false, by bisection from a step that is stable. */
export async function largestStable(
  grows: (step: number) => boolean | Promise<boolean>,
  stable: number,
): Promise<number> {
  let [low, high] = [stable, 2 * stable];
  while (!(await grows(high))) [low, high] = [high, 2 * high];
  while (high / low > 1 + precision) {
    const middle = Math.sqrt(low * high);
    if (await grows(middle)) high = middle;
    else low = middle;
  }
  return Math.sqrt(low * high);
}

/** Whether a prediction and its bound hold. */
export const isAsPredicted = ({
  bound,
  predicted,
  measured,
}: Pick<StableStep, "bound" | "predicted" | "measured">): boolean =>
  Math.abs(measured / predicted - 1) <= tolerance && measured >= bound * (1 - tolerance);

/**
 * Whether gradient descent makes the gradient larger than it was. Against the start and not against half
 * way: a loss that flattens out ends the growth, and it is still no stable step.
 */
export async function growsFrom(
  start: Float64Array,
  gradientAt: (M: Float64Array) => Float64Array | Promise<Float64Array>,
  step: number,
): Promise<boolean> {
  let [M, first] = [start, 0];
  for (let t = 0; ; t++) {
    const gradient = await gradientAt(M);
    const size = squared(gradient);
    if (t === 0) first = size;
    if (!(size <= 1e4 * first)) return true;
    if (t === steps) return size > first;
    M = M.map((v, s) => v - step * gradient[s]!);
  }
}
