import { cpu, cpu64 } from "../../backends/cpu/index.ts";
import type { Backend, FloatArray, Handle, UpdateGradient } from "../../core/backend.ts";
import type { Form, MatmulForm } from "../../core/form.ts";
import { blocksPerItem, eachRead, itemCount, type Lookup, wordsPerBlock } from "../../core/lookup.ts";
import { positivePart } from "../../core/ops/functions.ts";

/** What a backend answers in place of the form's result, given how the sound one computes. */
type Answer = (
  form: Form,
  inputs: readonly FloatArray[],
  run: (form: Form, inputs: readonly FloatArray[]) => FloatArray,
) => FloatArray;

/** `sound` with another answer. */
const answering = (answer: Answer, sound: Backend = cpu): Backend => {
  const run = (form: Form, inputs: readonly FloatArray[]) => sound.run(form, inputs) as FloatArray;
  return { ...sound, run: (form, inputs) => answer(form, inputs as readonly FloatArray[], run) };
};

/** Forgets the bias of every layer. */
export const withoutBias = answering((form, inputs, run) =>
  form.kind === "matmul" ? run({ ...form, bias: false }, inputs.slice(0, 2)) : run(form, inputs),
);

/** Sums k − 1 of the k products: the left operand's last column counts as zeros. */
export const losingTheLastTerm = answering((form, [x, ...others], run) => {
  if (form.kind !== "matmul") return run(form, [x!, ...others]);
  const { n, k, transposeA } = form;
  const left = x!.map((v, at) => ((transposeA ? Math.floor(at / n) : at % k) === k - 1 ? 0 : v));
  return run(form, [left, ...others]);
});

/** Rounds every product and every partial sum to f32, as a GPU may. */
export const accumulatingInSingle = answering((form, inputs, run) => {
  if (form.kind !== "matmul" || form.f) return run(form, inputs);
  return singleMatmul(form, inputs);
});

function singleMatmul(form: MatmulForm, [a, b, bias]: readonly FloatArray[]): FloatArray {
  const { n, k, m, transposeA, transposeB } = form;
  const out = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = bias?.[j] ?? 0;
      for (let l = 0; l < k; l++) {
        const product = a![transposeA ? l * n + i : i * k + l]! * b![transposeB ? j * k + l : l * m + j]!;
        sum = Math.fround(sum + Math.fround(product));
      }
      out[i * m + j] = sum;
    }
  }
  return out;
}

/** Is off by `ulps` units in the last place of f32, wherever the scalar function is an exponential. */
export const withExpOff = (ulps: number): Backend =>
  answering((form, inputs, run) => {
    const out = run(form, inputs);
    if (form.kind !== "map") return out;
    const { tree } = form.f;
    return tree.kind === "call" && tree.name === "exp" ? out.map((y) => y * (1 + ulps * 2 ** -23)) : out;
  });

/** Relu as a maximum, which on a GPU takes NaN for less than 0. */
export const hidingNaN = answering((form, inputs, run) => {
  const out = run(form, inputs);
  const isRelu = form.kind === "map" && form.f === positivePart;
  return isRelu ? out.map((y) => (Number.isNaN(y) ? 0 : y)) : out;
});

/** Takes a step that is none for no step. */
export const standingStillAtNaN: Backend = {
  ...cpu,
  update(step, weights, state, gradient) {
    const before = Float64Array.from(weights as FloatArray);
    const made = cpu.update(step, weights, state, gradient);
    const after = (made.weights as FloatArray).map((w, i) => (Number.isNaN(w) ? before[i]! : w));
    return { ...made, weights: after };
  },
};

const withLookup = (change: (lookup: Lookup) => Lookup, sound: Backend): Backend =>
  answering(
    (form, inputs, run) =>
      run(
        form.kind === "gather" || form.kind === "scatter" ? { ...form, lookup: change(form.lookup) } : form,
        inputs,
      ),
    sound,
  );

/** Adds where it should subtract. */
export const droppingSigns = withLookup(({ signs: _, ...lookup }) => lookup, cpu);

/** Gathers as if the slots wrapped one slot before the end of memory. */
export const wrappingTooSoon = answering((form, inputs, run) => {
  if (form.kind !== "gather" || form.lookup.memorySize === 1) return run(form, inputs);
  const memory = form.lookup.memorySize - 1;
  return run(
    {
      ...form,
      lookup: { ...form.lookup, memorySize: memory, starts: form.lookup.starts.map((s) => s % memory) },
    },
    inputs,
  );
});

/** Gives a slot the mean of what its readers send, not the sum. */
export const averaging = answering((form, inputs, run) => {
  const out = run(form, inputs);
  if (form.kind !== "scatter") return out;
  const load = new Uint32Array(out.length);
  eachRead(form.lookup, (_, __, slot) => void load[slot]!++);
  return out.map((sum, slot) => sum / Math.max(load[slot]!, 1));
}, cpu64);

/** Gives the right result for some order of the batch, by chance. */
export const unsteady = answering((form, inputs, run) => {
  const out = run(form, inputs);
  return out.length > 1 && Math.random() < 0.5 ? out.reverse() : out;
});

/** Each item's read as a gradient of its own. */
function single({ lookup, values }: { lookup: Lookup; values: Handle }): UpdateGradient[] {
  const { dim, block, bags, starts, signs } = lookup;
  const [blocks, words] = [blocksPerItem(lookup), wordsPerBlock(block)];
  return Array.from({ length: itemCount(lookup) }, (_, item): UpdateGradient => {
    const bag = bags.findLastIndex((from) => from <= item);
    const own: Lookup = {
      ...lookup,
      bags: Uint32Array.of(0, 1),
      starts: starts.slice(item * blocks, (item + 1) * blocks),
      ...(signs && { signs: signs.slice(item * blocks * words, (item + 1) * blocks * words) }),
    };
    const cotangent = (values as FloatArray).slice(bag * dim, (bag + 1) * dim);
    return { kind: "sparse", parts: [{ lookup: own, values: cotangent }] };
  });
}

/** Steps once for each contribution to a slot, so that it squares each and not their sum. */
export const steppingPerContribution: Backend = {
  ...cpu64,
  update(step, weights, state, gradient) {
    const gradients = gradient.kind === "dense" ? [gradient] : gradient.parts.flatMap(single);
    for (const g of gradients) cpu64.update(step, weights, state, g);
    return { weights, state: [...state] };
  },
};

/** Applies only the first of several lookups of one memory. */
export const applyingTheFirstLookup: Backend = {
  ...cpu64,
  update: (step, weights, state, gradient) =>
    cpu64.update(
      step,
      weights,
      state,
      gradient.kind === "dense" ? gradient : { kind: "sparse", parts: gradient.parts.slice(0, 1) },
    ),
};
