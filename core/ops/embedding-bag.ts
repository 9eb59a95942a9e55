import { check } from "../errors.ts";
import { bagCount, checkLookup, type Lookup, wordsPerBlock } from "../lookup.ts";
import type { Random } from "../numeric/random.ts";
import { type Op, op } from "../op.ts";

interface LookupOptions {
  readonly lookup: Lookup;
}

/**
 * Reads each bag of a lookup from memory and sums its signed items: memory [m] → [bags × dim]. The gradient stays a list of
 * contributions. Throws an InputError where the lookup is for a memory of another size, or reads outside of it.
 */
export const embeddingBag: Op<LookupOptions> = op({
  name: "embeddingBag",
  signature: "m -> b d",
  linear: [0],
  sizes: (_, { lookup }) => ({ b: bagCount(lookup), d: lookup.dim }),
  check: ({ m }, { lookup }) =>
    check(
      m === lookup.memorySize,
      () => `embeddingBag: the lookup is for a memory of ${lookup.memorySize} slots, but this one has ${m}.`,
    ),
  form: (_, { lookup }) => ({ kind: "gather", lookup }),
  vjp: (g, { options: { lookup } }) => [{ kind: "contributions", parts: [{ lookup, cotangent: g }] }],
  example: (random) => {
    const lookup = exampleLookup(random);
    return { shapes: [[lookup.memorySize]], options: { lookup } };
  },
});

/**
 * Adds each bag's floats, signed, to the slots that its items were read from: [bags × dim] → memory [m]. The adjoint of
 * {@link embeddingBag}.
 */
export const embeddingBagGrad: Op<LookupOptions> = op({
  name: "embeddingBagGrad",
  signature: "b d -> m",
  linear: [0],
  sizes: (_, { lookup }) => ({ m: lookup.memorySize }),
  check: ({ b, d }, { lookup }) =>
    check(
      b === bagCount(lookup) && d === lookup.dim,
      () =>
        `embeddingBagGrad: the lookup has ${bagCount(lookup)} bags of ${lookup.dim} floats, but the input is [${b} × ${d}].`,
    ),
  form: (_, { lookup }) => ({ kind: "scatter", lookup }),
  vjp: (g, { options }) => [embeddingBag(g, options)],
  example: (random) => {
    const lookup = exampleLookup(random);
    return { shapes: [[bagCount(lookup), lookup.dim]], options: { lookup } };
  },
});

/**
 * A small random lookup that hits every hard case: wrapping blocks, a short last block, signs in several words, empty
 * and repeating bags.
 */
function exampleLookup(random: Random): Lookup {
  const dim = 1 + random.integer(random.integer(4) === 0 ? 70 : 7);
  const block = 1 + random.integer(dim);
  const memory = block + random.integer(12);
  const sizes = Array.from({ length: 1 + random.integer(5) }, () => random.integer(4));
  const bags = Uint32Array.from([0, ...sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b))]);
  const blocks = bags.at(-1)! * Math.ceil(dim / block);
  const lookup: Lookup = {
    dim,
    block,
    memorySize: memory,
    bags,
    starts: Uint32Array.from({ length: blocks }, () => random.integer(memory)),
    ...(random.integer(3) > 0
      ? { signs: Uint32Array.from({ length: blocks * wordsPerBlock(block) }, () => random.bits()) }
      : {}),
  };
  checkLookup(lookup);
  return lookup;
}
