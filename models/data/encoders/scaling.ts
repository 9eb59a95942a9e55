import { check, shown } from "../../../core/errors.ts";
import { type ColumnStatistics, signedLog } from "./column.ts";

/** How a column of numbers is made fit for a model, fitted: by name, with the numbers that it needs. Plain JSON. */
export interface Scaling {
  readonly kind: keyof typeof scalings;
  readonly numbers: readonly number[];
}

/** One way to scale. A missing number becomes 0, which after any of them but `none` is the middle of the column. */
interface Kind {
  readonly help: string;
  /** What it keeps of the column that it is fitted to. */
  fit(column: ColumnStatistics): readonly number[];
  /** Whether it could have been fitted so. */
  isSound(numbers: readonly number[]): boolean;
  /** The scaled value of a finite number. */
  encoder(numbers: readonly number[]): (x: number) => number;
  /** For people, after a comma; of a column that has numbers. */
  inWords(numbers: readonly number[]): string;
}

/** Scaled values stay within this many standard deviations: beyond it a value is far rarer than any that was fitted to. */
const farthest = 10;

const clamped = (z: number): number => Math.max(-farthest, Math.min(farthest, z));

/** Of a constant column every value is its mean: it must not be divided by 0. */
const standardized =
  ([mean, deviation]: readonly number[], of: (x: number) => number) =>
  (x: number): number =>
    deviation === 0 ? 0 : clamped((of(x) - mean!) / deviation!);

const isMoments = (numbers: readonly number[]) => numbers.length === 2 && numbers[1]! >= 0;

const short = (x: number): string => String(Number(x.toPrecision(7)));

/** Knots of a fitted quantile function. */
const knots = 257;

const standard: Kind = {
  help: "(x − mean) / standard deviation",
  fit: ({ plain }) => [plain.mean, plain.deviation],
  isSound: isMoments,
  encoder: (numbers) => standardized(numbers, (x) => x),
  inWords: ([mean, deviation]) => `mean ${short(mean!)}, standard deviation ${short(deviation!)}`,
};

const log: Kind = {
  help: "the same of ±ln(1 + |x|)",
  fit: ({ logarithm }) => [logarithm.mean, logarithm.deviation],
  isSound: isMoments,
  encoder: (numbers) => standardized(numbers, signedLog),
  inWords: ([mean, deviation]) =>
    `of the logarithms mean ${short(mean!)}, standard deviation ${short(deviation!)}`,
};

const quantile: Kind = {
  help: "the normal quantile of the value's rank",
  fit: (column) => column.quantiles(knots),
  isSound: (numbers) =>
    (numbers.length === 0 || numbers.length === knots) &&
    numbers.slice(1).every((x, i) => x - numbers[i]! >= 0 && x - numbers[i]! < Infinity),
  encoder: (numbers) => (x) => (numbers.length === 0 ? 0 : normalQuantile(rank(numbers, x))),
  inWords: (numbers) =>
    `from ${short(numbers[0]!)} over ${short(numbers[(knots - 1) / 2]!)} to ${short(numbers.at(-1)!)}`,
};

const none: Kind = {
  help: "numbers as they are; a missing one is 0",
  fit: () => [],
  isSound: (numbers) => numbers.length === 0,
  encoder: () => (x) => x,
  inWords: () => "as it is",
};

/** Every way to scale, by name; to add one is an object and a line here. */
export const scalings = { standard, log, quantile, none } as const;

/** Whether it changes numbers at all. */
export const isScaled = (kind: Scaling["kind"]): boolean => kind !== "none";

/** Fits a scaling to a column. Throws an InputError where its numbers lie too far apart for 64 bits to hold what is kept of them. */
export function fitted(kind: Scaling["kind"], column: ColumnStatistics): Scaling {
  const numbers = scalings[kind].fit(column);
  check(
    isSound(kind, numbers),
    () =>
      `The numbers of column ${shown(column.name)} lie too far apart to be scaled by "${kind}": from ${column.low} to ${column.high}; see whether they are right, or choose --scale log.`,
  );
  return { kind, numbers };
}

const isSound = (kind: Scaling["kind"], numbers: readonly number[]): boolean =>
  numbers.every(Number.isFinite) && scalings[kind].isSound(numbers);

/** Whole numbers below are scaled once: of counts, ages and years a column has few, each of them often. */
const remembered = 1024;

/** What makes of a number of the column a feature; NaN, a missing one, becomes 0. */
export function encoderOf({ kind, numbers }: Scaling): (x: number) => number {
  const encode = scalings[kind].encoder(numbers);
  const known = new Float64Array(remembered).fill(Number.NaN);
  return (x) => {
    if (Number.isNaN(x)) return 0;
    const isSmall = Number.isInteger(x) && x < remembered && (x > 0 || Object.is(x, 0)); // −0 may become −0
    if (!isSmall) return encode(x);
    if (Number.isNaN(known[x]!)) known[x] = encode(x);
    return known[x]!;
  };
}

/** A scaling of a column that has numbers, in words. */
export const scalingInWords = ({ kind, numbers }: Scaling): string =>
  `${kind}, ${scalings[kind].inWords(numbers)}`;

/** `value`, if it can be a scaling. Throws an InputError otherwise; `where` it was found. */
export function asScaling(value: unknown, where: string): Scaling {
  const { kind, numbers } = (typeof value === "object" && value !== null ? value : {}) as Partial<Scaling>;
  const known = typeof kind === "string" && Object.hasOwn(scalings, kind);
  check(
    known && Array.isArray(numbers) && isSound(kind, numbers),
    () => `${where} is no scaling of this program: it needs a kind and the numbers that go with it.`,
  );
  return { kind: kind!, numbers: numbers! };
}

/** Rank of x among the knots, from 0 to 1; of several equal knots the middle one's. */
function rank(numbers: readonly number[], x: number): number {
  const [from, to] = [bound(numbers, (knot) => knot < x), bound(numbers, (knot) => knot <= x)];
  const last = numbers.length - 1;
  if (to > from) return (from + to - 1) / 2 / last; // on a knot
  if (from === 0) return 0;
  if (from > last) return 1;
  const [low, high] = [numbers[from - 1]!, numbers[from]!];
  return (from - 1 + (x - low) / (high - low)) / last;
}

/** How many of the ascending numbers satisfy `is`, which the first ones do. */
function bound(numbers: readonly number[], is: (x: number) => boolean): number {
  let low = 0;
  for (let high = numbers.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (is(numbers[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Half a knot is held back at both ends: the extremes of a sample are no bounds of what it is drawn from. */
const margin = 0.5 / (knots - 1);

/** The standard normal's quantile, near enough for a feature: that of Tukey's lambda distribution, within 0.03 of it here. */
function normalQuantile(rank: number): number {
  const p = Math.max(margin, Math.min(1 - margin, rank));
  return 4.91 * (p ** 0.14 - (1 - p) ** 0.14);
}
