/**
 * Arrays too large for WebAssembly's 4 GB live in memory of the host. Kernels cannot see them: what a step touches is
 * copied in, and back. A table that is read by rows so costs little more than one inside.
 */
import type { Rounding } from "../../core/backend.ts";
import { InputError } from "../../core/errors.ts";
import { blocksPerItem, eachRead, type Lookup } from "../../core/lookup.ts";
import { noHalves } from "../../core/numeric/half.ts";
import { type Halves, isHalves, moveRun } from "./half.ts";
import type { Machine } from "./machine.ts";

/** Where an array lives: an address in WebAssembly memory, of floats or of halves, or an array of the host's. */
export type Home = number | Float32Array | Halves;

export const isOutside = (home: Home): home is Float32Array => home instanceof Float32Array;

/** The address of an array of floats that `what` needs inside. */
export function inside(what: string, home: Home): number {
  if (typeof home === "number") return home;
  if (isHalves(home)) throw noHalves(what);
  throw new InputError(
    `The fast backend keeps an array of ${home.length} floats (${(home.byteLength / 1e9).toPrecision(2)} GB) outside WebAssembly's memory, where it can be looked up and trained, but not reached by "${what}". Take a higher compression, or --backend cpu.`,
  );
}

/** The blocks that `lookup` reads of `memory`, next to each other, and the lookup that reads the same of them. */
export function staged(
  { heap, floats }: Machine,
  lookup: Lookup,
  memory: Float32Array,
): { address: number; lookup: Lookup } {
  const { block, dim, starts } = lookup;
  const address = heap.take(4 * block * starts.length);
  const here = floats(address, block * starts.length);
  const blocks = blocksPerItem(lookup);
  for (let i = 0; i < starts.length; i++) {
    const length = Math.min(block, dim - (i % blocks) * block);
    copyWrapped(here, i * block, memory, starts[i]!, length);
  }
  const own = Uint32Array.from(starts, (_, i) => i * block);
  return { address, lookup: { ...lookup, starts: own, memorySize: block * starts.length } };
}

function copyWrapped(to: Float32Array, at: number, from: Float32Array, start: number, length: number): void {
  for (let s = 0, slot = start; s < length; s++, slot++) {
    if (slot === from.length) slot = 0;
    to[at + s] = from[slot]!;
  }
}

/** memory[slot] += Σ of what bags send there, in their order, each sum rounded as the kernel rounds it. */
export function scatterOutside(lookup: Lookup, batch: Float32Array, memory: Float32Array): void {
  eachRead(lookup, (bag, column, slot, sign) => {
    memory[slot]! += sign * batch[bag * lookup.dim + column]!;
  });
}

/** few[i] = many[keys[i]] by units of `width` floats (the last may be shorter), or the other way. */
export function moveUnits(
  many: Float32Array,
  keys: Uint32Array,
  width: number,
  few: Float32Array,
  pick: boolean,
): void {
  for (let i = 0; i < keys.length; i++) {
    const from = keys[i]! * width;
    const count = Math.min(width, many.length - from);
    for (let s = 0; s < count; s++) {
      if (pick) few[i * width + s] = many[from + s]!;
      else many[from + s] = few[i * width + s]!;
    }
  }
}

/** An array that a dense step goes through: one float for `width` weights. */
export interface Swept {
  readonly home: Home;
  readonly width: number;
  /** Whether the step only reads it: it need not be copied back, nor its memory be there before it is written. */
  readonly read?: true;
  /** How halves are rounded that go back. */
  readonly rounding?: Rounding | undefined;
}

/** Weights that a dense step brings in at a time: what a core's cache holds of some arrays. */
const chunk = 2 ** 18;

/** Calls `work` with addresses of the arrays, a chunk of weights after the other where kernels cannot step one in place. */
export function inChunks(
  machine: Machine,
  arrays: readonly Swept[],
  count: number,
  work: (addresses: readonly number[], count: number) => void,
): void {
  const { heap } = machine;
  const homes = arrays.map(({ home }) => home);
  if (homes.every((home) => typeof home === "number")) {
    work(homes, count);
    return;
  }
  const width = Math.max(...arrays.map((array) => array.width));
  const most = Math.min(count, Math.ceil(chunk / width) * width);
  const places = arrays.map(({ home, width }) =>
    typeof home === "number" ? home : heap.take((4 * most) / width),
  );
  for (let from = 0; from < count; from += most) {
    const here = Math.min(most, count - from);
    const move = (array: Swept, i: number, back: boolean) =>
      moveChunk(machine, array, from / array.width, here / array.width, places[i]!, back);
    for (const [i, array] of arrays.entries()) move(array, i, false);
    const addresses = places.map((place, i) =>
      typeof homes[i] === "number" ? place + (4 * from) / arrays[i]!.width : place,
    );
    work(addresses, here);
    for (const [i, array] of arrays.entries()) if (!array.read) move(array, i, true);
  }
  for (const [i, home] of homes.entries()) if (typeof home !== "number") heap.give(places[i]!);
}

/** Brings floats first … first + length of an array in, or takes them back. What is inside already stays there. */
function moveChunk(
  machine: Machine,
  { home, rounding }: Swept,
  first: number,
  length: number,
  place: number,
  back: boolean,
): void {
  if (isHalves(home)) moveRun(machine, home, first, length, place, back ? rounding : undefined);
  if (!isOutside(home)) return;
  const [there, here] = [home.subarray(first, first + length), machine.floats(place, length)];
  if (back) there.set(here);
  else here.set(there);
}
