import { cpu } from "../../../backends/cpu/index.ts";
import { dot, eigenvalues } from "../../../core/numeric/matrix.ts";
import { random } from "../../../core/numeric/random.ts";
import { type Instance, loadsOf, project, recover, type Sketch } from "../../../theory/theorem.ts";
import { stableStep } from "../../../theory/theorems/r16-optimization.ts";
import { drawsOf } from "../prove/draws.ts";
import { soundFamilies } from "../prove/families.ts";
import { growsFrom, isAsPredicted, largestStable, type StableStep } from "./stable-step.ts";

const weights = 96;

/** H = aI + Σ v vᵀ: symmetric, positive definite, with a few steep directions. */
function hessian(seed: number): Float64Array[] {
  const stream = random(seed, "hessian of the quadratic");
  const steep = Array.from({ length: 4 }, () =>
    Float64Array.from({ length: weights }, () => stream.normal() / 10),
  );
  return Array.from({ length: weights }, (_, k) =>
    Float64Array.from({ length: weights }, (_, l) =>
      steep.reduce((sum, v) => sum + v[k]! * v[l]!, k === l ? 0.1 : 0),
    ),
  );
}

const times = (matrix: readonly Float64Array[], x: Float64Array): Float64Array =>
  Float64Array.from(matrix, (row) => dot(row, x));

/** K = RHRᵀ, column by column. */
const sharedHessian = (H: readonly Float64Array[], sketch: Sketch): Float64Array[] =>
  Array.from({ length: sketch.memory }, (_, s) => {
    const unit = new Float64Array(sketch.memory);
    unit[s] = 1;
    return project(sketch, times(H, recover(sketch, unit)));
  });

/** Gradient descent on θᵀHθ/2, θ = RᵀM, at several loads: the first is a full table. */
export async function quadraticSteps(seed: number): Promise<StableStep[]> {
  const H = hessian(seed);
  const highest = eigenvalues(H).at(-1)!;
  const found: StableStep[] = [];
  for (const memory of [weights, 48, 24, 12, 6]) {
    const sketch = memory === weights ? identitySketch() : await sketchInto(memory, seed);
    const largestLoad = Math.max(...loadsOf(sketch));
    const bound = stableStep(highest, largestLoad);
    const predicted = 2 / eigenvalues(sharedHessian(H, sketch)).at(-1)!;
    const stream = random(seed, "start of the descent");
    const start = Float64Array.from({ length: memory }, () => stream.normal());
    const gradientAt = (M: Float64Array) => project(sketch, times(H, recover(sketch, M)));
    const measured = await largestStable((step) => growsFrom(start, gradientAt, step), bound / 2);
    const seen = { bound, predicted, measured };
    found.push({ memory, load: weights / memory, largestLoad, ...seen, notRejected: isAsPredicted(seen) });
  }
  return found;
}

const identitySketch = (): Sketch => ({
  memory: weights,
  places: 1,
  slots: Uint32Array.from({ length: weights }, (_, k) => k),
  signs: new Int8Array(weights).fill(1),
});

async function sketchInto(memory: number, seed: number): Promise<Sketch> {
  const x = new Float64Array(weights);
  const instance: Instance = { rows: weights / 2, dim: 2, block: 2, memory, x, y: x, epsilon: 0.5 };
  return (await drawsOf(soundFamilies[0]!, instance, cpu, seed, 1)).sketch(0);
}
