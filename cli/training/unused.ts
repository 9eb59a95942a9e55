import { check } from "../../core/errors.ts";
import { counted } from "../../core/format.ts";
import type { Chosen } from "../flags.ts";

/** Flags that some other flag must give something to do. */
interface Given {
  readonly data: Chosen | undefined;
  readonly embedding: Chosen;
  readonly checkpoint: string | undefined;
  readonly resume: boolean | undefined;
  readonly saveEvery: number | undefined;
  readonly epochs: number;
  readonly steps: number | undefined;
  readonly evalEvery: number | undefined;
  readonly patience: number | undefined;
  readonly keep: "best" | "last";
  readonly json: boolean | undefined;
}

/**
 * Throws an InputError for a flag of `train` that could change nothing, as far as that is known before rows are read. Flags
 * that say what holds anyway (`--keep last` of one epoch), and bounds that are not reached, are no such flags.
 */
export function checkUsed(given: Given): void {
  const { data, embedding, checkpoint, resume, saveEvery, epochs, evalEvery, patience, keep, json } = given;
  check(
    resume !== true || checkpoint !== undefined,
    () => "--resume needs --checkpoint DIR, the folder to go on from.",
  );
  check(
    saveEvery === undefined || checkpoint !== undefined,
    () => "--save-every needs --checkpoint DIR, the folder to save to.",
  );
  if (evalEvery === undefined) checkPatience(given, epochs);
  // A training that goes on from the checkpoint may be given patience, which then counts what was measured before.
  check(
    evalEvery === undefined || keep === "best" || patience !== undefined || !json || checkpoint !== undefined,
    () =>
      "With --keep last and --json nothing is made of what --eval-every measures; leave --eval-every out, or keep the best model.",
  );
  check(
    embedding.options.pooling !== "mean" || data === undefined || data.options.multi !== undefined,
    () =>
      "--pooling mean is of bags of several ids, but each field of this data is one id; name the columns of lists by --multi NAME:SEP, or leave --pooling out.",
  );
}

/** How often a training measures where an epoch has so many steps. */
export function measurementsOf(
  { epochs, steps = Infinity, evalEvery }: Pick<Given, "epochs" | "steps" | "evalEvery">,
  stepsOfEpoch: number,
): number {
  return Math.ceil(Math.min(steps, epochs * stepsOfEpoch) / (evalEvery ?? stepsOfEpoch));
}

/**
 * Throws an InputError where patience cannot end a training before its end: N measurements that are no better follow a best
 * one, and another must be left out. What was measured before a training goes on counts too, and is not known here.
 */
export function checkPatience(
  { patience, resume }: { readonly patience: number | undefined; readonly resume?: boolean | undefined },
  measurements: number,
  remedy = "raise --epochs, measure more often by --eval-every N",
): void {
  check(
    patience === undefined || resume === true || patience + 2 <= measurements,
    () =>
      `--patience ${patience} needs ${patience! + 2} measurements to end a training early, but there ${measurements === 1 ? "is" : "are"} ${counted(measurements, "measurement")} at most; ${remedy}, or leave --patience out.`,
  );
}
