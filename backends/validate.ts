import type { Backend, FloatArray, Handle, Update, UpdateGradient } from "../core/backend.ts";
import { errorBound } from "../core/bound.ts";
import type { Form } from "../core/form.ts";
import { itemCount } from "../core/lookup.ts";
import { fromHalves, toHalves } from "../core/numeric/half.ts";
import { halfSpacing, joined, smallestNormal, unitRoundoff } from "../core/numeric/number.ts";
import { cpu64, oracle } from "./cpu/index.ts";

/** The first place where a backend differs from the oracle by more than rounding explains. */
export interface Disagreement {
  /** Number of the run, from 0, and its form; of an optimizer step "update", its weights first, then its state. */
  readonly call: number;
  readonly form: Form["kind"] | "update";
  readonly index: number;
  readonly expected: number;
  readonly actual: number;
  readonly allowed: number;
}

/** What a backend was seen to do. */
export interface Agreement {
  /** Forms and optimizer steps compared. */
  readonly calls: number;
  /** Largest |difference| / allowed. */
  readonly worst: number;
  readonly first: Disagreement | undefined;
}

/**
 * A backend that runs everything on `backend` and, form by form and step by step, on the oracle with the very same
 * inputs, so that one error is not blamed on what it leads to.
 */
export function validate(backend: Backend): {
  backend: Backend;
  /** Waits for all comparisons so far. */
  agreement(): Promise<Agreement>;
} {
  let found: Agreement = { calls: 0, worst: 0, first: undefined };
  let compared: Promise<void> = Promise.resolve();
  const next = (form: Disagreement["form"], distance: () => Promise<Distance>) => {
    const distanced = distance(); // asks for its reads at once, before what they read is freed or changed
    compared = compared.then(async () => {
      found = join(found, form, await distanced);
    });
    for (const promise of [distanced, compared]) promise.catch(() => {}); // told to who asks for the agreement
  };
  const { record: _, ...rest } = backend; // what is recorded would be done again unseen
  const readAll = (handles: readonly Handle[]) => Promise.all(handles.map((x) => backend.read(x)));
  return {
    agreement: async () => {
      await compared;
      return found;
    },
    backend: {
      ...rest,
      name: `agreed ${backend.name}`,
      run(form, inputs) {
        const before = readAll(inputs);
        const result = backend.run(form, inputs);
        next(form.kind, async () => {
          const [given, actual] = await Promise.all([before, backend.read(result)]);
          return distances(form, given, actual, backend);
        });
        return result;
      },
      update(step, weights, state, gradient) {
        const before = [readAll([weights, ...state]), readAll(valuesOf(gradient))] as const;
        const result = backend.update(step, weights, state, gradient);
        next("update", async () => {
          const after = readAll([result.weights, ...result.state]);
          const [[arrays, values], made] = await Promise.all([Promise.all(before), after]);
          return stepDistances(step, arrays, withValues(gradient, values), made, backend);
        });
        return result;
      },
    },
  };
}

/** What was made, what should have been, and how much of the error bound each element used. */
interface Distance {
  readonly actual: FloatArray;
  readonly exact: FloatArray;
  readonly allowed: Float64Array;
  readonly used: Float64Array;
}

/** What a form should have made of `inputs`, and how far each element may be from it. */
export function distances(
  form: Form,
  inputs: readonly FloatArray[],
  actual: FloatArray,
  { precision }: Backend,
) {
  const given = inputs.map((x) => Float64Array.from(x));
  const exact = oracle(form, given);
  const allowed = errorBound(form, given, exact, unitRoundoff[precision], oracle);
  return { actual, exact, allowed, used: shares(actual, exact, allowed) };
}

const shares = (actual: FloatArray, exact: FloatArray, allowed: Float64Array): Float64Array =>
  allowed.map((bound, i) => {
    if (Object.is(actual[i], exact[i])) return 0; // both may be no number, or infinite
    const fraction = Math.abs(actual[i]! - exact[i]!) / bound;
    return Number.isNaN(fraction) ? Infinity : fraction;
  });

const valuesOf = (gradient: UpdateGradient): Handle[] =>
  gradient.kind === "dense" ? [gradient.values] : gradient.parts.map(({ values }) => values);

const withValues = (gradient: UpdateGradient, values: readonly FloatArray[]): UpdateGradient =>
  gradient.kind === "dense"
    ? { kind: "dense", values: Float64Array.from(values[0]!) }
    : {
        kind: "sparse",
        parts: gradient.parts.map(({ lookup }, i) => ({ lookup, values: Float64Array.from(values[i]!) })),
      };

/**
 * An optimizer step beside the same step in doubles. A step rounds fewer than 32 times, each time a number no larger
 * than the weight, its state, and the gradient or its square; a root of a running mean in a denominator multiplies that
 * by less than 32, and centring by less than 2 (see the law of optimizers): 2¹¹ in all. Rates above 1 are not foreseen.
 *
 * Rounding to halves, either way, is a function that never falls, with jumps from one half to the next. Two weights δ
 * apart may lie on both sides of a jump, or of several: then all but half of the first and of the last (in stochastic
 * rounding: but shares that add up to one) fit into δ, so the halves are within δ and one spacing of the larger. Of a grid
 * the same holds, and its spacing is its step everywhere.
 */
function stepDistances(
  step: Update,
  before: readonly FloatArray[],
  gradient: UpdateGradient,
  after: readonly FloatArray[],
  { precision }: Backend,
): Distance {
  const [weights, ...state] = before.map((x) => Float64Array.from(x));
  const stored = step.rounding ? toHalves(weights!) : weights!;
  const result = cpu64.update(step, stored, state, gradient);
  const stepped = step.rounding ? fromHalves(result.weights as Uint16Array, weights!) : result.weights;
  const exact = joined([stepped as FloatArray, ...(result.state as FloatArray[])], Float64Array);
  const [actual, old] = [joined(after, Float64Array), joined(before, Float64Array)];
  const readers = gradient.kind === "dense" ? 1 : gradient.parts.reduce((n, p) => n + itemCount(p.lookup), 0);
  const gradients = joined(valuesOf(gradient) as FloatArray[], Float64Array);
  const g = readers * gradients.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const u = 2 ** 11 * unitRoundoff[precision];
  const allowed = exact.map((x, i) => {
    const spacing =
      step.rounding && i < weights!.length
        ? (step.rounding.grid?.step ?? halfSpacing(Math.max(Math.abs(x), Math.abs(actual[i]!))))
        : 0;
    return u * (Math.abs(x) + spacing + Math.abs(old[i]!) + g + g * g) + smallestNormal.f32 + spacing;
  });
  return { actual, exact, allowed, used: shares(actual, exact, allowed) };
}

function join(
  sofar: Agreement,
  form: Disagreement["form"],
  { actual, exact, allowed, used }: Distance,
): Agreement {
  const index = used.findIndex((fraction) => fraction > 1);
  const first: Disagreement | undefined =
    index < 0
      ? undefined
      : {
          call: sofar.calls,
          form,
          index,
          expected: exact[index]!,
          actual: actual[index]!,
          allowed: allowed[index]!,
        };
  return {
    calls: sofar.calls + 1,
    worst: used.reduce((a, b) => Math.max(a, b), sofar.worst),
    first: sofar.first ?? first,
  };
}
