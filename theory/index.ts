import type { Statement } from "./theorem.ts";
import { collision } from "./theorems/r01-collision.ts";
import { moments } from "./theorems/r02-moments.ts";
import { norm } from "./theorems/r03-norm.ts";
import { innerProduct } from "./theorems/r04-inner-product.ts";
import { readOuts } from "./theorems/r05-linear-queries.ts";
import { entry } from "./theorems/r06-entry.ts";
import { spectrum } from "./theorems/r07-subspace-embedding.ts";
import { gram } from "./theorems/r08-gram.ts";
import { denseCodes } from "./theorems/r09-dense-codes.ts";
import { sparseCodes } from "./theorems/r10-sparse-codes.ts";
import { distances } from "./theorems/r11-distances.ts";
import { limit } from "./theorems/r12-lower-bound.ts";
import { hypotheses } from "./theorems/r13-hypotheses.ts";
import { adjoint } from "./theorems/r14-adjoint.ts";
import { load } from "./theorems/r15-load.ts";
import { optimisation } from "./theorems/r16-optimization.ts";
import { interference } from "./theorems/r17-interference.ts";

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
