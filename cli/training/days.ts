import { aligned, count } from "../../core/format.ts";
import type { Optimizer } from "../../core/optimizers/optimizer.ts";
import type { Dataset } from "../../models/data/dataset.ts";
import type { Source } from "../../models/data/source.ts";
import { partNames } from "../../models/data/split.ts";
import { calibrate } from "../../models/dlrm/calibrate.ts";
import type { Dlrm } from "../../models/dlrm/dlrm.ts";
import { type Predictions, predictions } from "../../models/dlrm/evaluate.ts";
import { train } from "../../models/dlrm/train.ts";
import { delongTest, type Estimate } from "../../models/metrics/auc.ts";
import { type Metrics, metrics } from "../../models/metrics/metrics.ts";

/** What a day was to one of the models. */
interface DayOfModel {
  readonly name: string;
  /** On all rows of the day, before any of them was trained on; absent on the first day, when the model knew nothing. */
  readonly before?: Metrics;
  /** AUC on the day's test rows minus that before training; absent on the first day, and where it is undefined. */
  readonly gain?: Estimate;
  /** AUC on all rows of the day minus that of full tables, both before training; absent likewise, and of full tables. */
  readonly cost?: Estimate;
}

/** A day, and what it was to each model. */
export interface Day {
  readonly name: string;
  readonly rows: number;
  /** Labeled 1. */
  readonly ones: number;
  /** Share of all lookups in tables whose row no earlier day had looked up: an id that is new, or was never seen. */
  readonly newRows: number;
  readonly models: readonly DayOfModel[];
}

interface Named {
  readonly name: string;
  readonly model: Dlrm;
}

/** How each day is trained on. */
interface DayTraining {
  readonly optimizer: Optimizer;
  readonly batch: number;
  readonly epochs: number;
  readonly seed: number;
}

/**
 * Trains models on one day after the other. Each is first measured on all rows of the day, which it has not seen (progressive
 * validation; Blum, Kalai & Langford, COLT 1999), then trained on the day's training rows, calibrated, and measured on its test
 * rows again.
 * @param made makes the models for rows of this shape; full tables first.
 */
export async function* dayByDay(
  sources: AsyncIterable<Source>,
  made: (source: Source) => Promise<readonly Named[]>,
  training: DayTraining,
): AsyncGenerator<Day> {
  let models: readonly Named[] | undefined;
  const steps = new Map<Named, number>();
  const seen: Uint8Array[] = [];
  for await (const source of sources) {
    const isFirst = models === undefined;
    models ??= await made(source);
    const told = isFirst ? [] : await Promise.all(models.map(({ model }) => ofAll(model, source)));
    const gains: (Estimate | undefined)[] = [];
    for (const each of models) {
      const { model } = each;
      const before = await predictions(model, source.test);
      steps.set(each, await trained(model, source, training, steps.get(each) ?? 0));
      const after = await predictions(model, source.test);
      gains.push(isFirst ? undefined : difference(after, before));
    }
    const { train, validation, test } = source.survey.parts;
    yield {
      name: source.train.name,
      rows: train.rows + validation.rows + test.rows,
      ones: train.ones + validation.ones + test.ones,
      newRows: await newRowsOf(source, seen),
      models: models.map(({ name }, i) => {
        const own = told[i];
        if (own === undefined) return { name };
        const cost = i > 0 ? difference(own, told[0]!) : undefined;
        const gain = gains[i];
        const before = metrics(own.labels, own.probabilities, own.weights);
        return { name, before, ...(gain && { gain }), ...(cost && { cost }) };
      }),
    };
  }
  for (const { model } of models ?? []) model.free();
}

/** Trains on the day's training rows; all steps so far. */
async function trained(
  model: Dlrm,
  source: Source,
  { seed, ...training }: DayTraining,
  priorSteps: number,
): Promise<number> {
  let last = 0;
  for await (const { step } of train(model, source.train, { ...training, shuffle: seed, priorSteps }))
    last = step;
  await calibrate(model, source.validation);
  return priorSteps + last;
}

/** What a model says of all rows of a day. */
async function ofAll(model: Dlrm, source: Source): Promise<Predictions> {
  const parts: Predictions[] = [];
  for (const name of partNames) parts.push(await predictions(model, source[name]));
  const joined = (of: (part: Predictions) => ArrayLike<number> | undefined) =>
    Float64Array.from(parts.flatMap((part) => [...Array.from(of(part) ?? [])]));
  const weights = joined((part) => part.weights);
  return {
    labels: joined((part) => part.labels),
    probabilities: joined((part) => part.probabilities),
    ...(weights.length > 0 && { weights }),
  };
}

/** AUC of `one` minus that of `other`, on the same rows; undefined where rows have weights, or one label only. */
function difference(one: Predictions, other: Predictions): Estimate | undefined {
  const ones = one.labels.reduce((sum, label) => sum + label, 0);
  return one.weights || ones === 0 || ones === one.labels.length
    ? undefined
    : delongTest(one.labels, other.probabilities, one.probabilities);
}

/** The share of lookups of rows that `seen` has not, to which they are added. */
async function newRowsOf(source: Source, seen: Uint8Array[]): Promise<number> {
  const known = seen.map((rows) => rows.slice());
  let [all, fresh] = [0, 0];
  const look = async ({ tables, batches }: Dataset) => {
    for await (const { bags, size } of batches(4096))
      for (let bag = 0; bag < size * tables.length; bag++) {
        const t = bag % tables.length;
        seen[t] ??= new Uint8Array(tables[t]!);
        for (let i = bags.offsets[bag]!; i < bags.offsets[bag + 1]!; i++) {
          all++;
          if (!known[t]?.[bags.ids[i]!]) fresh++;
          seen[t]![bags.ids[i]!] = 1;
        }
      }
  };
  for (const name of partNames) await look(source[name]);
  return all === 0 ? 0 : fresh / all;
}

const minus = (text: string) => text.replace("-", "−");
const signed = (x: number) => (x > 0 ? "+" : "") + minus(x.toFixed(4));
const inWords = (estimate: Estimate | undefined): string =>
  estimate ? `${signed(estimate.value)} (${estimate.interval.map(signed).join(" … ")})` : "–";
const auc = (found: Metrics | undefined): string =>
  found && !Number.isNaN(found.auc.value) ? found.auc.value.toFixed(4) : "–";

/** The columns of the table of days, for models of these names. */
export const columnsOf = (names: readonly string[]): readonly (readonly [string, (day: Day) => string])[] => [
  ["day", ({ name }) => name],
  ["rows", ({ rows }) => count(rows)],
  ["labeled 1", ({ ones, rows }) => `${((100 * ones) / rows).toFixed(1)} %`],
  ["new ids", ({ newRows }) => `${(100 * newRows).toFixed(1)} %`],
  ...names.flatMap((name, i): (readonly [string, (day: Day) => string])[] => [
    [`${name}: AUC of the new day`, ({ models }) => auc(models[i]!.before)],
    ["gained by training on it", ({ models }) => inWords(models[i]!.gain)],
    ...(i === 0 ? [] : [[`${name} − full, new day`, ({ models }: Day) => inWords(models[i]!.cost)] as const]),
  ]),
];

/** What `days` prints. */
export function describeDays(days: readonly Day[]): string {
  const columns = columnsOf(days[0]!.models.map(({ name }) => name));
  const cells = [columns.map(([head]) => head), ...days.map((day) => columns.map(([, cell]) => cell(day)))];
  return [
    ...aligned(cells),
    "AUC of the new day: on all its rows, before any was trained on. In brackets: 95 % intervals over rows (DeLong).",
    headlineOf(days),
  ].join("\n");
}

/** What all days say of the last model beside full tables, or of these alone. */
export function headlineOf(days: readonly Day[]): string {
  const means = days[0]!.models.map((_, i) =>
    mean(days.flatMap(({ models }) => models[i]!.before?.auc.value ?? []).filter((x) => !Number.isNaN(x))),
  );
  const said = days[0]!.models.map(
    ({ name }, i) => `${name} ${Number.isNaN(means[i]!) ? "–" : means[i]!.toFixed(4)}`,
  );
  return `Mean AUC of days not yet trained on: ${said.join(", ")}.`;
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
