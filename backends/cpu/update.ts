import type { FloatArray, Handle, Precision, Update, UpdateGradient } from "../../core/backend.ts";
import { evaluator } from "../../core/expression.ts";
import { checkRounding, halfBy, halfValues } from "../../core/numeric/half.ts";
import { stepsOf } from "../../core/optimizers/steps.ts";
import { addTo } from "./lookup.ts";

/** Places of an expression's values: the weight, its gradient, the mean of its group's squares, then state and numbers. */
const [weight, slope, meanSquare, others] = [0, 1, 2, 3];

/** One optimizer step, in place. Of a sparse gradient only the groups that it touches are stepped. */
export function applyUpdate(
  update: Update,
  weights: FloatArray | Uint16Array,
  state: readonly Handle[],
  gradient: UpdateGradient,
  precision: Precision,
): void {
  checkRounding(update, weights instanceof Uint16Array);
  const { width } = update;
  const memory = memoryOf(weights, update, precision);
  const step = stepOf(update, memory, state as readonly FloatArray[]);
  if (gradient.kind === "dense") {
    const values = gradient.values as FloatArray;
    const at = (i: number) => values[i]!;
    for (let group = 0; group < weights.length / width; group++) step(group, at);
  } else {
    const sums = new Map<number, number>();
    const add = (slot: number, value: number) => sums.set(slot, (sums.get(slot) ?? 0) + value);
    for (const { lookup, values } of gradient.parts) addTo(lookup, values as FloatArray, add);
    const at = (i: number) => sums.get(i) ?? 0;
    const touched = new Set(Array.from(sums.keys(), (slot) => Math.floor(slot / width)));
    for (const group of touched) step(group, at);
  }
}

/** Weights as numbers, however they are stored. */
interface Memory {
  read(i: number): number;
  write(i: number, w: number): void;
}

/** A new weight is rounded to the backend's precision, and then, where weights are halves, to a half. */
function memoryOf(weights: FloatArray | Uint16Array, { rounding }: Update, precision: Precision): Memory {
  const store = (i: number, stored: number) => {
    weights[i] = stored;
  };
  if (rounding === undefined) return { read: (i) => weights[i]!, write: store };
  const [values, half] = [halfValues(), halfBy(rounding)];
  return {
    read: (i) => values[weights[i]!]!,
    write: (i, w) => store(i, half(precision === "f64" ? w : Math.fround(w), i)),
  };
}

/**
 * What steps one group of `width` weights that share state, given the gradient of each weight. First the assignments to
 * state, in order: each is stored, and so rounded, before the next reads it. Then those to each weight of the group.
 */
function stepOf(update: Update, memory: Memory, state: readonly FloatArray[]) {
  const { width, hyper } = update;
  const names = ["w", "g", "meanSquare", ...update.state, ...Object.keys(hyper)];
  const x = Float64Array.of(0, 0, 0, ...state.map(() => 0), ...Object.values(hyper));
  const rules = stepsOf(update).map(({ target, tree }) => ({
    place: names.indexOf(target),
    apply: evaluator(tree, names),
  }));
  const ofState = rules.filter(({ place }) => place !== weight);
  const ofWeights = rules.filter(({ place }) => place === weight);

  return (group: number, g: (i: number) => number): void => {
    const first = group * width;
    x[meanSquare] = 0;
    for (let i = first; i < first + width; i++) x[meanSquare] += g(i) ** 2 / width;
    for (let k = 0; k < state.length; k++) x[others + k] = state[k]![group]!;
    x[weight] = memory.read(first); // of a group of one, state may depend on the weight
    x[slope] = g(first);
    for (const { place, apply } of ofState) {
      const values = state[place - others]!;
      values[group] = apply(x);
      x[place] = values[group]!;
    }
    for (let i = first; i < first + width; i++) {
      x[weight] = memory.read(i);
      x[slope] = g(i);
      for (const { apply } of ofWeights) {
        x[weight] = apply(x);
        memory.write(i, x[weight]);
      }
    }
  };
}
