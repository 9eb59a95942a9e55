import { checkSize, integer } from "../../core/errors.ts";
import { concat, slice } from "../../core/ops/arrange.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { reshape } from "../../core/ops/reshape.ts";
import { type Given, wholeOption } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { type EmbeddingMaker, type MemorySize, memoryFloats, uniformParameter } from "./embedding.ts";
import { type TableShape, virtualFloats } from "./scheme.ts";

/** Option of embeddings whose rows may have fewer floats than the model's vectors. */
export const narrowOptions = {
  /**
   * K ≤ dim: memory is shared by rows of K floats, and table t's bag sums are multiplied by a learned matrix P_t [K × dim].
   * A row of a large table is read so rarely that it can learn few numbers; with K of them, the same memory holds dim/K times
   * as many rows (Ginart et al. 2021 give the rows of large tables fewer floats of their own, for the same reason).
   */
  rowFloats: wholeOption({
    from: 1,
    form: "K",
    otherwise: "the model's dim",
    help: "floats of a row in memory; a learned matrix a table makes vectors of them",
    draw: "none", // laws say what slots make a vector
  }),
};

type NarrowOptions = Given<typeof narrowOptions>;

/** Floats of all matrices P_t; 0 where rows are as wide as vectors. */
export const projectionFloats = ({ tables, dim }: TableShape, { rowFloats = dim }: NarrowOptions): number =>
  rowFloats === dim ? 0 : tables.length * rowFloats * dim;

/**
 * The embedding that `make` makes of a memory size, with rows of `rowFloats` and the matrices behind them. The size that the
 * options say is that of memory and matrices together. A matrix starts uniform on ±√(3/K), whose variance is 1/K: elements of
 * a vector have the variance of memory's floats, as they have without it.
 */
export function narrowed(
  options: NarrowOptions & MemorySize,
  make: (size: MemorySize) => EmbeddingMaker,
): EmbeddingMaker {
  const { rowFloats } = options;
  if (rowFloats === undefined) return make(options);
  return (setting) => {
    const { tables, dim } = setting;
    integer("Floats of a row in memory", rowFloats, 1, dim);
    if (rowFloats === dim) return make(options)(setting);
    const all = memoryFloats(options, setting);
    const beside = projectionFloats(setting, options);
    checkSize(
      all > beside,
      () =>
        `A memory of ${all} floats is to hold matrices of ${tables.length}·${rowFloats}·${dim} = ${beside} floats, too, which leaves none for rows; give more memory, or fewer floats a row.`,
    );
    const inner = make({ memorySize: all - beside })({ ...setting, dim: rowFloats });
    const matrices = tables.map((_, t) =>
      uniformParameter(matrixOf(t), rowFloats * dim, Math.sqrt(3 / rowFloats), 1, setting),
    );
    const { scheme: _, ...others } = inner; // its slots make rows of `rowFloats`, no vectors
    return {
      ...others,
      dim,
      memorySize: inner.memorySize + beside,
      bytes: inner.bytes + 4 * beside,
      virtualSize: virtualFloats(setting),
      parameters: [...inner.parameters, ...matrices],
      plan: () =>
        inner.plan?.()?.flatMap(({ tables: group, pooled }) =>
          group.map((t) => ({
            tables: [t],
            pooled: { is: "projected", pooled, matrix: matrixOf(t), width: rowFloats } as const,
          })),
        ),
      forward: (bags) =>
        projected(
          inner.forward(bags),
          matrices.map(({ tensor }) => reshape(tensor, { shape: [rowFloats, dim] })),
        ),
    };
  };
}

const matrixOf = (table: number): string => `embedding.projection.${table}`;

/** Each table's columns [samples × K] times its matrix, side by side. By halves: a number is copied log₂ T times, not T. */
function projected(sums: Tensor, matrices: readonly Tensor[]): Tensor {
  const [matrix, ...others] = matrices;
  if (others.length === 0) return matmul(sums, matrix!, {});
  const [samples, columns] = sums.shape as [number, number];
  const half = matrices.length >> 1;
  const cut = (columns / matrices.length) * half;
  const left = slice(sums, { start: [0, 0], extent: [samples, cut] });
  const right = slice(sums, { start: [0, cut], extent: [samples, columns - cut] });
  return concat(projected(left, matrices.slice(0, half)), projected(right, matrices.slice(half)));
}
