import { check, shown, shownWord } from "../../../core/errors.ts";
import type { Dataset } from "../dataset.ts";
import { asScaling, type Scaling } from "./scaling.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A column of numbers and how it is scaled. */
interface DenseFeature {
  readonly column: string;
  readonly scaling: Scaling;
  /** The least and the greatest number that it was fitted to; absent where there was none. */
  readonly range?: readonly [low: number, high: number];
}

/**
 * A column of ids: an id's row is its hash modulo the rows of its table, or that of its vocabulary. `Kept` is what stands for
 * one: in JSON that there is one.
 */
interface IdFeature<Kept = Vocabulary> {
  readonly column: string;
  readonly rows: number;
  /** Different ids among the rows to train on, about. */
  readonly distinct: number;
  /** What separates the ids of a field, where it may have several. */
  readonly separator?: string;
  readonly vocabulary?: Kept;
}

/**
 * What columns become features of a model: whoever has this and other rows of the same columns can read them as the model
 * was trained. It is plain JSON but for vocabularies, and a saved model keeps it.
 */
export interface Features<Kept = Vocabulary> {
  /** The column of the label. */
  readonly label: string;
  readonly dense: readonly DenseFeature[];
  readonly categorical: readonly IdFeature<Kept>[];
}

/**
 * D and the rows of each table of a model of these features. It needs at least one of either: rows without numbers get a
 * constant 1, rows without ids the one row of a table of its own.
 */
export function shapeOf({
  dense,
  categorical,
}: Omit<Features<unknown>, "label">): Pick<Dataset, "dense" | "tables"> {
  const tables = categorical.map(({ rows }) => rows);
  return { dense: Math.max(1, dense.length), tables: tables.length === 0 ? [1] : tables };
}

/** Features as JSON has them. */
export const inJson = (features: Features): Features<true> => ({
  ...features,
  categorical: features.categorical.map(({ vocabulary, ...own }) =>
    vocabulary ? { ...own, vocabulary: true } : own,
  ),
});

/** Whether a text may separate the ids of a field: one ASCII character, and no quote. */
export const isPartSeparator = (text: string): boolean => /^[\t -~]$/.test(text) && text !== '"';

/**
 * `value`, if it can be the features of a model of this shape. Throws an InputError otherwise; `where` it was found.
 */
export function asFeatures(
  value: unknown,
  { dense: width, tables }: Pick<Dataset, "dense" | "tables">,
  where: string,
): Features<true> {
  const { label, dense, categorical } = fieldsOf(value, ["label", "dense", "categorical"], [], where);
  check(typeof label === "string", () => `${where} name no label: it is ${shown(label)}.`);
  check(Array.isArray(dense) && Array.isArray(categorical), () => `${where} have no lists of columns.`);
  const features = {
    label,
    dense: dense.map((each, i) => asDenseFeature(each, `${where} (dense column ${i})`)),
    categorical: categorical.map((each, i) => asIdFeature(each, `${where} (categorical column ${i})`)),
  };
  const [numbers, ids] = [features.dense, features.categorical].map((all) => all.map(({ column }) => column));
  check(
    [numbers!, ids!].every((names) => new Set(names).size === names.length && !names.includes(label)),
    () => `${where} name a column twice, or the label among them.`,
  );
  const shape = shapeOf(features);
  check(
    dense.length + categorical.length > 0 && width === shape.dense && `${tables}` === `${shape.tables}`,
    () =>
      `${where} are ${dense.length} numbers and tables of ${shownWord(`${shape.tables}`)} rows, but its model has ${width} and ${shownWord(`${tables}`)}.`,
  );
  return features;
}

/** The fields of an object that has all of `must`, perhaps some of `may`, and no other. */
function fieldsOf(value: unknown, must: readonly string[], may: readonly string[], where: string) {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const names = isObject ? Object.keys(value) : [];
  check(
    isObject &&
      must.every((name) => names.includes(name)) &&
      names.every((name) => [...must, ...may].includes(name)),
    () => `${where} must have ${must.join(", ")} and nothing that this program does not know.`,
  );
  return value as Readonly<Record<string, unknown>>;
}

function asDenseFeature(value: unknown, where: string): DenseFeature {
  const { column, scaling, range } = fieldsOf(value, ["column", "scaling"], ["range"], where);
  check(typeof column === "string", () => `${where} has no name.`);
  const isRange = Array.isArray(range) && range.length === 2 && range.every(Number.isFinite);
  check(
    range === undefined || (isRange && range[0] <= range[1]),
    () => `${where} has a range that is not its least and its greatest number.`,
  );
  const known = { column, scaling: asScaling(scaling, where) };
  return range === undefined ? known : { ...known, range: [range[0], range[1]] };
}

function asIdFeature(value: unknown, where: string): IdFeature<true> {
  const found = fieldsOf(value, ["column", "rows", "distinct"], ["separator", "vocabulary"], where);
  const { column, rows, distinct, separator, vocabulary } = found;
  const isCount = (x: unknown, from: number): x is number =>
    Number.isInteger(x) && (x as number) >= from && (x as number) <= 2 ** 32;
  check(typeof column === "string", () => `${where} has no name.`);
  check(
    isCount(rows, 1) && isCount(distinct, 0),
    () => `${where} has ${shown(rows)} rows for ${shown(distinct)} ids, which are no numbers of either.`,
  );
  check(
    separator === undefined || (typeof separator === "string" && isPartSeparator(separator)),
    () => `${where} has a separator of ids that is not one ASCII character.`,
  );
  check(
    vocabulary === undefined || vocabulary === true,
    () => `${where} does not say whether it has a vocabulary.`,
  );
  return {
    ...{ column, rows, distinct },
    ...(separator !== undefined && { separator }),
    ...(vocabulary === true && { vocabulary }),
  };
}
