import type { Given } from "../options.ts";
import { adagrad, initialAccumulator } from "./adagrad.ts";
import { optimizerFamily } from "./family.ts";
import type { Optimizer } from "./optimizer.ts";
import { eps } from "./shared-options.ts";

const options = { eps: eps(1e-10), initialAccumulator };

/** Adagrad with one accumulator a row of an embedding, fed the row's mean g²; other parameters as {@link adagrad}. */
export const rowWiseAdagradFamily = optimizerFamily({
  name: "rowWiseAdagrad",
  summary: "adagrad with one sum of squares a row, of embeddings whose memory is rows",
  usualRate: 0.05,
  options,
  steps: (rate, settled) => ({ ...adagrad(rate, settled), rowWise: true, name: "rowWiseAdagrad" }),
  definition:
    (rate, { eps: floor }) =>
    (s, w, g) => {
      let squares = 0;
      for (const x of g) squares += x ** 2;
      s.total = s.total! + squares / g.length;
      return w.map((x, i) => x - (rate * g[i]!) / (Math.sqrt(s.total!) + floor));
    },
});

/** Adagrad with one accumulator for each row of an embedding, fed the row's mean g²; other parameters as {@link adagrad}. Throws an InputError for a rate or an option that cannot be. */
export const rowWiseAdagrad = (learningRate: number, given: Given<typeof options> = {}): Optimizer =>
  rowWiseAdagradFamily.make(learningRate, given);
