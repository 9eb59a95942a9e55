import { finite } from "../../../core/errors.ts";
import { sideBySide } from "../../../core/ops/arrange.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { matmul } from "../../../core/ops/matmul.ts";
import { reshape } from "../../../core/ops/reshape.ts";
import { filled, type Given, numberOption } from "../../../core/options.ts";
import type { Parameter } from "../../../core/parameter.ts";
import type { Tensor } from "../../../core/tensor.ts";
import type { Bags } from "../../data/dataset.ts";
import {
  type EmbeddingMaker,
  floatsWithin,
  type MemorySize,
  memoryFloats,
  TooFewBytesError,
  uniformParameter,
} from "../embedding.ts";
import { embeddingFamily, ofFamily, sizeFrom, sizeOptions } from "../family.ts";
import { fullScheme } from "../full-scheme.ts";
import { type Pooled, readsOf } from "../plan.ts";
import {
  checkBlank,
  checkRows,
  type EmbeddingSetting,
  lookupOf,
  type TableShape,
  virtualFloats,
} from "../scheme.ts";
import { type StorageOptions, storageOptions, storedBytes } from "../storage.ts";

const mixedDimensionOptions = {
  ...storageOptions,
  /** α from 0 (one dimension for all tables) to 1 (as many floats for all). 0.3 is that of the authors' program. */
  temperature: numberOption({
    from: 0,
    to: 1,
    default: 0.3,
    form: "A",
    help: "0: one dimension for all tables; 1: as many floats for all",
    draw: (stream) => stream.uniform(),
  }),
};

/**
 * Mixed dimension embeddings (Ginart et al., ISIT 2021, arXiv 1909.11810): table t of n_t rows has rows of d_t ≤ dim floats,
 * by the power rule d_t ∝ n_t^(−α), and a learned projection [d_t × dim] where d_t < dim. Bags are summed, then projected.
 * Memory: `mixedDimensionFloats`, of the `mixedDimensions` that fit. Tables start uniform on ±1/√n_t,
 * projections on ±√(3/d_t), whose variance is 1/d_t: that of a row's elements is a full table's, 1/(3·n_t).
 */
export function mixedDimension(options: Given<typeof mixedDimensionOptions> & MemorySize): EmbeddingMaker {
  return ofFamily({ family: "mixedDimension", given: options }, mixedDimensionOptions, (setting) => {
    const { tables, dim } = setting;
    const dims = mixedDimensions(setting, memoryFloats(options, setting), options.temperature);
    const floats = mixedDimensionFloats(setting, dims);
    checkBlank(floats, setting);
    const parts = dims.map((d, t) => tableOf(setting, t, d, options));
    return {
      name: "mixedDimension",
      tables,
      dim,
      memorySize: floats,
      bytes: mixedDimensionBytes(setting, dims, options),
      virtualSize: virtualFloats(setting),
      parameters: parts.flatMap(({ parameters }) => parameters),
      plan: () => parts.map(({ pooled }, t) => ({ tables: [t], pooled })),
      forward(bags) {
        checkRows(tables, bags);
        return sideBySide(parts.map((part, t) => part.sums(bagsOf(t, tables.length, bags))));
      },
    };
  });
}

/** Table t with rows of d floats: its parameters, and its bag sums, [samples × dim]. */
function tableOf(setting: EmbeddingSetting, t: number, d: number, options: StorageOptions) {
  const { tables, dim } = setting;
  const shape = { tables: [tables[t]!], dim: d };
  const scheme = fullScheme(shape);
  const limit = 1 / Math.sqrt(tables[t]!);
  const rows = uniformParameter(`embedding.memory.${t}`, scheme.memorySize, limit, d, setting, options);
  const projection =
    d < dim
      ? uniformParameter(`embedding.projection.${t}`, d * dim, Math.sqrt(3 / d), 1, setting)
      : undefined;
  const parameters: Parameter[] = projection ? [rows, projection] : [rows];
  const sum: Pooled = { is: "sum", rows: readsOf(scheme, shape, rows.name)![0]!.rows };
  return {
    parameters,
    pooled: projection ? ({ is: "projected", pooled: sum, matrix: projection.name, width: d } as const) : sum,
    sums(bags: Bags): Tensor {
      const pooled = embeddingBag(rows.tensor, { lookup: lookupOf(scheme, shape, bags) });
      return projection ? matmul(pooled, reshape(projection.tensor, { shape: [d, dim] }), {}) : pooled;
    },
  };
}

/** The bags of table t of `count`. */
function bagsOf(t: number, count: number, { ids, offsets }: Bags): Bags {
  const own = new Uint32Array((offsets.length - 1) / count + 1);
  for (let b = 0; b + 1 < own.length; b++)
    own[b + 1] = own[b]! + offsets[b * count + t + 1]! - offsets[b * count + t]!;
  const picked = new Uint32Array(own.at(-1)!);
  for (let b = 0; b + 1 < own.length; b++)
    picked.set(ids.subarray(offsets[b * count + t], offsets[b * count + t + 1]), own[b]);
  return { ids: picked, offsets: own };
}

/** Floats of each table's rows and of its projection, where tables have these dimensions: n_t·d_t, and d_t·dim where d_t < dim. */
const partsOf = ({ tables, dim }: TableShape, dims: readonly number[]) =>
  tables.map((rows, t) => ({ rows: rows * dims[t]!, projection: dims[t]! < dim ? dims[t]! * dim : 0 }));

/** Learnable floats of tables of these dimensions. */
export const mixedDimensionFloats = (shape: TableShape, dims: readonly number[]): number =>
  partsOf(shape, dims).reduce((sum, { rows, projection }) => sum + rows + projection, 0);

/** Their bytes: rows as they are stored, projections in 32 bits. */
const mixedDimensionBytes = (shape: TableShape, dims: readonly number[], options: StorageOptions): number =>
  partsOf(shape, dims).reduce((sum, part) => sum + storedBytes(options, part.rows) + 4 * part.projection, 0);

/** [T] the {@link dimensions} that fit into `floats`. Throws an InputError where those of a base of 0 do not. */
export function mixedDimensions(
  shape: TableShape,
  floats: number,
  temperature: number = mixedDimensionOptions.temperature.default,
): number[] {
  floatsWithin(4 * floats, "mixedDimension", mixedDimensionFloats(shape, leastDimensions(shape)));
  return dimensions(shape, temperature, (dims) => mixedDimensionFloats(shape, dims) <= floats);
}

/**
 * [T] the dimensions that the power rule gives for the largest base dimension that fits: table t has base · (n_min/n_t)^α,
 * rounded, from 1 to dim. A table that its projection would make no smaller keeps all of dim (the authors' program keeps
 * small tables whole too), so that floats never get fewer as the base rises. A base of 0 fits.
 */
function dimensions(
  shape: TableShape,
  temperature: number,
  fits: (dims: readonly number[]) => boolean,
): number[] {
  finite("Temperature of mixedDimension", temperature, 0, 1);
  const { tables, dim } = shape;
  const smallest = Math.min(...tables);
  // Table t has more than d floats a row from the base (d + ½)·shrink_t on.
  const shrink = tables.map((rows) => (rows / smallest) ** temperature);
  const at = (base: number) =>
    tables.map((rows, t) => {
      let d = 1;
      while (d < dim && (d + 0.5) * shrink[t]! <= base) d++;
      return orWhole(shape, rows, d);
    });
  const steps = [...new Set(shrink.flatMap((s) => Array.from({ length: dim - 1 }, (_, i) => (i + 1.5) * s)))];
  steps.sort((a, b) => a - b);
  return at(steps.filter((base) => fits(at(base))).at(-1) ?? 0);
}

const orWhole = ({ dim }: TableShape, rows: number, d: number): number =>
  rows * d + d * dim < rows * dim ? d : dim;

const leastDimensions = (shape: TableShape): number[] => shape.tables.map((rows) => orWhole(shape, rows, 1));

export const mixedDimensionFamily = embeddingFamily({
  name: "mixedDimension",
  summary: "rows of large tables are shorter, by --temperature, and projected",
  growsWithTables: true,
  options: { ...sizeOptions, ...mixedDimensionOptions },
  make: (options) => mixedDimension({ ...options, ...sizeFrom(options, "mixedDimension") }),
  fitTo(bytes, shape, options) {
    const least = mixedDimensionBytes(shape, leastDimensions(shape), options);
    if (least > bytes) throw new TooFewBytesError("mixedDimension", least, bytes);
    const { temperature } = filled(mixedDimensionOptions, options);
    const dims = dimensions(shape, temperature, (each) => mixedDimensionBytes(shape, each, options) <= bytes);
    return mixedDimension({ ...options, memorySize: mixedDimensionFloats(shape, dims) });
  },
  example: (shape, stream, drawn) =>
    mixedDimension({
      ...drawn,
      memorySize: mixedDimensionFloats(shape, leastDimensions(shape)) + stream.integer(virtualFloats(shape)),
    }),
});
