import { eachRead } from "../../core/lookup.ts";
import { random } from "../../core/random.ts";
import { robeScheme } from "../../models/robe.ts";
import { lookupOf, type SharingScheme, type TableShape } from "../../models/sharing.ts";
import type { Hypothesis, Sketch, World } from "../../theory/world.ts";

/** A sharing scheme with its randomness laid open: every seed is a new draw of R. */
export interface SketchFamily {
  readonly name: string;
  /** What its hash functions are known to be. */
  readonly has: readonly Hypothesis[];
  /** What it lacks on purpose, for schemes that statements must reject. */
  readonly fault?: string;
  draw(world: World, seed: number): Sketch;
}

/** Every row of a table, once, in order. */
const everyRow = (rows: number) => ({
  ids: Uint32Array.from({ length: rows }, (_, i) => i),
  offsets: Uint32Array.from({ length: rows + 1 }, (_, i) => i),
});

/** R as a scheme's fast path makes it, in the order of the virtual weights. */
function sketchOf(scheme: SharingScheme, shape: TableShape): Sketch {
  const [rows] = shape.tables as [number];
  const lookup = lookupOf(scheme, shape, everyRow(rows));
  const [slots, signs] = [new Uint32Array(rows * shape.dim), new Int8Array(rows * shape.dim)];
  eachRead(lookup, (row, column, slot, sign) => {
    slots[row * shape.dim + column] = slot;
    signs[row * shape.dim + column] = sign;
  });
  return { memory: lookup.memory, slots, signs };
}

type Robe = Omit<Parameters<typeof robeScheme>[1], "memory" | "compression" | "seed" | "block">;

/** Any 32-bit number, so that neighbouring seeds of an experiment are no neighbours for the hashes. */
const spread = (seed: number): number => random(seed, "draw of R").bits();

const robeFamily = (
  name: string,
  options: Robe,
  has: readonly Hypothesis[],
  change: (scheme: SharingScheme) => SharingScheme = (scheme) => scheme,
): SketchFamily => ({
  name,
  has,
  draw({ rows, dim, block, memory }, seed) {
    const shape = { tables: [rows], dim };
    return sketchOf(change(robeScheme(shape, { ...options, memory, block, seed: spread(seed) })), shape);
  },
});

const wellSigned = ["pairwise circular starts", "four-wise signs"] as const;

/** Every bit of a block's words the same as its first. */
const oneSign = (scheme: SharingScheme): SharingScheme => ({
  ...scheme,
  signs: (table, row, block, _, copy) => (scheme.signs!(table, row, block, 0, copy) & 1 ? 0xffffffff : 0),
});

/** Schemes that the statements speak of. */
export const soundFamilies: readonly SketchFamily[] = [
  robeFamily("robe:mersenne61", { hash: "mersenne61" }, wellSigned),
  robeFamily("robe:polynomial4", { hash: "polynomial4" }, wellSigned),
  robeFamily("robe:mixer", { hash: "mixer" }, [...wellSigned, "independent starts"]),
  robeFamily("unsigned", { sign: "none" }, ["pairwise circular starts", "no signs"]),
  robeFamily("one sign a block", {}, ["pairwise circular starts", "one sign a block"], oneSign),
  robeFamily("starts do not wrap", { index: "noWrap" }, ["starts do not wrap"]),
  robeFamily("aligned", { index: "aligned" }, ["aligned starts", "four-wise signs"]),
];

/** A draw of `from` that has gone wrong. */
const broken = (
  name: string,
  fault: string,
  change: (sketch: Sketch, world: World) => Sketch,
): SketchFamily => ({
  name,
  fault,
  has: [...wellSigned, "independent starts"],
  draw: (world, seed) => change(soundFamilies[2]!.draw(world, seed), world),
});

/** A scheme that claims what it does not have. */
const pretending = (family: SketchFamily, name: string, fault: string): SketchFamily => ({
  ...family,
  name,
  fault,
  has: [...wellSigned, "independent starts"],
});

const named = (name: string): SketchFamily => soundFamilies.find((f) => f.name === name)!;

/** Schemes that the statements must reject: each says that it has every hypothesis, and lacks one. */
export const brokenFamilies: readonly SketchFamily[] = [
  pretending(named("unsigned"), "broken:unsigned", "no signs"),
  pretending(named("one sign a block"), "broken:one-sign-a-block", "one sign for all elements of a block"),
  pretending(
    robeFamily("", { sign: "affine", hash: "affine" }, []),
    "broken:affine-sign",
    "a sign from the family of the location",
  ),
  pretending(
    named("starts do not wrap"),
    "broken:no-wrap",
    "blocks that do not wrap round the end of memory",
  ),
  pretending(named("aligned"), "broken:aligned", "starts at multiples of Z only"),
  broken(
    "broken:blind-hash",
    "a hash that sees only every other row",
    ({ slots, signs, memory }, { dim }) => ({
      memory,
      signs,
      slots: slots.map((_, k) => slots[k - (Math.floor(k / dim) % 2) * dim]!),
    }),
  ),
  {
    name: "broken:low-entropy",
    fault: "only 16 different seeds",
    has: [...wellSigned, "independent starts"],
    draw: (world, seed) => soundFamilies[2]!.draw(world, seed % 16),
  },
];
