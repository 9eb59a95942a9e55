import type { FloatArray } from "../../core/backend.ts";
import { check, checkSize, SizeError } from "../../core/errors.ts";
import { roundOnto } from "../../core/numeric/half.ts";
import { random } from "../../core/numeric/random.ts";
import { sequence } from "../../core/numeric/sequence.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../core/ops/embedding-bag.ts";
import { reshape } from "../../core/ops/reshape.ts";
import { type HalfRounding, Parameter, roundingOf } from "../../core/parameter.ts";
import { type Cotangent, type Tensor, tensor } from "../../core/tensor.ts";
import type { Bags } from "../data/dataset.ts";
import type { LazyRows } from "../data/lazy-rows.ts";
import type { OwnRows } from "./own-rows.ts";
import { type Plan, type Pooled, type Rows, readsOf } from "./plan.ts";
import { learnedPooling, type PoolingOptions, poolingWeights, shares } from "./pooling.ts";
import { zerosFor } from "./room.ts";
import {
  checkBlank,
  type EmbeddingSetting,
  fillUniform,
  lookupOf,
  type SharingScheme,
  type TableShape,
  virtualFloats,
} from "./scheme.ts";
import { halvesFrom, type StorageOptions, storedBytes, storedFloats } from "./storage.ts";

/** The embedding tables of a model, however they are kept. */
export interface Embedding extends TableShape {
  readonly name: string;
  /** What it was made by; absent where no family made it. */
  readonly origin?: EmbeddingOrigin;
  /** Learnable floats. */
  readonly memorySize: number;
  /** Bytes that stand for the tables: learnable floats as they are stored, and whatever else leads from ids to them. */
  readonly bytes: number;
  /** Floats of the full tables that this embedding stands for. */
  readonly virtualSize: number;
  readonly parameters: readonly Parameter[];
  /** What its vectors are computed with and nothing learns; it lives as long as the parameters do. Absent where there is none. */
  readonly constants?: readonly Tensor[];
  /** The scheme by which virtual weights share memory; absent where an embedding is not of that form. */
  readonly scheme?: SharingScheme;
  /** How its vectors come about, for engines other than this program's. Absent, or undefined, where nothing says that. */
  plan?(): Plan | undefined;
  /** The ids that have rows of their own, where the data said which; a model's file keeps them. */
  readonly own?: OwnRows;
  /** How training changes where ids are kept; absent where that is fixed. */
  readonly adaptation?: Adaptation;
  /** Pools each sample's bags: [samples × (T·dim)], table by table. */
  forward(bags: Bags): Tensor;
}

/**
 * An embedding whose map from ids to memory is learned. The map changes after a training step, never within one, and
 * never by prediction.
 */
export interface Adaptation {
  /** The map and all that it is learned from, by name, in arrays that stay where they are. */
  readonly arrays: LearnedArrays;
  /** Copies arrays of the same names and lengths into these. Throws an InputError for numbers that no training leaves there. */
  take(arrays: LearnedArrays): void;
  /** Within a step: what `learn` is to read of the gradients of the embedding's parameters, made by ops; null for nothing. */
  observe(gradients: readonly (Cotangent | null)[]): Tensor | null;
  /** After step t = 1, 2, … on these bags: takes in what was observed. May change the map, parameters and their state. */
  learn(bags: Bags, observed: FloatArray, t: number): Promise<void>;
}

export type LearnedArrays = ReadonlyMap<string, FloatArray | Uint32Array>;

/** What an embedding was made by: enough for its family to make it again. */
export interface EmbeddingOrigin {
  readonly family: string;
  /** Those that were given, a seed of its own among them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The rows that full tables keep memory for, where not for all. */
  readonly rows?: LazyRows | undefined;
}

/** `robe({…})`, `full()` and the like: an embedding that only waits for the model's tables. */
export interface EmbeddingMaker {
  (setting: EmbeddingSetting): Embedding;
  /** Absent where no family made it: a `sharedMemory` of a scheme of one's own, say. */
  readonly origin?: EmbeddingOrigin;
}

/** How large a memory to make: in floats, or as a fraction of the full tables. */
export type MemorySize = { readonly memorySize: number } | { readonly compression: number };

/** Memory in floats for these tables. */
export function memoryFloats(size: MemorySize, shape: TableShape): number {
  const virtual = virtualFloats(shape);
  if ("memorySize" in size) {
    check(
      Number.isInteger(size.memorySize) && size.memorySize >= 1 && size.memorySize < 2 ** 32,
      () =>
        `Embedding memory must be a whole number of floats from 1 to 2³² − 1, but it is ${size.memorySize}.`,
    );
    return size.memorySize;
  }
  check(
    size.compression >= 1 && Number.isFinite(size.compression),
    () =>
      `Compression must be a number from 1 up (1000 keeps a thousandth of the memory), but it is ${size.compression}.`,
  );
  const memory = Math.max(1, Math.floor(virtual / size.compression));
  checkSize(
    memory < 2 ** 32,
    () =>
      `Tables of ${virtual} floats at compression ${size.compression} need ${memory} floats of memory; a memory has at most 2³² − 1, so ask for compression ${Math.ceil(virtual / (2 ** 32 - 1))} or more.`,
  );
  return memory;
}

/** An embedding that reads one shared memory by `schemeOf(shape)`. */
export function sharedMemory(
  schemeOf: (shape: TableShape, seed: number) => SharingScheme,
  options: PoolingOptions = {},
): EmbeddingMaker {
  const { pooling = "sum", tableScale = false } = options;
  return (setting) => {
    const { tables, dim, backend, seed } = setting;
    const scheme = schemeOf(setting, seed);
    const memory = memoryParameter(scheme, setting, options);
    const pool = pooling === "learned" ? learnedPooling(setting) : undefined;
    const scales = tableScale
      ? tensor(
          backend,
          [1, tables.length * dim],
          scalesOf(setting).flatMap((scale) => new Array<number>(dim).fill(scale)),
        )
      : undefined;
    const weights = pool?.weights.size ?? 0;
    return {
      name: scheme.name,
      tables,
      dim,
      scheme,
      memorySize: scheme.memorySize + weights,
      bytes: storedBytes(options, scheme.memorySize) + 4 * weights,
      virtualSize: virtualFloats(setting),
      parameters: pool ? [memory, pool.weights] : [memory],
      ...(scales && { constants: [scales] }),
      plan: () => sharedPlan(scheme, setting, options),
      forward(bags) {
        const samples = (bags.offsets.length - 1) / tables.length;
        const rows = (separate: boolean) =>
          embeddingBag(memory.tensor, { lookup: lookupOf(scheme, setting, bags, separate) });
        let pooled = pool ? pool.combine(rows(true), bags) : rows(false);
        if (pooling === "mean")
          pooled = multiply(pooled, tensor(backend, [pooled.shape[0]!, 1], shares(bags)));
        const flat = reshape(pooled, { shape: [samples, tables.length * dim] });
        return scales ? multiply(flat, scales) : flat;
      },
    };
  };
}

/** The plan of a shared memory whose scheme has formulas. */
function sharedPlan(
  scheme: SharingScheme,
  shape: TableShape,
  { pooling = "sum", tableScale }: PoolingOptions,
): Plan | undefined {
  return readsOf(scheme, shape, "embedding.memory")?.map(({ tables, rows }) => {
    const weighted: Rows =
      pooling === "learned" ? { is: "multiply", left: rows, right: poolingWeights(shape) } : rows;
    const pooled: Pooled = { is: pooling === "mean" ? "mean" : "sum", rows: weighted };
    const factors = tableScale ? scalesOf(shape) : undefined;
    return { tables, pooled: factors ? { is: "scaled", pooled, factors } : pooled };
  });
}

/** The parameter of a shared memory, stored and rounded as the options say. */
export function memoryParameter(
  scheme: SharingScheme,
  setting: EmbeddingSetting,
  options: StorageOptions,
): Parameter {
  const halves = halvesFrom(options, setting.seed);
  const values = newMemory(scheme, setting, halves);
  return new Parameter("embedding.memory", values, scheme.rowLength ?? "none", {
    halves,
    whole: scheme.whole,
  });
}

/** A memory filled as its scheme says, from the sequence "embedding.memory" of the seed. */
export function newMemory(scheme: SharingScheme, setting: EmbeddingSetting, halves?: HalfRounding): Tensor {
  return firstNumbers("embedding.memory", scheme.memorySize, setting, halves, (values) => {
    const numbers = sequence(setting.seed, "embedding.memory");
    if (scheme.initialize) scheme.initialize(values, numbers);
    else fillUniform(values, 1 / Math.sqrt(Math.max(...setting.tables)), numbers);
  });
}

/**
 * A parameter of `floats` numbers, uniform on ±limit, or of each row on ±its own, from the stream of its own name; stored and
 * rounded as the options say.
 */
export function uniformParameter(
  name: string,
  floats: number,
  limit: number | ArrayLike<number>,
  rowLength: number,
  setting: EmbeddingSetting,
  options: StorageOptions = {},
): Parameter {
  const halves = halvesFrom(options, setting.seed);
  const values = firstNumbers(name, floats, setting, halves, (all) => {
    const numbers = random(setting.seed, name);
    if (typeof limit === "number") fillUniform(all, limit, numbers);
    else
      for (let at = 0; at < floats; at += rowLength)
        fillUniform(all.subarray(at, at + rowLength), limit[at / rowLength]!, numbers);
  });
  return new Parameter(name, values, rowLength, { halves });
}

/**
 * So many numbers as `fill` makes them, stored as `halves` says. Those of a grid are drawn by the rounding of steps: most are
 * smaller than a step, which rounded to nearest would leave zeros.
 */
function firstNumbers(
  name: string,
  floats: number,
  setting: EmbeddingSetting,
  halves: HalfRounding | undefined,
  fill: (values: FloatArray) => void,
): Tensor {
  const { backend, blank } = setting;
  const storage = halves && "f16";
  checkBlank(floats, setting);
  const values = zerosFor(backend, floats, storage);
  if (blank === undefined) {
    fill(values);
    if (halves?.grid) roundOnto(values, roundingOf(name, halves, 0));
  }
  return tensor(backend, [floats], values, storage);
}

/** λ_t of each table. */
function scalesOf({ tables }: TableShape): number[] {
  const largest = Math.max(...tables);
  return tables.map((rows) => Math.sqrt(largest / rows));
}

/** What fits into so many bytes was asked for, but nothing does. */
export class TooFewBytesError extends SizeError {
  /** Bytes that it takes at least. */
  readonly least: number;

  constructor(name: string, least: number, bytes: number) {
    super(`${name} needs at least ${least} bytes for these tables, but may take ${bytes}.`);
    this.least = least;
  }
}

/**
 * Whole floats in so many bytes: as many as fit as they are stored, and `beside` them some of four bytes. Throws unless there
 * are `least` of the former, which `name` needs.
 */
export function floatsWithin(
  bytes: number,
  name: string,
  least: number,
  options: StorageOptions = {},
  beside = 0,
): number {
  const floats = storedFloats(options, bytes - 4 * beside);
  if (floats < least) throw new TooFewBytesError(name, storedBytes(options, least) + 4 * beside, bytes);
  return floats + beside;
}
