import type { FloatArray } from "../../../core/backend.ts";
import { check, integer } from "../../../core/errors.ts";
import type { Lookup } from "../../../core/lookup.ts";
import {
  type Formula,
  perTable,
  plus,
  quotient,
  remainder,
  times,
  variable,
} from "../../../core/numeric/formula.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import { add, multiply } from "../../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { reshape } from "../../../core/ops/reshape.ts";
import { sum } from "../../../core/ops/sum.ts";
import { wholeOption } from "../../../core/options.ts";
import { Parameter } from "../../../core/parameter.ts";
import type { Shape } from "../../../core/shape.ts";
import { type Tensor, tensor } from "../../../core/tensor.ts";
import { oneEach, type Rows, sumsOfComputed } from "../computed-rows.ts";
import { type EmbeddingMaker, floatsWithin, type MemorySize, memoryFloats, newMemory } from "../embedding.ts";
import { embeddingFamily, ofFamily, sizeFrom, sizeOptions } from "../family.ts";
import { fullScheme } from "../full-scheme.ts";
import { element, type Plan, type Read, readsOf } from "../plan.ts";
import {
  checkBlank,
  type EmbeddingSetting,
  lookupOf,
  type SharingScheme,
  type TableShape,
  virtualFloats,
} from "../scheme.ts";
import { type Layout, layOut, type Train, tensorTrainFloats } from "./tensor-train-layout.ts";

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
      plan: () => planOf(layout, setting, whole),
      forward(bags) {
        const valuesOf = (rows: Rows) => ({ values: contracted(layout, cores, rows) });
        const includes = (table: number) => trains[table] !== undefined;
        let pooled = sumsOfComputed({ shape: setting, backend, includes, valuesOf }, bags);
        if (rest) pooled = add(pooled, embeddingBag(rest.tensor, { lookup: lookupOf(whole, setting, bags) }));
        return reshape(pooled, { shape: [(bags.offsets.length - 1) / tables.length, tables.length * dim] });
      },
    };
  });
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
  const bags = oneEach(numbers.length);
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

/** Slices of each core as formulas of a row; tables that stay whole beside them. */
function planOf({ rank, columns, trains, lengths }: Layout, shape: TableShape, whole: SharingScheme): Plan {
  const perTrain = (of: (train: Train) => number) => perTable(trains.map((train) => (train ? of(train) : 1)));
  const [n2, n3] = [1, 2].map((k) => perTrain(({ slices }) => slices[k]!)) as [Formula, Formula];
  const row = variable("row");
  const at = [quotient(quotient(row, n3), n2), remainder(quotient(row, n3), n2), remainder(row, n3)];
  const cores = at.map((slice, k): Read => {
    const width = lengths[k]!;
    const slot = plus(
      times(
        plus(
          perTrain(({ before }) => before[k]!),
          slice,
        ),
        width,
      ),
      element,
    );
    return { is: "read", from: `embedding.core${k + 1}`, width, block: width, slot };
  }) as [Read, Read, Read];
  const groups: Plan = [
    { tables: kept(trains, true), pooled: { is: "sum", rows: { is: "train", cores, columns, rank } } },
    {
      tables: kept(trains, false),
      pooled: { is: "sum", rows: readsOf(whole, shape, "embedding.whole")![0]!.rows },
    },
  ];
  return groups.filter(({ tables }) => tables.length > 0);
}

/** Tables that are trains, or those that are not. */
const kept = (trains: Layout["trains"], areTrains: boolean): number[] =>
  trains.flatMap((train, table) => ((train !== undefined) === areTrains ? [table] : []));

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
