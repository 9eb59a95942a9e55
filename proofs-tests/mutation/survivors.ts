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
];
