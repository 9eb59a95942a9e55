import type { Planted } from "../planted.ts";

export const studies: readonly Planted[] = [
  {
    file: "models/data/split.ts",
    was: "hashNumbers(seed, 0, row)",
    becomes: "hashNumbers(0, 0, row)",
    tells: "All seeds share one split: intervals, ranks and gains look far too certain.",
    seenBy: "proofs-tests/data/split.test.ts",
  },
];
