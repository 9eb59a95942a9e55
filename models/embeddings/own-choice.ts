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

/** The base of a power law is one of 2^(i/32), as large as there is room for. */
const [steps, most] = [32, 1024];

/** Rows as wide as their ids are frequent: of w ∝ c^α floats for an id that was counted c times, where there is room. */
export const byCounts =
  ({ rows, counts, tables }: IdCounts): OwnChoice =>
  ({ shape, temperature, sharedPart, room, fits }) => {
    const widths = allowedWidths(shape, room);
    const times = new Map<number, number>();
    for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
    const shared = Math.max(1, Math.floor(sharedPart * room));
    /** The class of each count; −1 where that shares. A width is taken from three quarters of it on. */
    const classesAt = (i: number) =>
      new Map(
        Array.from(times.keys(), (count) => {
          const wanted = 2 ** (i / steps) * count ** temperature;
          return [count, widths.findLastIndex((width) => wanted >= 0.75 * width)] as const;
        }),
      );
    const ownOf = (classOf: ReadonlyMap<number, number>): OwnRows => {
      const classes = Array.from(counts, (count) => classOf.get(count)!);
      let at = 0;
      const own = rows.map((ids) => ids.filter(() => classes[at++]! >= 0));
      return { rows: lazyRowsFrom(tables, own), classes: Uint8Array.from(classes.filter((c) => c >= 0)) };
    };
    let [low, high] = [-most, most];
    let found = ownOf(new Map(Array.from(times.keys(), (count) => [count, -1])));
    while (low <= high) {
      const middle = (low + high) >> 1;
      const classOf = classesAt(middle);
      const sizes = widths.map(() => 0);
      for (const [count, ids] of times) if (classOf.get(count)! >= 0) sizes[classOf.get(count)!]! += ids;
      let own: OwnRows | undefined;
      const make = () => (own ??= ownOf(classOf));
      if (fits(sizes, shared, make)) [low, found] = [middle + 1, make()];
      else high = middle - 1;
    }
    return found;
  };

/** Widths whose matrices, with those of all narrower ones, take an eighth of the room at most; no row is as wide as the others. */
function allowedWidths(shape: TableShape, room: number): number[] {
  let matrices = 0;
  return widthsOf(shape.dim).map((width, c) => {
    const floats = matrixFloats(shape, width);
    matrices += floats;
    return c === 0 || floats === 0 || 8 * matrices <= room ? width : Infinity;
  });
}
