import { cpu64 } from "../../../backends/cpu/index.ts";
import type { Backend } from "../../../core/backend.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import { robeScheme } from "../../../models/embeddings/families/robe.ts";
import { rowHashScheme } from "../../../models/embeddings/families/row-hash.ts";
import type { EmbeddingFamily } from "../../../models/embeddings/family.ts";
import { fullScheme } from "../../../models/embeddings/full-scheme.ts";
import { families as embeddings } from "../../../models/embeddings/registry.ts";
import { blockByBlock, type SharingScheme, type TableShape } from "../../../models/embeddings/scheme.ts";
import type { Hypothesis, Instance } from "../../../theory/theorem.ts";

/** A sharing scheme with its randomness laid open: every seed is a new draw of R. */
export interface SketchFamily {
  readonly name: string;
  /** What its hash functions are known to be. */
  readonly has: readonly Hypothesis[];
  /** What it lacks on purpose, for schemes that theorems must reject. */
  readonly fault?: string;
  /** The instance as this scheme lays it out; the instance itself where absent. */
  fit?(instance: Instance): Instance;
  /** The scheme that a seed gives in an instance that fits. */
  scheme(instance: Instance, seed: number): SharingScheme;
  /** A backend of its own that has a fault on purpose; the one that was chosen, where absent. */
  readonly backend?: Backend;
}

export const shapeOf = ({ tables, rows, dim }: Instance): TableShape => ({ tables: tables ?? [rows], dim });

/** Any 32-bit number, so that neighboring seeds of an experiment are no neighbors for the hashes. */
const spread = (seed: number): number => random(seed, "draw of R").bits();

export type Robe = Omit<Parameters<typeof robeScheme>[1], "memory" | "compression" | "seed" | "block">;

/** Robe with these options, any change to its scheme, and what is known of it. */
export const robeFamily = (
  name: string,
  options: Robe,
  has: readonly Hypothesis[],
  change: (scheme: SharingScheme) => SharingScheme = (scheme) => scheme,
): SketchFamily => ({
  name,
  has: [...has, "one slot a weight"],
  scheme: (instance, seed) =>
    change(
      robeScheme(shapeOf(instance), {
        ...options,
        memorySize: instance.memory,
        block: instance.block,
        seed: spread(seed),
      }),
    ),
});

export const wellSigned = ["pairwise circular starts", "four-wise signs"] as const;

/** Every bit of a block's words the same as its first. */
export const oneSign = (scheme: SharingScheme): SharingScheme => ({
  ...blockByBlock(scheme),
  signs: (table, row, block, _, copy) => (scheme.signs!(table, row, block, 0, copy) & 1 ? 0xffffffff : 0),
});

const rowHashFamily = (
  name: string,
  options: { readonly hashes: number; readonly sign: "none" | "row" },
  has: readonly Hypothesis[],
  fit: (instance: Instance) => Instance,
): SketchFamily => ({
  name,
  has,
  fit,
  scheme: (instance, seed) =>
    rowHashScheme(shapeOf(instance), { ...options, memorySize: instance.memory, seed: spread(seed) }),
});

/** Blocks are whole rows, and memory is made of them. */
const wholeRows = (instance: Instance): Instance => ({
  ...instance,
  block: instance.dim,
  memory: instance.memory - (instance.memory % instance.dim),
});

/** As many rows of one float as there are weights. */
const rowsOfOne = (instance: Instance): Instance => ({
  ...instance,
  rows: instance.rows * instance.dim,
  tables: shapeOf(instance).tables.map((rows) => rows * instance.dim),
  dim: 1,
  block: 1,
});

/** Schemes that the theorems speak of. */
export const soundFamilies: readonly SketchFamily[] = [
  robeFamily("robe:mersenne61", { hash: "mersenne61" }, wellSigned),
  robeFamily("robe:polynomial4", { hash: "polynomial4" }, wellSigned),
  robeFamily("robe:mixer", { hash: "mixer" }, [...wellSigned, "independent starts"]),
  rowHashFamily(
    "rowHash, rows of one float",
    { hashes: 1, sign: "row" },
    [...wellSigned, "one slot a weight"],
    rowsOfOne,
  ),
  rowHashFamily(
    "rowHash, signed",
    { hashes: 1, sign: "row" },
    ["aligned starts", "one sign a block", "one slot a weight"],
    wholeRows,
  ),
  rowHashFamily(
    "rowHash",
    { hashes: 1, sign: "none" },
    ["aligned starts", "no signs", "one slot a weight"],
    wholeRows,
  ),
  rowHashFamily(
    "multiHash, rows of one float",
    { hashes: 2, sign: "row" },
    ["two signed hashes, summed"],
    rowsOfOne,
  ),
  robeFamily("unsigned", { sign: "none" }, ["pairwise circular starts", "no signs"]),
  robeFamily("one sign a block", {}, ["pairwise circular starts", "one sign a block"], oneSign),
  robeFamily("starts do not wrap", { index: "noWrap" }, ["starts do not wrap"]),
  robeFamily("aligned", { index: "aligned" }, ["aligned starts", "four-wise signs"]),
  robeFamily("balanced", { index: "balanced" }, ["balanced starts", "four-wise signs"]),
  {
    name: "full",
    has: ["no slot is shared", "one slot a weight"],
    fit: (instance) => ({ ...instance, block: instance.dim, memory: instance.rows * instance.dim }),
    scheme: (instance) => fullScheme(shapeOf(instance)),
  },
];

/** The scheme of an embedding with random options; none where it multiplies parameters. */
function schemeOf({ example }: EmbeddingFamily, shape: TableShape, stream: Random, seed: number) {
  const { scheme, parameters } = example(shape, stream)({ ...shape, backend: cpu64, seed });
  for (const { tensor } of parameters) tensor.free();
  return scheme;
}

/** Sixteen tries tell: a family has a scheme always, never, or by an option that half of its examples have. */
function hasSchemes(family: EmbeddingFamily): boolean {
  const stream = random(0, `schemes of ${family.name}`);
  return Array.from({ length: 16 }, () => schemeOf(family, { tables: [3], dim: 2 }, stream, 0)).some(Boolean);
}

/** Every embedding that is a signed sum of slots, with random options: for theorems without hypotheses. */
export const anyFamilies: readonly SketchFamily[] = embeddings.filter(hasSchemes).map((family) => ({
  name: `any ${family.name}`,
  has: [],
  scheme(instance, seed) {
    const stream = random(seed, `options of ${family.name}`);
    for (;;) {
      const scheme = schemeOf(family, shapeOf(instance), stream, seed);
      if (scheme) return scheme;
    }
  },
}));
