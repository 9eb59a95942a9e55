/** Theorems about functions from numbers to the halves that they become, and numbers that they may get wrong. */
import fc from "fast-check";
import type { Grid } from "../../core/backend.ts";
import { definedHalf, definedHalfValue, definedOnGrid } from "../../core/numeric/number.ts";
import { type Random, random } from "../../core/numeric/random.ts";
import { seeds } from "./law.ts";

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** A finite half, or the number in the middle of it and the next. */
function nearHalves(stream: Random): number {
  const bits = stream.integer(0x7c00);
  const [low, high] = [definedHalfValue(bits), bits === 0x7bff ? 65536 : definedHalfValue(bits + 1)];
  return stream.integer(2) ? low : (low + high) / 2;
}

/** The f32 number `places` further from 0. */
function further(x: number, places: number): number {
  float[0] = x;
  word[0]! += places;
  return float[0]!;
}

/** An f32 number where rounding to halves goes wrong: at or beside a half or a tie, too large, subnormal, or none. */
export function hardNumber(stream: Random): number {
  const signed = stream.integer(2) ? 1 : -1;
  switch (stream.integer(5)) {
    case 0:
      word[0] = stream.bits();
      return float[0]!;
    case 1:
      return signed * nearHalves(stream);
    case 2:
      return signed * Math.abs(further(nearHalves(stream), stream.integer(3) - 1));
    case 3:
      return Math.fround(signed * stream.uniform() * 2 ** -14);
    default:
      return Math.fround(signed * (65472 + 96 * stream.uniform()));
  }
}

/** A double that f32 would round onto a tie, or off it. */
const hardDouble = (stream: Random): number =>
  stream.integer(2)
    ? hardNumber(stream)
    : nearHalves(stream) * (1 + (stream.integer(3) - 1) * 2 ** -(30 + stream.integer(22)));

/** A theorem about a function from numbers to the bits of halves. */
export const isNearest = (half: (x: number) => number) =>
  fc.property(seeds, (seed) => {
    const x = hardDouble(random(seed, "number"));
    const [bits, expected] = [half(x), definedHalf(x)];
    if (bits !== expected && !(Number.isNaN(x) && Number.isNaN(definedHalfValue(bits))))
      throw new Error(`${x} became ${bits}, not ${expected}`);
  });

/** |x|'s two neighbors among halves, 65536 for infinity, and the exact fraction of the way from one to the other. */
function neighbors(x: number) {
  const nearest = definedHalf(Math.abs(x));
  const below = definedHalfValue(nearest) > Math.abs(x) ? nearest - 1 : nearest;
  const [low, high] = [below, below + 1].map((bits) => (bits === 0x7c00 ? 65536 : definedHalfValue(bits)));
  return { below, low: low!, high: high!, fraction: (Math.abs(x) - low!) / (high! - low!) };
}

/**
 * The mean over all words is the number, exactly. A word enters by its upper bits where these hold the fraction, so all
 * 2^k of those are tried; and the last word that rounds up is found where 32 bits say it is.
 */
export const isUnbiased = (half: (x: number, word: number) => number) =>
  fc.property(seeds, (seed) => {
    const stream = random(seed, "number");
    const small = stream.integer(2) === 1;
    const k = small ? 12 : 13;
    const x = small
      ? (stream.integer(2 ** (10 + k)) * 2 ** -k) / 2 ** 24
      : further(2 ** -14, stream.integer(30 * 2 ** 23)); // up to 65536
    const { below, low, high, fraction } = neighbors(x);
    const value = (bits: number) => {
      if (bits !== below && bits !== below + 1) throw new Error(`${x} became ${bits}`);
      return bits === below ? low : high;
    };
    let sum = 0;
    for (let upper = 0; upper < 2 ** k; upper++)
      sum += value(half(x, upper * 2 ** (32 - k) + stream.integer(2 ** (32 - k))));
    if (sum / 2 ** k !== x) throw new Error(`the mean of ${x} is ${sum / 2 ** k}`);
    const first = fraction * 2 ** 32; // the first word that does not round up
    if (half(x, first) !== below) throw new Error(`word ${first} rounds ${x} up`);
    if (first > 0 && half(x, first - 1) !== below + 1)
      throw new Error(`word ${first - 1} does not round ${x} up`);
  });

export const anyGrid = (stream: Random): Grid => ({
  bits: 2 + stream.integer(7),
  step: 2 ** (stream.integer(12) - 10),
});

/** A number where rounding to a grid goes wrong: at or beside a multiple or a middle of two, beyond the ends, or any. */
export function hardOnGrid(stream: Random, { bits, step }: Grid): number {
  if (stream.integer(4) === 0) return hardNumber(stream);
  const middles = stream.integer(2 ** (bits + 1) + 8) - 2 ** bits - 4;
  return Math.fround((middles / 2) * step * (1 + (stream.integer(3) - 1) * 2 ** -23));
}

/** A theorem about a function from numbers to the bits of halves that lie on a grid. */
export const isNearestOnGrid = (half: (x: number, grid: Grid) => number) =>
  fc.property(seeds, (seed) => {
    const stream = random(seed, "number");
    const grid = anyGrid(stream);
    const x = hardOnGrid(stream, grid);
    const [actual, expected] = [definedHalfValue(half(x, grid)), definedOnGrid(x, grid)];
    if (!Object.is(actual, expected))
      throw new Error(`${x} became ${actual}, not ${expected} (${grid.bits} bits of ${grid.step})`);
  });

/**
 * Each word gives one of the two multiples that the number lies between, and the mean over all is the number, exactly; beyond
 * the ends both are the end.
 */
export const isUnbiasedOnGrid = (half: (x: number, grid: Grid, word: number) => number) =>
  fc.property(seeds, (seed) => {
    const stream = random(seed, "number");
    const grid = anyGrid(stream);
    const [k, end] = [10, 2 ** (grid.bits - 1)];
    const within = (steps: number) => Math.min(Math.max(steps, -end), end - 1) * grid.step;
    const steps = stream.integer(2 ** k * (2 * end + 2)) * 2 ** -k - end - 1;
    const x = steps * grid.step;
    const neighbors = [within(Math.floor(steps)), within(Math.ceil(steps))];
    let sum = 0;
    for (let upper = 0; upper < 2 ** k; upper++) {
      const drawn = definedHalfValue(half(x, grid, upper * 2 ** (32 - k) + stream.integer(2 ** (32 - k))));
      if (!neighbors.includes(drawn)) throw new Error(`${x} became ${drawn}, not one of ${neighbors}`);
      sum += drawn;
    }
    if (sum / 2 ** k !== within(steps))
      throw new Error(`the mean of ${x} is ${sum / 2 ** k} (${grid.bits} bits of ${grid.step})`);
  });
