import type { Update, UpdateGradient } from "../backend.ts";
import { dense } from "../backward.ts";
import { check } from "../errors.ts";
import { itemCount } from "../lookup.ts";
import { type Parameter, roundingOf } from "../parameter.ts";
import { type Cotangent, keep, Tensor, tensor, tidy } from "../tensor.ts";

/**
 * How a step changes a weight, written once as expressions that every backend runs. They may name the weight `w`, its
 * gradient `g`, the state arrays, the hyper-parameters of the step, and `meanSquare`: the mean of g² over the weights
 * that share a state entry (g² itself where none do). State is stored, rounded, before the next expression reads it.
 */
export interface Optimizer {
  readonly name: string;
  /** Base learning rate. */
  readonly learningRate: number;
  /** State arrays and what they start at. */
  readonly state: readonly { readonly name: string; readonly initial: number }[];
  readonly steps: Update["steps"];
  /** Numbers of step t = 1, 2, … at learning rate `rate`. */
  readonly hyper: (t: number, rate: number) => Readonly<Record<string, number>>;
  /**
   * What a gradient of zero does. "nothing": weight and state stay, so touching only the slots that were looked up is
   * the same step (SGD, Adagrad). "something": momentum moves on or weights decay, so every slot must be visited.
   * "skip": slots that were not looked up are left alone by definition (SparseAdam).
   */
  readonly zeroGradient: Update["zeroGradient"];
  /** Rows of an embedding share one state entry a row. */
  readonly rowWise?: boolean;
}

/** Step number t (from 1) of `optimizer` on one parameter, at learning rate `rate`. */
export function optimizerStep(
  optimizer: Optimizer,
  parameter: Parameter,
  gradient: Cotangent,
  t: number,
  rate: number,
): void {
  const { backend } = parameter.tensor;
  const width = stateWidth(optimizer, parameter);
  makeState(optimizer, parameter);
  tidy(() => {
    const result = backend.update(
      {
        name: optimizer.name,
        steps: optimizer.steps,
        state: optimizer.state.map((s) => s.name),
        hyper: optimizer.hyper(t, rate),
        zeroGradient: optimizer.zeroGradient,
        width,
        ...(parameter.halves && { rounding: roundingOf(parameter.name, parameter.halves, t) }),
      },
      parameter.tensor.handle,
      parameter.state.map((s) => s.handle),
      prepare(optimizer, parameter, gradient),
    );
    parameter.tensor.replace(result.weights);
    for (const [i, handle] of result.state.entries()) parameter.state[i]!.replace(handle);
  });
}

/**
 * Decides between the two ways of one step. A small memory is cheaper to sweep whole; of a large one only the slots
 * that the batch touched are visited, where a gradient of zero means no change. A law holds the two equal.
 */
function prepare(optimizer: Optimizer, parameter: Parameter, gradient: Cotangent): UpdateGradient {
  const whole = (): UpdateGradient => ({ kind: "dense", values: dense(gradient).handle });
  if (gradient instanceof Tensor || optimizer.zeroGradient === "something") return whole();
  const reads = gradient.parts.reduce((n, { lookup }) => n + itemCount(lookup) * lookup.dim, 0);
  if (optimizer.zeroGradient === "nothing" && parameter.whole <= 4 * reads) return whole();
  return {
    kind: "sparse",
    parts: gradient.parts.map(({ lookup, cotangent }) => ({ lookup, values: cotangent.handle })),
  };
}

function stateWidth(optimizer: Optimizer, parameter: Parameter): number {
  if (!optimizer.rowWise) return 1;
  check(
    parameter.rowLength !== "none",
    () =>
      `${optimizer.name} keeps one state a row, but the memory of ${parameter.name} has no rows; use adagrad, or an embedding whose memory is rows (full, rowHash, multiHash, quotientRemainder).`,
  );
  return parameter.rowLength;
}

/** Numbers of each state array that `optimizer` keeps of a parameter. */
export const stateSize = (optimizer: Optimizer, parameter: Parameter): number =>
  parameter.size / stateWidth(optimizer, parameter);

/**
 * The state that `optimizer` keeps of a parameter, where it is not there yet. Made before the first step begins, it
 * lies apart from what a step makes and gives back.
 */
export function makeState(optimizer: Optimizer, parameter: Parameter): void {
  if (parameter.state.length > 0) return;
  const entries = stateSize(optimizer, parameter);
  parameter.state = optimizer.state.map(({ initial }) => {
    const values =
      parameter.tensor.backend.precision === "f64" ? new Float64Array(entries) : new Float32Array(entries);
    return keep(tensor(parameter.tensor.backend, [entries], initial === 0 ? values : values.fill(initial)));
  });
}
