import { check, finite, integer } from "../../../core/errors.ts";
import { bisected } from "../../../core/numeric/bisection.ts";
import { logistic } from "../../../core/numeric/number.ts";
import { random } from "../../../core/numeric/random.ts";
import type { Dataset } from "../dataset.ts";
import { type Columns, inMemory } from "../memory.ts";
import { checkShape } from "../shape.ts";
import type { Parts } from "../split.ts";
import { expectedQuality, type Quality } from "./bayes.ts";
import { drawSignal, type Effects, type PerTable, type Strengths, type TableEffects } from "./signal.ts";

/** What to plant. Everything is a function of these numbers. */
export interface Planted extends Effects {
  /** [T] rows of each table. */
  readonly tables: readonly number[];
  /** D, dense features a row: independent standard normal numbers. */
  readonly dense: number;
  /** Rows in all: 80 % for training, 10 % for validation, 10 % for the test. */
  readonly rows: number;
  readonly seed: number;
  /** Mean click probability (default 0.25). */
  readonly rate?: number;
  /** Standard deviation of the logit (default 1.6): the strength of the signal. */
  readonly signal?: number;
}

const defaults = { rate: 0.25, signal: 1.6, interaction: 0.25, denseShare: 0.2, spread: false };

/** What a table has of each where nothing is said, what it is called, and what it may be. */
const ofTables: {
  readonly [name in TableEffects]: { otherwise: number; accept: (value: number, table: number) => number };
} = {
  exponent: {
    otherwise: 1.1,
    accept: (value, t) => finite(`The exponent of Zipf's law of table ${t}`, value, 0, 10),
  },
  occurring: {
    otherwise: 2 ** 32,
    accept: (value, t) => integer(`The number of ids of table ${t} that occur`, value, 1, 2 ** 32),
  },
  carriers: {
    otherwise: 2 ** 32,
    accept: (value, t) => integer(`The number of ids of table ${t} that have an effect`, value, 1, 2 ** 32),
  },
  fading: {
    otherwise: 0,
    accept: (value, t) => finite(`The fading of the effects of table ${t}`, value, 0, 10),
  },
  fields: {
    otherwise: 1,
    accept: (value, t) => finite(`The size of the effects of table ${t}`, value, 0),
  },
};

/** Clicks whose probabilities are known, and the best that a model can do on their test part. */
export interface Synthetic extends Parts {
  /** The three parts together. */
  readonly all: Dataset;
  /** What carries the signal, as realized on all rows. */
  readonly strengths: Strengths;
  /** Expected on the test rows under their true probabilities. */
  readonly best: Quality;
  /** Of the true probabilities against the labels that were drawn. */
  readonly realized: Quality;
  /** The true click probability of each row, in the order of the part. */
  readonly probabilities: { readonly [part in keyof Parts]: Float64Array };
}

/**
 * Synthetic clicks: P(click) = sigmoid(bias + w·dense + Σ_t effect(t, x_t) + Σ_t v(t, x_t)·v(t+1, x_{t+1})) for ids of rank
 * x, where effects are normal and v has entries ±1, both times (x+1)^−fading. Effects and vectors are hashes of (seed, table, rank): nothing need be
 * stored for a table, so it may have 2³² rows. The logits are then scaled and shifted to the `signal` and `rate` that were
 * asked for.
 * @throws InputError for numbers out of range.
 */
export function synthetic(planted: Planted): Synthetic {
  const all = { ...defaults, ...planted, ...tableEffects(planted) };
  checkPlanted(all);
  const { dense, rows, seed, rate, signal } = all;
  const features = new Float32Array(rows * dense);
  const normals = random(seed, "dense");
  for (let i = 0; i < features.length; i++) features[i] = normals.normal();
  const { ids, logits: raw, strengths } = drawSignal(all, features);
  const logits = scaled(raw, signal);
  const bias = biasFor(logits, rate);
  const probabilities = logits.map((z) => logistic(z + bias));
  const draw = random(seed, "labels");
  const labels = Float32Array.from(probabilities, (p) => (draw.uniform() < p ? 1 : 0));
  return { ...parts(all, { dense: features, ids, labels }, probabilities), strengths };
}

/** [T] of each, from one number for all tables or one for each. */
function tableEffects(planted: Planted): { readonly [name in TableEffects]: readonly number[] } {
  const each = (name: TableEffects) => {
    const { otherwise, accept } = ofTables[name];
    const given: PerTable = planted[name] ?? otherwise;
    const T = planted.tables.length;
    const values = typeof given === "number" ? planted.tables.map(() => given) : given;
    check(
      values.length === T,
      () => `\`${name}\` must be one number, or ${T}, one for each table, but it has ${values.length}.`,
    );
    return values.map(accept);
  };
  const fields = each("fields");
  check(
    fields.some((size) => size > 0),
    () => `The sizes of the tables' effects must not all be 0, but they are [${fields.join(", ")}].`,
  );
  const [exponent, occurring, carriers] = [each("exponent"), each("occurring"), each("carriers")];
  return { exponent, occurring, carriers, fading: each("fading"), fields };
}

function checkPlanted({ tables, dense, rows, seed, rate, signal, ...all }: Required<Planted>): void {
  checkShape({ name: "synthetic clicks", dense, tables });
  integer("The number of rows", rows, 10);
  integer("The seed", seed, 0);
  finite("The signal", signal, 0, 20);
  finite("The interaction", all.interaction, 0, 1);
  finite("The dense features' share of the logit", all.denseShare, 0, 1);
  check(rate > 0 && rate < 1, () => `The click rate must lie between 0 and 1, but it is ${rate}.`);
}

/** `values` with mean 0 and standard deviation `deviation`. */
function scaled(values: Float64Array, deviation: number): Float64Array {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  check(
    spread > 1e-9 || deviation === 0,
    () =>
      "No feature varies over the rows, so there is no signal to plant; give dense features, larger tables or more rows.",
  );
  return values.map((x) => (deviation === 0 ? 0 : ((x - mean) / spread) * deviation));
}

/** The bias at which the mean probability is `rate`, by bisection: the mean rises with the bias. */
function biasFor(logits: Float64Array, rate: number): number {
  const meanAt = (bias: number) => logits.reduce((sum, z) => sum + logistic(z + bias), 0) / logits.length;
  const [low, high] = bisected(-1000, 1000, 1e-9, (bias) => meanAt(bias) < rate);
  return (low + high) / 2;
}

function parts(
  { tables, dense, rows, seed }: Planted,
  columns: Columns,
  probabilities: Float64Array,
): Omit<Synthetic, "strengths"> {
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
    all: part(0, rows),
    train: part(0, validationFrom),
    validation: part(validationFrom, testFrom),
    test: part(testFrom, rows),
    best: expectedQuality(test, test),
    realized: expectedQuality(test, columns.labels.subarray(testFrom)),
    probabilities: {
      train: probabilities.subarray(0, validationFrom),
      validation: probabilities.subarray(validationFrom, testFrom),
      test,
    },
  };
}
