import { check } from "../errors.ts";
import { type Given, numberOption, switchOption } from "../options.ts";
import { alone, optimizerFamily } from "./family.ts";
import type { Optimizer } from "./optimizer.ts";
import { decayedText, momentum, weightDecay } from "./shared-options.ts";

const options = {
  momentum,
  dampening: numberOption({
    default: 0,
    help: "share of the gradient that momentum leaves out",
    draw: "none", // it is refused without momentum
  }),
  weightDecay,
  nesterov: switchOption({ help: "looks ahead by the momentum", draw: "none" }),
};

/** w −= rate · g, with optional momentum, as torch.optim.SGD. */
export const sgdFamily = optimizerFamily({
  name: "sgd",
  summary: "stochastic gradient descent, with --momentum",
  usualRate: 0.1,
  options,
  steps(_, { momentum: kept, dampening, weightDecay: decay, nesterov }) {
    check(
      kept > 0 || (dampening === 0 && !nesterov),
      () =>
        `sgd uses ${nesterov ? "nesterov" : "dampening"} with momentum alone; give a momentum above 0, too.`,
    );
    const decayed = decayedText(decay);
    const plain = [{ target: "w", expression: `w - rate * ${decayed}` }];
    const heavy = [
      { target: "velocity", expression: `momentum * velocity + keep * ${decayed}` },
      {
        target: "w",
        expression: `w - rate * ${nesterov ? `(${decayed} + momentum * velocity)` : "velocity"}`,
      },
    ];
    return {
      state: kept === 0 ? [] : [{ name: "velocity", initial: 0 }],
      steps: kept === 0 ? plain : heavy,
      hyper: (t, rate) => ({ rate, momentum: kept, weightDecay: decay, keep: t === 1 ? 1 : 1 - dampening }),
      zeroGradient: kept === 0 && decay === 0 ? "nothing" : "something",
    };
  },
  definition: (rate, { momentum: kept, dampening, weightDecay: decay, nesterov }) =>
    alone((s, w, g, t) => {
      let d = g + decay * w;
      if (kept > 0) {
        s.velocity = t === 1 ? d : kept * s.velocity! + (1 - dampening) * d;
        d = nesterov ? d + kept * s.velocity : s.velocity;
      }
      return w - rate * d;
    }),
  examples: [
    { momentum: 0.9, dampening: 0.2 },
    { momentum: 0.8, nesterov: true },
    { momentum: 0.5, weightDecay: 0.1 },
  ],
});

/** w −= rate · g, with optional momentum, dampening, Nesterov and weight decay, as torch.optim.SGD. Throws an InputError for a rate or an option that cannot be. */
export const sgd = (learningRate: number, given: Given<typeof options> = {}): Optimizer =>
  sgdFamily.make(learningRate, given);
