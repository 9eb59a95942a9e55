import type { Planted } from "../planted.ts";

/** Faults of flags that nothing is made of, of what files hold, and of how their numbers are read. */
export const formats: readonly Planted[] = [
  // ————— flags that could change nothing —————
  {
    file: "models/data/formats/table.ts",
    was: 'time === undefined || split === "time"',
    becomes: "true",
    tells: "A time is asked for, and rows are cut by chance all the same, which nothing says.",
    seenBy: "proofs-tests/tests/models/data/formats/table.test.ts",
  },
  {
    file: "models/data/formats/table.ts",
    was: "scale === undefined || features.dense.length > 0",
    becomes: "true",
    tells: "A scale is asked for, but no column is scaled, which nothing says.",
    seenBy: "proofs-tests/tests/models/data/formats/table.test.ts",
  },
  {
    file: "cli/training/unused.ts",
    was: "patience + 2 <= measurements",
    becomes: "patience + 1 <= measurements",
    tells: "Patience that can end a training at its last measurement alone is taken, and never does.",
    seenBy: "proofs-tests/tests/cli/training/unused.test.ts",
  },
  {
    file: "cli/training/unused.ts",
    was: "Math.min(steps, epochs * stepsOfEpoch)",
    becomes: "epochs * stepsOfEpoch",
    tells: "Measurements after --steps are counted, which are never made, and patience waits for them.",
    seenBy: "proofs-tests/tests/cli/training/unused.test.ts",
  },
  {
    file: "cli/training/run.ts",
    was: "step < steps && step === stepsOf(setup, { epochs })",
    becomes: "false",
    tells: "A training is shorter than --steps asked for, and nothing says so.",
    seenBy: "proofs-tests/tests/cli/training/unused.test.ts",
  },
  {
    file: "cli/tradeoff.ts",
    was: "values.find((value, i) => values.indexOf(value) < i)",
    becomes: "undefined as number | undefined",
    tells: "A seed that is named twice counts twice: intervals are narrower than the trials say.",
    seenBy: "proofs-tests/tests/cli/tradeoff.test.ts",
  },
  {
    file: "cli/tradeoff.ts",
    was: 'data?.options.group === undefined || data.options.split === "group"',
    becomes: "true",
    tells: "A study takes groups, and measures nothing within them.",
    seenBy: "proofs-tests/tests/cli/training/unused.test.ts",
  },
  {
    file: "core/optimizers/sgd.ts",
    was: "kept > 0 || (dampening === 0 && !nesterov)",
    becomes: "true",
    tells: "Nesterov is asked for, but without momentum it is plain descent, which nothing says.",
    seenBy: "proofs-tests/tests/core/optimizers.test.ts",
  },
];
