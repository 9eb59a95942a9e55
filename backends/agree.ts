import type { Backend, FloatArray } from "../core/backend.ts";
import { errorBound } from "../core/bound.ts";
import type { Form } from "../core/form.ts";
import { unitRoundoff } from "../core/number.ts";
import { oracle } from "./cpu.ts";

/** The first place where a backend differs from the oracle by more than rounding explains. */
export interface Disagreement {
  /** Number of the run, from 0, and its form. */
  readonly call: number;
  readonly form: Form["kind"];
  readonly index: number;
  readonly expected: number;
  readonly actual: number;
  readonly allowed: number;
}

/** What a backend was seen to do. */
export interface Agreement {
  /** Forms compared. */
  readonly calls: number;
  /** Largest |difference| / allowed. */
  readonly worst: number;
  readonly first: Disagreement | undefined;
}

/**
 * A backend that runs everything on `backend` and, form by form, on the oracle with the very same inputs, so that one
 * error is not blamed on what it leads to. `agreement()` waits for all comparisons so far. Optimizer steps run
 * unwatched: their law compares them with their textbook definition.
 */
export function agree(backend: Backend): { backend: Backend; agreement(): Promise<Agreement> } {
  let found: Agreement = { calls: 0, worst: 0, first: undefined };
  let compared: Promise<void> = Promise.resolve();
  return {
    agreement: async () => {
      await compared;
      return found;
    },
    backend: {
      ...backend,
      name: `agreed ${backend.name}`,
      run(form, inputs) {
        const before = inputs.map((x) => backend.read(x));
        const result = backend.run(form, inputs);
        const read = Promise.all([Promise.all(before), backend.read(result)]);
        compared = compared.then(async () => {
          const [given, actual] = await read;
          found = join(found, form, distances(form, given, actual, backend), actual);
        });
        compared.catch(() => {}); // told to who asks for the agreement
        return result;
      },
    },
  };
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
  const used = allowed.map((bound, i) => {
    if (Object.is(actual[i], exact[i])) return 0; // both may be no number, or infinite
    const fraction = Math.abs(actual[i]! - exact[i]!) / bound;
    return Number.isNaN(fraction) ? Infinity : fraction;
  });
  return { exact, allowed, used };
}

function join(
  sofar: Agreement,
  form: Form,
  { exact, allowed, used }: ReturnType<typeof distances>,
  actual: FloatArray,
): Agreement {
  const index = used.findIndex((fraction) => fraction > 1);
  const first: Disagreement | undefined =
    index < 0
      ? undefined
      : {
          call: sofar.calls,
          form: form.kind,
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
