import type { Known } from "./score.ts";

/** Changes that no test sees, each with one word why. */
export const survivors: readonly Known[] = [
  {
    file: "models/plan-check/measures.ts",
    was: "own > stableRank * (1 + 1e-9)",
    becomes: "own >= stableRank * (1 + 1e-9)",
    why: "rounding",
  },
  // `flops: undefined` is what an absent one reads as.
  { file: "models/bench/cases.ts", was: "flops !== undefined", becomes: "true", why: "equivalent" },
  // The lines of the grid are fainter or darker.
  {
    file: "models/bench/chart.ts",
    was: "{ stroke: palette.grid, strokeOpacity: 1 }",
    becomes: "{}",
    why: "layout",
  },
  // What runs between a scatter and the optimizer, in schemes that compute their memory; the timed models are robe's.
  {
    file: "models/bench/profile.ts",
    was: 'before === "optimizer" || before === "scatter"',
    becomes: "false",
    why: "defence",
  },
  {
    file: "models/bench/profile.ts",
    was: 'before === "optimizer" || before === "scatter"',
    becomes: 'before === "optimizer" && before === "scatter"',
    why: "defence",
  },
  // Past an array's end nothing is read or written.
  {
    file: "backends/fast/outside.ts",
    was: "i < keys.length",
    becomes: "i <= keys.length",
    why: "equivalent",
  },
  {
    file: "backends/fast/outside.ts",
    was: "many.length - from",
    becomes: "many.length + from",
    why: "equivalent",
  },
  { file: "backends/fast/fast.ts", was: "i < length", becomes: "i <= length", why: "equivalent" },
  {
    file: "backends/gpu/lookup.ts",
    was: "bag + 1 < bags.length",
    becomes: "bag + 1 <= bags.length",
    why: "equivalent",
  },
  // What a group writes past its rows, the next one writes again.
  {
    file: "backends/gpu/rows.ts",
    was: "Math.min(rowsAtOnce, n - group * rowsAtOnce)",
    becomes: "Math.max(rowsAtOnce, n - group * rowsAtOnce)",
    why: "equivalent",
  },
  { file: "backends/gpu/rows.ts", was: "r < rows", becomes: "r <= rows", why: "equivalent" },
  // A shift by 16 / 0 is one by 0.
  {
    file: "backends/gpu/lookup.ts",
    was: "signBits * (word & 1)",
    becomes: "signBits / (word & 1)",
    why: "equivalent",
  },
  // Keys are read only where they are said to be there.
  { file: "backends/fast/half.ts", was: "[0, 0]", becomes: "[]", why: "equivalent" },
  // Every number is a multiple of a unit of one float.
  { file: "backends/fast/update.ts", was: "unit > 1", becomes: "true", why: "speed" },
  { file: "backends/fast/update.ts", was: "unit > 1", becomes: "unit >= 1", why: "speed" },
  // Distances from one mean suffice: those from the other add up to 0.
  { file: "proofs-tests/theorems/curves.ts", was: "px - x", becomes: "px + x", why: "rounding" },
  { file: "proofs-tests/theorems/curves.ts", was: "py - y", becomes: "py + y", why: "rounding" },
  // The last block of an item is copied whole, of which its own floats are read.
  {
    file: "backends/fast/outside.ts",
    was: "dim - (i % blocks) * block",
    becomes: "dim + i % blocks * block",
    why: "speed",
  },
];
