import type { Backend, FloatArray } from "../../../core/backend.ts";
import { itemCount, type Lookup } from "../../../core/lookup.ts";
import { memoize } from "../../../core/memoize.ts";
import { joined } from "../../../core/numeric/number.ts";
import { embeddingBag, embeddingBagGrad } from "../../../core/ops/embedding-bag.ts";
import { type Tensor, tensor, tidy } from "../../../core/tensor.ts";
import { everyRow, lookupOf } from "../../../models/embeddings/scheme.ts";
import type { Instance, Sketch } from "../../../theory/theorem.ts";
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

/** Draws made on a backend, by scheme, instance and seed: every check on them would make the same ones again. */
const madeOn = memoize((_: Backend) => new Map<string, Sketch[]>());
const remembered = 8;

/** Draws that are read in one gather. */
const atOnce = ({ rows, dim }: Instance): number =>
  Math.max(1, Math.min(500, Math.floor(2 ** 18 / (rows * dim))));

/** The first `count` draws of a scheme in an instance that fits it: draw i has the seed `seed` + i. */
export async function drawsOf(
  family: SketchFamily,
  instance: Instance,
  chosen: Backend,
  seed: number,
  count: number,
): Promise<Draws> {
  const backend = family.backend ?? chosen;
  const made = madeOn(backend);
  const { block, memory } = instance;
  const shape = shapeOf(instance);
  const { tables, dim } = shape;
  const key = [family.name, tables, dim, block, memory, seed].join();
  const rows = everyRow(shape);
  const lookupAt = (i: number) => lookupOf(family.scheme(instance, seed + i), shape, rows, true);
  const drawn = made.get(key) ?? [];
  made.delete(key);
  made.set(key, drawn);
  if (made.size > remembered) made.delete(made.keys().next().value!);
  while (drawn.length < count) {
    const together = Math.min(atOnce(instance), count - drawn.length);
    const lookups = Array.from({ length: together }, (_, i) => lookupAt(drawn.length + i));
    for (const group of alike(lookups)) drawn.push(...(await readBy(backend, group)));
  }
  return {
    sketch: (i) => drawn[i]!,
    recover: (i, M) => recovered(backend, lookupAt(i), M),
    project: (i, G) => projected(backend, lookupAt(i), G),
  };
}

/** Neighbors in the list that are laid out alike, together. */
function alike(lookups: readonly Lookup[]): Lookup[][] {
  const layout = ({ memorySize, block, starts, signs }: Lookup) =>
    [memorySize, block, starts.length, signs?.length].join();
  const groups: Lookup[][] = [];
  for (const lookup of lookups) {
    const last = groups.at(-1);
    if (last && layout(last[0]!) === layout(lookup)) last.push(lookup);
    else groups.push([lookup]);
  }
  return groups;
}

/** R as the backend's gather reads it: memory holds 1 … m, so each number that comes back names its slot and sign. */
async function readBy(backend: Backend, lookups: readonly Lookup[]): Promise<Sketch[]> {
  const [first] = lookups as [Lookup];
  const singly: Lookup = {
    ...first,
    starts: joined(
      lookups.map(({ starts }) => starts),
      Uint32Array,
    ),
    bags: Uint32Array.from({ length: lookups.length * itemCount(first) + 1 }, (_, i) => i),
    ...(first.signs && {
      signs: joined(
        lookups.map(({ signs }) => signs!),
        Uint32Array,
      ),
    }),
  };
  const ramp = Float64Array.from({ length: first.memorySize }, (_, s) => s + 1);
  const read = await recovered(backend, singly, ramp);
  const floats = read.length / lookups.length;
  return sketchesOf(lookups, (i) => read.subarray(i * floats, (i + 1) * floats));
}

/** The most items that a bag has. */
const placesOf = ({ bags }: Lookup): number =>
  bags.reduce((most, end, row) => (row === 0 ? 1 : Math.max(most, end - bags[row - 1]!)), 1);

/** The items of a bag are the places of its row's weights; a row with fewer than another has zeros in their stead. */
function sketchesOf(lookups: readonly Lookup[], readOf: (i: number) => FloatArray): Sketch[] {
  const sizes = lookups.map((lookup) => (lookup.bags.length - 1) * lookup.dim * placesOf(lookup));
  const size = sizes.reduce((sum, n) => sum + n, 0);
  const [slots, signs] = [new Uint32Array(size), new Int8Array(size)]; // one pair for all: there are many draws
  let end = 0;
  return lookups.map((lookup, i) => {
    const from = end;
    end += sizes[i]!;
    const own = { slots: slots.subarray(from, end), signs: signs.subarray(from, end) };
    decode(lookup, readOf(i), own);
    return { memory: lookup.memorySize, places: placesOf(lookup), ...own };
  });
}

function decode(lookup: Lookup, read: FloatArray, { slots, signs }: Pick<Sketch, "slots" | "signs">): void {
  const { dim, bags } = lookup;
  const places = placesOf(lookup);
  for (let row = 0; row + 1 < bags.length; row++) {
    for (let item = bags[row]!; item < bags[row + 1]!; item++) {
      for (let column = 0; column < dim; column++) {
        const value = read[item * dim + column]!;
        const at = (row * dim + column) * places + item - bags[row]!;
        slots[at] = Math.abs(value) - 1;
        signs[at] = Math.sign(value);
      }
    }
  }
}

const recovered = (backend: Backend, lookup: Lookup, memory: Float64Array): Promise<FloatArray> =>
  kept(() => embeddingBag(tensor(backend, [lookup.memorySize], memory), { lookup }));

const projected = (backend: Backend, lookup: Lookup, gradient: Float64Array): Promise<FloatArray> =>
  kept(() => embeddingBagGrad(tensor(backend, [lookup.bags.length - 1, lookup.dim], gradient), { lookup }));

/** The numbers of a tensor that is made for them only. */
async function kept(make: () => Tensor): Promise<FloatArray> {
  const made = tidy(make);
  const values = await made.data();
  made.free();
  return values;
}
