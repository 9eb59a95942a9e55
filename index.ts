/** `pss-dlrm`: what builds, trains and evaluates a model, in Node and in browsers. */
export { cpu, cpu64 } from "./backends/cpu/index.ts";
export { type Fast, fast } from "./backends/fast/index.ts";
export { type Gpu, gpu } from "./backends/gpu/index.ts";
export type { Mode } from "./backends/gpu/library.ts";
export { type BackendChoice, backends, openBackend } from "./backends/index.ts";
export { instrument } from "./backends/instrument.ts";
export { type Agreement, type Disagreement, validate } from "./backends/validate.ts";
export type { Backend, FloatArray, Handle, Precision } from "./core/backend.ts";
export { dense, gradients } from "./core/backward.ts";
export { DivergedError, InputError } from "./core/errors.ts";
export type { Form } from "./core/form.ts";
export type { Lookup } from "./core/lookup.ts";
export type { Hash, Key } from "./core/numeric/hash.ts";
export { random } from "./core/numeric/random.ts";
export { type Domain, type Op, type OpDefinition, op } from "./core/op.ts";
export { add, addScalar, divide, multiply, scale, subtract } from "./core/ops/arithmetic.ts";
export { concat, pad, permute, slice } from "./core/ops/arrange.ts";
export { elementwise } from "./core/ops/elementwise.ts";
export { embeddingBag, embeddingBagGrad } from "./core/ops/embedding-bag.ts";
export { bceWithLogits, clamp, exp, log, relu, sigmoid } from "./core/ops/functions.ts";
export { linear, matmul } from "./core/ops/matmul.ts";
export { crossPairwiseDot, pairwiseDot } from "./core/ops/pairwise-dot.ts";
export { reshape } from "./core/ops/reshape.ts";
export { broadcastTo, sum, sumAll } from "./core/ops/sum.ts";
export { adagrad } from "./core/optimizers/adagrad.ts";
export { adam } from "./core/optimizers/adam.ts";
export { type Optimizer, optimizerStep } from "./core/optimizers/optimizer.ts";
export { rmsprop } from "./core/optimizers/rmsprop.ts";
export { rowWiseAdagrad } from "./core/optimizers/row-wise-adagrad.ts";
export { type Schedule, warmupAndDecay } from "./core/optimizers/schedule.ts";
export { sgd } from "./core/optimizers/sgd.ts";
export { sparseAdam } from "./core/optimizers/sparse-adam.ts";
export { type HalfRounding, Parameter } from "./core/parameter.ts";
export { scalar } from "./core/scalar.ts";
export { type Cotangent, liveTensors, Tensor, tensor, tidy } from "./core/tensor.ts";
export { cached } from "./models/data/cached.ts";
export type { Bags, Batch, Dataset } from "./models/data/dataset.ts";
export { type IdSignal, type IdWeights, idSignal } from "./models/data/id-signal.ts";
export { type IdCounts, type LazyRows, lazyRows } from "./models/data/lazy-rows.ts";
export { inMemory } from "./models/data/memory.ts";
export type { ModelColumn } from "./models/data/permuted-rows.ts";
export { split } from "./models/data/split.ts";
export { regimes } from "./models/data/synthetic/regimes.ts";
export type { Strengths } from "./models/data/synthetic/signal.ts";
export { type Planted, type Synthetic, synthetic } from "./models/data/synthetic/synthetic.ts";
export { type ComparedPlace, type Comparison, compare } from "./models/dlrm/compare.ts";
export { configs } from "./models/dlrm/configs.ts";
export { type Dlrm, type DlrmConfig, dlrm, predict } from "./models/dlrm/dlrm.ts";
export type { Judge, Remembered } from "./models/dlrm/early-stopping.ts";
export { auc, evaluate, type Predictions, predictions } from "./models/dlrm/evaluate.ts";
export {
  type ColumnImportance,
  type Importance,
  type ImportanceOptions,
  importance,
} from "./models/dlrm/importance.ts";
export {
  type Step,
  type TrainingState,
  type TrainOptions,
  train,
  trainStep,
} from "./models/dlrm/train.ts";
export {
  type Adaptation,
  type Embedding,
  type EmbeddingMaker,
  sharedMemory,
} from "./models/embeddings/embedding.ts";
export { type ByFrequencyOptions, byFrequency } from "./models/embeddings/families/by-frequency.ts";
export { cafe } from "./models/embeddings/families/cafe.ts";
export { type DheOptions, dhe } from "./models/embeddings/families/dhe.ts";
export { type FullOptions, full } from "./models/embeddings/families/full.ts";
export { hashEmbedding } from "./models/embeddings/families/hash-embedding.ts";
export { memcom } from "./models/embeddings/families/memcom.ts";
export { mixedDimension } from "./models/embeddings/families/mixed-dimension.ts";
export { quotientRemainder } from "./models/embeddings/families/quotient-remainder.ts";
export { type RobeOptions, robe } from "./models/embeddings/families/robe.ts";
export { multiHash, rowHash } from "./models/embeddings/families/row-hash.ts";
export { type TensorTrainOptions, tensorTrain } from "./models/embeddings/families/tensor-train.ts";
export type { EmbeddingFamily } from "./models/embeddings/family.ts";
export { inspect } from "./models/embeddings/inspect.ts";
export { byCounts, byWeights, type OwnChoice } from "./models/embeddings/own-choice.ts";
export { families } from "./models/embeddings/registry.ts";
export { lookupOf, type Place, type SharingScheme, type TableShape } from "./models/embeddings/scheme.ts";
export {
  delongTest,
  type Estimate,
  rocAuc,
} from "./models/metrics/auc.ts";
export { type GroupAuc, groupAuc } from "./models/metrics/groups.ts";
export { type Metrics, metrics } from "./models/metrics/metrics.ts";
export { type ReliabilityBin, recalibrated, reliability } from "./models/metrics/reliability.ts";
