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
  // Before a scatter: as above.
  { file: "models/bench/profile.ts", was: 'before === "scatter"', becomes: "false", why: "defence" },
  { file: "models/bench/profile.ts", was: 'before === "optimizer"', becomes: "false", why: "defence" },
  // Vectors were put side by side before they were paired, and the part stays the same.
  { file: "models/bench/profile.ts", was: 'kind === "pairs"', becomes: "false", why: "equivalent" },
  // An option that is undefined is read as one that is absent.
  { file: "models/command/plan.ts", was: "epsilon !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/plan.ts", was: "memory !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/plan.ts", was: "queries !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/plan.ts", was: "rank !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/plan.ts", was: "stableRank !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/source.ts", was: "rows !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/source.ts", was: "rows === undefined", becomes: "false", why: "equivalent" },
  // Neither "" nor ":x" is a kind of data.
  { file: "models/command/source.ts", was: "colon < 0", becomes: "colon <= 0", why: "equivalent" },
  // Loops over bags that end late meet offsets that are undefined, and write nothing that is kept.
  ...["models/cafe.ts", "models/sharing.ts", "models/computed-rows.ts"].flatMap((file): Known[] => [
    { file, was: "bag + 1 < offsets.length", becomes: "bag + 1 <= offsets.length", why: "equivalent" },
    { file, was: "bag + 1", becomes: "bag - 1", why: "equivalent" },
  ]),
  {
    file: "models/mixed-dimension.ts",
    was: "b + 1 < own.length",
    becomes: "b + 1 <= own.length",
    why: "equivalent",
  },
  { file: "models/mixed-dimension.ts", was: "b + 1", becomes: "b - 1", why: "equivalent" },
  // What is written of the next bag too is written again by that bag.
  {
    file: "models/cafe.ts",
    was: "i < offsets[bag + 1]!",
    becomes: "i <= offsets[bag + 1]!",
    why: "equivalent",
  },
  {
    file: "models/sharing.ts",
    was: "i < offsets[bag + 1]!",
    becomes: "i <= offsets[bag + 1]!",
    why: "equivalent",
  },
  { file: "models/sharing.ts", was: "w < words", becomes: "w <= words", why: "equivalent" },
  // Block by block is the same, as a law says.
  { file: "models/sharing.ts", was: "scheme.locate", becomes: "false", why: "speed" },
  { file: "models/robe.ts", was: "words === 1", becomes: "false", why: "speed" },
  // The greatest common divisor of dim and dim is dim.
  { file: "models/robe.ts", was: "Z <= dim", becomes: "Z < dim", why: "equivalent" },
  // A memory of f32 rounds the same numbers once.
  { file: "models/embedding.ts", was: 'precision === "f64"', becomes: "true", why: "rounding" },
  // A probability is from 0 to 1 as it is.
  { file: "models/dlrm.ts", was: "t > 0", becomes: "true", why: "equivalent" },
  { file: "models/dlrm.ts", was: "t > 0", becomes: "t >= 0", why: "equivalent" },
  // An empty slot has id 0, and is the one that id 0 would take.
  { file: "models/hot-sketch.ts", was: "scores[slot]! > 0", becomes: "true", why: "equivalent" },
  // Caught, and told in other words.
  {
    file: "models/checkpoint.ts",
    was: '() => "cut short"',
    becomes: "() => undefined",
    why: "equivalent",
  },
  // Bases are scaled by the same number as what they are compared with.
  {
    file: "models/mixed-dimension.ts",
    was: "Math.min(...tables)",
    becomes: "Math.max(...tables)",
    why: "rounding",
  },
  // Of a product of two rows no one asks for slots.
  {
    file: "models/quotient-remainder.ts",
    was: "[{ slot: rowsOf(layout, table, row)[name … olumn, sign: 1 }]",
    becomes: "[]",
    why: "equivalent",
  },
  {
    file: "models/quotient-remainder.ts",
    was: "{ slot: rowsOf(layout, table, row)[name] + column, sign: 1 }",
    becomes: "{}",
    why: "equivalent",
  },
  // A cube root of this host that needs no mending.
  { file: "models/tensor-train.ts", was: "root--", becomes: "root++", why: "defence" },
  {
    file: "models/tensor-train.ts",
    was: "(root - 1) * (root - 1)",
    becomes: "(root - 1) / (root - 1)",
    why: "defence",
  },
  {
    file: "models/tensor-train.ts",
    was: "(root - 1) * (root - 1) * (root - 1) >= n",
    becomes: "false",
    why: "defence",
  },
  // Which of two empty slots is filled.
  {
    file: "models/hot-sketch.ts",
    was: "ids[slot]! > ids[least]!",
    becomes: "ids[slot]! >= ids[least]!",
    why: "layout",
  },
  {
    file: "models/in-words.ts",
    was: "nearest < p * (1 - 1e-9)",
    becomes: "nearest <= p * (1 - 1e-9)",
    why: "rounding",
  },
  {
    file: "models/compare.ts",
    was: "place.fraction > 1",
    becomes: "place.fraction >= 1",
    why: "rounding",
  },
];
