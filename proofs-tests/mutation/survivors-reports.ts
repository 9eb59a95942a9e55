import type { Known } from "./score.ts";

/** Changes to reports, the benchmark and the flights study that no test sees. */
export const ofReports: readonly Known[] = [
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
