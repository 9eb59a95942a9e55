import { cpu } from "../../../backends/cpu/index.ts";
import { type Interval, meanInterval } from "../../../core/numeric/distributions.ts";
import { dot, orthonormal, squared } from "../../../core/numeric/matrix.ts";
import { random } from "../../../core/numeric/random.ts";
import { adagrad } from "../../../core/optimizers/adagrad.ts";
import { synthetic } from "../../../models/data/synthetic/synthetic.ts";
import { dlrm } from "../../../models/dlrm/dlrm.ts";
import { train } from "../../../models/dlrm/train.ts";
import { full } from "../../../models/embeddings/families/full.ts";
import { type Instance, project, recover, sketchedProduct } from "../../../theory/theorem.ts";
import { blockVariance } from "../../../theory/theorems/r02-moments.ts";
import { entryVariance } from "../../../theory/theorems/r06-entry.ts";
import { distortion, subspaceEmbeddingMean } from "../../../theory/theorems/r07-subspace-embedding.ts";
import { drawsOf } from "./draws.ts";
import { type SketchFamily, soundFamilies } from "./families.ts";

/** What a trained table's sketches were seen to do at one memory size: root mean squares over draws. */
export interface Measured {
  readonly memory: number;
  readonly compression: number;
  /** Error of ⟨x, θ̂⟩ over ‖x‖‖θ‖, for x = a row's own weights (R2). */
  readonly query: Seen;
  /** ‖UᵀRᵀRU − I‖_F of the table's columns (R7). */
  readonly subspace: Seen;
  /** Error of the heaviest entry over its size (R6). */
  readonly entry: Seen;
}

interface Seen {
  readonly measured: number;
  readonly predicted: number;
  /** Where what is measured stands for, but once in 10⁸. */
  readonly interval: Interval;
  readonly notRejected: boolean;
}

/** Squared errors against what a theorem says that their mean is. */
function seen(squares: Float64Array, predictedSquare: number, size: number): Seen {
  const root = (square: number) => Math.sqrt(Math.max(0, square)) / size;
  const [low, high] = meanInterval(squares, 1e-8);
  return {
    measured: root(squares.reduce((sum, v) => sum + v, 0) / squares.length),
    predicted: root(predictedSquare),
    interval: [root(low), root(high)],
    notRejected: low <= predictedSquare && predictedSquare <= high,
  };
}

/** The embedding table of a small full DLRM after training: n rows of d, and its floats. */
export async function trainedTable(rows: number, dim: number): Promise<Float64Array> {
  const tables = [rows];
  const data = synthetic({ tables, dense: 4, rows: 20_000, seed: 3 });
  const layers = { dense: 4, tables, dim, bottom: [16, dim], top: [16, 1] };
  const model = dlrm({ ...layers, embedding: full(), backend: cpu, seed: 1 });
  for await (const _ of train(model, data.train, { optimizer: adagrad(0.05), batch: 128 }));
  return Float64Array.from(await model.parameters[0]!.tensor.data());
}

/** A trained table under sketches of several sizes, beside what the theorems predict (R2, R6, R7). */
export async function measureTable(
  table: Float64Array,
  { rows, dim }: { readonly rows: number; readonly dim: number },
  memories: readonly number[],
  draws: number,
  family: SketchFamily = soundFamilies[0]!,
): Promise<Measured[]> {
  const pick = random(1, "rows of the table");
  const row = pick.integer(rows);
  const x = table.map((v, k) => (Math.floor(k / dim) === row ? v : 0));
  const heaviest = table.reduce((best, v, k) => (Math.abs(v) > Math.abs(table[best]!) ? k : best), 0);
  const columns = Array.from({ length: dim }, (_, c) =>
    Float64Array.from({ length: rows }, (_, i) => table[i * dim + c]!),
  );
  const basis = orthonormal(columns);
  const measured: Measured[] = [];
  for (const memory of memories) {
    const instance: Instance = { rows, dim, block: Math.min(dim, memory), memory, x, y: table, epsilon: 0.5 };
    const whole = await drawsOf(family, instance, cpu, 0, draws);
    const ofRows = await drawsOf(family, { ...instance, dim: 1, block: 1 }, cpu, 0, draws);
    const squares = (error: (i: number) => number) =>
      Float64Array.from({ length: draws }, (_, i) => error(i));
    const exact = dot(x, table);
    const query = squares((i) => (sketchedProduct(whole.sketch(i), instance) - exact) ** 2);
    const entry = squares((i) => {
      const sketch = whole.sketch(i);
      return (recover(sketch, project(sketch, table))[heaviest]! - table[heaviest]!) ** 2;
    });
    const subspace = squares((i) => distortion(basis, ofRows.sketch(i)));
    const size = Math.sqrt(squared(x) * squared(table));
    measured.push({
      memory,
      compression: (rows * dim) / memory,
      query: seen(query, blockVariance(instance), size),
      subspace: seen(subspace, subspaceEmbeddingMean(basis, memory), 1),
      entry: seen(entry, entryVariance({ ...instance, x: table }, heaviest), Math.abs(table[heaviest]!)),
    });
  }
  return measured;
}
