export { type Agreement, agree, type Disagreement } from "./backends/agree.ts";
export { cpu, cpu64 } from "./backends/cpu.ts";
export { type Fast, fast } from "./backends/fast/fast.ts";
export { type Gpu, gpu } from "./backends/gpu/gpu.ts";
export type { Mode } from "./backends/gpu/library.ts";
export { type BackendChoice, backends, openBackend } from "./backends/index.ts";
export { observe } from "./backends/observe.ts";
export type { Backend, FloatArray, Handle, Precision } from "./core/backend.ts";
export { dense, gradients } from "./core/backward.ts";
export { InputError } from "./core/errors.ts";
export type { Form } from "./core/form.ts";
export type { Hash, Key } from "./core/hash.ts";
export type { Lookup } from "./core/lookup.ts";
export { type Domain, type Op, type OpDefinition, op } from "./core/op.ts";
export { add, divide, multiply, scale, shift, subtract } from "./core/ops/arithmetic.ts";
export { concat, pad, permute, slice } from "./core/ops/arrange.ts";
export { elementwise } from "./core/ops/elementwise.ts";
export { clamp, crossEntropy, exp, log, relu, sigmoid } from "./core/ops/functions.ts";
export { gather, scatter } from "./core/ops/gather.ts";
export { linear, matmul } from "./core/ops/matmul.ts";
export { gram, pairs } from "./core/ops/pairs.ts";
export { reshape } from "./core/ops/reshape.ts";
export { broadcastTo, sum, total } from "./core/ops/sum.ts";
export {
  adagrad,
  adam,
  type Optimizer,
  rmsprop,
  rowWiseAdagrad,
  sgd,
  sparseAdam,
  update,
} from "./core/optimizer.ts";
export { type HalfRounding, Parameter } from "./core/parameter.ts";
export { random } from "./core/random.ts";
export { scalar } from "./core/scalar.ts";
export { type Schedule, warmupAndDecay } from "./core/schedule.ts";
export { type Cotangent, liveTensors, scope, Tensor, tensor } from "./core/tensor.ts";
export { areaUnderCurve, aucDifference, type Estimate } from "./models/auc.ts";
export { cafe } from "./models/cafe.ts";
export { load, save } from "./models/checkpoint.ts";
export { type Comparison, compare, type Place as ComparedPlace } from "./models/compare.ts";
export { configs } from "./models/configs.ts";
export { criteo } from "./models/data/criteo.ts";
export { csv } from "./models/data/csv.ts";
export type { Bags, Batch, Dataset } from "./models/data/dataset.ts";
export { flights } from "./models/data/flights.ts";
export { inMemory } from "./models/data/memory.ts";
export { regimes } from "./models/data/regimes.ts";
export type { Strengths } from "./models/data/signal.ts";
export { split } from "./models/data/split.ts";
export { type Planted, type Synthetic, synthetic } from "./models/data/synthetic.ts";
export { type TouchedRows, touchedRows } from "./models/data/touched.ts";
export { type DheOptions, dhe } from "./models/dhe.ts";
export { copyTo, type Dlrm, type DlrmConfig, dlrm, predict } from "./models/dlrm.ts";
export {
  type Adaptation,
  type Embedding,
  type EmbeddingFamily,
  type EmbeddingMaker,
  sharedMemory,
} from "./models/embedding.ts";
export { auc, evaluate, predictions } from "./models/evaluate.ts";
export { families } from "./models/families.ts";
export { type FullOptions, full } from "./models/full.ts";
export { hashEmbedding } from "./models/hash-embedding.ts";
export { inspect } from "./models/inspect.ts";
export { memcom } from "./models/memcom.ts";
export { type Metrics, metrics } from "./models/metrics.ts";
export { mixedDimension } from "./models/mixed-dimension.ts";
export { type Checked, checkPlan } from "./models/plan-check/check.ts";
export { quotientRemainder } from "./models/quotient-remainder.ts";
export { type RobeOptions, robe } from "./models/robe.ts";
export { multiHash, rowHash } from "./models/row-hash.ts";
export { lookupOf, type Place, type SharingScheme, type TableShape } from "./models/sharing.ts";
export { type TensorTrainOptions, tensorTrain } from "./models/tensor-train.ts";
export { type Step, type TrainOptions, train, trainStep } from "./models/train.ts";
export { collisionProbability, unusedProbability } from "./theory/collision.ts";
export { denseCodesMemory } from "./theory/dense-codes.ts";
export { distancesMemory } from "./theory/distances.ts";
export { entryVariance } from "./theory/entry.ts";
export { gramMean, gramMemory } from "./theory/gram.ts";
export {
  alignedOneSignVariance,
  alignedUnsignedBias,
  alignedVariance,
  oneSignVariance,
  twoHashesVariance,
  unsignedBias,
  unwrappedCollision,
} from "./theory/hypotheses.ts";
export { statements } from "./theory/index.ts";
export { innerProductBound, innerProductMemory } from "./theory/inner-product.ts";
export { interferenceVariance } from "./theory/interference.ts";
export { residualShare } from "./theory/limit.ts";
export { largestLoadBound } from "./theory/load.ts";
export { blockVariance, elementVariance, normVariance } from "./theory/moments.ts";
export { normBound, normMemory } from "./theory/norm.ts";
export { stableStep } from "./theory/optimisation.ts";
export { type Keepable, type Plan, type Promised, plan, type Wanted } from "./theory/plan.ts";
export { readOutsBound, readOutsMemory } from "./theory/read-outs.ts";
export { sparseCodesSize } from "./theory/sparse-codes.ts";
export { spectrumMean, spectrumMemory } from "./theory/spectrum.ts";
export type { Check, Sketch, Statement, World } from "./theory/world.ts";
