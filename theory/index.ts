import type { Theorem } from "./theorem.ts";
import { collision } from "./theorems/r01-collision.ts";
import { moments } from "./theorems/r02-moments.ts";
import { norm } from "./theorems/r03-norm.ts";
import { innerProduct } from "./theorems/r04-inner-product.ts";
import { linearQueries } from "./theorems/r05-linear-queries.ts";
import { entry } from "./theorems/r06-entry.ts";
import { subspaceEmbedding } from "./theorems/r07-subspace-embedding.ts";
import { gram } from "./theorems/r08-gram.ts";
import { denseCodes } from "./theorems/r09-dense-codes.ts";
import { sparseCodes } from "./theorems/r10-sparse-codes.ts";
import { distances } from "./theorems/r11-distances.ts";
import { lowerBound } from "./theorems/r12-lower-bound.ts";
import { hypotheses } from "./theorems/r13-hypotheses.ts";
import { adjoint } from "./theorems/r14-adjoint.ts";
import { load } from "./theorems/r15-load.ts";
import { optimization } from "./theorems/r16-optimization.ts";
import { interference } from "./theorems/r17-interference.ts";
import { balance } from "./theorems/r18-balance.ts";
import { keptSignal } from "./theorems/r19-kept-signal.ts";

/** Every theorem, in order. */
export const theorems: readonly Theorem[] = [
  collision,
  moments,
  norm,
  innerProduct,
  linearQueries,
  entry,
  subspaceEmbedding,
  gram,
  denseCodes,
  sparseCodes,
  distances,
  lowerBound,
  hypotheses,
  adjoint,
  load,
  optimization,
  interference,
  balance,
  keptSignal,
];
