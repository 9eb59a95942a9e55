import type { Backend } from "../../../core/backend.ts";
import { eventInterval, type Interval, meanInterval } from "../../../core/numeric/distributions.ts";
import { dot, squared } from "../../../core/numeric/matrix.ts";
import { random } from "../../../core/numeric/random.ts";
import { type Instance, sketchedProduct } from "../../../theory/theorem.ts";
import { blockVariance } from "../../../theory/theorems/r02-moments.ts";
import { innerProductBound } from "../../../theory/theorems/r04-inner-product.ts";
import { drawsOf } from "./draws.ts";
import { soundFamilies } from "./families.ts";

/** One place on a curve: what was seen there, and what a theorem says. */
export interface Seen {
  /** ε, Z, m or a load. */
  readonly at: number;
  readonly observed: number;
  readonly interval: Interval;
  /** Absent where no theorem predicts it. */
  readonly predicted?: number;
  /** What it can be at most, or at least, where that is no prediction. */
  readonly bound?: number;
}

/** Its interval misses once in a thousand. */
type Predicted = Seen & { readonly predicted: number };

/** What sketches of one pair of vectors were seen to do. Errors are those of ⟨Rx, Ry⟩, over ‖x‖‖y‖. */
export interface Curves {
  readonly rows: number;
  readonly dim: number;
  /** m of the first two. */
  readonly memory: number;
  readonly draws: number;
  readonly scheme: string;
  readonly backend: string;
  /** P(error > ε), and R4's bound for it. */
  readonly tail: readonly Predicted[];
  /** Variance of the error by block length Z, and R2's formula. */
  readonly byBlock: readonly Predicted[];
  /** Root mean square error by memory m, and the root of R2's formula. */
  readonly byMemory: readonly Predicted[];
  /** The slope of log error over log m: −1/2 is predicted. */
  readonly slope: number;
}

const [rows, dim, memory] = [64, 16, 128];
const oneInAThousand = 1e-3;

/** Vectors like tables: the first rows are heavy, as popular ids' are; x and y have something in common. */
function tableLike(seed: number): Pick<Instance, "x" | "y"> {
  const stream = random(seed, "vectors of the curves");
  const vector = () =>
    Float64Array.from({ length: rows * dim }, (_, k) => stream.normal() / (1 + Math.floor(k / dim)));
  const [x, other] = [vector(), vector()];
  return { x, y: x.map((v, k) => v / 2 + other[k]!) };
}

/** Sketches over many draws: how their error is spread, and how it falls with Z and with m. */
export async function curvesOf(backend: Backend, seed: number, draws = 2000): Promise<Curves> {
  const [family] = soundFamilies as [(typeof soundFamilies)[number]];
  const vectors = tableLike(seed);
  const size = Math.sqrt(squared(vectors.x) * squared(vectors.y));
  const instanceAt = (block: number, slots: number): Instance => ({
    ...vectors,
    rows,
    dim,
    block,
    memory: slots,
    epsilon: 0.5,
  });
  const errorsIn = async (instance: Instance): Promise<Float64Array> => {
    const drawn = await drawsOf(family, instance, backend, seed, draws);
    const exact = dot(instance.x, instance.y);
    return Float64Array.from(
      { length: draws },
      (_, i) => (sketchedProduct(drawn.sketch(i), instance) - exact) / size,
    );
  };
  const errors = await errorsIn(instanceAt(dim, memory));
  const tail = Array.from({ length: 30 }, (_, i) => {
    const epsilon = (i + 1) / 50;
    return exceeding(errors, epsilon, innerProductBound({ ...instanceAt(dim, memory), epsilon }));
  });
  const byBlock: Predicted[] = [];
  for (const block of [1, 2, 4, 8, 16]) {
    const instance = instanceAt(block, memory);
    byBlock.push(meanSquare(block, await errorsIn(instance), blockVariance(instance) / size ** 2));
  }
  const byMemory: Predicted[] = [];
  for (const slots of [16, 32, 64, 128, 256, 512, 1024, 2048]) {
    const instance = instanceAt(dim, slots);
    byMemory.push(rooted(meanSquare(slots, await errorsIn(instance), blockVariance(instance) / size ** 2)));
  }
  const slope = slopeOf(byMemory.map(({ at, observed }) => [Math.log(at), Math.log(observed)]));
  const about = { rows, dim, memory, draws, scheme: family.name, backend: backend.name };
  return { ...about, tail, byBlock, byMemory, slope };
}

/** How often errors exceed ε. */
export function exceeding(errors: Float64Array, epsilon: number, bound: number): Predicted {
  const count = errors.filter((e) => Math.abs(e) > epsilon).length;
  return {
    at: epsilon,
    observed: count / errors.length,
    interval: eventInterval(count, errors.length, oneInAThousand),
    predicted: bound,
  };
}

/** The mean square of errors whose mean is 0. */
export function meanSquare(at: number, errors: Float64Array, predicted: number): Predicted {
  const squares = errors.map((e) => e * e);
  const [low, high] = meanInterval(squares, oneInAThousand);
  return {
    at,
    observed: squares.reduce((sum, v) => sum + v, 0) / squares.length,
    interval: [Math.max(0, low), high],
    predicted,
  };
}

export const rooted = ({ at, observed, interval: [low, high], predicted }: Predicted): Predicted => ({
  at,
  observed: Math.sqrt(observed),
  interval: [Math.sqrt(low), Math.sqrt(high)],
  predicted: Math.sqrt(predicted),
});

/** Of the straight line with the least squares. */
export function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);
  return over / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
}
