/**
 * Numbers stored as halves, IEEE 754 binary16: 16 bits each, eleven significant ones, from 2⁻²⁴ to 65504. Fast, and exact
 * for doubles; `number.ts` has the definitions, and laws pair them with these.
 */
import type { FloatArray, Grid, Rounding, Update } from "../backend.ts";
import { check, InputError } from "../errors.ts";
import { mix } from "./hash.ts";

const [infinity, notANumber] = [0x7c00, 0x7e00];

/** The number that 16 bits stand for: a sign, five bits of exponent, ten of fraction. */
function numberOf(bits: number): number {
  const [exponent, fraction] = [(bits >>> 10) & 31, bits & 1023];
  const size =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : Number.NaN
      : (exponent === 0 ? fraction : 1024 + fraction) * 2 ** (Math.max(exponent, 1) - 25);
  return bits & 0x8000 ? -size : size;
}

let table: Float32Array | undefined;

/** The numbers that all 2¹⁶ words stand for, by their bits. */
export function halfValues(): Float32Array {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => numberOf(bits));
  return table;
}

/** Halves from one power of two to the next, from 2⁻¹⁴ to 2¹⁵, are 1/scale apart; below the first as above it. */
const scales = Float64Array.from({ length: 30 }, (_, i) => 2 ** (24 - i));

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The bits of a half that x becomes: `count` halves from 0 on, given how many fit and what fraction of one is left. */
function half(x: number, count: (steps: number) => number): number {
  double[0] = x;
  const high = words[1]!;
  const sign = (high >>> 16) & 0x8000;
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  if (exponent > 15) return sign | (Number.isNaN(x) ? notANumber : infinity);
  const octave = Math.max(exponent + 14, 0);
  return sign | ((octave << 10) + count(Math.abs(x) * scales[octave]!));
}

/** The bits of the multiple of a grid's step that x becomes, its ends for what lies beyond them; 0 has no sign. */
function onGrid(x: number, { bits, step }: Grid, count: (steps: number) => number): number {
  if (Number.isNaN(x)) return nearestHalf(x);
  const most = 2 ** (bits - 1) - (x < 0 ? 0 : 1);
  const size = Math.min(count(Math.abs(x) / step), most) * step;
  return nearestHalf(x < 0 && size > 0 ? -size : size);
}

/** Of steps below 2⁵¹; more are beyond every half and every grid, wherever they are rounded to. */
const toEven = (steps: number): number => steps + 2 ** 52 - 2 ** 52;

/** Up by one where `word`, 32 bits, is below the fraction, times 2³². */
const byWord =
  (word: number) =>
  (steps: number): number => {
    const whole = Math.floor(steps);
    return word < (steps - whole) * 2 ** 32 ? whole + 1 : whole;
  };

/** The bits of the half nearest to x, of two equally near the even one. */
export const nearestHalf = (x: number): number => half(x, toEven);

/**
 * The bits of one of the two halves that x lies between: the farther from 0 where `word`, 32 bits, is below the fraction
 * of the way to it, times 2³². Over all words the mean is x, where 32 bits hold the fraction: for every float from 2⁻³³
 * on; else it is off by less than 2⁻³² of the way. After 65504 come 65536 and, in its place, infinity.
 */
export const stochasticHalf = (x: number, word: number): number => half(x, byWord(word));

/** The bits of the number of a grid nearest to x, of two equally near the even multiple of its step. */
export const nearestOnGrid = (x: number, grid: Grid): number => onGrid(x, grid, toEven);

/** The bits of one of the two numbers of a grid that x lies between, as {@link stochasticHalf} of halves. */
export const stochasticOnGrid = (x: number, grid: Grid, word: number): number =>
  onGrid(x, grid, byWord(word));

/** The random word of a weight: for any two keys one to one, so that over 2³² indices each word comes once. */
export const roundingWord = ([first, second]: readonly [number, number], index: number): number =>
  mix(mix(index ^ first) ^ second);

/** The bits that number x becomes as weight `index`. */
export function halfBy(rounding: Rounding): (x: number, index: number) => number {
  const { grid } = rounding;
  if (rounding.mode === "nearest") return grid ? (x) => nearestOnGrid(x, grid) : nearestHalf;
  const { keys } = rounding;
  return grid
    ? (x, index) => stochasticOnGrid(x, grid, roundingWord(keys, index))
    : (x, index) => stochasticHalf(x, roundingWord(keys, index));
}

/** Rounds numbers in place, as so many weights, and returns them. */
export function roundOnto(values: FloatArray, rounding: Rounding): FloatArray {
  const [numbers, become] = [halfValues(), halfBy(rounding)];
  for (let i = 0; i < values.length; i++) values[i] = numbers[become(values[i]!, i)]!;
  return values;
}

/** Numbers as the halves nearest to them. */
export const toHalves = (values: ArrayLike<number>): Uint16Array => Uint16Array.from(values, nearestHalf);

/** The numbers that halves stand for, in `out`. */
export function fromHalves<Numbers extends FloatArray>(halves: Uint16Array, out: Numbers): Numbers {
  const values = halfValues();
  for (let i = 0; i < halves.length; i++) out[i] = values[halves[i]!]!;
  return out;
}

/** What a backend says of an array of halves where it would read floats. */
export const noHalves = (what: string): InputError =>
  new InputError(
    `An array stored as halves (f16) can be read, looked up by gather, and stepped by an optimizer, but "${what}" was asked to read it; upload its numbers without "f16" for that.`,
  );

/** Throws an InputError unless a step says how to round exactly where its weights are halves. */
export function checkRounding({ name, rounding }: Update, halves: boolean): void {
  check(halves === (rounding !== undefined), () =>
    halves
      ? `The weights that ${name} is to step are stored as halves (f16), but the step does not say how to round; make their Parameter with a rounding, nearest or stochastic.`
      : `A step of ${name} says how to round to halves (f16), but its weights are not stored so; upload them with "f16", or make their Parameter without a rounding.`,
  );
}
