import { type Given, numberOption } from "../options.ts";
import { alone, optimizerFamily } from "./family.ts";
import type { Optimizer } from "./optimizer.ts";
import { decayedText, eps, weightDecay } from "./shared-options.ts";

/** What the accumulator of squares starts at. */
export const initialAccumulator = numberOption({
  from: 0,
  default: 0,
  help: "what the sum of squares starts at",
  draw: (stream) => stream.uniform(),
});

const options = {
  eps: eps(1e-10),
  learningRateDecay: numberOption({
    from: 0,
    default: 0,
    help: "rate of step t is divided by 1 + (t − 1) times this",
    draw: (stream) => 0.5 * stream.uniform(),
  }),
  initialAccumulator,
  weightDecay,
};

/** s += g², w −= rate · g / (√s + eps), as torch.optim.Adagrad. On shared memory g is the slot's summed gradient. */
export const adagradFamily = optimizerFamily({
  name: "adagrad",
  summary: "steps shrink with the squares of all gradients so far",
  usualRate: 0.05,
  options,
  steps(_, { eps: floor, learningRateDecay, initialAccumulator: initial, weightDecay: decay }) {
    const g = decayedText(decay);
    return {
      state: [{ name: "total", initial }],
      steps: [
        { target: "total", expression: decay === 0 ? "total + meanSquare" : `total + ${g} * ${g}` },
        { target: "w", expression: `w - rate * ${g} / (Math.sqrt(total) + eps)` },
      ],
      hyper: (t, now) => ({
        rate: now / (1 + (t - 1) * learningRateDecay),
        eps: floor,
        weightDecay: decay,
      }),
      zeroGradient: decay === 0 ? "nothing" : "something",
    };
  },
  definition: (rate, { eps: floor, learningRateDecay, weightDecay: decay }) =>
    alone((s, w, g, t) => {
      const d = g + decay * w;
      s.total = s.total! + d ** 2;
      return w - ((rate / (1 + (t - 1) * learningRateDecay)) * d) / (Math.sqrt(s.total) + floor);
    }),
  examples: [{ learningRateDecay: 0.25, initialAccumulator: 0.5, eps: 1e-4 }],
});

/** Adagrad (Duchi, Hazan & Singer 2011), as torch.optim.Adagrad: s += g², w −= rate · g / (√s + eps). Throws an InputError for a rate or an option that cannot be. */
export const adagrad = (learningRate: number, given: Given<typeof options> = {}): Optimizer =>
  adagradFamily.make(learningRate, given);
