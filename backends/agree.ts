import type { Backend, Handle } from "../core/backend.ts";
import { errorBound } from "../core/bound.ts";
import { require } from "../core/errors.ts";
import type { Form } from "../core/form.ts";
import { unitRoundoff } from "../core/number.ts";
import { oracle } from "./cpu.ts";

/** The first place where two backends differ by more than rounding explains. */
interface Disagreement {
  /** Number of the run, from 0, and its form. */
  readonly call: number;
  readonly form: string;
  readonly index: number;
  readonly expected: number;
  readonly actual: number;
  readonly allowed: number;
}

/** What two backends were seen to do. */
interface Agreement {
  /** Forms compared so far. */
  calls: number;
  /** Largest |difference| / allowed so far. */
  worst: number;
  first: Disagreement | undefined;
}

/**
 * A backend that runs everything on `backend` and, form by form, on the oracle with the very same inputs, so that one
 * error is not blamed on what it leads to. `backend` must keep its numbers in the host's memory (see `peek`).
 */
export function agree(backend: Backend): { backend: Backend; agreement: Agreement } {
  require(backend.peek !== undefined, () =>
    `agree reads every result at once, but the numbers of ${backend.name} are not in the host's memory.`);
  const agreement: Agreement = { calls: 0, worst: 0, first: undefined };
  const numbers = (handle: Handle): Float64Array => Float64Array.from(backend.peek!(handle));
  const compare = (form: Form, inputs: readonly Float64Array[], actual: Float64Array) => {
    const exact = oracle(form, inputs);
    const bound = errorBound(form, inputs, exact, unitRoundoff[backend.precision], oracle);
    for (const [index, allowed] of bound.entries()) {
      const used = Math.abs(actual[index]! - exact[index]!) / allowed;
      if (used <= agreement.worst) continue;
      agreement.worst = used;
      if (used <= 1) continue;
      agreement.first ??= {
        call: agreement.calls,
        form: form.kind,
        index,
        expected: exact[index]!,
        actual: actual[index]!,
        allowed,
      };
    }
    agreement.calls++;
  };
  return {
    agreement,
    backend: {
      ...backend,
      name: `agreed ${backend.name}`,
      run(form, inputs) {
        const before = inputs.map(numbers);
        const result = backend.run(form, inputs);
        compare(form, before, numbers(result));
        return result;
      },
    },
  };
}
