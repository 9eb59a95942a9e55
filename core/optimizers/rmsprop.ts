import { type Given, numberOption, switchOption } from "../options.ts";
import { alone, optimizerFamily } from "./family.ts";
import type { Optimizer } from "./optimizer.ts";
import { decayedText, eps, momentum, weightDecay } from "./shared-options.ts";

const options = {
  weightDecay,
  alpha: numberOption({
    from: 0,
    to: 1,
    default: 0.99,
    help: "how much a step keeps of the mean square",
    draw: (stream) => 0.5 + 0.49 * stream.uniform(),
  }),
  eps: eps(1e-8),
  momentum,
  centered: switchOption({ help: "divides by the spread of the gradients, not by their size" }),
};

/** Running mean of g² in place of Adagrad's sum, as torch.optim.RMSprop. */
export const rmspropFamily = optimizerFamily({
  name: "rmsprop",
  summary: "gradient over the root of the mean square",
  usualRate: 0.001,
  options,
  steps(_, { alpha, eps: floor, momentum: kept, centered, weightDecay: decay }) {
    const g = decayedText(decay);
    const spread = centered ? "Math.sqrt(square - mean * mean)" : "Math.sqrt(square)";
    const state = ["square", ...(centered ? ["mean"] : []), ...(kept > 0 ? ["velocity"] : [])];
    return {
      state: state.map((name) => ({ name, initial: 0 })),
      steps: [
        { target: "square", expression: `alpha * square + (1.0 - alpha) * ${g} * ${g}` },
        ...(centered ? [{ target: "mean", expression: `alpha * mean + (1.0 - alpha) * ${g}` }] : []),
        ...(kept > 0
          ? [{ target: "velocity", expression: `momentum * velocity + ${g} / (${spread} + eps)` }]
          : []),
        {
          target: "w",
          expression: kept > 0 ? "w - rate * velocity" : `w - rate * ${g} / (${spread} + eps)`,
        },
      ],
      hyper: (_t, rate) => ({ rate, alpha, eps: floor, momentum: kept, weightDecay: decay }),
      zeroGradient: "something",
    };
  },
  definition: (rate, { alpha, eps: floor, momentum: kept, centered, weightDecay: decay }) =>
    alone((s, w, g) => {
      const d = g + decay * w;
      s.square = alpha * s.square! + (1 - alpha) * d ** 2;
      if (centered) s.mean = alpha * s.mean! + (1 - alpha) * d;
      const spread = Math.sqrt(s.square - (centered ? s.mean! ** 2 : 0)) + floor;
      if (kept === 0) return w - (rate * d) / spread;
      s.velocity = kept * s.velocity! + d / spread;
      return w - rate * s.velocity;
    }),
  examples: [
    { centered: true, alpha: 0.9 },
    { momentum: 0.7, weightDecay: 0.1 },
  ],
});

/** RMSprop, as torch.optim.RMSprop: a running mean of g² in place of Adagrad's sum. Throws an InputError for a rate or an option that cannot be. */
export const rmsprop = (learningRate: number, given: Given<typeof options> = {}): Optimizer =>
  rmspropFamily.make(learningRate, given);
