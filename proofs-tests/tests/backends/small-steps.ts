import type { Update } from "../../../core/backend.ts";
import type { Lookup } from "../../../core/lookup.ts";

/** Steps of whole numbers and halves of them, which every order of operations makes the same. */
export const rules: Readonly<Record<string, Update>> = {
  "without state": {
    name: "plain",
    steps: [{ target: "w", expression: "w - rate * g" }],
    state: [],
    hyper: { rate: 0.5 },
    zeroGradient: "nothing",
    width: 1,
  },
  "with two states": {
    name: "two",
    steps: [
      { target: "s", expression: "s + g * g" },
      { target: "t", expression: "t - two * g" },
      { target: "w", expression: "w - s * g + (g > 0.0 ? t : 0.0)" },
    ],
    state: ["s", "t"],
    hyper: { two: 2 },
    zeroGradient: "nothing",
    width: 1,
  },
  "where no gradient is a step too": {
    name: "moving",
    steps: [
      { target: "s", expression: "s + meanSquare + one" },
      { target: "w", expression: "w - s" },
    ],
    state: ["s"],
    hyper: { one: 1 },
    zeroGradient: "skip",
    width: 1,
  },
  "with a state a row": {
    name: "rows",
    steps: [
      { target: "s", expression: "s + meanSquare + one" },
      { target: "w", expression: "w - s * g - one" },
    ],
    state: ["s"],
    hyper: { one: 1 },
    zeroGradient: "skip",
    width: 4,
  },
  "with rows and no state": {
    name: "stateless rows",
    steps: [{ target: "w", expression: "w - g" }],
    state: [],
    hyper: {},
    zeroGradient: "skip",
    width: 2,
  },
};

/** Blocks that start there, an item a bag. */
export function lookup(
  dim: number,
  block: number,
  memory: number,
  starts: number[],
  signs?: number[],
): Lookup {
  const items = starts.length / Math.ceil(dim / block);
  return {
    dim,
    block,
    memorySize: memory,
    starts: Uint32Array.from(starts),
    bags: Uint32Array.from({ length: items + 1 }, (_, i) => i),
    ...(signs && { signs: Uint32Array.from(signs) }),
  };
}

/** Lookups of one memory, by what they touch of it. */
export const lookedUp: readonly (readonly [name: string, lookups: readonly [Lookup, ...Lookup[]]])[] = [
  ["rows", [lookup(4, 4, 64, [0, 8, 60, 8]), lookup(4, 4, 64, [16])]],
  ["wrapping blocks", [lookup(8, 4, 36, [33, 2, 0, 35], [0b1010, 0, 3, 15])]],
  ["ragged blocks", [lookup(7, 4, 44, [41, 3, 8, 20]), lookup(3, 2, 44, [43, 1])]],
  ["one float each", [lookup(1, 1, 40, [39, 0, 20, 20, 21])]],
  ["all of a small memory", [lookup(4, 4, 4, [0, 1, 2])]],
  [
    "many rows",
    [
      lookup(
        16,
        16,
        16 * 64,
        Array.from({ length: 50 }, (_, i) => 16 * ((i * 7) % 45)),
      ),
    ],
  ],
  ["no float", [lookup(4, 4, 40, [])]],
  ["none, then some", [lookup(4, 4, 40, []), lookup(2, 2, 40, [6])]],
];
