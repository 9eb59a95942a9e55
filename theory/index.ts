import { adjoint } from "./adjoint.ts";
import { collision } from "./collision.ts";
import { denseCodes } from "./dense-codes.ts";
import { distances } from "./distances.ts";
import { entry } from "./entry.ts";
import { gram } from "./gram.ts";
import { hypotheses } from "./hypotheses.ts";
import { innerProduct } from "./inner-product.ts";
import { interference } from "./interference.ts";
import { limit } from "./limit.ts";
import { load } from "./load.ts";
import { moments } from "./moments.ts";
import { norm } from "./norm.ts";
import { optimisation } from "./optimisation.ts";
import { readOuts } from "./read-outs.ts";
import { sparseCodes } from "./sparse-codes.ts";
import { spectrum } from "./spectrum.ts";
import type { Statement } from "./world.ts";

/** Every statement, in order. */
export const statements: readonly Statement[] = [
  collision,
  moments,
  norm,
  innerProduct,
  readOuts,
  entry,
  spectrum,
  gram,
  denseCodes,
  sparseCodes,
  distances,
  limit,
  hypotheses,
  adjoint,
  load,
  optimisation,
  interference,
];
