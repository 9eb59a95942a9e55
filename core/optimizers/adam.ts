import { check } from "../errors.ts";
import { type Given, listOption, numberOption, switchOption } from "../options.ts";
import { alone, optimizerFamily } from "./family.ts";
import type { Optimizer } from "./optimizer.ts";
import { decayedText, eps, weightDecay } from "./shared-options.ts";

/** How much of the running means each step keeps: of gradients, and of their squares. */
export const betas = listOption(numberOption({ from: 0, to: 1, help: "" }), {
  help: "how much a step keeps of the mean gradient, and of the mean square",
  form: "B1,B2",
  otherwise: "0.9,0.999",
});

/** Both, from what was given. */
export function bothBetas(given: readonly number[] | undefined): readonly [number, number] {
  const [first, second, ...more] = given ?? [0.9, 0.999];
  check(
    first !== undefined && second !== undefined && more.length === 0,
    () => `Adam has two betas like 0.9,0.999, but was given ${given!.join(",")}.`,
  );
  return [first, second];
}

const options = {
  betas,
  eps: eps(1e-8),
  weightDecay,
  decoupled: switchOption({
    help: "weight decay shrinks the weight, not the gradient's (AdamW)",
    draw: "none", // it is refused without weight decay
  }),
  amsgrad: switchOption({ help: "divides by the largest mean square so far" }),
};

/** Kingma & Ba 2015, as torch.optim.Adam and AdamW. */
export const adamFamily = optimizerFamily({
  name: "adam",
  summary: "mean gradient over the root of the mean square",
  usualRate: 0.001,
  options,
  steps(_, { betas: given, eps: least, weightDecay: decay, decoupled, amsgrad }) {
    const [beta1, beta2] = bothBetas(given);
    check(
      !decoupled || decay > 0,
      () => "adam uses decoupled with weightDecay alone; give a weight decay above 0, too.",
    );
    const g = decoupled ? "g" : decayedText(decay);
    const kept = decoupled ? "w * (1.0 - rate * weightDecay)" : "w";
    return {
      state: ["first", "second", ...(amsgrad ? ["largest"] : [])].map((name) => ({ name, initial: 0 })),
      steps: [
        { target: "first", expression: `beta1 * first + (1.0 - beta1) * ${g}` },
        { target: "second", expression: `beta2 * second + (1.0 - beta2) * ${g} * ${g}` },
        ...(amsgrad ? [{ target: "largest", expression: "Math.max(largest, second)" }] : []),
        {
          target: "w",
          expression: `${kept} - stepSize * first / (Math.sqrt(${amsgrad ? "largest" : "second"}) + floor)`,
        },
      ],
      hyper: (t, now) => {
        const root = Math.sqrt(1 - beta2 ** t);
        const stepSize = (now * root) / (1 - beta1 ** t);
        return { rate: now, beta1, beta2, weightDecay: decay, stepSize, floor: least * root };
      },
      zeroGradient: "something",
    };
  },
  definition: (rate, { betas: given, eps: least, weightDecay: decay, decoupled, amsgrad }) => {
    const [beta1, beta2] = bothBetas(given);
    return alone((s, w, g, t) => {
      const d = decoupled ? g : g + decay * w;
      const start = decoupled ? w - rate * decay * w : w;
      s.first = beta1 * s.first! + (1 - beta1) * d;
      s.second = beta2 * s.second! + (1 - beta2) * d ** 2;
      if (amsgrad) s.largest = Math.max(s.largest!, s.second);
      const mean = s.first / (1 - beta1 ** t);
      const square = (amsgrad ? s.largest! : s.second) / (1 - beta2 ** t);
      return start - (rate * mean) / (Math.sqrt(square) + least);
    });
  },
  examples: [
    { weightDecay: 0.1, betas: [0.8, 0.99] },
    { weightDecay: 0.1, decoupled: true },
  ],
});

/** Adam (Kingma & Ba 2015), as torch.optim.Adam; AdamW with `decoupled`. Throws an InputError for a rate or an option that cannot be. */
export const adam = (learningRate: number, given: Given<typeof options> = {}): Optimizer =>
  adamFamily.make(learningRate, given);
