import type { Given } from "../options.ts";
import { adam, betas, bothBetas } from "./adam.ts";
import { alone, optimizerFamily } from "./family.ts";
import type { Optimizer } from "./optimizer.ts";
import { eps } from "./shared-options.ts";

const options = { betas, eps: eps(1e-8) };

/** Adam on the slots that were looked up only, moments of the others frozen, as torch.optim.SparseAdam (note its eps). */
export const sparseAdamFamily = optimizerFamily({
  name: "sparseAdam",
  summary: "adam that leaves alone what a batch did not look up",
  usualRate: 0.001,
  options,
  steps(rate, { betas: given, eps: floor }) {
    const plain = adam(rate, { betas: bothBetas(given) });
    return {
      ...plain,
      name: "sparseAdam",
      hyper: (t, now) => ({ ...plain.hyper(t, now), floor }),
      zeroGradient: "skip",
    };
  },
  definition: (rate, { betas: given, eps: floor }) => {
    const [beta1, beta2] = bothBetas(given);
    return alone((s, w, g, t) => {
      s.first = beta1 * s.first! + (1 - beta1) * g;
      s.second = beta2 * s.second! + (1 - beta2) * g ** 2;
      const size = (rate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      return w - (size * s.first) / (Math.sqrt(s.second) + floor);
    });
  },
});

/** Adam on the slots that were looked up only, as torch.optim.SparseAdam: moments of the others stand still. Throws an InputError for a rate or an option that cannot be. */
export const sparseAdam = (learningRate: number, given: Given<typeof options> = {}): Optimizer =>
  sparseAdamFamily.make(learningRate, given);
