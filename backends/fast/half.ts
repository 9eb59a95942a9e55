import type { Grid, Rounding } from "../../core/backend.ts";
import * as job from "./kernels/job.ts";
import type { Machine } from "./machine.ts";

/** The address of an array of halves: two bytes each, always inside WebAssembly's memory. */
export interface Halves {
  readonly halves: number;
}

export const isHalves = (home: number | object): home is Halves =>
  typeof home === "object" && "halves" in home;

/** Units of an array of halves, and where they are as floats, one after the other. */
interface Units {
  /** Address of the units' numbers; 0 for all in order. */
  readonly list: number;
  readonly count: number;
  /** Floats a unit, and of all: the last may be shorter. */
  readonly width: number;
  readonly total: number;
  /** Index of the array's first half among the weights. */
  readonly first: number;
  readonly floats: number;
}

/** Brings units of halves in as floats; with `rounding` takes the floats back. */
export function moveHalves(
  machine: Machine,
  { halves }: Halves,
  { list, count, width, total, first, floats }: Units,
  rounding?: Rounding,
): void {
  const keys = rounding?.mode === "stochastic" ? rounding.keys : undefined;
  const units = [list, count, width, halves, floats, total, first];
  const words = [...units, keys ? 1 : 0, ...(keys ?? [0, 0]), ...gridWords(rounding?.grid)];
  const kernel = rounding ? job.PUT_HALVES : job.PICK_HALVES;
  machine.launch(kernel, words, machine.threadsFor(count * width));
}

/** How many steps a grid goes below 0, and the bits of its step as a float; zeros where there is none. */
const gridWords = (grid: Grid | undefined): readonly number[] =>
  grid ? [2 ** (grid.bits - 1), new Uint32Array(Float32Array.of(grid.step).buffer)[0]!] : [0, 0];

/** The same of `length` neighbors from weight `first` on. */
export function moveRun(
  machine: Machine,
  { halves }: Halves,
  first: number,
  length: number,
  floats: number,
  rounding?: Rounding,
): void {
  const count = Math.ceil(length / job.STRIP);
  const units = { list: 0, count, width: job.STRIP, total: length, first, floats };
  moveHalves(machine, { halves: halves + 2 * first }, units, rounding);
}
