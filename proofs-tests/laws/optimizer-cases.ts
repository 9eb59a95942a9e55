import fc from "fast-check";
import { type Lookup, wordsPerBlock } from "../../core/lookup.ts";
import { type Random, random } from "../../core/numeric/random.ts";
import { shortList } from "./examples.ts";
import { seeds } from "./law.ts";
import type { Rule } from "./optimizer-rules.ts";

/** What a few steps of an optimizer are tried on: a memory much larger than what each step looks up. */
export interface Case {
  readonly weights: readonly number[];
  /** Floats a row, where the optimizer keeps one state a row; else 1. */
  readonly width: number;
  /** The lookups of each step, with the cotangent of what each returned. */
  readonly steps: readonly (readonly Part[])[];
}

export interface Part {
  readonly lookup: Lookup;
  readonly cotangent: readonly number[];
}

/** Slots of the memory that steps are tried on. */
export const memorySize = 720;

/** Cotangents are multiples of 2⁻¹⁰ below 2: their sums are exact in f32 in any order, so that equal means equal bits. */
const onGrid = (stream: Random): number => (stream.integer(4097) - 2048) / 1024;

/** A case as numbers, which fast-check shrinks: fewer steps, fewer and smaller lookups. */
interface OptimizerSpec {
  readonly seed: number;
  readonly width: number;
  readonly steps: readonly (readonly LookupSpec[])[];
}

interface LookupSpec {
  readonly dim: number;
  readonly block: number;
  /** Items of each bag. */
  readonly sizes: readonly number[];
  readonly seed: number;
}

const upTo = (high: number) => fc.integer({ min: 1, max: high });

export const optimizerSpecs: fc.Arbitrary<OptimizerSpec> = fc.record({
  seed: seeds,
  width: fc.constantFrom(1, 2, 3, 4, 6),
  steps: fc.array(
    fc.array(
      fc.record({
        dim: upTo(7),
        block: upTo(7),
        sizes: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
        seed: seeds,
      }),
      { minLength: 1, maxLength: 3 },
    ),
    { minLength: 1, maxLength: 4 },
  ),
});

export function optimizerCase({ optimizer }: Rule, spec: OptimizerSpec): Case {
  const width = optimizer.rowWise ? spec.width : 1;
  const steps = spec.steps.map((parts) =>
    parts.map((part) => {
      const stream = random(part.seed, "lookup");
      const lookup = lookupFrom(part, stream, optimizer.rowWise ? width : undefined);
      const floats = (lookup.bags.length - 1) * lookup.dim;
      return { lookup, cotangent: Array.from({ length: floats }, () => onGrid(stream)) };
    }),
  );
  const stream = random(spec.seed, "optimizer case");
  return { weights: Array.from({ length: memorySize }, () => stream.normal()), width, steps };
}

/** The steps of a case: what each of their lookups reads, and what is sent back to it. */
export function stepsInWords({ steps, width }: Case): string {
  const lines = steps.flatMap((parts, t) =>
    parts.map(({ lookup: { dim, block, starts, bags, signs }, cotangent }) => {
      const sizes = Array.from(bags.subarray(1), (end, bag) => end - bags[bag]!);
      return `step ${t + 1} reads bags of ${shortList(sizes)} items of ${dim} floats, in blocks of ${block} from slot ${shortList(starts)}${signs ? ", with signs" : ""}, and sends back ${shortList(cotangent)}`;
    }),
  );
  const rows = width > 1 ? ` in rows of ${width}` : "";
  return [`a memory of ${memorySize} slots${rows}`, ...lines].join("; ");
}

/** Bags may be empty. Half of the blocks meet in few slots, around the end of memory. */
function lookupFrom(spec: LookupSpec, stream: Random, row?: number): Lookup {
  const dim = row ?? spec.dim;
  const block = row ?? Math.min(spec.block, dim);
  const { sizes } = spec;
  const bags = new Uint32Array(sizes.length + 1);
  for (const [i, size] of sizes.entries()) bags[i + 1] = bags[i]! + size;
  const blocks = bags.at(-1)! * Math.ceil(dim / block);
  const places = memorySize / (row ?? 1);
  const start = () => (stream.integer(2) ? stream.integer(places) : places - 1 - stream.integer(4));
  return {
    dim,
    block,
    memorySize,
    bags,
    starts: Uint32Array.from({ length: blocks }, () => start() * (row ?? 1)),
    ...(stream.integer(3) > 0 && {
      signs: Uint32Array.from({ length: blocks * wordsPerBlock(block) }, () => stream.bits()),
    }),
  };
}
