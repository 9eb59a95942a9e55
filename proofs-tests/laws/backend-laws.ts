import fc from "fast-check";
import { cpu64, oracle } from "../../backends/cpu.ts";
import type { Backend, FloatArray } from "../../core/backend.ts";
import { errorBound } from "../../core/bound.ts";
import type { Form } from "../../core/form.ts";
import { unitRoundoff } from "../../core/number.ts";
import type { Op } from "../../core/op.ts";
import { type Tensor, tensor } from "../../core/tensor.ts";
import { applyTo, type Example, exampleOf, inputsOf } from "./examples.ts";

/** A statement about one op on one backend. */
export interface BackendLaw {
  readonly law: string;
  /** Throws where the law fails. Returns how much of what is allowed was used, 0 … 1. */
  readonly check: (op: Op<never>, backend: Backend, example: Example) => Promise<number>;
}

/** A backend that also notes each form it runs. */
function recording(backend: Backend): { backend: Backend; forms: Form[] } {
  const forms: Form[] = [];
  return {
    forms,
    backend: {
      ...backend,
      run: (form, inputs) => {
        forms.push(form);
        return backend.run(form, inputs);
      },
    },
  };
}

const agreement: BackendLaw = {
  law: "agrees with the oracle within the error bound of its form",
  async check(op, backend, example) {
    const inputs = inputsOf(example, backend);
    const stored = await Promise.all(inputs.map(async (x) => Float64Array.from(await x.data())));
    const rounded = stored.map((values, i) => tensor(cpu64, example.shapes[i]!, values));
    const { backend: recorder, forms } = recording(cpu64);
    const moved = rounded.map((x, i) => tensor(recorder, x.shape, stored[i]!));
    const exact = await applyTo(op, moved, example.options).data();
    const actual = await applyTo(op, inputs, example.options).data();
    if (forms.length === 0) return sameBits(actual, exact);
    const bound = errorBound(forms[0]!, stored, exact, unitRoundoff[backend.precision], oracle);
    let worst = 0;
    for (const [i, allowed] of bound.entries()) {
      const error = Math.abs(actual[i]! - exact[i]!);
      if (!(error <= allowed)) {
        throw new Error(
          `element ${i}: ${actual[i]} on ${backend.name}, ${exact[i]} exactly; off by ${error}, allowed ${allowed}`,
        );
      }
      worst = Math.max(worst, allowed > 0 ? error / allowed : 0);
    }
    return worst;
  },
};

function sameBits(actual: FloatArray, exact: FloatArray): number {
  if (`${actual}` !== `${exact}`) throw new Error("a view changed the numbers");
  return 0;
}

const determinism: BackendLaw = {
  law: "gives the same bits every time",
  async check(op, backend, example) {
    const once = async (): Promise<string> => `${await result(op, backend, example).data()}`;
    const [first, second] = [await once(), await once()];
    if (first !== second) throw new Error(`${backend.name}: two runs differ`);
    return 0;
  },
};

const result = (op: Op<never>, backend: Backend, example: Example): Tensor =>
  applyTo(op, inputsOf(example, backend), example.options);

/** Every law about an op on a backend. */
export const backendLaws: readonly BackendLaw[] = [agreement, determinism];

/** The law on random examples of `op`; `report` is told how much of the bound each used. */
export const backendProperty = (
  law: BackendLaw,
  op: Op<never>,
  backend: Backend,
  report: (used: number) => void,
) => fc.asyncProperty(exampleOf(op), async (example) => report(await law.check(op, backend, example)));
