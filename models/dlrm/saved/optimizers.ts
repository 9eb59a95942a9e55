import { optimizers } from "../../../core/optimizers/index.ts";
import type { Optimizer } from "../../../core/optimizers/optimizer.ts";
import type { About } from "./about.ts";

/**
 * The optimizer that a saved model describes, if it describes one of this program; undefined for one of a user's own. Throws an
 * InputError for options that it cannot have.
 */
export function optimizerIn({ optimizer }: Pick<About, "optimizer">): Optimizer | undefined {
  if (optimizer === undefined) return undefined;
  const { name, learningRate, options } = optimizer;
  return optimizers.find((each) => each.name === name)?.make(learningRate, options);
}
