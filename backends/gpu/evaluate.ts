import type { Form, MatmulForm } from "../../core/form.ts";
import type { Lookup } from "../../core/lookup.ts";
import { memoize } from "../../core/memoize.ts";
import { scatter } from "../cpu/lookup.ts";
import {
  arrangeKernel,
  isLong,
  mapKernel,
  matmulKernel,
  mixKernel,
  pairsKernel,
  partialSums,
  partsAtOnce,
  reduceKernel,
} from "./forms.ts";
import { prepareGather, prepareScatter } from "./lookup.ts";
import { flatten, matmulRows, rowsAtOnce, transposed } from "./rows.ts";
import type { Runner, Stored } from "./runner.ts";

/** The result of `form`: one launch, or a few whose intermediate results are dropped. */
export async function evaluate(form: Form, inputs: readonly Stored[], runner: Runner): Promise<Stored> {
  const { launch, drop, device } = runner;
  switch (form.kind) {
    case "map":
      return launch(mapKernel(form), inputs);
    case "matmul":
      return device.mode === "webasm" ? inRows(form, inputs, runner) : launch(matmulKernel(form), inputs);
    case "gather": {
      const { kernel, arrays } = gathers(form.lookup);
      return launch(kernel, [...inputs, ...arrays]);
    }
    case "scatter": {
      if (device.mode === "webasm") return onHost(form.lookup, inputs[0]!, runner);
      const { kernel, arrays } = scatters(form.lookup);
      return launch(kernel, [...inputs, ...arrays]);
    }
    case "pairs":
      return launch(pairsKernel(form, inputs.length), inputs);
    case "mix":
      return launch(mixKernel(form), inputs);
    case "reduce": {
      if (!isLong(form)) return launch(reduceKernel(form), inputs);
      const { kernel, rest } = partialSums(form);
      const partial = await launch(kernel, inputs);
      const sum = await evaluate(rest, [partial], runner);
      drop(partial);
      return sum;
    }
    case "arrange": {
      let made: Stored | undefined;
      for (let first = 0; first === 0 || first < form.parts.length; first += partsAtOnce) {
        const prior = made;
        const group = inputs.slice(first, first + partsAtOnce);
        made = await launch(
          arrangeKernel(form, first, prior !== undefined),
          prior ? [...group, prior] : group,
        );
        if (prior) drop(prior);
      }
      return made!;
    }
  }
}

/** A lookup is gathered from and scattered to in one step: what kernels need of it is made once. */
const gathers = memoize(prepareGather);
const scatters = memoize((lookup: Lookup) => prepareScatter(lookup));

/** How many contributors each slot has. */
export async function touchedBy(lookup: Lookup, runner: Runner): Promise<Stored> {
  const { kernel, arrays } = prepareScatter(lookup, true);
  return runner.launch(kernel, arrays);
}

/** Where memory is the host's own, a loop adds straight into it: no kernel of gpu.js can. */
async function onHost(lookup: Lookup, cotangent: Stored, runner: Runner): Promise<Stored> {
  const out = new Float32Array(lookup.memorySize);
  scatter(lookup, cotangent.values as Float32Array, out);
  return runner.put(out);
}

async function inRows(form: MatmulForm, inputs: readonly Stored[], runner: Runner): Promise<Stored> {
  const { n, k, m, transposeB } = form;
  const [a, b, ...bias] = inputs.map(({ values }) => values as Float32Array);
  const arrays = [a!, transposeB ? transposed(b!, m, k) : b!, ...bias];
  const groups = await runner.call<Float32Array[][]>(
    matmulRows(form),
    {
      output: [m, Math.ceil(n / rowsAtOnce)],
      argumentTypes: arrays.map(() => "Array"),
      loopMaxIterations: 1000,
    },
    arrays,
  );
  return runner.put(flatten(groups, n, m));
}
