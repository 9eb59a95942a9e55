import type { Backend, FloatArray } from "../../core/backend.ts";
import { itemCount, type Lookup } from "../../core/lookup.ts";
import { once } from "../../core/once.ts";
import { gather, scatter } from "../../core/ops/gather.ts";
import { scope, type Tensor, tensor } from "../../core/tensor.ts";
import { everyRow, lookupOf } from "../../models/sharing.ts";
import type { Sketch, World } from "../../theory/world.ts";
import { type SketchFamily, shapeOf } from "./families.ts";

/** Draws of R by number, and what a backend makes of each. */
export interface Draws {
  sketch(i: number): Sketch;
  recover(i: number, memory: Float64Array): Promise<ArrayLike<number>>;
  project(i: number, gradient: Float64Array): Promise<ArrayLike<number>>;
}

/** For checks that speak of no scheme. */
export const noDraws: Draws = {
  sketch: absent,
  recover: absent,
  project: absent,
};

function absent(): never {
  throw new Error("A check that names no hypotheses has no draws of R; give it needs: [].");
}

/** A lookup of every row once, in order, and the R that a backend was seen to read by it. */
interface Drawn {
  readonly lookup: Lookup;
  readonly sketch: Sketch;
}

/** Draws made on a backend, by scheme, world and seed: every check on them would make the same ones again. */
const madeOn = once((_: Backend) => new Map<string, Drawn[]>());
const remembered = 16;

/** Draws that are read in one gather. */
const atOnce = ({ rows, dim }: World): number =>
  Math.max(1, Math.min(500, Math.floor(2 ** 18 / (rows * dim))));

/** The first `count` draws of a scheme in a world that fits it: draw i has the seed `seed` + i. */
export async function drawsOf(
  family: SketchFamily,
  world: World,
  chosen: Backend,
  seed: number,
  count: number,
): Promise<Draws> {
  const backend = family.backend ?? chosen;
  const made = madeOn(backend);
  const { block, memory } = world;
  const shape = shapeOf(world);
  const { tables, dim } = shape;
  const key = [family.name, tables, dim, block, memory, seed].join();
  const drawn = made.get(key) ?? [];
  made.delete(key);
  made.set(key, drawn);
  if (made.size > remembered) made.delete(made.keys().next().value!);
  while (drawn.length < count) {
    const together = Math.min(atOnce(world), count - drawn.length);
    const lookups = Array.from({ length: together }, (_, i) =>
      lookupOf(family.scheme(world, seed + drawn.length + i), shape, everyRow(shape), true),
    );
    for (const group of alike(lookups)) drawn.push(...(await readBy(backend, group)));
  }
  return {
    sketch: (i) => drawn[i]!.sketch,
    recover: (i, M) => recovered(backend, drawn[i]!.lookup, M),
    project: (i, G) => projected(backend, drawn[i]!.lookup, G),
  };
}

/** Lookups of one memory, one after the other. */
function joined(lookups: readonly Lookup[]): Lookup {
  const [first] = lookups as [Lookup];
  const flat = (parts: readonly Uint32Array[]) => {
    const out = new Uint32Array(parts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  const bags = [0];
  for (const lookup of lookups) {
    const before = bags.at(-1)!;
    for (const end of lookup.bags.subarray(1)) bags.push(before + end);
  }
  return {
    ...first,
    starts: flat(lookups.map(({ starts }) => starts)),
    bags: Uint32Array.from(bags),
    ...(first.signs && { signs: flat(lookups.map(({ signs }) => signs!)) }),
  };
}

/** Neighbours in the list that are laid out alike, together. */
function alike(lookups: readonly Lookup[]): Lookup[][] {
  const layout = ({ memory, block, starts, signs }: Lookup) =>
    [memory, block, starts.length, signs?.length].join();
  const groups: Lookup[][] = [];
  for (const lookup of lookups) {
    const last = groups.at(-1);
    if (last && layout(last[0]!) === layout(lookup)) last.push(lookup);
    else groups.push([lookup]);
  }
  return groups;
}

/** R as the backend's gather reads it: memory holds 1 … m, so each number that comes back names its slot and sign. */
async function readBy(backend: Backend, lookups: readonly Lookup[]): Promise<Drawn[]> {
  const all = joined(lookups);
  const singly = { ...all, bags: Uint32Array.from({ length: itemCount(all) + 1 }, (_, i) => i) };
  const read = await recovered(
    backend,
    singly,
    Float64Array.from({ length: all.memory }, (_, s) => s + 1),
  );
  const floats = read.length / lookups.length;
  return lookups.map((lookup, i) => {
    const own = read.subarray(i * floats, (i + 1) * floats);
    return { lookup, sketch: sketchOf(lookup, own) };
  });
}

/** The items of a bag are the places of its row's weights; a row with fewer than another has zeros in their stead. */
function sketchOf({ dim, memory, bags }: Lookup, read: FloatArray): Sketch {
  const rows = bags.length - 1;
  let places = 1;
  for (let row = 0; row < rows; row++) places = Math.max(places, bags[row + 1]! - bags[row]!);
  const [slots, signs] = [new Uint32Array(rows * dim * places), new Int8Array(rows * dim * places)];
  for (let row = 0; row < rows; row++) {
    for (let item = bags[row]!; item < bags[row + 1]!; item++) {
      for (let column = 0; column < dim; column++) {
        const value = read[item * dim + column]!;
        const at = (row * dim + column) * places + item - bags[row]!;
        slots[at] = Math.abs(value) - 1;
        signs[at] = Math.sign(value);
      }
    }
  }
  return { memory, places, slots, signs };
}

const recovered = (backend: Backend, lookup: Lookup, memory: Float64Array): Promise<FloatArray> =>
  kept(() => gather(tensor(backend, [lookup.memory], memory), { lookup }));

const projected = (backend: Backend, lookup: Lookup, gradient: Float64Array): Promise<FloatArray> =>
  kept(() => scatter(tensor(backend, [lookup.bags.length - 1, lookup.dim], gradient), { lookup }));

/** The numbers of a tensor that is made for them only. */
async function kept(make: () => Tensor): Promise<FloatArray> {
  const made = scope(make);
  const values = await made.data();
  made.free();
  return values;
}
