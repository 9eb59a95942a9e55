/** `pss-dlrm/theory`: the theorems, their bounds as functions, and plans of memories. */
export { type Checked, checkPlan } from "./proofs-tests/experiments/plan-check/check.ts";
export type { SketchFamily } from "./proofs-tests/experiments/prove/families.ts";
export { type ProveOptions, prove, type Verdict } from "./proofs-tests/experiments/prove/prove.ts";
export { theorems } from "./theory/index.ts";
export { type Keepable, type Plan, type Promised, plan, type Wanted } from "./theory/plan.ts";
export type { Check, Instance, Sketch, Theorem } from "./theory/theorem.ts";
export { type Hypothesis, hypotheses } from "./theory/theorem.ts";
export { collisionProbability, unusedProbability } from "./theory/theorems/r01-collision.ts";
export { blockVariance, elementVariance, normVariance } from "./theory/theorems/r02-moments.ts";
export { normBound, normMemory } from "./theory/theorems/r03-norm.ts";
export { innerProductBound, innerProductMemory } from "./theory/theorems/r04-inner-product.ts";
export {
  linearQueriesBound,
  linearQueriesMemory,
} from "./theory/theorems/r05-linear-queries.ts";
export { entryVariance } from "./theory/theorems/r06-entry.ts";
export {
  subspaceEmbeddingMean,
  subspaceEmbeddingMemory,
} from "./theory/theorems/r07-subspace-embedding.ts";
export { gramMean, gramMemory } from "./theory/theorems/r08-gram.ts";
export { denseCodesMemory } from "./theory/theorems/r09-dense-codes.ts";
export { sparseCodesSize } from "./theory/theorems/r10-sparse-codes.ts";
export { distancesMemory } from "./theory/theorems/r11-distances.ts";
export { residualShare } from "./theory/theorems/r12-lower-bound.ts";
export {
  alignedOneSignVariance,
  alignedUnsignedBias,
  alignedVariance,
  oneSignVariance,
  twoHashesVariance,
  unsignedBias,
  unwrappedCollision,
} from "./theory/theorems/r13-hypotheses.ts";
export { largestLoadBound } from "./theory/theorems/r15-load.ts";
export { stableStep } from "./theory/theorems/r16-optimization.ts";
export { interferenceVariance } from "./theory/theorems/r17-interference.ts";
export { keptAtMost, keptBySketch } from "./theory/theorems/r19-kept-signal.ts";
