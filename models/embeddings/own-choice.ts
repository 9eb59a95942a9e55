import type { IdWeights } from "../data/id-signal.ts";
import { type IdCounts, lazyRowsFrom } from "../data/lazy-rows.ts";
import { matrixFloats, type OwnRows, widthsOf } from "./own-rows.ts";
import type { TableShape } from "./scheme.ts";

/** Of how many rows of their own is to be decided, and for which tables. */
export interface Asked {
  readonly shape: TableShape;
  /** α of w ∝ c^α. */
  readonly temperature: number;
  /** The part of the room that the other ids share. */
  readonly sharedPart: number;
  /** Floats in all, about. */
  readonly room: number;
  /** Whether there is room for so many rows of each width, and so many floats that others share; `own` are those rows. */
  fits(sizes: readonly number[], shared: number, own: () => OwnRows): boolean;
}

/** What decides which ids have rows of their own, and how wide these are. */
export type OwnChoice = (asked: Asked) => OwnRows;

/** What an id's row can be as wide as: how often it occurs among the rows to train on, or how much it tells of their labels. */
export const ownBy = ["frequency", "signal"] as const;
export type OwnBy = (typeof ownBy)[number];

/** The base of a power law is one of 2^(i/32), as large as there is room for. */
const [steps, most] = [32, 1024];

/** The class of an id that shares. */
const none = 255;

/** Rows as wide as their ids are worth: of w ∝ c^α floats for an id that is worth c, where there is room. */
export const byWeights =
  ({ rows, weights, tables }: IdWeights): OwnChoice =>
  ({ shape, temperature, sharedPart, room, fits }) => {
    const widths = allowedWidths(shape, room);
    const shared = Math.max(1, Math.floor(sharedPart * room));
    const powers = Float64Array.from(weights, (weight) => weight ** temperature);
    /** The class of each id: a width is taken from three quarters of it on. */
    const classesAt = (i: number): Uint8Array => {
      const base = 2 ** (i / steps);
      return Uint8Array.from(powers, (power) => {
        const c = widths.findLastIndex((width) => base * power >= 0.75 * width);
        return c < 0 ? none : c;
      });
    };
    const ownOf = (all: Uint8Array): OwnRows => {
      let at = 0;
      const own = rows.map((ids) => ids.filter(() => all[at++] !== none));
      return { rows: lazyRowsFrom(tables, own), classes: all.filter((c) => c !== none) };
    };
    let [low, high] = [-most, most];
    let found = ownOf(new Uint8Array(powers.length).fill(none));
    while (low <= high) {
      const middle = (low + high) >> 1;
      const all = classesAt(middle);
      const sizes = widths.map(() => 0);
      for (const c of all) if (c !== none) sizes[c]!++;
      let own: OwnRows | undefined;
      const make = () => (own ??= ownOf(all));
      if (fits(sizes, shared, make)) [low, found] = [middle + 1, make()];
      else high = middle - 1;
    }
    return found;
  };

/** Rows as wide as their ids are frequent: an id is worth how often it was counted. */
export const byCounts = ({ counts, ...rows }: IdCounts): OwnChoice => byWeights({ ...rows, weights: counts });

/** Widths whose matrices, with those of all narrower ones, take an eighth of the room at most; no row is as wide as the others. */
function allowedWidths(shape: TableShape, room: number): number[] {
  let matrices = 0;
  return widthsOf(shape.dim).map((width, c) => {
    const floats = matrixFloats(shape, width);
    matrices += floats;
    return c === 0 || floats === 0 || 8 * matrices <= room ? width : Infinity;
  });
}
