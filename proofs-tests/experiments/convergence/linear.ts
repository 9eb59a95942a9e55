import { cpu64 } from "../../../backends/cpu/index.ts";
import { dense, gradients } from "../../../core/backward.ts";
import type { Lookup } from "../../../core/lookup.ts";
import { type Interval, meanInterval } from "../../../core/numeric/distributions.ts";
import { eigenvalues, squared } from "../../../core/numeric/matrix.ts";
import { random } from "../../../core/numeric/random.ts";
import { add, scale } from "../../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { bceWithLogits, sigmoid } from "../../../core/ops/functions.ts";
import { reshape } from "../../../core/ops/reshape.ts";
import { sum, sumAll } from "../../../core/ops/sum.ts";
import { type Tensor, tensor, tidy } from "../../../core/tensor.ts";
import type { Batch } from "../../../models/data/dataset.ts";
import { synthetic } from "../../../models/data/synthetic/synthetic.ts";
import { robeScheme } from "../../../models/embeddings/families/robe.ts";
import { fullScheme } from "../../../models/embeddings/full-scheme.ts";
import { everyRow, lookupOf, type SharingScheme } from "../../../models/embeddings/scheme.ts";
import { loadsOf } from "../../../theory/theorem.ts";
import { stableStep } from "../../../theory/theorems/r16-optimization.ts";
import { interferenceVariance } from "../../../theory/theorems/r17-interference.ts";
import { growsFrom, isAsPredicted, largestStable, type StableStep } from "./stable-step.ts";

/** A linear click model: the logit is the sum of one weight for each field's id. */
const shape = { tables: [40, 30, 20], dim: 1 };
const weights = 90;

/** Of (ridge/2)‖M‖², so that there is one optimum. */
const ridge = 0.01;

async function clicks(seed: number, samples: number): Promise<Batch> {
  const data = synthetic({ tables: shape.tables, dense: 1, rows: 2000, seed, interaction: 0, exponent: 0.8 });
  for await (const batch of data.train.batches(samples)) return batch;
  throw new Error("The data are empty.");
}

/** The loss of memory M, built of the framework's ops. */
interface Problem {
  readonly lookup: Lookup;
  readonly labels: Tensor;
}

const logits = (M: Tensor, lookup: Lookup): Tensor => {
  const size = (lookup.bags.length - 1) / shape.tables.length;
  return sum(reshape(embeddingBag(M, { lookup }), { shape: [size, shape.tables.length] }), {
    axis: 1,
    count: 1,
  });
};

/** ∇ of the mean cross entropy and of the ridge. */
async function gradientAt(M: Float64Array, { lookup, labels }: Problem): Promise<Float64Array> {
  const result = tidy(() => {
    const memory = tensor(cpu64, [M.length], M);
    const loss = scale(sumAll(bceWithLogits(logits(memory, lookup), labels)), { by: 1 / labels.shape[0]! });
    return add(dense(gradients(loss, [memory])[0]!), scale(memory, { by: ridge }));
  });
  const values = Float64Array.from(await result.data());
  result.free();
  return values;
}

const schemeOf = (memory: number, seed: number): SharingScheme =>
  memory === weights ? fullScheme(shape) : robeScheme(shape, { memorySize: memory, seed });

/** Rows of X·Rᵀ: what each sample reads of memory, summed by slot. */
function features(lookup: Lookup): Float64Array[] {
  const fields = shape.tables.length;
  const { starts, signs, memorySize } = lookup;
  return Array.from({ length: starts.length / fields }, (_, i) => {
    const row = new Float64Array(memorySize);
    for (let k = i * fields; k < (i + 1) * fields; k++) row[starts[k]!]! += signs && signs[k]! & 1 ? -1 : 1;
    return row;
  });
}

/** The largest eigenvalue of Σ p(1 − p) x xᵀ / n. */
function steepest(rows: readonly Float64Array[], curvature: ArrayLike<number>): number {
  const size = rows[0]!.length;
  const H = Array.from({ length: size }, () => new Float64Array(size));
  for (const [i, row] of rows.entries()) {
    for (let s = 0; s < size; s++) {
      if (row[s] === 0) continue;
      for (let t = 0; t < size; t++) H[s]![t]! += (curvature[i]! * row[s]! * row[t]!) / rows.length;
    }
  }
  return eigenvalues(H).at(-1)!;
}

/** Gradient descent on a linear click model at its optimum, at several loads: the first is a full table. */
export async function linearSteps(
  seed: number,
  memories: readonly number[] = [weights, 45, 22, 11],
  samples = 300,
): Promise<StableStep[]> {
  const batch = await clicks(seed, samples);
  const labels = tensor(cpu64, [samples, 1], batch.labels);
  const ownFeatures = features(lookupOf(fullScheme(shape), shape, batch.bags));
  const found: StableStep[] = [];
  for (const memory of memories) {
    const scheme = schemeOf(memory, seed);
    const lookup = lookupOf(scheme, shape, batch.bags);
    const problem = { lookup, labels };
    const largestLoad = Math.max(
      ...loadsOf({ slots: lookupOf(scheme, shape, everyRow(shape)).starts, memory }),
    );
    const optimum = await minimum(problem, memory, 1 / (0.25 * 9 + ridge));
    const curvature = await curvatureAt(optimum, lookup);
    const bound = 2 / (2 / stableStep(steepest(ownFeatures, curvature), largestLoad) + ridge);
    const predicted = 2 / (steepest(features(lookup), curvature) + ridge);
    const measured = await largestStable((step) => leaves(optimum, problem, step, seed), bound / 2);
    const seen = { bound, predicted, measured };
    found.push({ memory, load: weights / memory, largestLoad, ...seen, notRejected: isAsPredicted(seen) });
  }
  return found;
}

/** p(1 − p) of each sample. */
async function curvatureAt(M: Float64Array, lookup: Lookup): Promise<Float64Array> {
  const p = await sigmoid(logits(tensor(cpu64, [M.length], M), lookup)).data();
  return Float64Array.from(p, (v) => v * (1 - v));
}

/** The optimum, to 10⁻¹⁰ in the gradient: a step below 1/L never fails. Features of size 3 bound L by 9/4. */
async function minimum(problem: Problem, memory: number, step: number): Promise<Float64Array> {
  let M = new Float64Array(memory);
  for (let t = 0; t < 20_000; t++) {
    const gradient = await gradientAt(M, problem);
    if (squared(gradient) < 1e-20) return M;
    M = M.map((v, s) => v - step * gradient[s]!);
  }
  return M;
}

/** Whether the gradient grows from the optimum's neighborhood on. */
const leaves = (optimum: Float64Array, problem: Problem, step: number, seed: number): Promise<boolean> => {
  const stream = random(seed, "away from the optimum");
  const start = optimum.map((v) => v + 1e-6 * stream.normal());
  return growsFrom(start, (M) => gradientAt(M, problem), step);
};

/** What one SGD step on a sample did to the prediction of another that shares no id with it (R17). */
export interface Interference {
  readonly memory: number;
  /** Root mean square over hashes. */
  readonly measured: number;
  readonly predicted: number;
  readonly interval: Interval;
  readonly notRejected: boolean;
}

const rate = 0.1;

/** One step from a memory of zeros, where every residual is p − y = ½ − 1. */
export async function interferences(draws: number): Promise<Interference[]> {
  const found: Interference[] = [];
  for (const memory of [weights, 45, 22, 11]) {
    const squares = new Float64Array(draws);
    for (let seed = 0; seed < draws; seed++) squares[seed] = (await movedBy(memory, seed)) ** 2;
    const [low, high] = meanInterval(squares, 1e-8);
    const [x, y] = [indicator([0, 40, 70]), indicator([1, 41, 71])];
    const instance = { rows: weights, dim: 1, block: 1, memory, x, y, epsilon: 0.5 };
    const predicted = memory === weights ? 0 : interferenceVariance(instance, rate / 2);
    found.push({
      memory,
      measured: Math.sqrt(squares.reduce((a, b) => a + b, 0) / draws),
      predicted: Math.sqrt(predicted),
      interval: [Math.sqrt(Math.max(0, low)), Math.sqrt(Math.max(0, high))],
      notRejected: low <= predicted + 1e-30 && predicted <= high + 1e-30,
    });
  }
  return found;
}

const indicator = (at: readonly number[]): Float64Array => {
  const x = new Float64Array(weights);
  for (const k of at) x[k] = 1;
  return x;
};

/** How far a step on (0, 0, 0) with label 1 moves the logit of (1, 1, 1). */
async function movedBy(memory: number, seed: number): Promise<number> {
  const scheme = schemeOf(memory, random(seed, "interference").bits());
  const of = (id: number) =>
    lookupOf(scheme, shape, { ids: Uint32Array.of(id, id, id), offsets: Uint32Array.of(0, 1, 2, 3) });
  const result = tidy(() => {
    const M = tensor(cpu64, [memory], new Float64Array(memory));
    const loss = sumAll(bceWithLogits(logits(M, of(0)), tensor(cpu64, [1, 1], [1])));
    const step = scale(dense(gradients(loss, [M])[0]!), { by: -rate });
    return reshape(logits(step, of(1)), { shape: [] });
  });
  const moved = await result.item();
  result.free();
  return moved;
}
