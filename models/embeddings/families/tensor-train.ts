import type { FloatArray } from "../../../core/backend.ts";
import { check, checkSize, integer } from "../../../core/errors.ts";
import type { Lookup } from "../../../core/lookup.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import { add, multiply } from "../../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { reshape } from "../../../core/ops/reshape.ts";
import { sum } from "../../../core/ops/sum.ts";
import { wholeOption } from "../../../core/options.ts";
import { Parameter } from "../../../core/parameter.ts";
import type { Shape } from "../../../core/shape.ts";
import { type Tensor, tensor } from "../../../core/tensor.ts";
import { type Rows, sumsOfComputed } from "../computed-rows.ts";
import { type EmbeddingMaker, floatsWithin, type MemorySize, memoryFloats, newMemory } from "../embedding.ts";
import { embeddingFamily, ofFamily, sizeFrom, sizeOptions } from "../family.ts";
import { fullScheme } from "../full-scheme.ts";
import { checkBlank, type EmbeddingSetting, lookupOf, type TableShape, virtualFloats } from "../scheme.ts";

const rankOption = wholeOption({
  from: 1,
  to: 2 ** 16,
  isSize: true,
  form: "R",
  help: "of every train, in place of a size",
});

/** R, the rank of every train; or a memory size, for the largest rank that fits into it. */
export type TensorTrainOptions = { readonly rank: number } | MemorySize;

/**
 * TT-Rec (Yin, Acun, Liu & Wu 2021, MLSys, arXiv 2101.11714). A table of n rows is a train of three cores: slices
 * A [n₁: d₁ × R], B [n₂: R × d₂ × R] and C [n₃: R × d₃], where n₁·n₂·n₃ ≥ n and d₁·d₂·d₃ = dim. Row
 * i = (i₁·n₂ + i₂)·n₃ + i₃ has at column j = (j₁·d₂ + j₂)·d₃ + j₃ the float Σ_rs A[i₁][j₁, r] · B[i₂][r, j₂, s] · C[i₃][s, j₃].
 *
 * A table whose cores would take as many floats as its rows, or more, stays whole. The cores of all tables lie in three
 * memories, so that a batch takes the same few ops however many tables there are.
 */
export function tensorTrain(options: TensorTrainOptions): EmbeddingMaker {
  return ofFamily({ family: "tensorTrain", given: options }, { rank: rankOption }, (setting) => {
    const { tables, dim, backend } = setting;
    const layout = layOut(setting, rankOf(options, setting));
    const { trains, lengths } = layout;
    const whole = {
      ...fullScheme({ tables: tables.map((rows, t) => (trains[t] ? 0 : rows)), dim }),
      copies: (table: number) => (trains[table] ? 0 : 1),
    };
    const cores = newCores(layout, setting).map((values, k) => {
      const core = tensor(backend, [values.length], values);
      return new Parameter(`embedding.core${k + 1}`, core, lengths[k]!);
    });
    const rest =
      whole.memorySize > 0 ? new Parameter("embedding.whole", newMemory(whole, setting), dim) : undefined;
    const parameters = rest ? [...cores, rest] : cores;
    const memory = parameters.reduce((floats, { size }) => floats + size, 0);
    return {
      name: "tensorTrain",
      tables,
      dim,
      memorySize: memory,
      bytes: 4 * memory,
      virtualSize: virtualFloats(setting),
      parameters,
      forward(bags) {
        const valuesOf = (rows: Rows) => contracted(layout, cores, rows);
        const includes = (table: number) => trains[table] !== undefined;
        let pooled = sumsOfComputed({ shape: setting, backend, includes, valuesOf }, bags);
        if (rest) pooled = add(pooled, embeddingBag(rest.tensor, { lookup: lookupOf(whole, setting, bags) }));
        return reshape(pooled, { shape: [(bags.offsets.length - 1) / tables.length, tables.length * dim] });
      },
    };
  });
}

/** Of the first, the middle and the last core. */
type Three = readonly [number, number, number];

/** A table's slices of each core, and how many slices of tables before it lie in the same memory. */
interface Train {
  readonly slices: Three;
  readonly before: Three;
}

interface Layout {
  readonly rank: number;
  /** d₁, d₂, d₃. */
  readonly columns: Three;
  /** Floats of a slice. */
  readonly lengths: Three;
  /** Slices of all tables. */
  readonly slices: Three;
  /** By table; undefined where it stays whole. */
  readonly trains: readonly (Train | undefined)[];
}

function layOut({ tables, dim }: TableShape, rank: number): Layout {
  const columns = columnFactors(dim);
  const lengths = sliceLengths(columns, rank);
  const total: [number, number, number] = [0, 0, 0];
  const trains = tables.map((rows): Train | undefined => {
    if (isWhole(rows, dim, rank)) return undefined;
    const [slices, before] = [rowFactors(rows), [...total] as const];
    for (const [k, count] of slices.entries()) total[k]! += count;
    return { slices, before };
  });
  for (const [k, count] of total.entries())
    checkSize(
      count * lengths[k]! < 2 ** 32,
      () =>
        `Core ${k + 1} of tensorTrain would take ${count * lengths[k]!} floats at rank ${rank}; a memory has at most 2³² − 1, so take a smaller rank.`,
    );
  return { rank, columns, lengths, slices: total, trains };
}

const sliceLengths = ([d1, d2, d3]: Three, rank: number): Three => [d1 * rank, rank * d2 * rank, rank * d3];

function coreFloats(rows: number, dim: number, rank: number): number {
  const lengths = sliceLengths(columnFactors(dim), rank);
  return rowFactors(rows).reduce((floats, slices, k) => floats + slices * lengths[k]!, 0);
}

const isWhole = (rows: number, dim: number, rank: number): boolean =>
  coreFloats(rows, dim, rank) >= rows * dim;

/** Learnable floats at a rank: n₁·d₁·R + n₂·d₂·R² + n₃·d₃·R a table, or n·d where that is no more. */
export const tensorTrainFloats = ({ tables, dim }: TableShape, rank: number): number =>
  tables.reduce((floats, rows) => floats + Math.min(coreFloats(rows, dim, rank), rows * dim), 0);

/**
 * n₁, n₂, n₃ with a product of at least `rows`, near the cube root. The middle one, whose slices are R times as long as
 * the others, is the smallest.
 */
export function rowFactors(rows: number): Three {
  const first = leastRoot(rows);
  const last = Math.ceil(Math.sqrt(rows / first));
  return [first, Math.ceil(rows / (first * last)), last];
}

/** The least whole number whose cube is at least n. What a host's cube root gets wrong is mended. */
function leastRoot(n: number): number {
  let root = Math.round(Math.cbrt(n));
  while (root * root * root < n) root++;
  while ((root - 1) * (root - 1) * (root - 1) >= n) root--;
  return root;
}

/**
 * d₂ ≤ d₁ ≤ d₃, whole numbers with the product `dim` and the least sum, so as near to each other as such numbers are. The
 * smallest is in the middle, where slices are longest; the largest is last, since the first product has R²·d₁·d₂ terms.
 */
export function columnFactors(dim: number): Three {
  let best: Three = [1, 1, dim];
  for (let d2 = 1; d2 ** 3 <= dim; d2++) {
    if (dim % d2 > 0) continue;
    const both = dim / d2;
    for (let d1 = d2; d1 * d1 <= both; d1++) {
      const d3 = both / d1;
      if (both % d1 === 0 && d1 + d2 + d3 < best[0] + best[1] + best[2]) best = [d1, d2, d3];
    }
  }
  return best;
}

function rankOf(options: TensorTrainOptions, shape: TableShape): number {
  if ("rank" in options) return integer("Rank of tensorTrain", options.rank, 1, 2 ** 16);
  return largestRank(shape, 4 * memoryFloats(options, shape));
}

/** The largest rank whose cores and whole tables fit; one at which all tables are whole where they all fit. */
function largestRank(shape: TableShape, bytes: number): number {
  const floats = floatsWithin(bytes, "tensorTrain", tensorTrainFloats(shape, 1));
  const most = virtualFloats(shape);
  let rank = 1;
  for (let now = tensorTrainFloats(shape, rank); now < most; rank++) {
    now = tensorTrainFloats(shape, rank + 1);
    if (now > floats) break;
  }
  return rank;
}

/**
 * Cores at first, from the streams "embedding.core1" to "embedding.core3". The published "sampled Gaussian": normal
 * numbers of size 2 and more, since products of three numbers near 0 would crowd at 0. Their deviation makes an
 * entry, a sum of R² products, vary by 1/(3n), as a full table's entries do, which are uniform on ±1/√n.
 */
function newCores({ trains, lengths, slices, rank }: Layout, setting: EmbeddingSetting) {
  if (slices[0] === 0) return [];
  const { tables, seed, blank } = setting;
  return lengths.map((length, k) => {
    checkBlank(slices[k]! * length, setting);
    const values = new Float64Array(slices[k]! * length);
    const stream = random(seed, `embedding.core${k + 1}`);
    for (const [t, train] of trains.entries()) {
      if (train === undefined || blank !== undefined) continue;
      const from = train.before[k]! * length;
      const deviation = (3 * tables[t]! * rank * rank) ** (-1 / 6);
      fillTails(values.subarray(from, from + train.slices[k]! * length), deviation, stream);
    }
    return values;
  });
}

/** E[x² | |x| ≥ 2] of a normal x: 1 + 2φ(2) / (1 − Φ(2)). */
const tailVariance = 5.74643106564568;

/** Normal numbers of size 2 and more, scaled to a deviation (Marsaglia 1964, Technometrics 6: 101). */
function fillTails(values: FloatArray, deviation: number, stream: Random): void {
  const scale = deviation / Math.sqrt(tailVariance);
  for (let i = 0; i < values.length; ) {
    const x = Math.sqrt(4 - 2 * Math.log(1 - stream.uniform()));
    if (stream.uniform() * x >= 2) continue;
    values[i++] = (stream.uniform() < 0.5 ? -x : x) * scale;
  }
}

/**
 * [rows × dim], by two multiplications and sums. Slices lie as [j₁, r], [r, j₂, s] and [j₃, s], so that what is stretched
 * is read in long runs.
 */
function contracted(layout: Layout, cores: readonly Parameter[], rows: Rows): Tensor {
  const { rank: R, columns } = layout;
  const [d1, d2, d3] = columns;
  const n = rows.numbers.length;
  const lookups = slicesOf(layout, rows);
  const slices = (core: number, shape: Shape) =>
    reshape(embeddingBag(cores[core]!.tensor, { lookup: lookups[core]! }), { shape: [n, ...shape] });
  const overR = multiply(slices(0, [d1, R, 1]), slices(1, [1, R, d2 * R]));
  const heads = reshape(sum(overR, { axis: 2, count: 1 }), { shape: [n, d1 * d2, 1, R] });
  const overS = multiply(heads, slices(2, [1, d3, R]));
  return reshape(sum(overS, { axis: 3, count: 1 }), { shape: [n, d1 * d2 * d3] });
}

/** Where the three slices of each row lie. */
function slicesOf({ trains, lengths, slices }: Layout, { tables, numbers }: Rows): readonly Lookup[] {
  const bags = Uint32Array.from({ length: numbers.length + 1 }, (_, i) => i);
  const lookups = lengths.map((dim, k) => ({
    dim,
    block: dim,
    starts: new Uint32Array(numbers.length),
    bags,
    memorySize: slices[k]! * dim,
  }));
  for (const [i, row] of numbers.entries()) {
    const {
      slices: [, n2, n3],
      before,
    } = trains[tables[i]!]!;
    const last = row % n3;
    const rest = (row - last) / n3;
    const middle = rest % n2;
    const at = [(rest - middle) / n2, middle, last] as const;
    for (const [k, { starts, dim }] of lookups.entries()) starts[i] = (before[k]! + at[k]!) * dim;
  }
  return lookups;
}

export const tensorTrainFamily = embeddingFamily({
  name: "tensorTrain",
  summary: "each table a train of three cores of --rank (TT-Rec)",
  options: {
    ...sizeOptions,
    rank: rankOption,
  },
  make(options) {
    const { rank, memorySize, compression } = options;
    if (rank === undefined) return tensorTrain(sizeFrom(options, "tensorTrain"));
    check(
      memorySize === undefined && compression === undefined,
      () =>
        `tensorTrain's rank ${rank} says how much memory it takes: leave out rank, or compression and memory.`,
    );
    return tensorTrain({ rank });
  },
  fitTo: (bytes, shape) => tensorTrain({ rank: largestRank(shape, bytes) }),
  example: (_, stream) => tensorTrain({ rank: 1 + stream.integer(3) }),
});
