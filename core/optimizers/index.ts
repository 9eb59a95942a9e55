import { adagradFamily } from "./adagrad.ts";
import { adamFamily } from "./adam.ts";
import type { OptimizerFamily } from "./family.ts";
import { rmspropFamily } from "./rmsprop.ts";
import { rowWiseAdagradFamily } from "./row-wise-adagrad.ts";
import { sgdFamily } from "./sgd.ts";
import { sparseAdamFamily } from "./sparse-adam.ts";

/** Every optimizer: what `--optimizer` offers, studies compare, and the laws are generated from. */
export const optimizers: readonly OptimizerFamily[] = [
  sgdFamily,
  adagradFamily,
  rowWiseAdagradFamily,
  adamFamily,
  sparseAdamFamily,
  rmspropFamily,
];
