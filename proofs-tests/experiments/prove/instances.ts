import fc from "fast-check";
import { random } from "../../../core/numeric/random.ts";
import type { Instance } from "../../../theory/theorem.ts";

/** Vectors on which sketches are known to do badly, or well. */
const vectorKinds = ["gaussian", "ones", "alternating", "two", "power law", "heavy"] as const;
type VectorKind = (typeof vectorKinds)[number];

/** A vector of a kind; the stream decides what the kind leaves open. */
function vectorOf(kind: VectorKind, size: number, seed: number): Float64Array {
  const stream = random(seed, `vector ${kind}`);
  const at = (value: (i: number) => number) => Float64Array.from({ length: size }, (_, i) => value(i));
  switch (kind) {
    case "gaussian":
      return at(() => stream.normal());
    case "ones":
      return at(() => 1);
    case "alternating":
      return at((i) => (i % 2 === 0 ? 1 : -1));
    case "two": {
      const [first, second] = [stream.integer(size), stream.integer(size)];
      return at((i) => (i === first || i === second ? 1 : 0));
    }
    case "power law":
      return at((i) => (stream.integer(2) ? 1 : -1) / (i + 1));
    case "heavy": {
      const heavy = stream.integer(size);
      return at((i) => (i === heavy ? 10 : stream.normal() / 3));
    }
  }
}

/** An instance as numbers, which fast-check can shrink and print. */
export interface InstanceSpec {
  readonly rows: number;
  /** Tables that the rows are dealt to, as evenly as can be. */
  readonly tables: number;
  readonly dim: number;
  readonly block: number;
  readonly memory: number;
  readonly x: VectorKind;
  readonly y: VectorKind;
  readonly epsilon: number;
  readonly seed: number;
}

export function instanceOf(spec: InstanceSpec): Instance {
  const { rows, dim, memory, epsilon, seed } = spec;
  const size = rows * dim;
  const count = Math.min(spec.tables, rows);
  return {
    rows,
    tables: Array.from({ length: count }, (_, t) => Math.floor((rows + t) / count)),
    dim,
    block: Math.min(spec.block, dim, memory),
    memory,
    x: vectorOf(spec.x, size, seed),
    y: vectorOf(spec.y, size, seed + 1),
    epsilon,
  };
}

/** Small instances: every effect that a theorem speaks of is large in them, and a draw is cheap. Shrinks to fewer rows. */
export const instances: fc.Arbitrary<InstanceSpec> = fc.record({
  rows: fc.integer({ min: 2, max: 12 }),
  tables: fc.integer({ min: 1, max: 3 }),
  dim: fc.integer({ min: 1, max: 6 }),
  block: fc.integer({ min: 1, max: 6 }),
  memory: fc.integer({ min: 6, max: 32 }),
  x: fc.constantFrom(...vectorKinds),
  y: fc.constantFrom(...vectorKinds),
  epsilon: fc.integer({ min: 3, max: 9 }).map((tenths) => tenths / 10),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
