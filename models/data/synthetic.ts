import { finite, integer, require } from "../../core/errors.ts";
import { type Random, random } from "../../core/random.ts";
import { expectedQuality, type Quality } from "./best.ts";
import { hashNormal, hashNumbers } from "./hash.ts";
import { type Columns, inMemory } from "./memory.ts";
import { checkShape } from "./shape.ts";
import type { Parts } from "./split.ts";
import { zipf } from "./zipf.ts";

/** What to plant. Everything is a function of these numbers. */
export interface Planted {
  /** [T] rows of each table. */
  readonly tables: readonly number[];
  /** D, dense features a row: independent standard normal numbers. */
  readonly dense: number;
  /** Rows in all: 80 % for training, 10 % for validation, 10 % for the test. */
  readonly rows: number;
  readonly seed: number;
  /** Of Zipf's law, for each table: id x occurs in proportion to 1/(x+1)^exponent (default 1.1; 0 is uniform). */
  readonly exponent?: number;
  /** Mean click probability (default 0.25). */
  readonly rate?: number;
  /** Standard deviation of the logit (default 1.6): the strength of the signal. */
  readonly signal?: number;
  /** Share of the ids' part of the logit that lies in pairs of ids, not in single ones (default 0.25). */
  readonly interaction?: number;
}

const defaults = { exponent: 1.1, rate: 0.25, signal: 1.6, interaction: 0.25 };

/** Clicks whose probabilities are known, and the best that a model can do on their test part. */
export interface Synthetic extends Parts {
  /** Expected on the test rows under their true probabilities. */
  readonly best: Quality;
  /** Of the true probabilities against the labels that were drawn. */
  readonly realised: Quality;
  /** The true click probability of each row, in the order of the part. */
  readonly probabilities: { readonly [part in keyof Parts]: Float64Array };
}

/** Length of the vectors whose dot products are the planted interactions. */
const RANK = 4;

/** Share of the logit's variance that lies in the dense features. */
const DENSE_SHARE = 0.2;

/**
 * Synthetic clicks: P(click) = sigmoid(bias + w·dense + Σ_t effect(t, id_t) + Σ_t v(t, id_t)·v(t+1, id_{t+1})), where
 * effects are normal and v has entries ±1. Effects and vectors are hashes of (seed, table, id): nothing is stored for a
 * table, so it may have 2³² rows. The logits are then scaled and shifted to the `signal` and `rate` that were asked for.
 * @throws InputError for numbers out of range.
 */
export function synthetic(planted: Planted): Synthetic {
  const all = { ...defaults, ...planted };
  check(all);
  const { tables, dense, rows, seed, exponent, rate, signal } = all;
  const features = Float32Array.from({ length: rows * dense }, normals(random(seed, "dense")));
  const ids = drawIds(tables, rows, seed, exponent);
  const logits = scaled(rawLogits(all, features, ids), signal);
  const bias = biasFor(logits, rate);
  const probabilities = logits.map((z) => sigmoid(z + bias));
  const draw = random(seed, "labels");
  const labels = Float32Array.from(probabilities, (p) => (draw.uniform() < p ? 1 : 0));
  return parts(all, { dense: features, ids, labels }, probabilities);
}

function check({ tables, dense, rows, seed, exponent, rate, signal, interaction }: Required<Planted>): void {
  checkShape({ name: "synthetic clicks", dense, tables });
  integer("The number of rows", rows, 10);
  integer("The seed", seed, 0);
  finite("The exponent of Zipf's law", exponent, 0, 10);
  finite("The signal", signal, 0, 20);
  finite("The interaction", interaction, 0, 1);
  require(rate > 0 && rate < 1, () => `The click rate must lie between 0 and 1, but it is ${rate}.`);
}

function drawIds(tables: readonly number[], rows: number, seed: number, exponent: number): Uint32Array {
  const T = tables.length;
  const ids = new Uint32Array(rows * T);
  tables.forEach((size, t) => {
    const draw = zipf(size, exponent, random(seed, `ids/${t}`));
    for (let i = 0; i < rows; i++) ids[i * T + t] = draw();
  });
  return ids;
}

/** [rows] logits before they are scaled: each kind of effect with variance near its share. */
function rawLogits(planted: Required<Planted>, features: Float32Array, ids: Uint32Array): Float64Array {
  const { tables, dense: D, rows, seed, interaction } = planted;
  const T = tables.length;
  const w = Float64Array.from({ length: D }, normals(random(seed, "weights")));
  const ofDense = Math.sqrt(DENSE_SHARE) / Math.hypot(...w);
  const ofId = Math.sqrt(((1 - DENSE_SHARE) * (1 - interaction)) / T);
  const ofPair = Math.sqrt(((1 - DENSE_SHARE) * interaction) / (RANK * (T - 1)));
  return Float64Array.from({ length: rows }, (_, i) => {
    let z = 0;
    for (let j = 0; j < D; j++) z += ofDense * w[j]! * features[i * D + j]!;
    for (let t = 0, before = 0; t < T; t++) {
      const id = ids[i * T + t]!;
      const signs = hashNumbers(seed, 2 * t + 1, id);
      z += ofId * hashNormal(seed, 2 * t, id);
      if (t > 0) z += ofPair * signDot(before, signs);
      before = signs;
    }
    return z;
  });
}

/** The dot product of two vectors of RANK signs, the lowest bits of `a` and of `b`. */
function signDot(a: number, b: number): number {
  let dot = 0;
  for (let k = 0; k < RANK; k++) dot += ((a ^ b) >>> k) & 1 ? -1 : 1;
  return dot;
}

/** `values` with mean 0 and standard deviation `deviation`. */
function scaled(values: Float64Array, deviation: number): Float64Array {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  require(spread > 1e-9 || deviation === 0, () =>
    "No feature varies over the rows, so there is no signal to plant; give dense features, larger tables or more rows.");
  return values.map((x) => (deviation === 0 ? 0 : ((x - mean) / spread) * deviation));
}

/** The bias at which the mean probability is `rate`, by bisection: the mean rises with the bias. */
function biasFor(logits: Float64Array, rate: number): number {
  let low = -1000;
  let high = 1000;
  while (high - low > 1e-9) {
    const bias = (low + high) / 2;
    const mean = logits.reduce((sum, z) => sum + sigmoid(z + bias), 0) / logits.length;
    if (mean < rate) low = bias;
    else high = bias;
  }
  return (low + high) / 2;
}

function parts(
  { tables, dense, rows, seed }: Planted,
  columns: Columns,
  probabilities: Float64Array,
): Synthetic {
  const T = tables.length;
  const validationFrom = Math.floor(0.8 * rows);
  const testFrom = Math.floor(0.9 * rows);
  const part = (from: number, to: number) =>
    inMemory({
      name: `synthetic clicks (seed ${seed})`,
      dense,
      tables,
      columns: {
        dense: columns.dense.subarray(from * dense, to * dense),
        ids: columns.ids.subarray(from * T, to * T),
        labels: columns.labels.subarray(from, to),
      },
    });
  const test = probabilities.subarray(testFrom);
  return {
    train: part(0, validationFrom),
    validation: part(validationFrom, testFrom),
    test: part(testFrom, rows),
    best: expectedQuality(test, test),
    realised: expectedQuality(test, columns.labels.subarray(testFrom)),
    probabilities: {
      train: probabilities.subarray(0, validationFrom),
      validation: probabilities.subarray(validationFrom, testFrom),
      test,
    },
  };
}

function normals(stream: Random): () => number {
  return () => stream.normal();
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
